#!/bin/sh
# deps.sh GOAL...: installs the Debian packages that "make GOAL..." needs and are missing, and says so; quiet if none is.
set -eu

build="gcc libc6-dev make pkg-config libstb-dev libpng-dev libjpeg62-turbo-dev libtiff-dev libwebp-dev libisal-dev
    libjansson-dev liblcms2-dev libseccomp-dev libarchive-dev"
check="check libtiff-tools parallel strace zsh fish"
lint="clang-format groff mandoc shellcheck"
compilers="clang g++"
wasm="clang llvm lld wasi-libc libclang-rt-dev-wasm32"
isa="qemu-user gcc-aarch64-linux-gnu gcc-s390x-linux-gnu gcc-riscv64-linux-gnu libc6-dev-arm64-cross
    libc6-dev-s390x-cross libc6-dev-riscv64-cross"
bench="mate-backgrounds python3-opencv imagemagick libvips-tools"
python="python3 python3-numpy python3-pil python3-torch"
slurm="slurmctld slurmd slurm-client snakemake parallel iproute2 procps python3-numpy python3-pil"
dist="git xz-utils"
debs="dpkg-dev debhelper libarchive-dev zlib1g-dev"
corpus="python3-numpy python3-pil python3-skimage python3-torch imagemagick libimage-exiftool-perl ffmpeg"

wanted=$build
for goal; do
    case $goal in
    check) wanted="$wanted $check" ;;
    check-corpus | sanitize*) wanted="$wanted $check $corpus" ;;
    check-faults) wanted="$wanted $check python3" ;;
    check-all) wanted="$wanted $check $isa $dist $python dpkg-dev mmdebstrap" ;;
    check-training) wanted="$wanted $python" ;;
    check-library) wanted="$wanted $compilers $python bash-completion zsh fish" ;;
    coverage) wanted="$wanted $check python3" ;;
    check-slurm) wanted="$wanted $slurm" ;;
    check-variants) wanted="$wanted $compilers" ;;
    check-wasm | web) wanted="$wanted $wasm" ;;
    check-web)
        wanted="$wanted $wasm nodejs chromium"
        command -v npm >/dev/null || wanted="$wanted npm" # some packages of nodejs have it in them
        ;;
    fuzz) wanted="$wanted clang libclang-rt-dev" ;;
    check-isa) wanted="$wanted $isa" ;;
    bench | bench-batch | bench-peers) wanted="$wanted $bench" ;;
    lessons | styles) wanted="$wanted imagemagick" ;;
    dist | check-dist) wanted="$wanted $dist" ;;
    deb) wanted="$wanted $check $dist $debs" ;;
    check-deb | check-fresh) wanted="$wanted $dist dpkg-dev mmdebstrap" ;;
    lint | format) wanted="$wanted $lint" ;;
    esac
done

missing=""
for package in $wanted; do
    status=$(dpkg-query -W -f '${Status}' "$package" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

# fail WHY: what is left to the user.
fail() {
    echo "deps: $1: install the equivalents of$missing" >&2
    exit 1
}

command -v apt-get >/dev/null || fail "no apt-get here"
sudo=""
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || fail "neither root nor sudo"
    sudo=sudo
fi

echo "deps: installing$missing"
export DEBIAN_FRONTEND=noninteractive
$sudo apt-get update -q || fail "apt-get update failed"
# shellcheck disable=SC2086  # a list of words
$sudo apt-get install -y -q --no-install-recommends $missing || fail "apt-get install failed"
