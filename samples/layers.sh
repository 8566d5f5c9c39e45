#!/bin/sh
# Makes the pictures of samples/LAYERS.md from the sample pictures: each as it is, and by each kind of normalization. Needs
# convert of ImageMagick, which makes one picture dim, and all of them small.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: layers.sh CLI PICTURES OUT" >&2
    exit 2
fi
cli=$1
in=${2%/}
out=${3%/}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out" "$work/small"

for picture in dusk fog room; do
    "$cli" -Q -f ppm -c none -- "$in/$picture.jpg" "$work/$picture.ppm"
done
# The same room in half the light: a gain, which normalization takes away where it does not pool over samples.
convert "$work/room.ppm" -evaluate multiply 0.5 "$work/dim.ppm"

# show ENDING OPTION...: the four pictures in one run, each as OUT/NAME-ENDING.jpg, or OUT/NAME.jpg if ENDING is empty.
show() {
    ending=${1:+-$1}
    shift
    for picture in dusk fog room dim; do
        set -- "$@" "$work/$picture.ppm"
    done
    "$cli" -Q --force -f ppm -o "$work/small/" "$@"
    for picture in dusk fog room dim; do
        convert "$work/small/$picture.ppm" -resize '240x240>' -strip -quality 75 "$out/$picture$ending.jpg"
    done
}

show '' -c none
for norm in instance layer batch; do
    show $norm -N $norm -g 0.2
done
