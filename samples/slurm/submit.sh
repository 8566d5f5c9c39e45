#!/bin/bash
# Normalizes a data set by the statistics of all of its pictures, on a cluster of Slurm.
#
#     submit.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]
#
# The arguments are those of prepare.sh. Three jobs are submitted, and their numbers printed: an array of TASKS that
# measures, a job that pools, and an array of TASKS that writes the outputs. Each waits for the one before. If a task
# fails, Slurm cancels what waits for it, and status.sh names the task. Mend what is wrong, and give the same command
# again: what exists is not made again. SBATCH is how jobs are submitted, by default `sbatch`:
#
#     SBATCH='sbatch --partition=long --cpus-per-task=8 --mem=4G --time=4:00:00' submit.sh LIST 1000 work out
#
# The number of tasks must be less than MaxArraySize of slurm.conf, which is 1001 by default.
set -euo pipefail

here=$(dirname -- "$(realpath -- "$0")")
if [ $# -lt 4 ]; then
    echo "usage: submit.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]" >&2
    exit 2
fi
"$here/prepare.sh" "$@"
work=$(realpath -- "$3")
last=$(($2 - 1))
read -ra sbatch <<<"${SBATCH:-sbatch}"

exec 9>"$work/lock"
flock 9
if [ -s "$work/jobs" ]; then
    active=$(squeue -h -o '%F %T' -j "$(awk '{ print $2 }' "$work/jobs" | paste -sd,)" 2>/dev/null || true)
    if [ -n "$active" ]; then
        echo "submit.sh: '$work' is at work: wait for these jobs, or scancel them:" >&2
        sort -u <<<"$active" >&2
        exit 1
    fi
fi

jobs=()
trap '[ ${#jobs[@]} -eq 0 ] || scancel "${jobs[@]}"' EXIT # half of them is worth nothing
: >"$work/jobs"
# submit NAME LOG OPTION...: the job of NAME.sh, after the last one.
submit() {
    local job name=$1 log=${work//%/%%}/log/$2
    shift 2
    [ ${#jobs[@]} -eq 0 ] || set -- "$@" "--dependency=afterok:${jobs[-1]}" --kill-on-invalid-dep=yes
    job=$("${sbatch[@]}" --parsable --job-name="instnorm-$name" --output="$log" "$@" "$here/$name.sh" "$work")
    jobs+=("${job%%;*}") # a cluster's name may follow
    echo "$name ${job%%;*}" | tee -a "$work/jobs"
}
submit measure measure-%a.txt --array="0-$last"
submit pool pool.txt
submit apply apply-%a.txt --array="0-$last"
trap - EXIT
