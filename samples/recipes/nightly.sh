#!/bin/sh
# What is new in a tree of pictures, every night, by cron:
#
#     17 2 * * *  /usr/local/bin/nightly.sh /data/in /data/out /var/log/instnorm.log
#
#     nightly.sh IN_DIR OUT_DIR LOG
#
# A night that is not over when the next one begins is left alone. A picture that fails, say because it is still being copied,
# gets no output, and the next night tries again. Cron mails what is printed: if something failed, what the log says of it.
set -eu

if [ $# -ne 3 ] || [ ! -d "$1" ]; then
    echo "usage: nightly.sh IN_DIR OUT_DIR LOG" >&2
    exit 2
fi
in=${1%/}
out=${2%/}
log=$3

exec 9>>"$log"
if ! flock -n 9; then
    echo "nightly.sh: another run is at work on $log" >&2
    exit 1
fi
date '+%Y-%m-%d %H:%M:%S begins' >&9
status=0
"${INSTNORM:-instnorm-cli}" -n -r -o "$out/" -- "$in" 2>&9 || status=$?
date "+%Y-%m-%d %H:%M:%S ends with exit status $status" >&9
if [ "$status" -ne 0 ]; then
    awk '/ begins$/ { night = "" } { night = night $0 "\n" } END { printf "%s", night }' "$log" | tail -n 20 >&2
fi
exit "$status"
