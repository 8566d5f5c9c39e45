#!/bin/sh
# library.sh BUILD: libinstnorm by itself, as one who copies src/lib and instnorm.h into a project builds it.
#
# The library compiles without a warning with each compiler here, language standard and set of flags, and gives the same bits
# with all of them and as in BUILD (tests/build/library_bytes.c). The samples run, and the net of one of them learns the same,
# to the bit. C++ takes the header, and the example of README.md prints what README.md says.
set -u
export LC_ALL=C

if [ $# -ne 1 ]; then
    echo "usage: library.sh BUILD" >&2
    exit 2
fi
cd "$(dirname "$1")" || exit 2
build=$PWD/$(basename "$1")
cd - >/dev/null || exit 2
cd "$(dirname "$0")/../.." || exit 2
root=$PWD

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

pass() { passed=$((passed + 1)); }

# fail WHAT: with what is in $work/said.
fail() {
    failed=$((failed + 1))
    echo "library: $1"
    [ ! -s "$work/said" ] || sed 's/^/    /' "$work/said"
}

# quiet WHAT COMMAND...: the command succeeds and says nothing.
quiet() {
    what=$1
    shift
    if "$@" >"$work/said" 2>&1 && [ ! -s "$work/said" ]; then
        pass
    else
        fail "$what"
        return 1
    fi
}

# succeeds WHAT COMMAND...: the command succeeds.
succeeds() {
    what=$1
    shift
    if "$@" >"$work/said" 2>&1; then pass; else fail "$what"; fi
}

# same WHAT FILE TEXT: the file holds the text.
same() {
    : >"$work/said"
    if [ "$(cat "$2")" = "$3" ]; then pass; else fail "$1: \"$(cat "$2")\", not \"$3\""; fi
}

warnings='-Wall -Wextra -Wpedantic -Wconversion -Wshadow'

# The programs of folder $work/NAME, with objects or libraries to link: run WHAT NAME LIBRARY...
run() {
    what=$1 out=$work/$2
    shift 2
    # shellcheck disable=SC2086  # $cc is a command with its flags
    {
        quiet "$what: library_bytes.c" $cc $warnings -Iinclude -o "$out/bytes" tests/build/library_bytes.c "$@" -lm &&
            "$out/bytes" >"$out/hash"
        quiet "$what: learn.c" $cc $warnings -Iinclude -o "$out/learn" samples/learn.c "$@" -lm &&
            succeeds "$what: learn" "$out/learn"
        quiet "$what: threads.c" $cc $warnings -pthread -Iinclude -o "$out/threads" samples/threads.c "$@" -lm &&
            succeeds "$what: threads" "$out/threads" 3
    }
}

# What the net of samples/training.c learns, in $work/NAME/trained: train WHAT NAME LIBRARY...
train() {
    what=$1 out=$work/$2
    shift 2
    mkdir "$out/trained"
    # shellcheck disable=SC2086
    quiet "$what: training.c" $cc $warnings -ffp-contract=off -Iinclude -o "$out/training" samples/training.c \
        samples/training/*.c "$@" -lm && quiet "$what: training" "$out/training" --trace "$out/trained"
}

compile_here() { # compile_here FOLDER FLAGS...: the objects of the library
    (cd "$1" && shift && "$@" -I"$root/include" -c "$root"/src/lib/*.c)
}

cc="${CC:-cc} -O2"
mkdir "$work/build"
run "$1" build "$build/libinstnorm.a"
train "$1" build "$build/libinstnorm.a"
hash=$(cat "$work/build/hash") || exit 1

for compiler in gcc clang; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        echo "library: no $compiler here, so it is not tried"
        continue
    fi
    # Where a CPU can fuse a product and a sum, -march=native lets the compiler do so wherever it is not told not to.
    for flags in -O2 -O0 '-O2 -DBASELINE' '-O3 -march=native'; do
        for standard in c11 gnu17; do
            cc="$compiler -std=$standard $flags"
            name=$(echo "$cc" | tr ' ' '_')
            mkdir "$work/$name"
            # shellcheck disable=SC2086
            quiet "$cc" compile_here "$work/$name" $cc $warnings || continue
            run "$cc" "$name" "$work/$name"/*.o
            same "$cc: the bits" "$work/$name/hash" "$hash"
            [ "$standard" = gnu17 ] && train "$cc" "$name" "$work/$name"/*.o &&
                quiet "$cc: what the net learns" diff -r "$work/build/trained" "$work/$name/trained"
        done
    done
done

# Where there is arithmetic of _Float16, FLT_EVAL_METHOD is 16. It is compiled only: few processors run it.
case $(uname -m) in
x86_64) half='-march=sapphirerapids' ;;
aarch64) half='-march=armv8.2-a+fp16' ;;
*) half= ;;
esac
if [ -n "$half" ] && printf '%s\n' '#include <float.h>' '#if FLT_EVAL_METHOD != 16' '#error' '#endif' |
    gcc -std=gnu17 $half -fsyntax-only -x c - 2>"$work/said"; then
    mkdir "$work/half"
    # shellcheck disable=SC2086
    quiet "gcc $half" compile_here "$work/half" gcc -std=gnu17 -O2 "$half" $warnings
else
    echo "library: no gcc with _Float16 arithmetic here, so it is not tried"
fi

# ---- C++ --------------------------------------------------------------------------------------------------------------

cat >"$work/plain.cpp" <<'END'
#include <instnorm.h>
#include <cstdio>
#include <cstring>

int main()
{
    const instnorm_shape shape = {1, 1, 1, 2, 0, 0, 0};
    const float x[] = {1, 3};
    float y[2];
    const instnorm_status status = instnorm_forward(INSTNORM_LAYER, 0, &shape, x, nullptr, nullptr, 0, y, nullptr, nullptr);
    const instnorm_space *lab = instnorm_space_find("lab");
    std::printf("%s, %g %g, %s\n", instnorm_status_string(status), double(y[0]), double(y[1]), lab->convention);
    return std::strcmp(instnorm_version(), INSTNORM_VERSION);
}
END
for compiler in g++ clang++; do
    if ! command -v "$compiler" >/dev/null 2>&1; then
        echo "library: no $compiler here, so it is not tried"
        continue
    fi
    for standard in c++11 c++20; do
        what="$compiler -std=$standard"
        # shellcheck disable=SC2086
        quiet "$what" "$compiler" -std=$standard -O2 $warnings -Iinclude -o "$work/plain" "$work/plain.cpp" \
            "$build/libinstnorm.a" -lm && "$work/plain" >"$work/printed" &&
            same "$what: its output" "$work/printed" 'success, -1 1, CIELAB of sRGB, D65, L 0..100'
    done
done

# ---- the example in README.md -----------------------------------------------------------------------------------------

# Its first block of C, and the block of text that follows, if one does.
awk -v code="$work/example.c" -v text="$work/expected" '
    /^```/ && to { to = ""; next }
    /^```/ {
        to = "/dev/null"
        if ($0 == "```c" && !blocks) { to = code; blocks = 1 }
        else if (blocks == 1) { blocks = 2; if ($0 == "```text") to = text }
        next
    }
    to { print > to }' README.md

# example WHAT LIBRARY...
example() {
    what="README.md, $1"
    shift
    # shellcheck disable=SC2086
    quiet "$what" $cc -Wall -Wextra -Iinclude -o "$work/example" "$work/example.c" "$@" -lm || return
    if LD_LIBRARY_PATH=$work/shared "$work/example" >"$work/printed" 2>"$work/said"; then
        pass
    else
        fail "$what: it fails"
    fi
    [ ! -f "$work/expected" ] || same "$what: its output" "$work/printed" "$(cat "$work/expected")"
}

cc="${CC:-cc} -O2"
mkdir "$work/shared"
soname=$(readelf -d "$build/libinstnorm.so" | sed -n 's/.*SONAME.*\[\(.*\)\]/\1/p')
ln -s "$build/libinstnorm.so" "$work/shared/$soname"
if [ -s "$work/example.c" ]; then
    example 'static library' "$build/libinstnorm.a"
    example 'shared library' "$work/shared/$soname"
else
    : >"$work/said"
    fail 'README.md has no example in C'
fi

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
