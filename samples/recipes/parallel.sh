#!/bin/bash
# Normalizes a data set by the statistics of all of its pictures, by GNU parallel, on this machine or on several.
#
#     parallel.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]
#
# The arguments are those of ../slurm/prepare.sh. The tasks of measure.sh go to parallel, one for each core, then
# pool.sh adds up their statistics, and the tasks of apply.sh write the outputs. A task that fails is named, and the
# next step does not begin. Give the same command again to go on: what exists is not made again. JOBS is how many
# pictures a task works on at a time, by default 1. Options of parallel are taken from PARALLEL, as parallel does.
# Several machines that share the folders:
#
#     PARALLEL='--sshlogin one,two,: --workdir .' parallel.sh LIST 100 work out
#
# Machines that share nothing get one tar shard a job, and send back its statistics, and then the shard:
#
#     parallel --sshlogin one,two --transferfile {} --return {}.json --cleanup \
#         instnorm-cli --total --save-stats {}.json {} <LIST
#     sed 's/$/.json/' LIST | instnorm-cli --total --save-stats all.json --files-from -
#     parallel --sshlogin one,two --basefile all.json --transferfile {} --return {.}-out.tar --cleanup \
#         instnorm-cli --use-stats all.json {} {.}-out.tar <LIST
set -euo pipefail

here=$(dirname -- "$(realpath -- "$0")")/../slurm
if [ $# -lt 4 ]; then
    echo "usage: parallel.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]" >&2
    exit 2
fi
"$here/prepare.sh" "$@"
set -- "$(realpath -- "$3")" $(($2 - 1))

# each STEP: all tasks of the script STEP.sh.
each() {
    seq 0 "$2" | parallel -q env "JOBS=${JOBS:-1}" "INSTNORM=${INSTNORM:-instnorm-cli}" "$here/$3.sh" "$1" {}
}
each "$@" measure
"$here/pool.sh" "$1"
each "$@" apply
