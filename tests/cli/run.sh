#!/bin/sh
# Tests of the command line: run.sh BUILD [NAME]...
# Each NAME.test prints what happened, in a folder of its own; that must be NAME.expected. UPDATE=1 rewrites it.
# Without a NAME it runs all of them, cli_faults.sh and cli_sync.sh; FAULTS=no leaves out these two.
# A line `# needs: WORD` in a test names what --version must show, a shell, lcms2, root, breaks: a codec that breaks on
# command, in the tool $BREAKS, or lessons-draw: the program $LESSONS. What a test `skips` is said.
set -eu

build=${1:?usage: run.sh BUILD [NAME]...}
shift
tests=$(cd "$(dirname "$0")" && pwd)
CLI=$(cd "$build" && pwd)/instnorm-cli
BREAKS=$(cd "$build" && pwd)/instnorm-breaks
LESSONS=$(cd "$build" && pwd)/lessons-draw
PICTURES=$(cd "$tests/../../samples/pictures" && pwd)
TINY=$(cd "$tests/../pictures" && pwd)
LC_ALL=C
umask 022
folder=$(mktemp -d)
SKIPS=$folder/skips
export CLI BREAKS LESSONS PICTURES TINY LC_ALL SKIPS
trap 'rm -rf "$folder"' EXIT
passed=0
failed=0

scripts=
if [ $# -eq 0 ]; then
    scripts='cli_faults cli_sync'
    set -- "$tests"/*.test
fi

# has WORD
has() {
    case $1 in
    bash | zsh | fish) command -v "$1" ;;
    breaks) case $build in *address* | *thread*) false ;; *) [ -x "$BREAKS" ] ;; esac ;; # sanitizers catch crashes
    lessons-draw) [ -x "$LESSONS" ] ;;
    root) [ "$(id -u)" -eq 0 ] ;; # who alone sees the open files and the memory of a worker in its sandbox
    process-control) [ -z "${EMULATOR:-}" ] ;; # an emulator has threads and descriptors of its own
    lcms2) "$CLI" -v -c none "$TINY/inks.tif" "$folder/inks.ppm" 2>&1 | grep 'by its ICC profile' ;;
    *) "$CLI" --version | grep -e "$1" ;;
    esac >"$folder/found"
}

# missing TEST: what this build has not got.
missing() {
    sed -n 's/^# needs: //p' "$1" | while read -r word; do
        has "$word" || echo "$word"
    done | head -n 1
}

for name; do
    name=$(basename "$name" .test)
    lacks=$(missing "$tests/$name.test")
    if [ -n "$lacks" ]; then
        echo "cli/$name: skipped, there is no $lacks"
        continue
    fi
    mkdir "$folder/$name"
    : >"$SKIPS"
    (cd "$folder/$name" && sh -euc '. "$0"; . "$1"' "$tests/helpers.sh" "$tests/$name.test") \
        </dev/null >"$folder/$name.out" 2>&1 || echo "the test itself failed: $?" >>"$folder/$name.out"
    sed "s|^|cli/$name: skipped, |" "$SKIPS"
    [ -z "${UPDATE:-}" ] || cp "$folder/$name.out" "$tests/$name.expected"
    if diff -u "$tests/$name.expected" "$folder/$name.out"; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
    fi
done

if [ "${FAULTS:-}" = no ] && [ -n "$scripts" ]; then
    echo "$scripts: left out, for FAULTS is no"
elif [ -n "$scripts" ] && ! command -v strace >/dev/null; then
    echo "$scripts: skipped, there is no strace"
else
    for script in $scripts; do
        "$tests/../hostile/$script.sh" "$build" || failed=$((failed + 1))
    done
fi
echo "cli: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
