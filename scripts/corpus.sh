# Fetches public suites and programs into the cache folder; sourced. Nothing of them is committed.

corpus_cache=${KILN_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kiln-tests}

# fetch_torture: gcc's C torture suite, from the package of gcc's sources.
fetch_torture() {
    [ -d "$corpus_cache/gcc.c-torture" ] && return 0
    local archive
    install_packages gcc-12-source xz-utils || return 1
    archive=$(ls /usr/src/gcc-12/gcc-12*.tar.xz 2>/dev/null | head -1)
    [ -n "$archive" ] || return 1
    mkdir -p "$corpus_cache/new"
    tar -xf "$archive" -C "$corpus_cache/new" --wildcards '*/gcc/testsuite/gcc.c-torture' '*/gcc/testsuite/gcc.dg' '*/gcc/testsuite/c-c++-common' || return 1
    mv "$corpus_cache"/new/*/gcc/testsuite/gcc.dg "$corpus_cache"/new/*/gcc/testsuite/c-c++-common "$corpus_cache/" 2>/dev/null
    mv "$corpus_cache"/new/*/gcc/testsuite/gcc.c-torture "$corpus_cache/gcc.c-torture"
    rm -rf "$corpus_cache/new"
}

# fetch_source PACKAGE: a Debian source package, unpacked as $corpus_cache/PACKAGE; deb-src lines beside the system's deb lines.
fetch_source() {
    local package=$1
    [ -d "$corpus_cache/$package" ] && return 0
    local state=$corpus_cache/apt work=$corpus_cache/new-$package
    install_packages dpkg-dev || return 1
    mkdir -p "$state/lists/partial" "$state/parts" "$work"
    local file
    for file in /etc/apt/sources.list.d/debian.sources; do
        [ -f "$file" ] && sed 's/^Types:.*/Types: deb-src/' "$file" >"$state/parts/source.sources"
    done
    [ -f /etc/apt/sources.list ] && sed -n 's/^deb /deb-src /p' /etc/apt/sources.list >"$state/parts/source.list"
    local options=(-o "Dir::Etc::sourcelist=/dev/null" -o "Dir::Etc::sourceparts=$state/parts" -o "Dir::State::lists=$state/lists" -o "APT::Sandbox::User=root")
    [ -f "$state/updated" ] || { apt-get "${options[@]}" update -q >/dev/null 2>&1 && touch "$state/updated"; }
    (cd "$work" && apt-get "${options[@]}" source -q "$package" >/dev/null 2>&1) || { rm -rf "$work"; return 1; }
    local directory
    directory=$(find "$work" -mindepth 1 -maxdepth 1 -type d | head -1)
    [ -n "$directory" ] || return 1
    mv "$directory" "$corpus_cache/$package"
    rm -rf "$work"
}

fetch_tests2() {
    [ -d "$corpus_cache/tests2" ] && return 0
    fetch_source tcc && cp -r "$corpus_cache/tcc/tests/tests2" "$corpus_cache/tests2"
}

# fetch_lua: Lua's sources with the header that Debian's build makes.
fetch_lua() {
    fetch_source lua5.4 || return 1
    local header=$corpus_cache/lua5.4/src/lua5.4-deb-multiarch.h
    [ -f "$header" ] || echo '#define DEB_HOST_MULTIARCH "x86_64-linux-gnu"' >"$header"
    rm -f "$corpus_cache/lua5.4/src/luac.c"
}
