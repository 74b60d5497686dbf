#!/usr/bin/env bash
# Builds real programs with a given kiln and runs their own tests; what they print is compared with gcc's build where they have no tests.
#   scripts/programs.sh KILN [--all] [NAME...]      NAME: hello lua zlib sqlite bzip2 zstd xz; --all adds xz and SQLite's quicktest
set -uo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$root/scripts/require.sh"
. "$root/scripts/corpus.sh"
kiln=$(realpath "$1")
shift
all=
names=()
for word in "$@"; do
    if [ "$word" = --all ]; then all=1; else names+=("$word"); fi
done
[ ${#names[@]} -gt 0 ] || names=(hello lua zlib sqlite bzip2 zstd ${all:+xz})
work=$(mktemp -d)
chmod 755 "$work" # quicktest runs as another user
trap 'rm -rf "$work"' EXIT
passed=0 failed=0 skipped=0

pass() { passed=$((passed + 1)); echo "ok $1"; }
fail() { failed=$((failed + 1)); echo "ERROR $1: $2"; }
skip() { skipped=$((skipped + 1)); echo "SKIP $1: $2"; }

# check NAME COMMAND...: passes where the command does; the last line of its output says why not.
check() {
    local name=$1
    shift
    if timeout 1500 "$@" >"$work/log" 2>&1; then
        pass "$name"
    else
        fail "$name" "$(grep -E 'rror|undefined|FAIL|differ' "$work/log" | head -1 | cut -c1-200)"
        tail -5 "$work/log" | sed 's/^/    /'
        return 1
    fi
}

hello() {
    local kind
    for kind in "" -static -static-pie -no-pie; do
        check "hello $kind" sh -c "'$kiln' $kind '$root/samples/hello.c' -o '$work/hello' && [ \"\$('$work/hello')\" = 'Hello, world!' ]"
    done
    check "hello shared" sh -c "cd '$work' && echo 'int f(void) { return 42; }' >f.c && echo 'extern int f(void); int main(void) { return f() - 42; }' >m.c &&
        '$kiln' -shared -fPIC f.c -o libf.so && '$kiln' m.c -L. -lf -Wl,-rpath,. -o m && ./m"
    check "hello -run" sh -c "[ \"\$('$kiln' -run '$root/samples/hello.c')\" = 'Hello, world!' ]"
}

lua_script() {
    cat <<'S'
local t = {}
for i = 1, 20000 do t[i] = (i * 7919) % 10007 end
table.sort(t)
local s, parts = 0, {}
for i, v in ipairs(t) do s = s + v * i % 13 end
for w in ("the quick brown fox jumps over the lazy dog"):gmatch("%a+") do parts[#parts + 1] = w:upper():reverse() end
print(s, table.concat(parts, " "), string.format("%5.3f|%g|%x|%q", math.sin(1), 2^53, 255, "a\nb"))
local co = coroutine.wrap(function() for i = 1, 5 do coroutine.yield(i * i) end end)
print(co(), co(), co(), pcall(function() error({ code = 7 }) end))
local function fib(n) return n < 2 and n or fib(n - 1) + fib(n - 2) end
print(fib(24), 7 // 2, -7 // 2, 7 % -3, 7.5 // 2, 1 << 62, math.maxinteger + 1 == math.mininteger, 3 | 8, "10" + 5)
print(string.pack("<i4d", 77, 1.5):byte(1, -1))
print(select("#", table.unpack({ 1, nil, 3 }, 1, 3)), #"\u{7FFFFFFF}", utf8.char(228, 8364), os.time({ year = 2000, month = 1, day = 1, hour = 12 }) > 0)
local mt = setmetatable({}, { __index = function(_, k) return k .. "!" end, __call = function(_, a) return a * 2 end })
print(mt.x, mt(21), rawequal(mt, mt), tostring(nil), tonumber("0x1p4"), math.type(1), math.type(1.0))
S
}

lua() {
    fetch_lua || { skip lua "its source package cannot be had"; return; }
    lua_script >"$work/test.lua"
    mkdir -p "$work/lua-gcc"
    cp "$corpus_cache"/lua5.4/src/*.[ch] "$work/lua-gcc/"
    (cd "$work/lua-gcc" && gcc -O1 -w -DLUA_USE_POSIX *.c -o lua -lm) || { skip lua "gcc cannot build it"; return; }
    "$work/lua-gcc/lua" "$work/test.lua" | sed 's/table: 0x[0-9a-f]*/table/' >"$work/lua.expected"
    local level kind
    for level in -O0 -O1; do
        for kind in "" -static; do
            check "lua $level $kind" sh -c "cd '$work/lua-gcc' && '$kiln' $level $kind -w -DLUA_USE_POSIX *.c -o lua-kiln -lm &&
                ./lua-kiln ../test.lua | sed 's/table: 0x[0-9a-f]*/table/' | diff - ../lua.expected"
        done
    done
}

zlib() {
    fetch_source zlib || { skip zlib "its source package cannot be had"; return; }
    local level
    for level in -O0 -O1; do
        rm -rf "$work/zlib"
        cp -r "$corpus_cache/zlib" "$work/zlib"
        check "zlib $level configure and build" sh -c "cd '$work/zlib' && CC='$kiln' CFLAGS='$level' ./configure && make -j2" &&
            check "zlib $level make check (static, shared, 64-bit)" sh -c "cd '$work/zlib' && make check 2>&1 | tee check.log && [ \$(grep -c 'test OK' check.log) -ge 3 ]"
    done
}

sqlite() {
    fetch_source sqlite3 || { skip sqlite "its source package cannot be had"; return; }
    install_packages tcl tcl-dev || { skip sqlite "tcl cannot be had"; return; }
    local build=$corpus_cache/sqlite-build level
    if [ ! -f "$build/sqlite3.c" ]; then
        cp -r "$corpus_cache/sqlite3" "$build"
        (cd "$build" && ./configure --disable-readline && make sqlite3.c shell.c) >"$work/log" 2>&1 || { skip sqlite "its amalgamation cannot be made"; return; }
    fi
    cp "$build/sqlite3.c" "$build/sqlite3.h" "$build/shell.c" "$build/test/speedtest1.c" "$work/"
    (cd "$work" && gcc -O1 -w speedtest1.c sqlite3.c -o speed-gcc -lpthread -ldl -lm && ./speed-gcc --memdb --size 5 --verify | grep -E 'hash|verification' >speed.expected) 2>/dev/null
    for level in -O0 -O1; do
        check "sqlite $level shell" sh -c "cd '$work' && '$kiln' $level -w shell.c sqlite3.c -o shell -lpthread -ldl -lm &&
            [ \"\$(echo \"create table t(a,b); insert into t values(1,'x'),(2,'y'),(3,'z'); select group_concat(b,'-'), sum(a), avg(a) from t where a > 1;\" | ./shell)\" = 'y-z|5|2.5' ]"
        check "sqlite $level speedtest1" sh -c "cd '$work' && '$kiln' $level -w speedtest1.c sqlite3.c -o speed -lpthread -ldl -lm &&
            ./speed --memdb --size 5 --verify | grep -E 'hash|verification' | diff - speed.expected"
        check "sqlite $level shared" sh -c "cd '$work' && '$kiln' $level -w -fPIC -shared sqlite3.c -o libsqlite3.so -lpthread -ldl -lm &&
            '$kiln' $level -w shell.c -o shell-shared -L. -lsqlite3 -Wl,-rpath,. && [ \"\$(echo 'select 6*7;' | ./shell-shared)\" = 42 ]"
    done
    [ -n "$all" ] && quicktest
}

# What quicktest says of a build: how many tests ran and which failed. It runs as a user that is not root, since some tests ask
# for files that cannot be read.
quicktest_outcome() { # COMPILER LEVEL
    local directory=$work/quick
    rm -rf "$directory"
    cp -r "$corpus_cache/sqlite3" "$directory"
    (cd "$directory" && chmod -R a+rwX . && CC=$1 CFLAGS="$2 -w" ./configure --disable-readline && make -j2 testfixture && chown -R nobody .) >"$work/log" 2>&1 &&
        (cd "$directory" && su -s /bin/sh nobody -c 'timeout 1500 make quicktest') >"$work/log" 2>&1
    grep -E '^[0-9]+ errors out of|^!Failures' "$work/log" | sort -u
}

# Some tests depend on the file system (io-5.5 wants sectors of 512 bytes): what gcc's build fails decides.
quicktest() {
    local level
    quicktest_outcome gcc -O1 >"$work/quick.expected"
    grep -q 'errors out of' "$work/quick.expected" || { skip quicktest "gcc's build does not finish it"; return; }
    for level in -O0 -O1; do
        quicktest_outcome "$kiln" $level >"$work/quick.outcome"
        cp "$work/log" "$work/quick.log"
        check "sqlite $level make quicktest ($(sed -n 's/.*out of \([0-9]*\) tests.*/\1/p' "$work/quick.expected") tests)" \
            diff "$work/quick.expected" "$work/quick.outcome" || tail -5 "$work/quick.log" | sed 's/^/    /'
    done
}

# The flags that Debian builds its packages with.
distribution_flags='-g -O2 -fstack-protector-strong -Wformat -Werror=format-security -Wdate-time -D_FORTIFY_SOURCE=2'
distribution_link_flags='-Wl,-z,relro -Wl,-z,now'

# fresh_copy PACKAGE: its sources as $work/PACKAGE.
fresh_copy() {
    fetch_source "$1" || { skip "$1" "its source package cannot be had"; return 1; }
    rm -rf "${work:?}/$1"
    cp -r "$corpus_cache/$1" "$work/$1"
}

bzip2() {
    local level
    for level in -O0 -O1 "$distribution_flags"; do
        fresh_copy bzip2 || return
        check "bzip2 $level (its own round trips)" sh -c "cd '$work/bzip2' && make CC='$kiln' CFLAGS='-Wall $level' bzip2 bzip2recover &&
            make CC='$kiln' CFLAGS='-Wall $level' test"
    done
}

zstd() {
    local level
    for level in -O0 "$distribution_flags"; do
        fresh_copy libzstd || return
        check "zstd $level (compression levels, round trip)" sh -c "cd '$work/libzstd' &&
            make -j2 -C programs zstd CC='$kiln' CFLAGS='$level' LDFLAGS='$distribution_link_flags' && programs/zstd -b1e3 -i1 programs/*.c &&
            programs/zstd -19 -k programs/zstdcli.c -o x.zst && programs/zstd -dc x.zst | cmp - programs/zstdcli.c"
    done
}

# What configure finds out must be what it finds out of gcc.
xz() {
    fresh_copy xz-utils || return
    check "xz configure as of gcc, make check" sh -c "cd '$work/xz-utils' &&
        CC=gcc CFLAGS='$distribution_flags' LDFLAGS='$distribution_link_flags' ./configure --disable-doc && mv config.h gcc.config.h &&
        CC='$kiln' CFLAGS='$distribution_flags' LDFLAGS='$distribution_link_flags' ./configure --disable-doc && diff gcc.config.h config.h &&
        make -j2 && make check"
}

for name in "${names[@]}"; do
    case $name in
    hello | lua | zlib | sqlite | bzip2 | zstd | xz) $name ;;
    *) fail "$name" "no program is named so" ;;
    esac
done
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
