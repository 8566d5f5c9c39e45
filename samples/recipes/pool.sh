#!/bin/sh
# A data set in parts - disks, machines - that is normalized by the statistics of the whole.
#
#     pool.sh STATS_DIR OUT_DIR LIST...
#
# A part is a list of pictures, a name on each line, relative to the current folder, which is the root of the data set. To
# split one into parts of a thousand: `find . -name '*.jpg' | split -l 1000 - part-`. Each part is measured by itself, into
# STATS_DIR/part-N.json. That may be done on several machines, and a part that was measured is not measured again. The parts
# are pooled into STATS_DIR/all.json, which is the same for any split and order. Parts of the same names are taken for the same
# pictures and refused, so the names of all parts start at the same root. Every picture then gets the map of the whole, into
# OUT_DIR/NAME; so do other pictures, later, by `instnorm-cli --use-stats STATS_DIR/all.json`.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: pool.sh STATS_DIR OUT_DIR LIST..." >&2
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
    "$cli" -n --total --save-stats "$stats/part-$n.json" --files-from "$part"
    echo "$stats/part-$n.json" >>"$stats/parts.txt"
done
"$cli" --force --total --save-stats "$stats/all.json" --files-from "$stats/parts.txt"
for part; do
    OUT=$out awk 'NF { print $0 "\t" ENVIRON["OUT"] "/" $0 }' "$part" | "$cli" -n --use-stats "$stats/all.json" --pairs --files-from -
done
