#!/bin/sh
# One picture at five strengths, with channels on their own (instance) and linked (layer).
set -eu

if [ $# -ne 2 ]; then
    echo "usage: strengths.sh IN OUT_DIR" >&2
    exit 2
fi
name=${1##*/}
out=${2%/}
mkdir -p "$out"

for norm in instance layer; do
    for strength in 0 0.25 0.5 0.75 1; do
        "${INSTNORM:-instnorm-cli}" --norm "$norm" --strength "$strength" --beta 0.5 --gamma 0.2 \
            -- "$1" "$out/${name%.*}-$norm-$strength.${name##*.}"
    done
done
