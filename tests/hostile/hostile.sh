#!/bin/sh
# usage: hostile.sh CLI CORPUS_DIR
#
# Gives each file of CORPUS_DIR/hostile-handmade to CLI, twice, and checks what EXPECTED.tsv says of it:
#
#   reject..., limit   exit status 1, one line on stderr that begins with "instnorm-cli: ", no file left behind
#   ok...              exit status 0 and an output file, nothing beside it
#   ...-or-...         either
#
# A format that is not compiled in (CLI --version names those that are) is to be rejected; so may be a picture of 16 bits,
# with the advice to add --depth 8, where stb_image writes the PNG. Each run gets 5 seconds and, unless SANITIZED=1 (a
# sanitizer reserves terabytes), 1 GiB of address space. No run may end in a signal, and both runs must give the same
# status and the same bytes.

set -u

if [ $# -ne 2 ]; then
    echo "usage: hostile.sh CLI CORPUS_DIR" >&2
    exit 2
fi
cli=$1
files=$2/hostile-handmade
case $cli in
/*) ;;
*) cli=$(pwd)/$cli ;;
esac
if [ ! -r "$files/EXPECTED.tsv" ]; then
    echo "hostile.sh: cannot read $files/EXPECTED.tsv" >&2
    exit 2
fi
if ! formats=$("$cli" --version); then
    echo "hostile.sh: $cli --version fails" >&2
    exit 2
fi

narrow=no
if printf '%s\n' "$formats" | grep -q '^  png  *stb_image'; then
    narrow=yes
fi

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

passed=0
failed=0

# has FORMAT: it is compiled in
has() {
    printf '%s\n' "$formats" | grep -q "^  $1\([^[:alnum:]]\|\$\)"
}

# readable FILE: its format is compiled in
readable() {
    case $1 in
    *.png) has png ;;
    *.jpg) has jpeg ;;
    *.bmp) has bmp ;;
    *.webp) has webp ;;
    *.tif | *.tiff) has tiff ;;
    *.pbm | *.pgm | *.ppm | *.pam | *.pnm) has pnm ;;
    *.pfm) has pfm ;;
    *.npy) has npy ;;
    *) return 1 ;;
    esac
}

# run FILE TURN: leaves out.png (perhaps) in the folder $work/TURN, and status and stderr beside it
run() {
    mkdir "$work/$2"
    case $1 in
    *.pfm | *.npy) set -- "$1" "$2" --depth 16 ;; # PNG holds no floats
    esac
    (
        # shellcheck disable=SC3045 # dash, bash and busybox have it
        [ "${SANITIZED:-0}" = 1 ] || ulimit -v 1048576
        input=$1 turn=$2
        shift 2
        exec timeout 5 "$cli" "$@" "$input" "$work/$turn/out.png"
    ) </dev/null >"$work/stdout.$2" 2>"$work/stderr.$2"
    echo $? >"$work/status.$2"
}

# The checks print what is wrong; no output is success.

rejected() {
    [ "$1" -eq 1 ] || echo "exit status $1, not 1"
    [ -z "$(ls -A "$work/1")" ] || echo "left behind: $(ls -A "$work/1")"
    [ "$(wc -l <"$work/stderr.1")" -eq 1 ] || echo "not one line on stderr"
    grep -q '^instnorm-cli: ..*' "$work/stderr.1" || echo "no message"
}

accepted() {
    [ "$1" -eq 0 ] || echo "exit status $1, not 0"
    [ "$(ls -A "$work/1")" = out.png ] || echo "there is: $(ls -A "$work/1")"
    [ -s "$work/1/out.png" ] || echo "no output"
}

steady() {
    [ "$1" -lt 124 ] || echo "exit status $1: a signal, or more than 5 seconds"
    cmp -s "$work/status.1" "$work/status.2" || echo "another exit status the second time"
    sed "s|$work/[12]/||g" "$work/stderr.1" >"$work/stderr"
    sed "s|$work/[12]/||g" "$work/stderr.2" | cmp -s - "$work/stderr" || echo "other messages the second time"
    if [ -e "$work/1/out.png" ] || [ -e "$work/2/out.png" ]; then
        cmp -s "$work/1/out.png" "$work/2/out.png" || echo "other bytes the second time"
    fi
    [ ! -s "$work/stdout.1" ] || echo "something on stdout"
    if grep -q -e 'Sanitizer' -e 'runtime error' "$work/stderr.1"; then
        echo "a sanitizer's report"
    fi
}

# check FILE EXPECTED
check() {
    rm -rf "$work/1" "$work/2"
    run "$files/$1" 1
    run "$files/$1" 2
    status=$(cat "$work/status.1")
    expected=$2
    readable "$1" || expected=reject
    if [ "$narrow" = yes ] && grep -q 'add --depth 8$' "$work/stderr.1"; then
        expected=reject
    fi
    wrong=$(
        steady "$status"
        case $expected in
        *-or-*) if [ "$status" -eq 0 ]; then accepted "$status"; else rejected "$status"; fi ;;
        reject* | limit) rejected "$status" ;;
        ok*) accepted "$status" ;;
        *) echo "EXPECTED.tsv: unknown word" ;;
        esac
    )
    if [ -z "$wrong" ]; then
        passed=$((passed + 1))
        return
    fi
    failed=$((failed + 1))
    echo "$1 ($expected):"
    printf '%s\n' "$wrong" | sed 's/^/    /'
    sed 's/^/    | /' "$work/stderr.1" | head -n 20
}

tab=$(printf '\t')
while IFS=$tab read -r name _ expected _; do
    [ "$name" = file ] || check "$name" "$expected"
done <"$files/EXPECTED.tsv"

echo "$passed passed, $failed failed"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
