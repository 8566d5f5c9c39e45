#!/bin/sh
# Real pictures against an independent program: oracle.sh BUILD CORPUS
# What differs is printed, then the totals.
set -eu

build=${1:?usage: oracle.sh BUILD CORPUS}
corpus=${2:?usage: oracle.sh BUILD CORPUS}
cli=$build/instnorm-cli
kodak=$corpus/kodak/PhotoCD_PCD0992
tests=$(dirname "$0")/..
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0
failed=0

# result NAME STATUS: the details are in the log.
result() {
    if [ "$2" -eq 0 ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "FAILED $1"
    sed 's/^/    /' "$folder/log"
}

# exact INPUT OPTION...: the tool's output is the oracle's; the options mean the same to both.
exact() {
    input=$1
    shift
    status=0
    "$cli" "$@" "$input" "$folder/out.png" >"$folder/log" 2>&1 &&
        "$build/oracle" "$@" "$input" "$folder/out.png" >>"$folder/log" 2>&1 || status=$?
    result "$input $*" "$status"
}

# deep INPUT BITS: the same in another depth, which the oracle reads off the output.
deep() {
    status=0
    "$cli" --depth "$2" "$1" "$folder/out.png" >"$folder/log" 2>&1 &&
        "$build/oracle" "$1" "$folder/out.png" >>"$folder/log" 2>&1 || status=$?
    result "$1 --depth $2" "$status"
}

# moments INPUT: the output has the mean and deviation asked for, where neither clipping (with 0.08 the red doors of
# picture 2 clip) nor rounding (to 8 bit, the even sky of picture 20 loses 2 % of 0.03) takes part.
moments() {
    status=0
    "$cli" --depth 16 -g 0.03 -b 0.5 "$1" "$folder/out.png" >"$folder/log" 2>&1 &&
        "$build/oracle" -m -g 0.03 -b 0.5 "$folder/out.png" >>"$folder/log" 2>&1 || status=$?
    result "$1 has mean and deviation" "$status"
}

# budget INPUT EXTENSION: read twice from the file instead of kept in memory, the same bytes.
budget() {
    status=0
    "$cli" "$1" "$folder/kept.$2" >"$folder/log" 2>&1 &&
        "$cli" --memory 1M "$1" "$folder/twice.$2" >>"$folder/log" 2>&1 &&
        cmp "$folder/kept.$2" "$folder/twice.$2" >>"$folder/log" 2>&1 || status=$?
    result "$1 --memory 1M" "$status"
}

# The oracle itself must be able to say no.
refuses() {
    status=0
    "$cli" "$kodak/01.png" "$folder/out.png"
    "$build/oracle" "$@" "$kodak/01.png" "$folder/out.png" >"$folder/log" 2>&1 || status=$?
    result "oracle $* must differ" "$((status != 1))"
}

for picture in "$kodak"/*.png; do
    exact "$picture"
    exact "$picture" -g 0.3,0.25,0.2 -b 0.5,0.4,0.6
    exact "$picture" -N layer
    moments "$picture"
    budget "$picture" png
done
deep "$kodak/01.png" 16
refuses -g 0.26
refuses -N layer
refuses -e 0.001

# Names with x are the damaged ones.
for picture in "$corpus"/pngsuite/png/[!x]*.png; do
    exact "$picture"
done
for picture in "$tests"/../samples/pictures/*.png "$tests"/pictures/*.png; do
    exact "$picture"
    exact "$picture" -N layer -e 0.01 -g 0.1
    exact "$picture" -g keep
    exact "$picture" -b keep
    deep "$picture" 8
    deep "$picture" 16
done
for picture in "$corpus"/exif-orientation/Landscape_[0-3].jpg; do
    budget "$picture" jpg
done

echo "oracle: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
