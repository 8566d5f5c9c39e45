# Sourced by scripts that need folders with a fresh Debian and nothing else: they are root, and have mmdebstrap.
# Sets $work, a folder that goes with the script, and $home, the project; counts as is.sh does.
# shellcheck shell=sh disable=SC2034  # for those who source this
LC_ALL=C
export LC_ALL
home=$(cd "$(dirname "$0")/../.." && pwd)
cd "$home" || exit 2

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS EMULATOR LDFLAGS SAN V WERROR

if [ "$(id -u)" != 0 ] || ! command -v mmdebstrap >/dev/null; then
    echo "$0: needs root and mmdebstrap, which \"make deps check-deb\" installs" >&2
    exit 2
fi

work=$(mktemp -d) || exit 2
# stop PID: its children, and theirs. unshare heeds no other signal.
stop() {
    for child in $(pgrep -P "$1"); do
        stop "$child"
        kill -KILL "$child" 2>/dev/null
    done
}

# In a system that ends nothing is mounted any more, so what is removed is its own.
trap 'stop $$; rm -rf --one-file-system "$work"' EXIT
trap 'exit 130' INT TERM
about=package
# shellcheck source=tests/build/is.sh
. tests/build/is.sh

# works WHAT COMMAND...: it does, or its last lines are shown. What it says is in $work/log.
works() {
    what=$1
    shift
    start=$(date +%s)
    "$@" >"$work/log" 2>&1 </dev/null & # so that a signal to this script is heeded at once
    wait $!
    status=$?
    [ "$status" = 0 ] || { printf 'package: %s: its last lines:\n' "$what"; tail -n 60 "$work/log"; }
    is "$what: its exit status" "$status" 0
    printf '  %4d s  %s\n' "$(($(date +%s) - start))" "$what"
}

# new_root SUITE ROOT PACKAGES: the required packages of a Debian, apt, and those; users can log in as `tester`.
new_root() {
    works "$1 with ${3:-nothing else}" mmdebstrap --quiet --variant=minbase ${3:+--include="$3"} "$1" "$2"
    chroot "$2" useradd -m tester
}

# shellcheck disable=SC2016
# The system of ROOT has a /proc, a /sys and a /dev of its own, and its processes and mounts end with the command.
mounts='cd "$1" && mount -t proc proc proc && mount -t sysfs -o ro sysfs sys && mount -t tmpfs -o mode=755 dev dev &&
    mkdir dev/shm dev/pts && mount -t tmpfs -o mode=1777 shm dev/shm &&
    mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts &&
    ln -s pts/ptmx dev/ptmx && ln -s /proc/self/fd dev/fd && ln -s /proc/self/fd/0 dev/stdin &&
    ln -s /proc/self/fd/1 dev/stdout && ln -s /proc/self/fd/2 dev/stderr &&
    for device in null:3 zero:5 full:7 random:8 urandom:9; do
        mknod -m 666 "dev/${device%:*}" c 1 "${device#*:}" || exit 2
    done && mknod -m 666 dev/tty c 5 0 && shift && exec "$@"'

# in_root ROOT USER SCRIPT: bash -euo pipefail in the home of the user, with nothing of the environment of this one.
in_root() {
    folder=/home/$2
    [ "$2" != root ] || folder=/root
    unshare --mount --pid --fork --kill-child -- sh -euc "$mounts" sh "$1" \
        chroot --userspec="$2:$2" --groups= "$1" /usr/bin/env -i HOME="$folder" USER="$2" LC_ALL=C.UTF-8 TERM=dumb \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin bash -euo pipefail -c "cd; $3"
}

# names ROOT: its files and folders, without what dpkg, apt and the index of man pages keep, and without homes.
names() {
    (cd "$1" && find . -path ./var/lib/dpkg -prune -o -path ./var/lib/apt -prune -o -path ./var/cache -prune -o \
        -path ./var/log -prune -o -path ./home -prune -o -path ./root -prune -o -path ./tmp -prune -o -print | sort)
}
