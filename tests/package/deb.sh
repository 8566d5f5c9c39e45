#!/bin/sh
# deb.sh SUITE...: in a fresh Debian of each suite builds the packages with their declared dependencies, twice, lints
# them, and in another one installs, uses and removes them. As root; some minutes.
set -u
# shellcheck source=tests/package/root.sh
. "$(dirname "$0")/root.sh"
version=$(sed -n 's/^#define INSTNORM_VERSION "\(.*\)"/\1/p' include/instnorm.h)
ours="instnorm libinstnorm1 libinstnorm-dev"

works 'the source package' src/package/deb.sh "$version" "$work/source" -S -d

# A warning is as bad as an error, but that this is not for the archive of Debian, where a first version closes a bug.
lint='lintian --fail-on error,warning --suppress-tags initial-upload-closes-no-bugs ../*.changes'
unpack="dpkg-source -x /tmp/instnorm_$version-1.dsc instnorm"

# build SUITE: the packages, in $work/packages/SUITE; fails if there are none.
build() {
    root=$work/build
    new_root "$1" "$root" build-essential,debhelper,lintian
    cp "$work/source/deb"/instnorm_* "$root/tmp/"
    works "$1: the dependencies" in_root "$root" root \
        "apt-get update -q; apt-get build-dep -y -q --no-install-recommends /tmp/instnorm_$version-1.dsc"
    works "$1: the packages" in_root "$root" tester "mkdir a; cd a; $unpack
        cd instnorm; dpkg-buildpackage -us -uc"
    grep -E '^(cli|same bytes): |: skipped|Checks: ' "$work/log" | sed 's/^/    /'
    is "$1: tests of the tool" "$(grep -cE '^cli: [1-9][0-9]* passed, 0 failed' "$work/log")" 1
    works "$1: the packages again" in_root "$root" tester "mkdir -p b/elsewhere; cd b/elsewhere; umask 077; $unpack
        cd instnorm; chmod -R go+rX .
        DEB_BUILD_OPTIONS='nocheck parallel=1' TZ=Asia/Tokyo dpkg-buildpackage -b -us -uc"
    # shellcheck disable=SC2016
    works "$1: both are equal" in_root "$root" tester \
        'count=0; for deb in a/*.deb; do cmp "$deb" "b/elsewhere/${deb#a/}"; count=$((count + 1)); done; [ $count = 5 ]'
    works "$1: lintian" in_root "$root" tester "cd a/instnorm; $lint"
    sed 's/^/    /' "$work/log"
    mkdir -p "$work/packages/$1"
    cp "$root"/home/tester/a/*.deb "$work/packages/$1/"
    status=$?
    rm -rf --one-file-system "$root"
    return $status
}

# install SUITE PACKAGE...: with what they declare, and nothing else.
install() {
    suite=$1
    shift
    debs=
    for package; do debs="$debs /tmp/packages/${package}_$version-1_*.deb"; done
    works "$suite: installing $*" in_root "$root" root "apt-get install -y -q --no-install-recommends$debs"
}

# remove SUITE PACKAGE...: nothing of theirs is left.
remove() {
    suite=$1
    shift
    works "$suite: removing $*" in_root "$root" root "apt-get purge -y -q $*; apt-get autopurge -y -q"
    names "$root" >"$work/after"
    is "$suite: what removing $* leaves" "$(diff "$work/before" "$work/after")" ''
}

# use SUITE: the packages, in systems that have had none of their dependencies.
use() {
    root=$work/use
    new_root "$1" "$root" ''
    in_root "$root" root 'apt-get update -q' >"$work/log" 2>&1 || cat "$work/log"
    cp -R "$work/packages/$1" "$root/tmp/packages"
    mkdir "$root/tmp/source"
    tar -C "$root/tmp/source" --strip-components=1 -xf "$work/source/deb/instnorm_$version.orig.tar.xz"

    names "$root" >"$work/before"
    install "$1" instnorm
    works "$1: the tool" in_root "$root" tester 'cd /tmp/source; src/package/debian/tests/tool'
    is "$1: its version" "$(in_root "$root" tester 'instnorm-cli --version | head -n 1')" "instnorm-cli $version"
    is "$1: libraries that it has not found" \
        "$(in_root "$root" tester 'ldd /usr/bin/instnorm-cli | grep "not found" || true')" ''
    remove "$1" instnorm

    works "$1: shells and a compiler" in_root "$root" root \
        'apt-get install -y -q --no-install-recommends bash-completion fish gcc libc6-dev man-db pkgconf zsh'
    names "$root" >"$work/before"
    # shellcheck disable=SC2086  # a list of words
    install "$1" $ours
    works "$1: the library" in_root "$root" tester 'cd /tmp/source; src/package/debian/tests/library'
    is "$1: pkg-config" "$(in_root "$root" tester 'pkg-config --cflags --libs libinstnorm' | xargs)" -linstnorm
    is "$1: its version for pkg-config" "$(in_root "$root" tester 'pkg-config --modversion libinstnorm')" "$version"
    is "$1: man pages" \
        "$(in_root "$root" tester 'man -w instnorm-cli libinstnorm instnorm-stats' | sed 's|.*/man/||' | xargs)" \
        'man1/instnorm-cli.1.gz man3/libinstnorm.3.gz man5/instnorm-stats.5.gz'
    is "$1: a man page" "$(in_root "$root" tester 'man instnorm-cli | grep -c "^NAME\|^SYNOPSIS\|^OPTIONS"')" 3
    is "$1: completion in bash" "$(in_root "$root" tester 'set +eu; . /usr/share/bash-completion/bash_completion
        _comp_load instnorm-cli 2>/dev/null || _completion_loader instnorm-cli; complete -p instnorm-cli')" \
        'complete -F _instnorm_cli instnorm-cli'
    # shellcheck disable=SC2016
    is "$1: completion in zsh" "$(in_root "$root" tester \
        "zsh -fc 'autoload -Uz compinit; compinit -u -D; echo \$_comps[instnorm-cli]'")" _instnorm-cli
    is "$1: completion in fish" \
        "$(in_root "$root" tester "fish -c 'complete -C \"instnorm-cli --norm=l\"'" | cut -f 1)" --norm=layer
    # shellcheck disable=SC2086  # a list of words
    remove "$1" $ours
    rm -rf --one-file-system "$root"
}

for suite; do
    if build "$suite"; then use "$suite"; fi
done
summary
