#!/bin/sh
# Makes the pictures of README.md: samples/readme/*.jpg from samples/pictures, and the time lapse that SCENES renders.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: readme.sh CLI SCENES" >&2
    exit 2
fi
cli=$1
scenes=$2
here=$(dirname "$0")
in=$here/pictures
out=$here/readme
mkdir -p "$out"

"$cli" -q 85 -- "$in/room.jpg" "$out/room.jpg"
"$cli" -q 85 -N layer -g 0.2 -- "$in/fog.jpg" "$out/fog.jpg"
"$cli" -q 85 --strength 0 -- "$in/portrait.png" "$out/portrait.jpg"
"$cli" -q 85 -N instance -- "$in/portrait.png" "$out/portrait-instance.jpg"
"$cli" -q 85 -N layer -- "$in/portrait.png" "$out/portrait-layer.jpg"

# Before and after side by side.
frames=$(mktemp -d)
trap 'rm -rf "$frames"' EXIT
mkdir "$frames/before"
"$scenes" "$frames/before" 48
"$cli" -Q --deflicker 11 -o "$frames/after/" "$frames/before"/*.jpg
ffmpeg -y -loglevel error -framerate 12 -i "$frames/before/frame-%03d.jpg" -framerate 12 -i "$frames/after/frame-%03d.jpg" \
    -filter_complex hstack=inputs=2 -loop 0 -c:v libwebp_anim -quality 55 -compression_level 6 "$out/lapse.webp"
