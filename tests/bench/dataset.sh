#!/bin/sh
# dataset.sh TOOL CORPUS: 2,000 pictures of 224 x 224 to one tensor [N,C,H,W], with the constants of ImageNet and by instance
# normalization, beside NumPy and PyTorch with Pillow; one process each, in turn, median of RUNS (3). Also how far the results
# are apart. FORMAT=png takes PNG instead of JPEG. Needs 8 GB in BENCH_DIR (the tool's folder) for as long as it runs,
# /usr/bin/time, python3-numpy, python3-pil and python3-torch (without which its rows are left out).
set -eu

tool=${1:?usage: dataset.sh TOOL CORPUS}
corpus=${2:?usage: dataset.sh TOOL CORPUS}
python=${PYTHON:-/usr/bin/python3}
format=${FORMAT:-jpg}
runs=${RUNS:-3}
count=${COUNT:-2000}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${BENCH_DIR:-$(dirname "$tool")}/dataset.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# once NAME COMMAND...: its seconds as a process, and those that it prints of itself.
once() {
    name=$1
    shift
    rm -f "$work/$name.npy"
    /usr/bin/time -f '%e %M' -o "$work/time" "$@" >"$work/own"
    read -r seconds kib <"$work/time"
    own=$(cat "$work/own")
    echo "$seconds $kib ${own:-$seconds}" >>"$work/$name.times"
}

# median COLUMN FILE
median() {
    sort -n -k "$1" "$2" | awk -v c="$1" '{ v[NR] = $c } END { print v[int((NR + 1) / 2)] }'
}

peers=numpy
if "$python" -c 'import torch' 2>/dev/null; then
    peers="$peers torch"
else
    echo "dataset: there is no python3-torch, so its rows are left out"
fi

"$python" "$here/dataset_crops.py" make "$work/pictures" "$corpus" "$format" "$count"
printf '%d pictures, %s, median of %d\n' "$count" "$format" "$runs"
printf '%-24s %10s %14s %14s %8s\n' '' seconds 'without start' 'pictures/s' MiB
for kind in imagenet instance; do
    rm -f "$work"/*.times
    case $kind in
    imagenet) options='--mean 0.485,0.456,0.406 --std 0.229,0.224,0.225' ;;
    instance) options='' ;;
    esac
    run=0
    while [ $run -lt "$runs" ]; do
        # shellcheck disable=SC2086  # words
        once tool "$tool" -Q -j 1 $options -o "$work/tool.npy" "$work/pictures"/*
        for peer in $peers; do
            once "$peer" "$python" "$here/dataset_$peer.py" "$kind" "$work/pictures" "$work/$peer.npy"
        done
        run=$((run + 1))
    done
    for name in tool $peers; do
        own=$(median 3 "$work/$name.times")
        printf '%-24s %10s %14s %14.0f %8.0f\n' "$kind, $name" "$(median 1 "$work/$name.times")" "$own" \
            "$(echo "$count $own" | awk '{ print $1 / $2 }')" "$(median 2 "$work/$name.times" | awk '{ print $1 / 1024 }')"
    done
    for peer in $peers; do
        "$python" "$here/dataset_crops.py" compare "$work/tool.npy" "$work/$peer.npy"
    done
done
