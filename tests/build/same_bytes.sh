#!/bin/sh
# same_bytes.sh BUILD: the tool and the library, byte for byte, on the same tensors. Prints what differs, then the totals.
#
# The samples lie around 1e6 with a deviation of 1: another order of additions, in double, shows in the results.
set -eu

build=${1:?usage: same_bytes.sh BUILD}
tests=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
passed=0
failed=0

# make_samples COUNT
make_samples() {
    awk -v n="$1" 'BEGIN {
        srand(7)
        for (i = 0; i < n; i++) {
            # 0x49742400 is 1e6; a unit of the last place is 1/16
            v = 4800 + int((rand() + rand() + rand() + rand() - 2) * 64) * 4
            printf "%c%c%c%c", 1 + v % 256 % 127, 36 + int(v / 256) % 8, 116, 73
        }
    }'
}

# check SHAPE KIND: with and without gamma and beta, and within a budget that keeps no plane.
check() {
    shape=$1 kind=$2
    # shellcheck disable=SC2046  # its four numbers
    set -- $(echo "$shape" | tr -d ,)
    case $kind in
    instance) number=0 ;;
    layer) number=1 ;;
    group:*) number=2 ;;
    batch) number=3 ;;
    esac
    groups=${kind#group:}
    [ "$groups" != "$kind" ] || groups=1
    gamma=$(seq -s , 0.5 0.25 "$(awk -v c="$2" 'BEGIN { print 0.5 + 0.25 * (c - 1) }')")
    beta=$(seq -s , -1 0.125 "$(awk -v c="$2" 'BEGIN { print -1 + 0.125 * (c - 1) }')")
    for list in - "$gamma"; do
        case $list in
        -) options='' betas=- ;;
        *) options="-g $gamma -b $beta" betas=$beta ;;
        esac
        "$build/same_bytes" "$number" "$groups" "$@" 1e-05 "$list" "$betas" <"$folder/samples" >"$folder/want"
        for memory in 1G 64K; do
            # shellcheck disable=SC2086  # words
            "$build/instnorm-cli" --memory $memory -N "$kind" $options "$folder/in.npy" "$folder/out.npy"
            tail -c +129 "$folder/out.npy" >"$folder/got"
            if cmp -s "$folder/got" "$folder/want"; then
                passed=$((passed + 1))
            else
                failed=$((failed + 1))
                echo "same bytes: ($shape) $kind $options --memory $memory differs"
            fi
        done
    done
}

for shape in '1, 1, 5, 7' '2, 4, 9, 5000' '3, 6, 64, 64' '2, 4, 130, 100' '5, 2, 1, 4097' '1, 4, 3, 12289'; do
    # shellcheck disable=SC2046  # its four numbers
    set -- $(echo "$shape" | tr -d ,)
    make_samples $(($1 * $2 * $3 * $4)) >"$folder/samples"
    (
        # shellcheck disable=SC1091  # of this folder
        . "$tests/cli/helpers.sh"
        tensor "$folder/in.npy" '<f4' "$shape" <"$folder/samples"
    )
    for kind in instance layer "group:$((($2 + 1) / 2))" batch; do check "$shape" "$kind"; done
done
echo "same bytes: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
