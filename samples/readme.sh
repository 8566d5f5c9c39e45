#!/bin/sh
# Makes the pictures of README.md: samples/readme/*.jpg from samples/pictures.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: readme.sh CLI" >&2
    exit 2
fi
cli=$1
here=$(dirname "$0")
in=$here/pictures
out=$here/readme
mkdir -p "$out"

"$cli" -q 85 -- "$in/room.jpg" "$out/room.jpg"
"$cli" -q 85 -N layer -g 0.2 -- "$in/fog.jpg" "$out/fog.jpg"
"$cli" -q 85 --strength 0 -- "$in/portrait.png" "$out/portrait.jpg"
"$cli" -q 85 -N instance -- "$in/portrait.png" "$out/portrait-instance.jpg"
"$cli" -q 85 -N layer -- "$in/portrait.png" "$out/portrait-layer.jpg"
