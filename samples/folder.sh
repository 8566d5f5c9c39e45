#!/bin/sh
# Gives every picture of a folder the same mean and contrast. Run it again to go on where it stopped.
set -eu

if [ $# -ne 2 ] || [ ! -d "$1" ]; then
    echo "usage: folder.sh IN_DIR OUT_DIR" >&2
    exit 2
fi
in=${1%/}
out=${2%/}

set --
for file in "$in"/*.[Jj][Pp][Gg] "$in"/*.[Jj][Pp][Ee][Gg] "$in"/*.[Pp][Nn][Gg]; do
    if [ -f "$file" ]; then set -- "$@" "$file"; fi
done
if [ $# -eq 0 ]; then
    echo "folder.sh: $in: no pictures" >&2
    exit 1
fi
mkdir -p "$out"
exec "${INSTNORM:-instnorm-cli}" -n --norm layer --beta 0.5 --gamma 0.2 -o "$out/" -- "$@"
