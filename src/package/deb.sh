#!/bin/sh
# deb.sh VERSION BUILD [ARGUMENT...]: builds the packages for Debian of the last commit, and their source package, in
# BUILD/deb, by dpkg-buildpackage with the arguments (-F: both).
set -eu

version=$1
build=$2
shift 2
[ $# -gt 0 ] || set -- -F
packaged=$(sed -n '1s/^instnorm (\(.*\)-[^-]*) .*/\1/p' src/package/debian/changelog)
if [ "$packaged" != "$version" ]; then
    echo "deb: src/package/debian/changelog has version $packaged, include/instnorm.h $version" >&2
    exit 1
fi
if ! command -v dpkg-buildpackage >/dev/null; then
    echo 'deb: there is no dpkg-buildpackage: "make deps deb" installs it' >&2
    exit 1
fi

name=instnorm-$version
src/package/dist.sh "$name" "$build"
rm -rf "$build/deb"
mkdir -p "$build/deb"
cp "$build/$name.tar.xz" "$build/deb/instnorm_$version.orig.tar.xz"
cd "$build/deb"
tar -xf "instnorm_$version.orig.tar.xz"
cp -R "$name/src/package/debian" "$name/debian"

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS CPPFLAGS EMULATOR LDFLAGS SAN V WERROR
(cd "$name" && dpkg-buildpackage -us -uc -nc "$@")
rm -rf "$name"
ls
