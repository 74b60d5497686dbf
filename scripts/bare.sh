#!/usr/bin/env bash
# Builds and runs hello and Lua with a given kiln where there is nothing but the C library: a root directory into which only the files of the
# C library's packages are copied, so that gcc, binutils and libgcc are absent. Each compiler run is traced: kiln may be the one program that is
# executed, and nothing under a gcc directory may be opened.
#   scripts/bare.sh KILN
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/require.sh"
. "$root/scripts/corpus.sh"
kiln=$(realpath "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

finish() {
    echo "$passed passed, $failed failed, ${1:-0} skipped"
    [ "$failed" -eq 0 ]
    exit
}

absent() { echo "SKIP bare: $1"; finish 1; }

chroot / true 2>/dev/null || absent "changing the root directory is not permitted"
need strace strace || absent "strace cannot be had"
command -v dpkg >/dev/null && dpkg -s libc6-dev >/dev/null 2>&1 || absent "the C library's files are known through dpkg alone"
fetch_lua || absent "Lua's source package cannot be had"

bare=$work/root
mkdir -p "$bare"/{tmp,dev,proc,usr/bin,lua}
for link in bin sbin lib lib64; do
    [ -L /$link ] && cp -a /$link "$bare/" && mkdir -p "$bare/$(readlink /$link)"
done
dpkg -L libc6 libc6-dev linux-libc-dev | while read -r file; do
    [ -d "$file" ] && [ ! -L "$file" ] || case $file in /usr/share/*) ;; *) echo "$file" ;; esac
done | (cd / && xargs -d '\n' cp -a --parents -t "$bare") 2>/dev/null
cp "$kiln" "$bare/usr/bin/kiln"
cp "$root/samples/hello.c" "$bare/"
cp "$corpus_cache"/lua5.4/src/*.[ch] "$bare/lua/"
echo 'print("hello from lua", 6 * 7, math.pi // 1, ("x"):rep(3))' >"$bare/test.lua"
if find "$bare" | grep -qE '/gcc|libgcc|/(ld|as|cc)$'; then
    echo "ERROR bare: the root is not bare: $(find "$bare" | grep -E '/gcc|libgcc|/(ld|as|cc)$' | head -1)"
    failed=1
    finish
fi

# build NAME WORD...: runs kiln there, traced.
build() {
    local name=$1
    shift
    if ! strace -f -qq -e trace=execve,open,openat,vfork,fork -o "$work/trace" chroot "$bare" /usr/bin/kiln "$@" >"$work/log" 2>&1; then
        echo "ERROR $name: $(grep -m1 -E 'rror|cannot' "$work/log" | cut -c1-200)"
        failed=$((failed + 1))
        return 1
    fi
    # The first execve is chroot's own.
    if [ "$(grep -c 'execve(.*) = 0' "$work/trace")" -ne 2 ] || grep -E 'fork\(' "$work/trace" | grep -qv unfinished; then
        echo "ERROR $name: other programs were run: $(grep execve "$work/trace" | tail -1 | cut -c1-200)"
        failed=$((failed + 1))
        return 1
    fi
    if grep -E 'open(at)?\(.*"[^"]*/gcc' "$work/trace" >"$work/log"; then
        echo "ERROR $name: opened $(head -1 "$work/log" | cut -c1-200)"
        failed=$((failed + 1))
        return 1
    fi
}

# expect NAME TEXT COMMAND...: what a program prints there.
expect() {
    local name=$1 text=$2
    shift 2
    if [ "$(chroot "$bare" "$@" 2>&1)" = "$text" ]; then
        passed=$((passed + 1))
        echo "ok $name"
    else
        failed=$((failed + 1))
        echo "ERROR $name: it printed '$(chroot "$bare" "$@" 2>&1 | head -1 | cut -c1-100)'"
    fi
}

lua_text=$'hello from lua\t42\t3.0\txxx'
sources=$(cd "$bare" && ls lua/*.c | grep -v -e luac.c)
library=$(echo "$sources" | grep -v -e lua/lua.c)
for level in -O0 -O1; do
    for kind in -pie -static -no-pie -static-pie; do
        build "hello $level $kind" $level $kind /hello.c -o /hello && expect "hello $level $kind" "Hello, world!" /hello
    done
    for kind in -pie -static; do
        build "lua $level $kind" $level $kind -DLUA_USE_POSIX $(printf ' /%s' $sources) -o /lua/lua -lm &&
            expect "lua $level $kind" "$lua_text" /lua/lua /test.lua
    done
    build "liblua $level -shared" $level -shared -fPIC -DLUA_USE_POSIX $(printf ' /%s' $library) -o /usr/lib/liblua.so -lm &&
        build "lua $level with liblua.so" $level -DLUA_USE_POSIX /lua/lua.c -o /lua/lua -llua -lm &&
        expect "lua $level with liblua.so" "$lua_text" /lua/lua /test.lua
done
finish
