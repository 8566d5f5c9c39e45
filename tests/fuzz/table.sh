#!/bin/sh
# table.sh FOLDER: what run.sh came to there, over all runs so far.
awk '
    { seconds[$1] += $2; executions[$1] += $3; found[$1] += $6; total += $2 }
    $4 > edges[$1] { edges[$1] = $4 }
    $5 > features[$1] { features[$1] = $5 }
    END {
        printf "%-10s %12s %12s %8s %9s %6s\n", "target", "CPU seconds", "executions", "edges", "features", "found"
        for (target in seconds)
            printf "%-10s %12.0f %12d %8d %9d %6d\n", target, seconds[target], executions[target], edges[target], features[target], \
                found[target] | "sort"
        close("sort")
        printf "%-10s %12.0f, %.2f hours\n", "all", total, total / 3600
    }' "$1/results"
