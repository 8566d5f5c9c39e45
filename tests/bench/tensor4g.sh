#!/bin/sh
# tensor4g.sh TOOL: a tensor of 4 GiB, [16,64,1024,1024] of float32, within a budget of 64 MiB. Prints the time and the peak
# of memory, which may be 64 MiB over the budget, and checks some planes. Needs 9 GB in BENCH_DIR (the tool's folder) for as
# long as it runs, /usr/bin/time and python3-numpy.
set -eu

tool=${1:?usage: tensor4g.sh TOOL}
python=${PYTHON:-/usr/bin/python3}
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d "${BENCH_DIR:-$(dirname "$tool")}/tensor4g.XXXXXX")
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

"$python" "$here/tensor4g.py" make "$work/in.npy"
for run in first second; do
    rm -f "$work/out.npy"
    /usr/bin/time -f '%e %M' -o "$work/time" "$tool" --memory 64M "$work/in.npy" "$work/out.npy"
    read -r seconds kib <"$work/time"
    echo "4 GiB tensor, $run run: $seconds s, peak $((kib / 1024)) MiB"
    if [ "$kib" -gt $((128 * 1024)) ]; then
        echo "tensor4g: more than 64 + 64 MiB" >&2
        exit 1
    fi
done
"$python" "$here/tensor4g.py" check "$work/in.npy" "$work/out.npy"
