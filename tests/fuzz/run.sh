#!/bin/bash
# run.sh FOLDER SECONDS TARGET...: each target for so long, JOBS at a time (as many as there are processors), ROUNDS times over
# (1), from the random SEED (0: another one each time). With 0 seconds its seeds are replayed. FOLDER has the programs,
# fuzz-TARGET, and seeds/TARGET.
#
# What is found is left in FOLDER/found and named at the end; exit status 1 if there is anything. Inputs that are worth going
# on from are kept in FOLDER/kept/TARGET, what libFuzzer says in FOLDER/log/TARGET. What each run came to is a line of
# FOLDER/results, which table.sh sums up: the target, seconds of the processor, executions, edges, features, what was found.
set -uo pipefail
folder=$(realpath "$1") seconds=$2
shift 2
here=$(dirname "$(realpath "$0")")
export folder seconds here

# The limits: bytes of an input, MiB of the process, MiB of one block of memory, and TIMEOUT seconds for an input (60). They pass
# on the clock: a machine that is busy with other things needs more.
length() {
    case $1 in
    options | lists | metadata) echo 4096 ;;
    frames | numbers | stats) echo 16384 ;;
    *) echo 65536 ;;
    esac
}
export timeout=${TIMEOUT:-60} process=1024 block=512

found() {
    find "$folder/found" -type f -name "$1-*" | wc -l
}

run() {
    local target=$1 words=$here/words/$1.txt log=$folder/log/$1.$$ before spent until=-runs=0 status=0
    mkdir -p "$folder/kept/$target"
    [ "$seconds" = 0 ] || until=-max_total_time=$seconds
    set -- "$until" -seed="${SEED:-0}" -max_len="$(length "$target")" -timeout="$timeout" -report_slow_units="$timeout" -rss_limit_mb=$process \
        -malloc_limit_mb=$block -artifact_prefix="$folder/found/$target-" -print_final_stats=1
    [ ! -f "$words" ] || set -- "$@" -dict="$words"
    before=$(found "$target")
    TIMEFORMAT='%U %S'
    spent=$({ time "$folder/fuzz-$target" "$@" "$folder/kept/$target" "$folder/seeds/$target" >"$log" 2>&1; } 2>&1) || status=$?
    # Some endings leave no input: a library that is missing, an option that is not known.
    [ "$status" = 0 ] || [ "$(found "$target")" != "$before" ] || cp "$log" "$folder/found/$target-log.$$"
    awk -v target="$target" -v spent="$spent" -v found=$(($(found "$target") - before)) '
        match($0, /cov: [0-9]+/) { edges = substr($0, RSTART + 5, RLENGTH - 5) }
        match($0, /ft: [0-9]+/) { features = substr($0, RSTART + 4, RLENGTH - 4) }
        /^#[0-9]+/ { executions = substr($1, 2) }
        /number_of_executed_units/ { executions = $2 }
        END { split(spent, s, " "); print target, s[1] + s[2], executions + 0, edges + 0, features + 0, found }' \
        "$log" >>"$folder/results"
    cat "$log" >>"$folder/log/$target"
    rm -f "$log"
}
export -f run length found

mkdir -p "$folder/found" "$folder/log"
for ((round = 0; round < ${ROUNDS:-1}; round++)); do
    printf '%s\n' "$@" | xargs -P "${JOBS:-$(nproc)}" -I{} bash -c 'run {}'
done
"$here/table.sh" "$folder"
left=$(find "$folder/found" -type f | sort)
[ -z "$left" ] || printf 'found:\n%s\n' "$left" >&2
[ -z "$left" ]
