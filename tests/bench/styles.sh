#!/bin/sh
# styles.sh TOOL PAIR CORPUS: the spaces beside rgb, and style transfer beside the scripts of its peers, in turn; on one core.
set -eu

tool=$1 pair=$2 corpus=$3
runs=${RUNS:-7}
here=$(dirname "$0")
work=$(mktemp -d "$(dirname "$tool")/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
set -- "$corpus"/kodak/PhotoCD_PCD0992/*.png
style=$corpus/kodak/PhotoCD_PCD0992/05.png

printf '%-34s %10s %10s   %s\n' "Kodak, 24 PNG, median of $runs" space rgb 'ratio                   memory'
# Both write into folders of $work/out, which is emptied before each run.
for space in linear lab oklab ruderman; do
    "$pair" "$runs" "--space $space" 1.60 "$work/out" "$tool" -Q -j 1 -S "$space" -s "$style" -o "$work/out/space/" "$@" -- \
        "$tool" -Q -j 1 -s "$style" -o "$work/out/rgb/" "$@"
done

# peer NAME SPACE COMMAND...: the tool, a process for each of 24 pairs, beside a script.
peer() {
    name=$1 space=$2
    shift 2
    "$pair" "$runs" "$name" - "$work/out" "$here/styles_tool.sh" "$tool" "$space" "$work/out/tool" \
        "$corpus"/kodak/PhotoCD_PCD0992/*.png -- "$@" "$work/out/peer" "$corpus"/kodak/PhotoCD_PCD0992/*.png
    for folder in tool peer; do
        printf '    %-5s' "$folder"
        /usr/bin/python3 "$here/styles_error.py" "$space" "$work/out/$folder" "$corpus"/kodak/PhotoCD_PCD0992/*.png
    done
}

printf '%-34s %10s %10s   %s\n' "24 pairs, median of $runs" tool peer 'ratio'
if /usr/bin/python3 -c 'import cv2' 2>/dev/null; then
    peer 'lab, beside an OpenCV script' lab /usr/bin/python3 "$here/styles_opencv.py"
else
    echo "OpenCV is left out: no python3-opencv"
fi
runs=3
peer 'rgb, beside an ImageMagick script' rgb "$here/styles_magick.sh"
