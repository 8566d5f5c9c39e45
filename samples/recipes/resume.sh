#!/bin/sh
# A tree of pictures, which goes on where it stopped when it is started again: after Ctrl-C, a crash, a power cut.
#
#     resume.sh IN_DIR OUT_DIR [OPTION]...
#
# OPTION is one of instnorm-cli, such as `-N layer -g 0.2`. An output is complete or not there, so -n does what is missing and
# nothing else. Other options would make the second half of the pictures another way: they are refused.
set -eu

if [ $# -lt 2 ] || [ ! -d "$1" ]; then
    echo "usage: resume.sh IN_DIR OUT_DIR [OPTION]..." >&2
    exit 2
fi
in=${1%/}
out=${2%/}
shift 2

mkdir -p "$out"
printf '%s\n' "$*" >"$out/.options.new"
if [ -e "$out/.options" ] && ! cmp -s "$out/.options.new" "$out/.options"; then
    rm "$out/.options.new"
    echo "resume.sh: '$out' was begun with other options: $(cat "$out/.options")" >&2
    exit 2
fi
mv "$out/.options.new" "$out/.options"
exec "${INSTNORM:-instnorm-cli}" "$@" -n -r -o "$out/" -- "$in"
