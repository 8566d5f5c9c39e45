#!/bin/sh
# A data set in parts - folders, disks, machines - that is normalized by the statistics of the whole.
#
#     pool.sh STATS_DIR OUT_DIR PART_DIR...
#
# Each part is measured by itself, into STATS_DIR/part-N.json. That may be done on several machines, and a part that was
# measured is not measured again. The parts are pooled into STATS_DIR/all.json, which has the same bytes however the pictures
# are split. Every picture then gets the map of the whole, into OUT_DIR/N/; so do other pictures, later, by
# `instnorm-cli --use-stats STATS_DIR/all.json`.
#
# A part is measured by a list of its pictures, with their folders: so pictures of different parts have different names, and
# a part that is pooled twice is noticed. Add extensions below if your pictures have others.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: pool.sh STATS_DIR OUT_DIR PART_DIR..." >&2
    exit 2
fi
cli=${INSTNORM:-instnorm-cli}
stats=${1%/}
out=${2%/}
shift 2
mkdir -p "$stats"

n=0
: >"$stats/parts.txt"
for part; do
    n=$((n + 1))
    find "$part" -type f \( -iname '*.png' -o -iname '*.jp*g' -o -iname '*.tif*' -o -iname '*.webp' -o -iname '*.npy' \) -print0 |
        "$cli" -n --total --save-stats "$stats/part-$n.json" -0 --files-from -
    echo "$stats/part-$n.json" >>"$stats/parts.txt"
done
"$cli" --force --total --save-stats "$stats/all.json" --files-from "$stats/parts.txt"
n=0
for part; do
    n=$((n + 1))
    "$cli" -n -r --use-stats "$stats/all.json" -o "$out/$n/" -- "$part"
done
