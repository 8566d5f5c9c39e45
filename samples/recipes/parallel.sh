#!/bin/sh
# A folder of pictures by GNU parallel, on this machine or on several that share the folders.
#
#     parallel.sh IN_DIR OUT_DIR [OPTION]...
#
# OPTION is one of parallel: `-S one,two --wd .` starts the work on the machines one and two. On one machine
# `instnorm-cli -r` alone uses every core. A job has up to 50 pictures, so that the time it takes to start does not count, and
# one worker, because parallel starts a job for each core. Run it again to go on where it stopped.
set -eu

if [ $# -lt 2 ] || [ ! -d "$1" ]; then
    echo "usage: parallel.sh IN_DIR OUT_DIR [OPTION]..." >&2
    exit 2
fi
in=${1%/}
out=${2%/}
shift 2

list=$(mktemp)
trap 'rm -f "$list"' EXIT
trap 'exit 1' HUP INT TERM
find "$in" -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' \) -print0 >"$list"
parallel -0 -N 50 -q "$@" "${INSTNORM:-instnorm-cli}" -j 1 -n -o "$out/" -- {} <"$list"
