#!/bin/sh
# Address space that runs out: memory_limits.sh CLI
# Reports and metadata under limits from what the program and its libraries take up to 48 MiB more, in steps of half of one:
# exit status 0 and the whole output, or 1, a message and no output.
set -eu

cli=${1:?usage: memory_limits.sh CLI}
cli=$(cd "$(dirname "$cli")" && pwd)/$(basename "$cli")
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/cli/helpers.sh
. "$here/../cli/helpers.sh"
pictures=$(cd "$here/../../samples/pictures" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [ -n "${SANITIZED:-}" ]; then
    echo "memory_limits: skipped, sanitizers need address space of their own"
    exit 0
fi

# has_output FILE: whether anything is in it but that an input failed, which --json tells.
has_output() {
    [ -s "$1" ] && grep -qav '"status":"failed"' "$1"
}

# The least KiB under which the program starts, and 1 MiB in which it reads a command line: that runs out with status 2.
least=8192
# shellcheck disable=SC3045  # dash and bash have it
until (ulimit -v "$least" && exec "$cli" --version) >/dev/null 2>&1; do least=$((least + 512)); done
least=$((least + 1024))

# each OUTPUT ARGUMENT...: the command line under each limit; what is printed goes to the file "printed".
each() {
    output=$1
    shift
    "$cli" "$@" >printed
    mv "$output" whole
    complete=0
    refused=0
    failed=0
    for limit in $(seq "$least" 512 $((least + 49152))); do
        rm -f "$output" printed
        code=0
        # shellcheck disable=SC3045  # dash and bash have it
        (ulimit -v "$limit" && exec "$cli" "$@") >printed 2>said || code=$?
        if [ "$code" -eq 0 ] && cmp -s "$output" whole; then
            complete=$((complete + 1))
        elif [ "$code" -eq 1 ] && [ -s said ] && ! has_output "$output"; then
            refused=$((refused + 1))
        else
            failed=$((failed + 1))
            echo "FAILED $*: exit status $code within $limit KiB"
        fi
    done
    echo "$output: complete under $complete of 97 limits, refused under $refused"
    [ "$failed" -eq 0 ] && [ "$complete" -gt 0 ] || exit 1
}

has() {
    "$cli" --version | grep -q "$1"
}

seq 1 20000 | head -c 40000 | tensor channels.npy '|u1' '10000, 2, 2'
seq 1 20000 | head -c 20000 | tensor fewer.npy '|u1' '5000, 2, 2'
if has jansson; then
    each printed --stats --json channels.npy
    each printed --total --json channels.npy
    each statistics.json -Q --stats --save-stats statistics.json fewer.npy
fi
"$cli" -c none "$pictures/sky16.png" --depth 8 -f ppm sky.ppm
each lattice.cube -Q -S lab sky.ppm out.ppm --lut lattice.cube
if has libjpeg && has libtiff; then
    "$cli" -c none "$pictures/room.jpg" plain.jpg
    with_exif plain.jpg >exif.jpg
    "$cli" -c none exif.jpg exif.tif
    [ "$(tr -dc '[:print:]' <exif.tif | grep -c 'by candle')" -eq 1 ]
    each out.tif -Q exif.tif out.tif
fi
