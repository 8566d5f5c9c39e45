#!/bin/sh
# Normalizes the sample pictures: each channel alone into OUT, all channels together into OUT/layer. A page shows each run,
# and a picture the pictures before and after.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: demo.sh CLI PICTURES OUT" >&2
    exit 2
fi
cli=$1
pictures=${2%/}
out=${3%/}

set --
for picture in "$pictures"/*.jpg "$pictures"/*.png; do
    if [ -f "$picture" ]; then set -- "$@" "$picture"; fi
done
if [ $# -eq 0 ]; then
    echo "demo.sh: $pictures: no pictures" >&2
    exit 1
fi

mkdir -p "$out/layer"
"$cli" -N instance --report "$out/index.html" --compare "$out/compare.jpg" -o "$out/" -- "$@"
"$cli" -N layer --report "$out/layer/index.html" --compare "$out/layer/compare.jpg" -o "$out/layer/" -- "$@"
echo "done: open $out/index.html (each channel alone) and $out/layer/index.html (channels linked) in a browser,"
echo "or look at $out/compare.jpg and $out/layer/compare.jpg"
