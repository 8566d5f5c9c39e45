#!/bin/sh
# large.sh TOOL PAIR CORPUS: a 1.2-gigapixel RGB TIFF with --memory 64M, beside vips stats and vips linear.
#
# The pictures (3.6 GB each before compression) are made of a Kodak photograph by vips, in BENCH_DIR or beside the tool, and
# removed at the end.
set -eu

tool=$1 pair=$2 corpus=$3
here=$(cd "$(dirname "$0")" && pwd)
runs=${RUNS:-1}
work=$(mktemp -d "${BENCH_DIR:-$(dirname "$tool")}/large.XXXXXX")
trap 'rm -rf "$work"' EXIT
command -v vips >/dev/null || { echo "bench-large: vips is missing: apt-get install libvips-tools" >&2; exit 1; }

photo=$corpus/kodak/PhotoCD_PCD0992/05.png

# measure NAME FORMAT: FORMAT is how vips writes the picture, and the output of both.
measure() {
    vips replicate "$photo" "$work/in.tif[$2]" 53 59
    "$pair" "$runs" "$1" 1 "$work/out" "$tool" -Q --memory 64M --max-pixels 2000000000 -o "$work/out/" "$work/in.tif" -- \
        sh "$here/peer_vips.sh" "$work/in.tif" "$work/vips.tif[$2]"
    rm -f "$work/in.tif" "$work/vips.tif"
    rm -rf "$work/out"
}

printf '%-34s %10s %10s   %-22s %s\n' "1.2 gigapixels, 40704 x 30208" tool vips 'ratio' 'tool memory (at most 128 MiB)'
measure 'TIFF, strips' 'bigtiff'
measure 'BigTIFF, deflate' 'bigtiff,compression=deflate,predictor=horizontal,Q=90'
measure 'BigTIFF, tiles of 256' 'bigtiff,tile,tile-width=256,tile-height=256'
