#!/bin/bash
# Cuts a list of pictures into the tasks of measure.sh and apply.sh. submit.sh and parallel.sh call it first.
#
#     prepare.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]
#
# LIST has a name on each line: of a picture, or of a tar shard of pictures, relative to the current folder, which is
# the root of the data set. The names are sorted and each is there once, so that no two tasks write the same output:
#
#     find . -name '*.jpg' -printf '%P\n' | LC_ALL=C sort -u >LIST
#
# A picture NAME becomes OUT_DIR/NAME. The first OPTIONs are those of instnorm-cli for measuring, such as `-S lab`;
# those behind `--` are for the outputs, such as `-S lab -g 20`. WORK_DIR gets all that the tasks need:
#
#     plan             the root, OUT_DIR, the number of tasks and the options
#     lists/0 ...      the names of each task: pieces of LIST, whose lengths differ by at most 1
#     parts/0.json ... the statistics of each task, by measure.sh
#     all.json         the statistics of all pictures, by pool.sh
#     done/0 ...       marks the tasks whose outputs are complete, by apply.sh
#     log/             what Slurm's tasks print
#
# All machines must see WORK_DIR, OUT_DIR and the pictures by the same paths. If WORK_DIR exists, it must be of the
# same LIST, number, folders and options, and stays as it is. If it is new, OUT_DIR must be new or empty, because what
# exists there stays. LIST is read here and nowhere else.
set -euo pipefail
export LC_ALL=C

fail() {
    echo "prepare.sh: $1" >&2
    exit 2
}

if [ $# -lt 4 ]; then
    echo "usage: prepare.sh LIST TASKS WORK_DIR OUT_DIR [OPTION]... [-- OPTION...]" >&2
    exit 2
fi
list=$1 tasks=$2 work=${3%/} root=$PWD
case $work in -*) work=./$work ;; esac
[[ $tasks =~ ^[1-9][0-9]{0,5}$ ]] || fail "TASKS is '$tasks', expected a number from 1 to 999999"
[ -f "$list" ] || fail "'$list' is no file, expected a list of names"
[ -z "$(tail -c 1 -- "$list")" ] || fail "the last line of '$list' has no end, expected a line feed"
case $list in -* | *=*) list=$(realpath -- "$list") ;; esac # else an option, or a variable of awk
out=$(realpath -m -- "$4")
[ ! "$out" -ef "$root" ] || fail "OUT_DIR is the folder of the pictures, expected another one"
[[ $out != *[$'\t\r\n']* ]] || fail "OUT_DIR has a tab or the end of a line in its name, expected none"
shift 4
measure=() apply=()
while [ $# -gt 0 ] && [ "$1" != -- ]; do
    measure+=("$1")
    shift
done
[ $# -eq 0 ] || apply=("${@:2}")

mkdir -p -- "$work"
exec 9>"$work/lock"
flock -n -E 75 9 || [ $? -ne 75 ] || fail "'$work' is being prepared or submitted by another process"

# pieces FOLDER: the lists in it, one behind the other.
pieces() {
    (cd "$1" && seq 0 $((tasks - 1)) | xargs cat)
}

plan=$(declare -p root out tasks measure apply)
if [ -e "$work/plan" ]; then
    same="expected the same again, or another WORK_DIR and OUT_DIR"
    diff "$work/plan" - <<<"$plan" >&2 || fail "'$work' was begun otherwise (<): $same"
    pieces "$work/lists" | cmp -s - "$list" || fail "'$work' was begun with another list: $same"
    exit 0
fi
[ -z "$(find "$out" -mindepth 1 -maxdepth 1 -print -quit 2>/dev/null)" ] ||
    fail "'$out' has files, which would stay as they are: expected another OUT_DIR for a new WORK_DIR"

count=$(LIST=$list awk '
    function refuse(why) {
        printf "prepare.sh: \047%s\047, line %d: \047%s\047: %s\n", ENVIRON["LIST"], NR, $0, why >"/dev/stderr"
        exit refused = 2
    }
    ("/" $0 "/") ~ /\/\.?\.?\// { refuse("expected a name relative to the current folder, without ./, ../ and //") }
    /\t|\r$/ { refuse("expected a name without a tab, and without a carriage return at its end") }
    NR > 1 && $0 "" <= last "" { refuse("expected each name once, in the order of LC_ALL=C sort -u") }
    { last = $0 }
    END { if (!refused) printf "%.0f\n", NR }' "$list")
[ "$count" -ge "$tasks" ] || fail "'$list' has $count names for $tasks tasks, expected at least one for each"

# What another run has left unfinished has no plan.
rm -rf "$work/lists"
mkdir -p "$work/lists" "$work/parts" "$work/done" "$work/log"
FOLDER=$work/lists awk -v tasks="$tasks" -v count="$count" '
    {
        task = int((NR - 1) * tasks / count)
        if (NR == 1 || task != last) {
            if (NR > 1) close(file)
            file = ENVIRON["FOLDER"] "/" task
            last = task
        }
        print >file
    }' "$list"
pieces "$work/lists" | cmp -- - "$list" || fail "'$list' changed meanwhile, or '$work' is full"
printf '%s\n' "$plan" >"$work/plan.new"
mv "$work/plan.new" "$work/plan"
