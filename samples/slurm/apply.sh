#!/bin/bash
# Normalizes the pictures of one task by the statistics of all: the last of the three steps measure, pool, apply.
#
#     apply.sh WORK_DIR [TASK]
#
# WORK_DIR is that of prepare.sh, and TASK a number from 0; by default that of Slurm's job array. A picture NAME
# becomes OUT_DIR/NAME. An output is complete or not there; if it is there, it stays. A picture that fails is named,
# and the others of the task are written; a NAME without the extension of a format is refused before any is. INSTNORM
# and JOBS are those of measure.sh.
# shellcheck disable=SC2154 # the plan sets root, out, tasks, measure and apply
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1/plan" ]; then
    echo "usage: apply.sh WORK_DIR [TASK], and WORK_DIR is that of prepare.sh" >&2
    exit 2
fi
work=$(realpath -- "$1")
task=${2-${SLURM_ARRAY_TASK_ID-}}
# shellcheck source=/dev/null
. "$work/plan"
if [ ! -f "$work/lists/${task:-none}" ]; then
    echo "apply.sh: there is no task '$task', expected a number from 0 to $((tasks - 1))" >&2
    exit 2
fi
jobs=${JOBS:-${SLURM_CPUS_ON_NODE-}}

cd "$root"
rm -f "$work/done/$task"
OUT=$out awk '{ print $0 "\t" ENVIRON["OUT"] "/" $0 }' "$work/lists/$task" |
    "${INSTNORM:-instnorm-cli}" ${jobs:+-j "$jobs"} -n --use-stats "$work/all.json" "${apply[@]}" \
        --pairs --files-from - || {
    status=$?
    echo "apply.sh: task $task of $tasks failed with exit status $status: pictures of $work/lists/$task" >&2
    exit "$status"
}
: >"$work/done/$task"
