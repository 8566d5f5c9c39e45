#!/bin/bash
# Adds up the statistics of all tasks: the second of the three steps measure, pool, apply.
#
#     pool.sh WORK_DIR
#
# WORK_DIR/parts/*.json become WORK_DIR/all.json, whose bytes do not depend on how the pictures were cut into tasks. A
# part that is missing is named, and nothing is written. INSTNORM is the program (instnorm-cli).
# shellcheck disable=SC2154 # the plan sets root, out, tasks, measure and apply
set -euo pipefail

if [ $# -ne 1 ] || [ ! -f "$1/plan" ]; then
    echo "usage: pool.sh WORK_DIR, and WORK_DIR is that of prepare.sh" >&2
    exit 2
fi
work=$(realpath -- "$1")
# shellcheck source=/dev/null
. "$work/plan"

missing=0
for ((task = 0; task < tasks; task++)); do
    if [ ! -f "$work/parts/$task.json" ]; then
        echo "pool.sh: task $task of $tasks has no statistics: $work/parts/$task.json" >&2
        missing=1
    elif [ "$work/parts/$task.json" -nt "$work/all.json" ] && [ -f "$work/all.json" ]; then
        echo "pool.sh: $work/parts/$task.json is newer than all.json: remove all.json and the outputs of it" >&2
        missing=1
    fi
done
[ "$missing" -eq 0 ] || exit 1
if [ -f "$work/all.json" ]; then
    echo "pool.sh: $work/all.json exists and stays"
    exit 0
fi
# By way of another name, for with --skip-failed a file is written though a part is left out.
for ((task = 0; task < tasks; task++)); do printf '%s\0' "$work/parts/$task.json"; done |
    "${INSTNORM:-instnorm-cli}" "${measure[@]}" --force --total --save-stats "$work/all.json.new" -0 --files-from -
mv "$work/all.json.new" "$work/all.json"
