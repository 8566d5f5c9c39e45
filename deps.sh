#!/bin/sh
# Installs the Debian packages that are missing; says nothing when none is. "deps.sh corpus" adds what make check-corpus
# compares with.
set -eu

packages="gcc make pkg-config libstb-dev libpng-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev libisal-dev libjansson-dev liblcms2-dev check clang-format clang shellcheck mandoc python3-numpy python3-pil imagemagick libimage-exiftool-perl libtiff-tools strace"
[ "${1:-}" != corpus ] || packages="$packages python3-skimage ffmpeg"

missing=""
for package in $packages; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086  # a list of words
{ $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends $missing; } >/tmp/instnorm-deps.$$ 2>&1 || {
    cat /tmp/instnorm-deps.$$ >&2
    rm -f /tmp/instnorm-deps.$$
    echo "deps: could not install:$missing" >&2
    exit 1
}
rm -f /tmp/instnorm-deps.$$
