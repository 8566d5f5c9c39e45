#!/bin/bash
# Tells how far the tasks of a WORK_DIR are, and which failed.
#
#     status.sh WORK_DIR
#
# Of each task that has begun, is not complete and is not at work any more it prints where its log is and the last
# lines of it. Exit status 0 if all is complete, 1 if a task failed, 3 if there is more to do.
# shellcheck disable=SC2154 # the plan sets root, out, tasks, measure and apply
set -euo pipefail

if [ $# -ne 1 ] || [ ! -f "$1/plan" ]; then
    echo "usage: status.sh WORK_DIR, and WORK_DIR is that of prepare.sh" >&2
    exit 2
fi
work=$(realpath -- "$1")
# shellcheck source=/dev/null
. "$work/plan"
active=
if [ -s "$work/jobs" ]; then
    active=$(squeue -h -r -o '%F_%K' -j "$(awk '{ print $2 }' "$work/jobs" | paste -sd,)" 2>/dev/null || true)
fi
failed=0

# is_active STEP TASK: a job that is no array has the task N/A.
is_active() {
    local job
    job=$(awk -v step="$1" '$1 == step { print $2 }' "$work/jobs" 2>/dev/null) || return 1
    grep -qx "${job}_$2" <<<"$active"
}

# judge STEP TASK LOG FILE: counts a task that is complete, and names one that failed.
judge() {
    if [ -e "$work/$4" ]; then
        complete=$((complete + 1))
    elif [ -e "$work/log/$3" ] && ! is_active "$1" "$2"; then
        failed=1
        echo "$1: task $2 failed, says $work/log/$3:"
        tail -n 5 "$work/log/$3" | sed 's/^/    /'
    fi
}

complete=0
for ((task = 0; task < tasks; task++)); do judge measure $task measure-$task.txt parts/$task.json; done
echo "measure: $complete of $tasks tasks are complete"
complete=0
judge pool N/A pool.txt all.json
echo "pool: $([ $complete -eq 1 ] && echo complete || echo not complete)"
complete=0
for ((task = 0; task < tasks; task++)); do judge apply $task apply-$task.txt done/$task; done
echo "apply: $complete of $tasks tasks are complete"
[ $failed -eq 0 ] || exit 1
[ $complete -eq "$tasks" ] || exit 3
