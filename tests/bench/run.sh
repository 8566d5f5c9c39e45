#!/bin/sh
# run.sh TOOL FLOOR PAIR CORPUS: the tool on one core against the codec floor, in turn, in one run.
set -eu

tool=$1 floor=$2 pair=$3 corpus=$4
runs=${RUNS:-7}
photos=/usr/share/backgrounds/mate
work=$(mktemp -d "$(dirname "$tool")/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT

# measure NAME EXTENSION OPTIONS INPUT...
measure() {
    name=$1 extension=$2 options=$3
    shift 3
    mkdir -p "$work/pixels" "$work/floor"
    # shellcheck disable=SC2086  # a list of words
    "$tool" -Q $options -f "$extension" -o "$work/pixels/" "$@"
    pairs=""
    for input in "$@"; do
        base=$(basename "$input")
        pairs="$pairs $input $work/pixels/${base%.*}.$extension"
    done
    # shellcheck disable=SC2086
    "$pair" "$runs" "$name" "$work/out" "$tool" -Q -j 1 $options -f "$extension" -o "$work/out/" "$@" -- "$floor" "$work/floor" $pairs
    rm -rf "$work/pixels" "$work/out" "$work/floor"
}

[ -d "$photos" ] || { echo "bench: Debian's mate-backgrounds is missing: apt-get install mate-backgrounds" >&2; exit 1; }

elephants=$photos/abstract/Elephants_5640x3172.jpg # progressive
"$tool" -Q --strength 0 -f png -o "$work/18.png" "$elephants"
"$tool" -Q --strength 0 -q 95 -o "$work/18.jpg" "$elephants"

printf '%-34s %10s %10s   %s\n' "median of $runs" tool floor 'ratio (at most 1.20)  tool memory'
measure 'Kodak, 24 PNG' png '' "$corpus"/kodak/PhotoCD_PCD0992/*.png
measure 'mate-backgrounds, 12 JPEG' jpg '-q 90' "$photos"/nature/*.jpg
measure 'mate-backgrounds, 12 JPEG, -q keep' jpg '-q keep' "$photos"/nature/*.jpg
measure '18 megapixels, PNG' png '' "$work/18.png"
measure '18 megapixels, JPEG' jpg '-q 90' "$work/18.jpg"
measure '18 megapixels, JPEG, -q keep' jpg '-q keep' "$work/18.jpg" # of quality 95
measure '18 megapixels, progressive JPEG' jpg '-q 90' "$elephants"
measure '18 megapixels, JPEG, --memory 16M' jpg '--memory 16M -q 90' "$work/18.jpg"

# What the speed of PNG costs in bytes: ours beside libpng at level 1 with its own choice of filters.
"$tool" -Q -o "$work/fast/" "$corpus"/kodak/PhotoCD_PCD0992/*.png
"$tool" -Q -z 9 -o "$work/small/" "$corpus"/kodak/PhotoCD_PCD0992/*.png
fast=$(cat "$work"/fast/* | wc -c) small=$(cat "$work"/small/* | wc -c)
level1=$("$floor" --level1 "$work"/fast/*)
awk -v fast="$fast" -v small="$small" -v level1="$level1" 'BEGIN {
    printf "PNG bytes of the Kodak set: %d, %.3f of libpng level 1 (at most 1.15); with -z 9 %.3f\n", fast, fast / level1, small / level1
}'

opencv=$(dirname "$0")/peer_opencv.py
if /usr/bin/python3 -c 'import cv2' 2>/dev/null; then
    mkdir -p "$work/opencv"
    "$pair" "$runs" 'Kodak, 24 PNG, beside OpenCV' "$work/out" "$tool" -Q -j 1 -o "$work/out/" "$corpus"/kodak/PhotoCD_PCD0992/*.png -- \
        /usr/bin/python3 "$opencv" "$work/opencv" "$corpus"/kodak/PhotoCD_PCD0992/*.png
else
    echo "OpenCV is left out: no python3-opencv"
fi
