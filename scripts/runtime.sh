#!/usr/bin/env bash
# Compiles runtime/ for every target with a given kiln into a directory that is laid out as carried files are.
#   scripts/runtime.sh KILN [DIRECTORY]    DIRECTORY: where that executable looks for carried files, ../lib/kiln/VERSION beside it
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
kiln=$(realpath "$1")
version=$(sed -n 's/.*<KilnVersion>\(.*\)<\/KilnVersion>.*/\1/p' "$root/Directory.Build.props")
out=${2:-$(dirname "$kiln")/../lib/kiln/$version}
target=x86_64-linux-gnu
lib=$out/lib/$target
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$lib" "$out/include"
cp -r "$root"/include/. "$out/include/"

cd "$root/runtime"
compile() { # OUTPUT SOURCE FLAGS...
    local output=$1 source=$2
    shift 2
    "$kiln" -O1 -fPIC -fno-builtin -fno-strict-aliasing -fvisibility=default -c "$@" -o "$output" "$source"
}
objects=()
for source in *.c "x86_64"/*.S; do
    case $source in crt*) continue ;; esac
    object=$work/$(basename "${source%.*}").o
    compile "$object" "$source"
    objects+=("$object")
done
rm -f "$work/libkiln.a"
"$kiln" ar rcsD "$work/libkiln.a" "${objects[@]}"
compile "$work/crtbegin.o" crtbegin.c -fno-pic -fno-asynchronous-unwind-tables
compile "$work/crtbeginS.o" crtbegin.c -DSHARED -fno-asynchronous-unwind-tables
cp "$work/crtbegin.o" "$work/crtbeginT.o"
compile "$work/crtend.o" crtend.c -fno-pic -fno-asynchronous-unwind-tables
cp "$work/crtend.o" "$work/crtendS.o"
compile "$work/crtfastmath.o" crtfastmath.c
compile "$work/crtprec32.o" crtprec.c -DPRECISION=0
compile "$work/crtprec64.o" crtprec.c -DPRECISION=2
compile "$work/crtprec80.o" crtprec.c -DPRECISION=3
mv "$work"/libkiln.a "$work"/crt*.o "$lib/"
