#!/bin/sh
# The pictures that find selects, in one run, whatever their number and their names.
#
#     find.sh IN_DIR OUT_DIR [TEST]...
#
# TEST is one of find: `-mtime -7` selects the pictures of the last week, `-size +1M` the large ones. The outputs go into one
# folder; two of one name are refused before anything is written. If no picture is selected, the exit status is 0; that of
# instnorm-cli with an empty list is 2. `find ... -print0 | instnorm-cli -0 --files-from - ...` does the rest in one line, but
# hides a find that failed.
set -eu

if [ $# -lt 2 ] || [ ! -d "$1" ]; then
    echo "usage: find.sh IN_DIR OUT_DIR [TEST]..." >&2
    exit 2
fi
in=${1%/}
out=${2%/}
shift 2

list=$(mktemp)
trap 'rm -f "$list"' EXIT
trap 'exit 1' HUP INT TERM
find "$in" -type f \( -iname '*.jpg' -o -iname '*.jpeg' -o -iname '*.png' \) "$@" -print0 >"$list"
if [ ! -s "$list" ]; then
    echo "find.sh: find selects no picture in '$in'" >&2
    exit 0
fi
"${INSTNORM:-instnorm-cli}" -0 --files-from - -n -o "$out/" <"$list"
