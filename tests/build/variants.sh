#!/bin/sh
# variants.sh CORPUS: builds every variant, and compares what each writes with what the default build writes.
#
# The baseline build and the one of the other compiler must write the same PNG and JPEG bytes, and the same statistics files. The
# embedded build has another PNG writer: of pictures that both decode alike the samples must be the same, and so are the
# statistics files. The sums of tests/build/pool_bytes.c must be the same from each.
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

# statistics BUILD NAME: statistics files in $work/NAME/stats, of the pictures of all types in $work/types, in each space, by one
# worker and by three, whole and pooled of two parts; and the sums of pool_bytes.
statistics() {
    tool=$1/instnorm-cli
    out=$work/$2/stats
    mkdir -p "$out"
    for space in rgb $spaces; do
        "$tool" -Q -j 1 --stats -S "$space" --save-stats "$out/$space.json" -r "$work/types" >"$work/printed"
        "$tool" -Q -j 3 --stats -S "$space" --save-stats "$out/$space-3.json" -r "$work/types" >"$work/printed"
        "$tool" -Q --stats -S "$space" --save-stats "$work/8.json" -r "$work/types/8" >"$work/printed"
        "$tool" -Q --stats -S "$space" --save-stats "$work/rest.json" -r "$work/types/rest" >"$work/printed"
        "$tool" -Q --stats -S "$space" --save-stats "$out/$space-parts.json" "$work/rest.json" "$work/8.json" >"$work/printed"
        rm "$work/8.json" "$work/rest.json"
    done
    "$1/pool_bytes" >"$out/sums"
}

# make_types: the same samples in $work/types for each build: 8 bits apart from 16, floats, and types that only tensors have.
make_types() {
    mkdir -p "$work/types/8" "$work/types/rest"
    for picture in samples/pictures/*.png; do
        name=$(basename "$picture" .png)
        build/instnorm-cli -Q --rgb --depth 8 -g keep -b keep "$picture" "$work/types/8/$name.ppm"
        build/instnorm-cli -Q --rgb --depth 16 -g 0.3 -b 0.4 "$picture" "$work/types/rest/$name-16.ppm"
        build/instnorm-cli -Q --rgb --depth float -g 0.2 -b 0.45 "$picture" "$work/types/rest/$name.pfm"
        build/instnorm-cli -Q --rgb --depth float -g 3 -b 1000 "$picture" "$work/types/rest/$name.npy"
    done
}

spaces='linear lab oklab ruderman'
make -j2 all build/pool_bytes
make -j2 BASELINE=1 all build-baseline/pool_bytes
make -j2 CODECS=stb all build-stb/pool_bytes
clang=
if command -v clang >/dev/null 2>&1; then
    clang=clang
    make -j2 CC=clang all build-clang/pool_bytes
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

make_types
statistics build default
has() {
    "$1/instnorm-cli" --version | grep -q "$2"
}
for variant in baseline stb $clang; do
    if has "build-$variant" jansson; then
        statistics "build-$variant" "$variant"
        compare "$variant, statistics" "$work/default/stats" "$work/$variant/stats"
    else
        echo "variants: $variant has no jansson, so only its sums are compared"
        "build-$variant/pool_bytes" >"$work/$variant-sums"
        check "$variant, sums" "$work/default/stats/sums" "$work/$variant-sums"
    fi
done
cmp "$work/default/stats/rgb.json" "$work/default/stats/rgb-3.json"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ]
