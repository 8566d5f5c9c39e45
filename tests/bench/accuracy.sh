#!/bin/sh
# accuracy.sh BUILD: the largest errors of libinstnorm, PyTorch and ONNX Runtime on the same numbers, side by side.
#
# PYTHON (/usr/bin/python3) is one that has torch; ORT_DIR is a folder in which "npm install onnxruntime-node" was run. Who
# is missing is left out. SHAPE is 1,3,512,768. Exit status 1 if libinstnorm is off by more than its header allows.
set -eu

if [ $# -ne 1 ]; then
    echo "usage: accuracy.sh BUILD" >&2
    exit 2
fi
shape=${SHAPE:-1,3,512,768}
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${CC:-cc}" -O2 -I"$here/../../include" -o "$work/accuracy" "$here/accuracy.c" "$1/libinstnorm.a" -lm
mkdir "$work/cases"
"$work/accuracy" write "$work/cases" "$shape"

python=${PYTHON:-/usr/bin/python3}
if "$python" -c 'import torch' 2>/dev/null; then
    "$python" "$here/accuracy.py" "$work/cases" "$shape"
else
    echo "accuracy: $python has no torch, so PyTorch is left out (Debian: apt-get install python3-torch)"
fi
if [ -z "${ORT_DIR:-}" ]; then
    echo 'accuracy: ORT_DIR is not set, so ONNX Runtime is left out (npm install onnxruntime-node)'
elif [ ! -d "$ORT_DIR/node_modules/onnxruntime-node" ]; then
    echo "accuracy: ORT_DIR: no node_modules/onnxruntime-node in $ORT_DIR, so ONNX Runtime is left out"
else
    node "$here/accuracy.js" "$ORT_DIR" "$work/cases" "$shape"
fi
"$work/accuracy" table "$work/cases" "$shape"
