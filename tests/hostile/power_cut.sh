#!/bin/sh
# The power is cut while outputs are written: power_cut.sh BUILD, as root.
# An ext4 file system in an image on a loop device; a copy of the image is what a disk holds after the cut. Mounted, no
# name in it may lead to an empty or torn file, and a run with -n does the rest.
set -eu

build=${1:?usage: power_cut.sh BUILD}
cli=$(cd "$build" && pwd)/instnorm-cli
pictures=$(cd "$(dirname "$0")/../pictures" && pwd)
folder=$(mktemp -d)
n=600
failed=0
cuts=0
pid=

clean_up() {
    [ -z "$pid" ] || kill "$pid" 2>/dev/null || true
    umount "$folder/disk" 2>/dev/null || true
    umount "$folder/after" 2>/dev/null || true
    rm -rf "$folder"
}
trap clean_up EXIT
cd "$folder"
mkdir disk after in old new

truncate -s 64M image
mkfs.ext4 -q image
if ! mount -o loop image disk 2>mount.log; then
    echo "power_cut: no loop device can be mounted here: $(cat mount.log)"
    exit 1
fi
for i in $(seq 1000 $((n + 999))); do cp "$pictures/rgb8.png" "in/$i.png"; done
"$cli" -g 0.1 -o old/ in/*.png
"$cli" -g 0.3 -o new/ in/*.png
mkdir disk/out

# copy_image: two copies in succession that are equal: nothing was written meanwhile, so it is a state of the disk.
copy_image() {
    cp --sparse=always image copy
    until cmp -s image copy; do cp --sparse=always image copy; done
}

# judge WHAT OLD: each output in the copy is the new file or, if OLD names a folder, the old one; then -n.
judge() {
    cuts=$((cuts + 1))
    mount -o loop copy after
    there=0
    bad=0
    fresh=0
    for file in after/out/*.png; do
        [ -e "$file" ] || continue
        there=$((there + 1))
        name=${file#after/out/}
        if cmp -s "$file" "new/$name"; then
            fresh=$((fresh + 1))
        elif [ -z "$2" ] || ! cmp -s "$file" "$2/$name"; then
            bad=$((bad + 1))
        fi
    done
    rest=bad
    if [ -z "$2" ]; then
        "$cli" -n -g 0.3 -o after/out/ in/*.png || true
    else
        "$cli" -g 0.3 -o after/out/ in/*.png || true
    fi
    if diff -r new after/out >rest.log; then rest=complete; fi
    umount after
    echo "power_cut: $1: $there files, $fresh of them new, $bad empty or torn; the next run: $rest"
    if [ $bad -gt 0 ] || [ $rest != complete ] || { [ -n "$2" ] && [ $there -ne $n ]; }; then
        failed=$((failed + 1))
        head -n 3 rest.log
    fi
}

# run: in the background, as long as it takes.
run() {
    "$cli" -g 0.3 -o disk/out/ in/*.png &
    pid=$!
}

for of in '' old; do
    what="new files"
    [ -z "$of" ] || what="replaced files"
    for wait in 0.1 0.3 0.5 0.7; do
        rm -rf disk/out
        mkdir disk/out
        [ -z "$of" ] || cp old/*.png disk/out/
        sync -f disk
        run
        sleep $wait
        copy_image
        wait $pid
        pid=
        judge "$what, after $wait s" "$of"
    done
    copy_image
    judge "$what, at the end" "$of"
    sleep 9
    copy_image
    judge "$what, after 9 s" "$of"
done
echo "power_cut: $cuts cuts, $failed failed"
[ $failed -eq 0 ]
