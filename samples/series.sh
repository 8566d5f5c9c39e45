#!/bin/sh
# Matches a series of photographs to the mean and contrast of its first picture. Needs jq.
set -eu

if [ $# -lt 3 ]; then
    echo "usage: series.sh FIRST OTHER... OUT_DIR" >&2
    exit 2
fi
tool=${INSTNORM:-instnorm-cli}
first=$1

stats=$("$tool" --stats --json -- "$first")
mean=$(printf '%s\n' "$stats" | jq -er '[.channels[] | select(.name != "A") | .mean] | join(",")')
std=$(printf '%s\n' "$stats" | jq -er '[.channels[] | select(.name != "A") | .std] | join(",")')

# The last argument becomes the folder, the others go round to the front in their order.
count=$#
while [ "$count" -gt 1 ]; do
    set -- "$@" "$1"
    shift
    count=$((count - 1))
done
out=${1%/}
shift
mkdir -p "$out"
exec "$tool" --norm instance --beta "$mean" --gamma "$std" -o "$out/" -- "$@"
