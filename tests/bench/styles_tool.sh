#!/bin/sh
# The tool, a process for each pair.
#     styles_tool.sh TOOL SPACE FOLDER FILE...     each file in the style of the next
set -eu
tool=$1 space=$2 folder=$3
shift 3
mkdir -p "$folder"
first=$1
while [ $# -gt 0 ]; do
    picture=$1
    shift
    "$tool" -Q -S "$space" -s "${1:-$first}" "$picture" "$folder/$(basename "$picture")"
done
