#!/bin/sh
# variants.sh CORPUS: builds every variant, and compares what each writes with what the default build writes.
#
# The baseline build and the one of the other compiler must write the same PNG and JPEG bytes. The embedded build has
# another PNG writer: of pictures that both decode alike the samples must be the same.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: variants.sh CORPUS" >&2
    exit 2
fi
case $1 in
/*) corpus=$1 ;;
*) corpus=$PWD/$1 ;;
esac
cd "$(dirname "$0")/../.."

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS LDFLAGS SAN V

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0
failed=0

check() { # check WHAT A B
    if cmp -s "$2" "$3"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "variants: $1: ${2##*/} differs"
    fi
}

# compare WHAT A B: each file of folder A with its namesake in B, and none is missing.
compare() {
    if [ "$(ls "$2")" != "$(ls "$3")" ]; then
        failed=$((failed + 1))
        echo "variants: $1: other files"
    fi
    for file in "$2"/*; do check "$1" "$file" "$3/${file##*/}"; done
}

# normalize BUILD NAME INPUT...: PNG and JPEG in $work/NAME, of all bits, of 8 bits, with the channels linked, and in the
# style of another picture in each space.
normalize() {
    tool=$1/instnorm-cli
    out=$work/$2
    shift 2
    "$tool" -Q -f png -o "$out/png/" -- "$@"
    "$tool" -Q -f jpg --depth 8 -o "$out/jpeg/" -- "$@"
    "$tool" -Q -f png --depth 8 -N layer -g 0.2,0.21,0.22 -b 0.4 -o "$out/layer/" -- "$@"
    for space in $spaces; do
        "$tool" -Q --rgb -f png -S "$space" -s samples/pictures/dusk.jpg -o "$out/$space/" -- "$@"
    done
}

spaces='linear lab oklab ruderman'
make -j2
make -j2 BASELINE=1
make -j2 CODECS=stb
clang=
if command -v clang >/dev/null 2>&1; then
    clang=clang
    make -j2 CC=clang
else
    echo "variants: no clang here, so its build is not compared"
fi

kodak=$corpus/kodak/PhotoCD_PCD0992
set -- samples/pictures/*.png
if [ -d "$kodak" ]; then
    set -- "$@" "$kodak"/*.png
else
    echo "variants: no Kodak photographs in $corpus, so only the samples are compared"
fi

# PNG only: of a JPEG each library decodes its own samples.
for build in build build-stb; do
    "$build/instnorm-cli" -Q -f png --depth 8 -o "$work/$build/instance/" -- "$@"
    "$build/instnorm-cli" -Q -f png --depth 8 -N layer -g 0.2,0.21,0.22 -b 0.4 -o "$work/$build/layer/" -- "$@"
    for kind in instance layer; do
        build/instnorm-cli -Q --strip --strength 0 -o "$work/samples/$build/$kind/" -- "$work/$build/$kind"/*.png
    done
done
for kind in instance layer; do
    compare "CODECS=stb, $kind" "$work/samples/build/$kind" "$work/samples/build-stb/$kind"
done

set -- "$@" samples/pictures/*.jpg
normalize build default "$@"
for variant in baseline $clang; do
    normalize "build-$variant" "$variant" "$@"
    for kind in png jpeg layer $spaces; do
        compare "$variant, $kind" "$work/default/$kind" "$work/$variant/$kind"
    done
done

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
