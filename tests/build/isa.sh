#!/bin/sh
# isa.sh BUILD: the library and the embedded tool for other processors, run by qemu-user. The numbers that
# tests/build/library_bytes.c makes are those of the library in BUILD, the sums of tests/build/pool_bytes.c - all that a
# statistics file holds, of every type and space - those of BUILD, and tests/cli pass. s390x is big-endian; arm64, riscv64 and
# s390x fuse products and sums wherever the compiler lets them.
set -eu

build=${1:?usage: isa.sh BUILD}
cd "$(dirname "$0")/../.."

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS EMULATOR LDFLAGS SAN V

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

# verdict WHAT COMMAND...: the command succeeds.
verdict() {
    what=$1
    shift
    if "$@"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "isa: $what"
    fi
}

# numbers RUNNER COMPILER ARGUMENT...: prints the hash of tests/build/library_bytes.c, compiled with the arguments.
numbers() {
    runner=$1
    shift
    "$@" -std=gnu17 -Iinclude -o "$work/bytes" -lm && $runner "$work/bytes"
}

# same_numbers RUNNER COMPILER...
same_numbers() {
    got=$(numbers "$@") && [ "$got" = "$want" ]
}

# same_sums RUNNER BUILD
same_sums() {
    $1 "$2/pool_bytes" >"$work/sums" && cmp "$work/sums" "$work/want"
}

# A cross compiler does not look where the machine's own headers are.
mkdir "$work/include"
stb=$(printf '#include <stb/stb_image.h>\n' | gcc -M -x c - | tr ' ' '\n' | grep '/stb/stb_image.h$')
cp -r "$(dirname "$stb")" "$work/include/stb"

# try PROCESSOR FLAGS: FLAGS are of its newer ones, with vectors or half precision.
try() {
    gcc=$1-linux-gnu-gcc qemu=qemu-$1 out=build-$1
    for program in "$gcc" "$qemu"; do
        command -v "$program" >"$work/found" || {
            echo "isa: no $program: \"make deps check-isa\" installs it" >&2
            exit 1
        }
    done
    make --no-print-directory CC="$gcc -isystem $work/include" PKG_CONFIG=false CODECS=stb LDFLAGS=-static EMULATOR="$qemu" B="$out" \
        "$out/instnorm-cli" "$out/libinstnorm.a" "$out/completions/bash" "$out/pool_bytes" >"$work/log" 2>&1 || {
        cat "$work/log"
        exit 1
    }
    verdict "$1: it compiles with warnings" sh -c "! grep warning $work/log"
    verdict "$1: other numbers" same_numbers "$qemu" "$gcc" -static tests/build/library_bytes.c "$out/libinstnorm.a"
    verdict "$1: other sums" same_sums "$qemu" "$out"
    # shellcheck disable=SC2086  # words
    verdict "$1 $2: other numbers" same_numbers "$qemu" "$gcc" -static -O3 $2 tests/build/library_bytes.c src/lib/*.c
    mkdir "$work/$1"
    printf '#!/bin/sh\nexec %s %s/%s/instnorm-cli "$@"\n' "$qemu" "$PWD" "$out" >"$work/$1/instnorm-cli"
    chmod +x "$work/$1/instnorm-cli"
    EMULATOR=$qemu FAULTS=no verdict "$1: tests/cli" tests/cli/run.sh "$work/$1"
}

"$build/pool_bytes" >"$work/want"
want=$(numbers '' gcc tests/build/library_bytes.c "$build/libinstnorm.a")
try aarch64 -march=armv8.2-a+fp16
try s390x -march=z14
try riscv64 -mcmodel=medany
echo "isa: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
