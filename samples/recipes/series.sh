#!/bin/sh
# Matches a series of photographs to the mean and contrast of its first picture.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: series.sh FIRST OTHER... OUT_DIR" >&2
    exit 2
fi
first=$1

# The last argument becomes the folder, the others go round to the front in their order.
count=$#
while [ "$count" -gt 1 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
done
out=${1%/}
shift
exec "${INSTNORM:-instnorm-cli}" --style "$first" -o "$out/" -- "$@"
