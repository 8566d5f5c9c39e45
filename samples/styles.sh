#!/bin/sh
# Makes the pictures of samples/STYLES.md from the sample pictures. Needs convert of ImageMagick, which makes them small.
set -eu

if [ $# -ne 3 ]; then
    echo "usage: styles.sh CLI PICTURES OUT" >&2
    exit 2
fi
cli=$1
in=${2%/}
out=${3%/}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM
mkdir -p "$out"

# show NAME INPUT OPTION...: the result as OUT/NAME.jpg.
show() {
    name=$1
    input=$2
    shift 2
    "$cli" -f ppm "$@" -- "$input" "$work/result.ppm"
    convert "$work/result.ppm" -resize '240x240>' -strip -quality 75 "$out/$name.jpg"
}

for picture in dusk.jpg fog.jpg portrait.png room.jpg tissue.png; do
    show "${picture%.*}" "$in/$picture" -c none
done

# One content, four styles, five spaces, three strengths.
for style in dusk.jpg room.jpg fog.jpg tissue.png; do
    for space in rgb linear lab oklab ruderman; do
        for strength in 0.33 0.67 1; do
            show "${style%.*}-$space-$strength" "$in/portrait.png" -S "$space" -s "$in/$style" --strength "$strength"
        done
    done
done

# Channels alone and linked; with a style, instance is dusk-rgb-1 and room-rgb-1.
show dusk-instance "$in/dusk.jpg" -N instance -g 0.2
show dusk-layer "$in/dusk.jpg" -N layer -g 0.2
show room-rgb-layer "$in/portrait.png" -N layer -s "$in/room.jpg"

# Some of the channels, and a blend.
show dusk-lightness "$in/portrait.png" -S lab -s "$in/dusk.jpg" -c L
show dusk-colour "$in/portrait.png" -S lab -s "$in/dusk.jpg" -c a,b
show dusk-room "$in/portrait.png" -S lab -s "$in/dusk.jpg@1" -s "$in/room.jpg@1"

# A stain by published statistics, whose deviation of the colours is not the slide's, and by their mean alone.
published() {
    show "$1" "$in/tissue.png" -S ruderman --mask below:0.85 --apply-mask same -b 8.74108109,-0.12440419,0.0444982 -g "$2"
}
published tissue-published 0.6135447,0.10989545,0.0286032
published tissue-published-mean keep,keep,keep

# A slide with much background, and a reference with little: the halves of one picture. The reference is stained otherwise,
# by a known map, and the same map tells what the slide should become.
convert "$in/tissue.png" -crop 180x270+0+0 +repage "$work/left.ppm"
convert "$in/tissue.png" -crop 180x270+180+0 +repage "$work/slide.ppm"
"$cli" --stats -S lab --mask below:0.85 --save-stats "$work/left.json" -- "$work/left.ppm" >/dev/null
stain() {
    "$cli" -S lab --use-stats "$work/left.json" -g keep -b 60,40,-10 --apply-mask below:0.85 -- "$1" "$2"
}
stain "$work/left.ppm" "$work/reference.ppm"
stain "$work/slide.ppm" "$work/wanted.ppm"
show slide "$work/slide.ppm" -c none
show slide-reference "$work/reference.ppm" -c none
show slide-wanted "$work/wanted.ppm" -c none
show slide-unmasked "$work/slide.ppm" -S lab -s "$work/reference.ppm"
show slide-measured "$work/slide.ppm" -S lab -s "$work/reference.ppm" --mask below:0.85
show slide-masked "$work/slide.ppm" -S lab -s "$work/reference.ppm" --mask below:0.85 --apply-mask same
