#!/bin/sh
# No file gets its name before it is on the disk, and outputs that wait for others fail alone: cli_sync.sh BUILD
# strace shows the order of the calls, and makes some fail.
set -eu

build=${1:?usage: cli_sync.sh BUILD}
cli=$(cd "$build" && pwd)/instnorm-cli
pictures=$(cd "$(dirname "$0")/../pictures" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
folder=$(pwd -P)
export ASAN_OPTIONS=detect_leaks=0 # it cannot look for leaks under strace
if ! strace -o log true 2>errors; then
    echo "cli_sync: skipped, strace may not trace here"
    exit 0
fi
n=40
failed=0
under= # what a run is started by
rights=
[ "$(id -u)" -eq 0 ] || rights=--no-sandbox # of a process in the sandbox only root is told which files it writes
mkdir in want
for i in $(seq 10 $((n + 9))); do cp "$pictures/rgb8.png" "in/$i.png"; done
"$cli" -g 0.1 -o want/ in/*.png

fail() {
    failed=$((failed + 1))
    echo "FAILED $*"
}

# traced STRACE-OPTION... -- ARGUMENT...: with so many workers as $jobs says.
traced() {
    code=0
    options=
    while [ "$1" != -- ]; do
        options="$options $1"
        shift
    done
    shift
    # shellcheck disable=SC2086  # words
    strace -f -y -o log -e trace=openat,write,pwrite64,sendfile,fsync,syncfs,close,fcntl,%file $options $under "$cli" $rights -j $jobs "$@" >output 2>&1 || code=$?
}

# judge_order NAME FILES: each rename or link takes a file that was synced after its last write, and so many are taken.
judge_order() {
    awk '
        function path(line) { sub(/^[^<]*</, "", line); sub(/>.*/, "", line); return line }
        function quoted(line, k,  part) { split(line, part, "\""); return part[2 * k] }
        # Calls of other processes may come between the two halves of one.
        {
            pid = $1
            sub(/^[0-9]+ +/, "")
            if (sub(/ <unfinished \.\.\.>$/, "")) {
                half[pid] = $0
                next
            }
            if (sub(/^<\.\.\. [^ ]* resumed>/, "")) $0 = half[pid] $0
        }
        /^(p?write(64)?|sendfile(64)?)\(/ && /\.instnorm-|#[0-9]+>\(deleted\)/ { dirty[path($0)] = 1; seen[path($0)] = 1 }
        /^fsync\(/ && / = 0$/ { dirty[path($0)] = 0 }
        /^syncfs\(/ && / = 0$/ { for (name in dirty) dirty[name] = 0 }
        # A file without a name is linked by its descriptor, to its target or to a temporary name.
        /^fcntl\(.*F_DUPFD/ { file[pid "/" $NF + 0] = path($0) }
        /^(rename(at2?)?|link(at)?)\(/ && / = 0$/ {
            from = quoted($0, 1)
            to = quoted($0, 2)
            if (from == "") from = path($0)
            else if (sub(/^\/proc\/self\/fd\//, pid "/", from)) from = file[from]
            else if (from !~ /\.instnorm-/) next
            if (to ~ /\.instnorm-/) {
                seen[to] = 1
                dirty[to] = !(from in seen) || dirty[from]
                delete seen[from]
                next
            }
            taken++
            if (!(from in seen) || dirty[from]) print "not synced before " $0
            delete seen[from]
        }
        END { print taken + 0 " files got their names" }' log >order
    echo "$2 files got their names" >expected
    if ! cmp -s order expected; then
        fail "$1:"
        cat order
    fi
}

# judge_files NAME EXIT-STATUS DONE: so many outputs, each complete, and nothing else.
judge_files() {
    there=$(find out -name '*.png' ! -name '.*' | wc -l)
    temporary=$(find out -name '.*' ! -name . | wc -l)
    [ "$code" -eq "$2" ] || fail "$1: exit status $code, expected $2"
    [ "$there" -eq "$3" ] || fail "$1: $there outputs, expected $3"
    [ "$temporary" -eq 0 ] || fail "$1: $temporary temporary files left"
    for file in out/*.png; do cmp -s "$file" "want/${file#out/}" || fail "$1: $file is not what it should be"; done
}

# judge_lines NAME: --json has a line for each input, in their order, which names an output if that is there.
judge_lines() {
    sed -n 's/^{"input":"\([^"]*\)".*/\1/p' output >told
    printf '%s\n' in/*.png | cmp -s - told || fail "$1: not a line for each input"
    sed -n 's/.*,"output":"\([^"]*\)",.*/\1/p' output >told
    printf '%s\n' "$folder"/out/*.png | cmp -s - told || fail "$1: other outputs than those that are there"
    [ "$(grep -c '"status":"failed"' output)" -eq $((n - $(wc -l <told))) ] || fail "$1: errors that are not told"
}

has_json=$("$cli" --help=all | grep -c -e --json) || true
for jobs in 1 3; do
    rm -rf out && traced -- -g 0.1 -o "$folder/out/" in/*.png
    judge_order "new files" $n
    judge_files "new files" 0 $n
    traced -- -g 0.1 -o "$folder/out/" in/*.png
    judge_order "replaced files" $n
    rm -rf out && traced -- -n -g 0.1 -o "$folder/out/" in/*.png
    judge_order "files with -n" $n
    rm -rf copy && cp -r in copy && traced -- -g 0.1 --in-place "$folder"/copy/*.png
    judge_order "files in place" $n
    traced -- -Q --json -g 0.1 -o "$folder/out/" in/*.png
    judge_order "files with a report" "$([ "$has_json" -eq 0 ] && echo 0 || echo $n)"
done
under=${cli%/*}/no_tmpfile
rm -rf out && traced -- -g 0.1 -o "$folder/out/" in/*.png
judge_order "new files with temporary names" $n
judge_files "new files with temporary names" 0 $n
rm -rf copy && cp -r in copy && traced -- -g 0.1 --in-place "$folder"/copy/*.png
judge_order "files in place with temporary names" $n
under=
rm -rf out && traced -e inject='?link,?linkat:error=EPERM' -- -g 0.1 -o "$folder/out/" in/*.png
judge_order "new files where links are refused" $n
judge_files "new files where links are refused" 0 $n
jobs=1 # calls are counted in each process, and here in the first, which has the names
traced -- -g 0.1 --lut "$folder/l.cube" --mean 0.5 --std 0.2 -g 0.25 in/10.png "$folder/out/10.png"
judge_order "a picture and a LUT" 2

# One that fails, among others that wait for the same sync, is told by its name.
for call in '?rename,?renameat,?renameat2,?link,?linkat' close; do
    when=7
    if [ "$call" = close ]; then # that of the seventh temporary file
        rm -rf out && traced -- -g 0.1 -o "$folder/out/" in/*.png
        when=$(awk 'NR == 1 { parent = $1 }
            $1 == parent && / close\(/ { n++; if (/\.instnorm-|#[0-9]+>\(deleted\)/ && ++t == 7) { print n; exit } }' log)
    fi
    rm -rf out && traced -e inject="$call:error=EIO:when=$when" -- -g 0.1 -o "$folder/out/" in/*.png
    judge_files "$call that fails" 1 $((n - 1))
    if [ "$(grep -c "^instnorm-cli: 'in/[0-9]*.png': output '.*out/[0-9]*.png': Input/output error$" output)" -ne 1 ] ||
        ! grep -qx "instnorm-cli: $((n - 1)) done, 0 skipped, 1 failed" output; then
        fail "$call that fails:"
        cat output
    fi
    if [ "$call" != close ] && [ "$has_json" -gt 0 ]; then
        rm -rf out && traced -e inject="$call:error=EIO:when=$when" -- -Q --json -g 0.1 -o "$folder/out/" in/*.png
        judge_files "$call that fails, with --json" 1 $((n - 1))
        judge_lines "$call that fails"
    fi
    "$cli" -n -g 0.1 -o out/ in/*.png || fail "$call that fails: -n afterwards"
    code=0
    judge_files "-n afterwards" 0 $n
done
rm -rf out && traced -e inject=syncfs:error=EIO -- -g 0.1 -o "$folder/out/" in/*.png
judge_order "syncfs that fails" $n
judge_files "syncfs that fails" 0 $n
rm -rf out && traced -e inject=syncfs,fsync:error=EIO -- -g 0.1 -o "$folder/out/" in/*.png
judge_order "every sync that fails" 0
if [ "$code" -ne 1 ] || [ "$(grep -c 'Input/output error' output)" -ne $n ]; then fail "every sync that fails: $code"; fi

# A signal in the middle: what is complete gets its name, the rest goes, and -n does it.
rm -rf out && traced -- -g 0.1 -o "$folder/out/" in/*.png
for input in 12 25 40 49; do
    when=$(awk 'NR == 1 { parent = $1 }
        $1 == parent && /openat\(/ { n++; if (/in\/'"$input"'\.png/) { print n; exit } }' log)
    cp log clean
    rm -rf out && traced -e inject=openat:signal=TERM:when="$when" -- -g 0.1 -o "$folder/out/" in/*.png
    judge_order "TERM" "$(find out -name '*.png' ! -name '.*' | wc -l)"
    judge_files "TERM" 143 "$(sed -n 's/^instnorm-cli: \([0-9]*\) done, .*/\1/p' output)"
    "$cli" -n -g 0.1 -o out/ in/*.png
    code=0
    judge_files "-n after TERM" 0 $n
    mv clean log
done

# Few descriptors: fewer wait.
rm -rf out
code=0
# shellcheck disable=SC3045  # dash and bash have it
(ulimit -n 16 && "$cli" -g 0.1 -o out/ in/*.png) || code=$?
judge_files "16 descriptors" 0 $n

echo "cli_sync: $failed failed"
[ "$failed" -eq 0 ]
