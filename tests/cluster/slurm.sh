#!/bin/bash
# The scripts of samples/slurm on a real Slurm, and the same three steps by GNU parallel and Snakemake.
#
#     slurm.sh BUILD
#
# A controller and two nodes run in namespaces of their own, for they have no authentication: nothing outside can
# reach them, and when the first process of the namespaces ends, however it ends, all of them do. That takes root: in
# namespaces of other users Slurm cannot set its groups. 2,000 pictures are measured, pooled and applied by arrays of
# four tasks; everything must be what one run with -j 2 writes, byte for byte, also after tasks were killed or failed
# and the same was submitted again.
set -euo pipefail

here=$(dirname "$(realpath "$0")")
build=$(realpath "${1:?usage: slurm.sh BUILD}")
slurm=$here/../../samples/slurm

fail() {
    echo "check-slurm: $1" >&2
    exit 1
}

# ---- outside: a folder and the namespaces ---------------------------------------------------------------------------

if [ -z "${IN_NAMESPACES:-}" ]; then
    for program in slurmctld slurmd sbatch snakemake parallel ip unshare; do
        PATH=$PATH:/usr/sbin command -v $program >/dev/null || fail "there is no $program: make deps check-slurm"
    done
    [ "$(id -u)" = 0 ] || fail "expected to be run as root, for Slurm's daemons and their namespaces"
    namespaces=(setpriv --pdeathsig KILL unshare --net --mount --pid --fork --mount-proc --kill-child)
    "${namespaces[@]}" true || fail "namespaces are refused: expected CAP_SYS_ADMIN, as by docker run --privileged"
    folder=$(mktemp -d)
    child=
    trap '[ -z "$child" ] || kill -KILL "$child" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
    trap 'exit 130' HUP INT TERM
    IN_NAMESPACES=$folder PATH=$PATH:/usr/sbin "${namespaces[@]}" "$0" "$build" &
    child=$!
    status=0
    wait "$child" || status=$?
    child=
    exit "$status"
fi

# ---- inside: Slurm --------------------------------------------------------------------------------------------------

folder=$IN_NAMESPACES
unset IN_NAMESPACES
export INSTNORM=$build/instnorm-cli HOME=$folder SLURM_CONF=$folder/slurm.conf LC_ALL=C
export PARALLEL='--jobs 2' # it looks for processors in /sys, which a container may lack
cd "$folder"

from=$EPOCHREALTIME
daemons=()
clean_up() {
    local status=$?
    trap - EXIT
    if [ "$status" -ne 0 ]; then
        for log in "$folder"/{slurmctld,n1,n2}.txt "$folder"/job*/log/*; do
            [ ! -s "$log" ] || { echo "== $log" && tail -n 5 "$log"; } >&2
        done
    fi
    [ ${#daemons[@]} -eq 0 ] || kill "${daemons[@]}" 2>/dev/null || true
    exit "$status"
}
trap clean_up EXIT

# within SECONDS WHAT COMMAND...: waits until the command succeeds.
within() {
    local end=$((SECONDS + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || fail "$what"
        sleep 0.1
    done
}

two_idle() {
    kill -0 "${daemons[@]}" || fail "a daemon of Slurm has ended"
    [ "$(timeout 5 sinfo -h -N -o %t 2>sinfo.txt | grep -c idle)" = 2 ]
}

# getaddrinfo of Slurm gives no address at all if a machine has none but 127.0.0.1.
ip link set lo up
ip address add 192.0.2.1/32 dev lo
mkdir state spool.n1 spool.n2
sed "s|@|$folder|" "$here/slurm.conf.in" >slurm.conf
slurmctld -D -c >slurmctld.txt 2>&1 &
daemons+=($!)
for node in n1 n2; do
    slurmd -D -N $node >$node.txt 2>&1 &
    daemons+=($!)
done
within 120 "Slurm does not start" two_idle

# ---- what the parts share -------------------------------------------------------------------------------------------

# part WHAT: how long the part took that ends here.
part() {
    awk -v from="$from" -v to="$EPOCHREALTIME" -v what="$1" 'BEGIN { printf "  %5.1f s  %s\n", to - from, what }'
    from=$EPOCHREALTIME
}

# over: no job is waiting or at work.
over() {
    [ -z "$(squeue -h)" ]
}

# submit_all ARGUMENT...: submit.sh, and waits for the end of its jobs.
submit_all() {
    "$slurm/submit.sh" "$@" >"$folder/submitted.txt"
    within 120 "jobs do not end: $(squeue)" over
}

# job STEP: its number.
job() {
    awk -v step="$1" '$1 == step { print $2 }' "$folder/submitted.txt"
}

# status CODE WORK_DIR [LINE]...: that of status.sh, which must say these lines.
status() {
    local code=0 line
    "$slurm/status.sh" "$2" >"$folder/status.txt" || code=$?
    [ $code -eq "$1" ] || fail "status.sh $2 has exit status $code, expected $1: $(cat "$folder/status.txt")"
    for line in "${@:3}"; do
        grep -qF -e "$line" "$folder/status.txt" ||
            fail "status.sh $2 does not say '$line': $(cat "$folder/status.txt")"
    done
}

# equal WORK_DIR OUT_DIR WANT: statistics and outputs are those of one run, and nothing is left of others.
equal() {
    cmp "$1/all.json" "$3.json" || fail "the statistics of $1 are not those of one run"
    diff -rq "$2" "$3" || fail "the outputs in $2 are not those of one run"
}

# made FOLDER...: the files there with inodes and times.
made() {
    find "$@" -type f ! -path '*/log/*' ! -path '*/done/*' ! -name lock ! -name jobs -printf '%p %i %T@\n' | sort
}

# nothing_again WORK_DIR OUT_DIR COMMAND...: runs it, and every file that existed is still the same.
nothing_again() {
    made "$1" "$2" >"$folder/before.txt"
    "${@:3}"
    made "$1" "$2" >"$folder/after.txt"
    if comm -23 "$folder/before.txt" "$folder/after.txt" | grep .; then fail "made again by ${*:3}"; fi
}

# outputs OUT_DIR: how many.
outputs() {
    find "$1" -type f | wc -l
}

# stall FILE, go_on FILE: what reads it waits, for it is a pipe that nobody writes to; until it is what it was.
stall() {
    mv "$1" "$folder/stalled"
    mkfifo "$1"
}
go_on() {
    rm "$1"
    mv "$folder/stalled" "$1"
}

# last_at_work STEP OUT_DIR COUNT: its task 2 is all that is at work, and there are so many outputs or more.
last_at_work() {
    [ "$(squeue -h -r -t running -o %F_%K)" = "$(job "$1")_2" ] && [ "$(outputs "$2")" -ge "$3" ]
}

# cancelled STEP: Slurm itself has cancelled the job.
cancelled() {
    scontrol -o show job "$(job "$1")" >../job.txt
    grep -q 'JobState=CANCELLED Reason=DependencyNeverSatisfied' ../job.txt ||
        fail "$1 was not cancelled: $(cat ../job.txt)"
}

# killed_and_resumed FILE WORK_DIR OUT_DIR WANT COUNT: all was measured. Task 2 writes outputs, up to FILE, and is killed
# when there are COUNT. Then all is submitted again.
killed_and_resumed() {
    local there
    rm -rf "$3"
    mkdir "$3"
    stall "$1"
    "$slurm/submit.sh" LIST 4 "$2" "$3" >"$folder/submitted.txt"
    within 120 "task 2 is not in the middle: $(squeue)" last_at_work apply "$3" "$5"
    kill -KILL "$(pgrep -o -x instnorm-cli)"
    within 120 "jobs do not end: $(squeue)" over
    status 1 "$2" 'apply: task 2 failed' 'log/apply-2.txt' 'apply.sh: task 2 of 4 failed with exit status 137' \
        'apply: 3 of 4'
    go_on "$1"
    there=$(outputs "$3")
    [ "$there" -lt "$(wc -l <LIST)" ] || fail "the task that was killed had written all"
    part "a task that applies is killed in the middle, when $there outputs are there"
    nothing_again "$2" "$3" submit_all LIST 4 "$2" "$3"
    equal "$2" "$3" "$4"
    status 0 "$2"
    part "submitted again: the same bytes, and those $there are as they were"
}

# ---- loose files ----------------------------------------------------------------------------------------------------

part "Slurm starts: two nodes"
/usr/bin/python3 "$here/pictures.py" 2000 data
cd data
part "2,000 pictures are made"
"$INSTNORM" -Q -j 2 --total --save-stats ../want.json --files-from LIST >../printed.txt
part "one run, -j 2: statistics"
"$INSTNORM" -Q -j 2 -N batch -e 0 -r -o ../want .
part "one run, -j 2: outputs"

submit_all LIST 4 ../job ../out
status 0 ../job 'measure: 4 of 4' 'pool: complete' 'apply: 4 of 4'
equal ../job ../out ../want
part "Slurm: measure, pool and apply, the same bytes"
nothing_again ../job ../out submit_all LIST 4 ../job ../out
status 0 ../job 'apply: 4 of 4'
part "submitted again: nothing is made again"

slow=$(sed -n 1250p LIST) # of task 2
mkdir ../out2
stall "$slow"
"$slurm/submit.sh" LIST 4 ../job2 ../out2 >"$folder/submitted.txt"
within 120 "task 2 does not stay alone: $(squeue)" last_at_work measure ../out2 0
if "$slurm/submit.sh" LIST 4 ../job2 ../out2 >../printed.txt 2>&1; then fail "submitted twice"; fi
grep -q "'$(realpath ../job2)' is at work" ../printed.txt || fail "submitted twice: $(cat ../printed.txt)"
status 3 ../job2 'measure: 3 of 4'
scancel "$(job measure)_2"
within 120 "jobs do not end: $(squeue)" over
cancelled pool
cancelled apply
status 1 ../job2 'measure: task 2 failed' 'log/measure-2.txt' 'CANCELLED' 'measure: 3 of 4' 'pool: not' 'apply: 0 of 4'
[ "$(outputs ../out2)" -eq 0 ] || fail "there are outputs, though a task of measure was cancelled"
part "a task that measures is cancelled, and what waits for it"
go_on "$slow"
nothing_again ../job2 ../out2 submit_all LIST 4 ../job2 ../out2
equal ../job2 ../out2 ../want
part "submitted again: the same bytes"

killed_and_resumed "$slow" ../job2 ../out2 ../want 1501

bad=$(sed -n 700p LIST)
mv "$bad" ../bad
head -c 300 ../bad >"$bad"
submit_all LIST 4 ../job3 ../out3
cancelled pool
cancelled apply
status 1 ../job3 'measure: task 1 failed' 'log/measure-1.txt' "'$bad': " \
    'measure.sh: task 1 of 4 failed with exit status 1' 'measure: 3 of 4' 'pool: not complete' 'apply: 0 of 4'
if [ -e ../job3/all.json ] || [ -e ../out3 ]; then fail "a picture is broken, and a later step began"; fi
part "a broken picture is named with its task, and no later step begins"
mv ../bad "$bad"
nothing_again ../job3 ../job3/parts submit_all LIST 4 ../job3 ../out3
equal ../job3 ../out3 ../want
part "mended and submitted again: the same bytes"

# ---- tar shards -----------------------------------------------------------------------------------------------------

# The same pictures in 8 shards, each with a JSON file behind it.
/usr/bin/python3 "$here/shards.py" make LIST 8 ../shards
cd ../shards
"$INSTNORM" -Q -j 2 --total --save-stats ../want_shards.json --files-from LIST >../printed.txt
"$INSTNORM" -Q -j 2 -N batch -e 0 -o ../want_shards/ ./*.tar
/usr/bin/python3 "$here/shards.py" sums ../want.json ../want_shards.json
/usr/bin/python3 "$here/shards.py" compare ../data/LIST . ../want_shards ../want
part "8 tar shards, one run: sums and pictures are those of the loose files"
submit_all LIST 4 ../job6 ../out6
status 0 ../job6 'measure: 4 of 4' 'pool: complete' 'apply: 4 of 4'
equal ../job6 ../out6 ../want_shards
part "Slurm, tar shards: measure, pool and apply, the same bytes"
killed_and_resumed 005.tar ../job6 ../out6 ../want_shards 7
mv 003.tar ../003.tar
head -c 100000 ../003.tar >003.tar
submit_all LIST 4 ../job7 ../out7
cancelled pool
status 1 ../job7 'measure: task 1 failed' "'003.tar" 'measure.sh: task 1 of 4 failed with exit status 1'
mv ../003.tar 003.tar
nothing_again ../job7 ../job7/parts submit_all LIST 4 ../job7 ../out7
equal ../job7 ../out7 ../want_shards
part "a shard that is cut short is named with its task; mended, the same bytes"
cd ../data

# ---- other engines --------------------------------------------------------------------------------------------------

"$here/../../samples/recipes/parallel.sh" LIST 4 ../job4 ../out4 >../printed.txt 2>&1 ||
    fail "parallel: $(cat ../printed.txt)"
equal ../job4 ../out4 ../want
part "GNU parallel: the same bytes"
"$slurm/prepare.sh" LIST 4 5 ../out5 # Snakemake takes that name for a number
# snake: all steps by Snakemake.
snake() {
    snakemake -s "$here/../../samples/snakemake/Snakefile" --cores 2 --config work=5 threads=1 \
        >../printed.txt 2>&1 || fail "snakemake: $(cat ../printed.txt)"
}
snake
equal 5 ../out5 ../want
nothing_again 5 ../out5 snake
part "Snakemake, twice: the same bytes, and nothing is made again"
echo "check-slurm: passed"
