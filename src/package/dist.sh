#!/bin/sh
# dist.sh NAME BUILD: writes BUILD/NAME.tar.xz, with all that the last commit has in a folder NAME. The same commit
# gives the same bytes. In a tree that came from such an archive it packs what is there.
set -eu

name=$1
build=$2
archive=$build/$name.tar.xz
mkdir -p "$build"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/$name"

if [ -e .git ]; then
    [ -z "$(git status --porcelain)" ] || echo "dist: what is not committed is left out" >&2
    git archive --format=tar -o "$work/commit" HEAD
    tar -C "$work/$name" -xf "$work/commit"
    date=$(git log -1 --format=%ct)
else
    # Archives give all their files one date.
    date=$(stat -c %Y include/instnorm.h)
    tar -cf "$work/tree" --exclude='./build*' --exclude=./demo --exclude=__pycache__ --exclude=node_modules .
    tar -C "$work/$name" -xf "$work/tree"
fi

# Neither the umask nor the version of git shows.
chmod -R u=rwX,go=rX "$work/$name"
tar -C "$work" --format=ustar --sort=name --mtime="@$date" --owner=0 --group=0 --numeric-owner -cf "$work/tar" "$name"
xz -9 -T1 <"$work/tar" >"$archive.part"
mv "$archive.part" "$archive"
echo "$archive"
