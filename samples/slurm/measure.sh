#!/bin/bash
# Measures the pictures of one task: the first of the three steps measure, pool, apply.
#
#     measure.sh WORK_DIR [TASK]
#
# WORK_DIR is that of prepare.sh, and TASK a number from 0; by default that of Slurm's job array. The statistics go to
# WORK_DIR/parts/TASK.json. That file is complete or not there; if it is there, nothing is measured again. A picture
# that cannot be read is named and fails the task, which then has no file; unless `--skip-failed` is among the OPTIONs
# of prepare.sh: then the statistics are of all other pictures. INSTNORM is the program (instnorm-cli), JOBS the
# number of pictures that it works on at a time: by default the processors that Slurm allocated, or else all of them.
# shellcheck disable=SC2154 # the plan sets root, out, tasks, measure and apply
set -euo pipefail

if [ $# -lt 1 ] || [ ! -f "$1/plan" ]; then
    echo "usage: measure.sh WORK_DIR [TASK], and WORK_DIR is that of prepare.sh" >&2
    exit 2
fi
work=$(realpath -- "$1")
task=${2-${SLURM_ARRAY_TASK_ID-}}
# shellcheck source=/dev/null
. "$work/plan"
if [ ! -f "$work/lists/${task:-none}" ]; then
    echo "measure.sh: there is no task '$task', expected a number from 0 to $((tasks - 1))" >&2
    exit 2
fi
jobs=${JOBS:-${SLURM_CPUS_ON_NODE-}}

cd "$root"
status=0
"${INSTNORM:-instnorm-cli}" ${jobs:+-j "$jobs"} "${measure[@]}" -n --total --save-stats "$work/parts/$task.json" \
    --files-from "$work/lists/$task" || status=$?
if [ "$status" -eq 1 ] && [ -e "$work/parts/$task.json" ]; then
    echo "measure.sh: task $task of $tasks: what cannot be read is left out of the statistics" >&2
elif [ "$status" -ne 0 ]; then
    echo "measure.sh: task $task of $tasks failed with exit status $status: pictures of $work/lists/$task" >&2
    exit "$status"
fi
