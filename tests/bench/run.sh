#!/bin/sh
# run.sh TOOL FLOOR PAIR CORPUS: the tool against the codec floor on one core, in turn, in one run.
#
# What the tool needs to start, which is the time of one picture of 1 x 1 in the same format (one for each worker), is taken off;
# the floor tells its own time. Outputs go to MEMORY_DIR (/dev/shm). Each row has its bound. On two cores it is half of that
# on one and 5 %, of the same floor on one core.
set -eu

tool=$1 floor=$2 pair=$3 corpus=$4
runs=${RUNS:-7}
photos=/usr/share/backgrounds/mate
work=$(mktemp -d "${MEMORY_DIR:-/dev/shm}/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 1' INT TERM

# measure NAME BOUND WORKERS EXTENSION OPTIONS INPUT...
measure() {
    name=$1 bound=$2 workers=$3 extension=$4 options=$5
    shift 5
    mkdir -p "$work/pixels"
    # shellcheck disable=SC2086  # a list of words
    "$tool" -Q $options -f "$extension" -o "$work/pixels/" "$@"
    pairs="" starts=""
    for input in "$@"; do
        base=$(basename "$input")
        pairs="$pairs $input $work/pixels/${base%.*}.$extension"
    done
    for i in $(seq "$workers"); do
        starts="$starts $work/start/$i.$extension"
    done
    # shellcheck disable=SC2086
    "$pair" "$runs" "$name" "$bound" "$work/out" \
        "$tool" -Q -j "$workers" $options -f "$extension" -o "$work/out/" "$@" -- \
        "$floor" $level1 "$work/out" $pairs -- "$tool" -Q -j "$workers" $options -f "$extension" -o "$work/out/" $starts
    rm -rf "$work/pixels" "$work/out"
}

[ -d "$photos" ] || { echo "bench: Debian's mate-backgrounds is missing: apt-get install mate-backgrounds" >&2; exit 1; }

elephants=$photos/abstract/Elephants_5640x3172.jpg # progressive
"$tool" -Q --strength 0 -f png -o "$work/18.png" "$elephants"
"$tool" -Q --strength 0 -q 95 -o "$work/18.jpg" "$elephants"
mkdir "$work/start"
for i in 1 2; do
    printf 'P6\n1 1\n255\nabc' | "$tool" -Q -f png -o "$work/start/$i.png" -
    "$tool" -Q -o "$work/start/$i.jpg" "$work/start/$i.png"
done

# The floor decodes as libpng does: PngSuite has every type of PNG, and broken ones, whose names begin with x.
find "$corpus/pngsuite/png" "$corpus/kodak" -name '[!x]*.png' -exec "$floor" --check "$work/18.png" {} +

level1=""
printf '%-34s %10s %10s   %s\n' "median of $runs" tool floor 'ratio                   tool memory'
measure 'Kodak, 24 PNG' 1.12 1 png '' "$corpus"/kodak/PhotoCD_PCD0992/*.png
measure 'Kodak, 24 PNG, -j 2' 0.588 2 png '' "$corpus"/kodak/PhotoCD_PCD0992/*.png
measure '13 JPEG up to 5 megapixels' 1.12 1 jpg '-q 90' "$photos"/nature/*.jpg "$photos"/desktop/*.jpg
measure '13 JPEG up to 5 megapixels, -j 2' 0.588 2 jpg '-q 90' "$photos"/nature/*.jpg "$photos"/desktop/*.jpg
measure '18 megapixels, PNG' 1.08 1 png '' "$work/18.png"
measure '18 megapixels, PNG, -j 2' 0.567 2 png '' "$work/18.png"
measure '13 JPEG, -q keep' 1.2 1 jpg '-q keep' "$photos"/nature/*.jpg "$photos"/desktop/*.jpg
measure '18 megapixels, JPEG' 1.2 1 jpg '-q 90' "$work/18.jpg"
measure '18 megapixels, JPEG, -q keep' 1.2 1 jpg '-q keep' "$work/18.jpg" # of quality 95
measure '18 megapixels, progressive JPEG' 1.2 1 jpg '-q 90' "$elephants"
measure '18 megapixels, JPEG, --memory 16M' - 1 jpg '--memory 16M -q 90' "$work/18.jpg" # which decodes it twice
level1=--level1
measure 'Kodak, beside a floor of level 1' - 1 png '' "$corpus"/kodak/PhotoCD_PCD0992/*.png

# What the speed of PNG costs in bytes: ours beside libpng at level 1 with its own choice of filters.
"$tool" -Q -o "$work/fast/" "$corpus"/kodak/PhotoCD_PCD0992/*.png
"$tool" -Q -z 9 -o "$work/small/" "$corpus"/kodak/PhotoCD_PCD0992/*.png
fast=$(cat "$work"/fast/* | wc -c) small=$(cat "$work"/small/* | wc -c)
level1=$("$floor" --libpng "$work"/fast/*)
awk -v fast="$fast" -v small="$small" -v level1="$level1" 'BEGIN {
    printf "PNG bytes of the Kodak set: %d, %.3f of libpng level 1 (at most 1.15); with -z 9 %.3f\n", fast, fast / level1, small / level1
}'

opencv=$(dirname "$0")/peer_opencv.py
if /usr/bin/python3 -c 'import cv2' 2>/dev/null; then
    mkdir -p "$work/opencv"
    "$pair" "$runs" 'Kodak, 24 PNG, beside OpenCV' - "$work/out" "$tool" -Q -j 1 -o "$work/out/" "$corpus"/kodak/PhotoCD_PCD0992/*.png -- \
        /usr/bin/python3 "$opencv" "$work/opencv" "$corpus"/kodak/PhotoCD_PCD0992/*.png
else
    echo "OpenCV is left out: no python3-opencv"
fi
