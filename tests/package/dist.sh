#!/bin/sh
# dist.sh: "make dist" packs what is committed, the same bytes each time, and what it packs builds without git; "make
# static" makes a program that needs no file beside it. About a minute.
set -u
LC_ALL=C
export LC_ALL
cd "$(dirname "$0")/../.." || exit 2

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS EMULATOR LDFLAGS SAN V

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
version=$(sed -n 's/^#define INSTNORM_VERSION "\(.*\)"/\1/p' include/instnorm.h)
name=instnorm-$version
about=dist
# shellcheck source=tests/build/is.sh
. tests/build/is.sh

# says WHAT COMMAND...: it ends well; its last lines, if it does not.
says() {
    what=$1
    shift
    "$@" >"$work/log" 2>&1
    status=$?
    [ "$status" -eq 0 ] || tail -n 20 "$work/log"
    is "$what" "$status" 0
}

# ---- make dist -------------------------------------------------------------------------------------------------------

if [ -e .git ]; then
    says 'make dist' make B="$work/one" dist
    says 'make dist, later, with another umask' sh -c "umask 077; TZ=Asia/Tokyo make B='$work/two' dist"
    is 'both are equal' "$(cmp "$work/one/$name.tar.xz" "$work/two/$name.tar.xz" 2>&1)" ''
    is 'its files' "$(tar -tf "$work/one/$name.tar.xz" | grep -v '/$' | sed "s|^$name/||" | sort)" \
        "$(git ls-tree -r --name-only HEAD | sort)"
else
    says 'make dist' make B="$work/one" dist
fi

# In a folder that git knows nothing of.
tar -C "$work" -xf "$work/one/$name.tar.xz"
cd "$work/$name" || exit 2
says 'what was packed builds' make -j2 WERROR=1 all build/no_tmpfile
says 'its command line' tests/cli/run.sh build help stats tensors
says 'make dist of what was packed' make B="$work/again" dist
is 'it is packed as it was' "$(cmp "$work/one/$name.tar.xz" "$work/again/$name.tar.xz" 2>&1)" ''
is 'its version' "$(build/instnorm-cli --version | head -n 1)" "instnorm-cli $version"

# ---- make static -----------------------------------------------------------------------------------------------------

says 'make static' make -j2 WERROR=1 static
is 'warnings of the linker' "$(grep -i warning "$work/log")" ''
program=build-static/instnorm-cli
is 'a program without a loader' "$(readelf -lW "$program" | grep -c INTERP)" 0
is 'a program without libraries' "$(readelf -dW "$program" | grep -c NEEDED)" 0

# In a folder with nothing but the program and pictures: the samples and statistics of the build with all libraries.
jail=$work/jail
mkdir "$jail" "$jail/in"
cp "$program" "$jail/"
cp samples/pictures/*.png "$jail/in/"
enter='chroot'
[ "$(id -u)" = 0 ] || enter='unshare --map-root-user chroot'
if $enter / true 2>/dev/null; then
    # same STATUS WHAT ARGUMENT...: what the program prints is what the other one prints in that folder.
    same() {
        status=$1
        what=$2
        shift 2
        (cd "$jail" && "$work/$name/build/instnorm-cli" "$@") >"$work/expected" 2>&1
        echo "exit status $?" >>"$work/expected"
        [ ! -d "$jail/out" ] || mv "$jail/out" "$work/out"
        $enter "$jail" /instnorm-cli "$@" >"$work/log" 2>&1
        echo "exit status $?" >>"$work/log"
        is "$what, alone" "$(diff "$work/expected" "$work/log")" ''
        is "$what: how it ends" "$(tail -n 1 "$work/log")" "exit status $status"
    }

    same 0 'three pictures' -j 2 -S lab -f pnm -o out/ in/portrait.png in/sky16.png in/tissue.png
    is 'three pictures: outputs' "$(diff -r "$work/out" "$jail/out" 2>&1 && find "$jail/out" -type f | wc -l)" 3
    same 0 'statistics' --stats --json -r in
    same 0 'a total that is saved' --total --force --save-stats all.json -r in
    same 1 'a file that is missing' --quiet --stats --skip-failed in/portrait.png none.png in/sky16.png
    is 'its sandbox' "$($enter "$jail" /instnorm-cli --version | grep '^Sandbox')" \
        "$(build/instnorm-cli --version | grep '^Sandbox')"
else
    echo 'dist: the program in an empty folder: skipped, for neither root nor a user namespace is to be had'
fi

summary
