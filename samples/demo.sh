#!/bin/sh
# Normalizes the sample pictures: each channel alone into OUT, all channels together into OUT/layer.
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

"$cli" -N instance -o "$out/" -- "$@"
"$cli" -N layer -o "$out/layer/" -- "$@"
for picture; do
    name=${picture##*/}
    echo "$picture -> $out/$name, $out/layer/$name"
done
echo "done: compare $pictures with $out (each channel alone) and $out/layer (channels linked)"
