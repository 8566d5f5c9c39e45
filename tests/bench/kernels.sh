#!/bin/sh
# kernels.sh KERNELS: instnorm_forward beside memcpy, PyTorch and ONNX Runtime, in turn, in one run.
#
# PyTorch is Debian's python3-torch; ONNX Runtime is npm's onnxruntime-node in $ORT_DIR/node_modules, installed by
#     npm install --ignore-scripts onnxruntime-node
# What is not there is left out, and said so.
set -eu

kernels=$1
here=$(dirname "$0")
rounds=${ROUNDS:-3} calls=${CALLS:-15}
shapes="1,3,3000,4000 16,64,256,256 8,64,56,56 32,3,224,224 1,256,64,64 1,3,512,768"
python=${PYTHON:-/usr/bin/python3}
rows=$(mktemp)
trap 'rm -f "$rows"' EXIT

# Without these the peers would pay for fresh pages at each call.
peer="env MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=1000000000"
echo "memory warm; the peers run with MALLOC_MMAP_MAX_=0 MALLOC_TRIM_THRESHOLD_=100000000000 MALLOC_TOP_PAD_=1000000000"

torch=yes ort=yes
"$python" -c 'import torch' 2>/dev/null || { torch=""; echo "PyTorch is left out: no python3-torch"; }
[ -d "${ORT_DIR:-.}/node_modules/onnxruntime-node" ] || { ort=""; echo "ONNX Runtime is left out: no onnxruntime-node in ORT_DIR"; }

# run NAME THREADS COMMAND...: appends "THREADS NAME SHAPE SECONDS" rows.
run() {
    name=$1 threads=$2
    shift 2
    # shellcheck disable=SC2086  # a list of words
    "$@" $shapes | while read -r shape first second; do
        case $name in
        ours) printf '%s memcpy %s %s\n%s ours %s %s\n' "$threads" "$shape" "$first" "$threads" "$shape" "$second" ;;
        *) printf '%s %s %s %s\n' "$threads" "$name" "$shape" "$first" ;;
        esac
    done >>"$rows"
}

round=0
while [ "$round" -lt "$rounds" ]; do
    for threads in 1 2; do
        run ours "$threads" "$kernels" "$threads" "$calls"
        # shellcheck disable=SC2086
        [ -z "$torch" ] || run torch "$threads" $peer "$python" "$here/peer_torch.py" "$threads" "$calls"
        # shellcheck disable=SC2086
        [ -z "$ort" ] || run ort "$threads" $peer node "$here/peer_ort.js" "${ORT_DIR:-.}" "$threads" "$calls"
    done
    round=$((round + 1))
done

# The median of the rounds; the limit is the larger of half the best peer and 1.3 memcpy.
sort -k1,1n -k2,2 -k3,3 -k4,4g "$rows" | awk -v shapes="$shapes" '
    { key = $1 " " $2 " " $3; n[key]++; value[key, n[key]] = $4 }
    function middle(key) { return n[key] ? value[key, int((n[key] + 1) / 2)] : 0 }
    function ms(seconds) { return seconds ? sprintf("%9.3f", seconds * 1e3) : "        -" }
    END {
        printf "%-8s %-16s %9s %9s %9s %9s %9s\n", "threads", "N,C,H,W (ms)", "memcpy", "ours", "PyTorch", "ORT", "limit"
        count = split(shapes, shape, " ")
        for (t = 1; t <= 2; t++)
            for (i = 1; i <= count; i++) {
                copy = middle(t " memcpy " shape[i]); ours = middle(t " ours " shape[i])
                torch = middle(t " torch " shape[i]); ort = middle(t " ort " shape[i])
                best = torch && (!ort || torch < ort) ? torch : ort
                limit = best / 2 > 1.3 * copy ? best / 2 : 1.3 * copy
                printf "%-8d %-16s %s %s %s %s %s  %s\n", t, shape[i], ms(copy), ms(ours), ms(torch), ms(ort), ms(limit), ours <= limit ? "within" : "MISSED"
            }
    }'
