# Sourced by tests that count: $about is what their lines begin with.
# shellcheck shell=sh disable=SC2154  # for those who source this
passed=0
failed=0

# is WHAT FOUND EXPECTED
is() {
    if [ "$2" = "$3" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf '%s: %s: found "%s", expected "%s"\n' "$about" "$1" "$2" "$3"
    fi
}

# summary: what counted, as the last line. Its status is that of the test.
summary() {
    echo "$about: $passed passed, $failed failed"
    [ "$failed" -eq 0 ]
}
