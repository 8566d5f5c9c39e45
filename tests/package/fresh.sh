#!/bin/sh
# fresh.sh SUITE...: the first commands of README.md in a fresh Debian of each suite: as root; as a user with sudo; and
# from the source archive, as a user without, once the packages are there; then "make install". As root; half an hour.
set -u
# shellcheck source=tests/package/root.sh
. "$(dirname "$0")/root.sh"

git clone -q --bare "$home" "$work/instnorm.git" || exit 2
# Those who clone are not those who own it.
chmod -R a+rX "$work/instnorm.git"
archive=$(src/package/dist.sh instnorm "$work") || exit 2
clone='git config --global --add safe.directory "*"; git clone -q /srv/instnorm.git instnorm; cd instnorm;'

# check WHERE ROOT USER: the tests of the project in the home of the user. FAULTS=no leaves out those that take longest.
check() {
    works "$1: make deps check" in_root "$2" "$3" "cd instnorm; ${4:-} make deps check"
    grep -E '^cli: |: skipped|Checks: ' "$work/log" | sed 's/^/    /'
    is "$1: tests of the command line" "$(grep -cE '^cli: [1-9][0-9]* passed, 0 failed' "$work/log")" 1
    is "$1: unit tests" "$(grep -cE 'Checks: [1-9][0-9]*, Failures: 0, Errors: 0' "$work/log")" 1
    # What workers have only root can see.
    [ "$3" = root ] || sed -i '/: skipped, .*\(no root$\|only root\)/d' "$work/log"
    is "$1: tests that were skipped" "$(grep ': skipped' "$work/log")" ''
}

# demo WHERE ROOT USER HOME SCRIPT
demo() {
    works "$1: make deps demo" in_root "$2" "$3" "$5 make deps demo"
    is "$1: a page of the demo" "$(grep -c '<html' "$2$4/instnorm/demo/index.html")" 1
    is "$1: pictures that are missing" "$(cd "$2$4/instnorm/demo" && grep -o 'src="[^"]*"' index.html | sort -u |
        sed 's/src="//; s/"//; /^data:/d' | while read -r picture; do [ -s "$picture" ] || echo "$picture"; done)" ''
    is "$1: pictures that it shows" "$(($(grep -o '<img' "$2$4/instnorm/demo/index.html" | wc -l) > 5))" 1
}

# install WHERE ROOT: what make install puts in place is found, and make uninstall removes it.
install() {
    names "$2" >"$work/before"
    works "$1: make install" in_root "$2" root 'cd instnorm; make install'
    # shellcheck disable=SC2016
    works "$1: the tool and the library in /usr/local" in_root "$2" tester 'PATH=/usr/local/bin:/usr/bin
        cp -R /srv/source ~/installed; cd ~/installed; src/package/debian/tests/tool; src/package/debian/tests/library
        ldd "$(command -v instnorm-cli)" | { ! grep "not found"; }'
    works "$1: make uninstall" in_root "$2" root 'cd instnorm; make uninstall'
    names "$2" | diff "$work/before" - >"$work/diff"
    is "$1: what make uninstall leaves" "$(sed -n 's/^[<>] //p' "$work/diff" | while read -r name; do
        [ -d "$2/$name" ] || echo "$name"; done)" ''
    is "$1: make install elsewhere" "$(in_root "$2" root 'cd instnorm; make PREFIX=/opt/x install' | tail -n 1)" \
        'the loader does not search /opt/x/lib: link programs with -Wl,-rpath,/opt/x/lib, or set LD_LIBRARY_PATH'
}

for suite; do
    root=$work/root
    new_root "$suite" "$root" ca-certificates,git,make
    cp -R "$work/instnorm.git" "$root/srv/"
    is "$suite: a user who may not install" \
        "$(in_root "$root" tester "$clone make deps demo 2>&1" | head -n 1 | cut -c 1-55)" \
        'deps: neither root nor sudo: install the equivalents of'
    rm -rf "$root/home/tester/instnorm"
    demo "$suite, root" "$root" root /root "$clone"
    check "$suite, root" "$root" root
    mkdir "$root/srv/source"
    tar -C "$root/srv/source" --strip-components=1 -xf "$archive"
    install "$suite" "$root"
    cp "$archive" "$root/srv/"
    demo "$suite, user" "$root" tester /home/tester 'tar -xf /srv/instnorm.tar.xz; cd instnorm;'
    check "$suite, user" "$root" tester FAULTS=no
    rm -rf --one-file-system "$root"

    new_root "$suite" "$root" ca-certificates,git,make,sudo
    cp -R "$work/instnorm.git" "$root/srv/"
    echo 'tester ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/tester"
    demo "$suite, sudo" "$root" tester /home/tester "$clone"
    check "$suite, sudo" "$root" tester
    rm -rf --one-file-system "$root"
done
summary
