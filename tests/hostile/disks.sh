#!/bin/sh
# Disks that are full at every place: disks.sh BUILD, as root.
# Three pictures by two and by three workers into a tmpfs of each size, page by page, and under each limit of a file's size: each
# output is there whole or as it was before, what is missing is told, and no temporary file is left.
set -eu

build=${1:?usage: disks.sh BUILD}
cli=$(cd "$build" && pwd)/instnorm-cli
pictures=$(cd "$(dirname "$0")/../../samples/pictures" && pwd)
folder=$(mktemp -d)
trap 'umount "$folder/disk" 2>/dev/null || true; rm -rf "$folder"' EXIT
cd "$folder"
mkdir in disk
"$cli" -Q -c none "$pictures/portrait.png" in/a.png
"$cli" -Q -c none "$pictures/portrait.png" in/b.tif
"$cli" -Q -c none "$pictures/dusk.jpg" in/c.jpg
"$cli" -Q -g 0.3 -o new/ in/*
"$cli" -Q -g 0.1 -o old/ in/*
points=0
failed=0

# judge WHAT REASON: of what is in disk/out, and was in there before if old outputs are.
judge() {
    points=$((points + 1))
    good=yes
    missing=0
    for name in a.png b.tif c.jpg; do
        if cmp -s "disk/out/$name" "new/$name"; then continue; fi
        missing=$((missing + 1))
        if [ "$before" ]; then cmp -s "disk/out/$name" "old/$name" || good=; else [ ! -e "disk/out/$name" ] || good=; fi
        grep -q "^instnorm-cli: 'in/$name': .*$2\$" said || good=
    done
    [ "$code" -eq $((missing > 0)) ] || good=
    [ "$(find disk/out -name '.*' ! -name . | wc -l)" -eq 0 ] || good=
    if [ -z "$good" ]; then
        failed=$((failed + 1))
        echo "FAILED $1: exit status $code, $missing missing"
        ls -lA disk/out
        cat said
    fi
}

# fill: makes disk/out, with old outputs if $before says so. False: they do not fit.
fill() {
    mkdir -p disk/out
    [ -z "$before" ] || cp old/* disk/out 2>full
}

if ! mount -t tmpfs -o size=4k none disk 2>mount.log; then
    echo "disks: small disks are skipped, a tmpfs cannot be mounted: $(cat mount.log)"
else
    umount disk
    for jobs in 2 3; do
        for before in '' yes; do
            pages=0
            missing=1
            tried=0
            while [ "$missing" -gt 0 ] || [ "$tried" -eq 0 ]; do
                pages=$((pages + 1))
                mount -t tmpfs -o "size=$((pages * 4))k" none disk
                if fill; then
                    tried=$((tried + 1))
                    code=0
                    "$cli" -j $jobs -g 0.3 -o disk/out/ in/* >said 2>&1 || code=$?
                    judge "$pages pages, -j $jobs, before: '$before'" 'No space left on device'
                fi
                umount disk
            done
        done
    done
fi

# In blocks of 512 bytes. The shell's files are small enough.
for jobs in 2 3; do
    for before in '' yes; do
        blocks=8
        missing=1
        while [ "$missing" -gt 0 ]; do
            blocks=$((blocks + 16))
            rm -rf disk/out
            fill
            code=0
            (ulimit -f $blocks && exec "$cli" -j $jobs -g 0.3 -o disk/out/ in/*) >said 2>&1 || code=$?
            judge "files of $blocks blocks, -j $jobs, before: '$before'" 'File too large'
        done
    done
done

# A device that is full from the start, for one output, a stack of several and a report.
for jobs in 1 2 3; do
    for arguments in '-f pnm -o - in/a.png in/b.tif' '-f npy -o - in/a.png in/b.tif' '--stats in/a.png in/b.tif in/c.jpg' \
        '-f png in/a.png -' '-f tif in/a.png /dev/full' '--lut /dev/full in/a.png disk/out/a.png --force'; do
        points=$((points + 1))
        code=0
        # shellcheck disable=SC2086  # words
        "$cli" -j $jobs $arguments >/dev/full 2>said || code=$?
        if [ $code -ne 1 ] || ! grep -q 'No space left on device' said; then
            failed=$((failed + 1))
            echo "FAILED -j $jobs $arguments >/dev/full: $code"
            cat said
        fi
    done
done
echo "disks: $points points, $failed failed"
[ $failed -eq 0 ]
