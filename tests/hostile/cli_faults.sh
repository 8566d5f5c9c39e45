#!/bin/sh
# System calls that fail wherever they are: cli_faults.sh BUILD. faults.py has each of them fail by itself.
# Whatever happens, an output is the old file or the complete new one, and exit status 0 means that it is the new one.
set -eu

build=${1:?usage: cli_faults.sh BUILD}
cli=$(cd "$build" && pwd)/instnorm-cli
pictures=$(cd "$(dirname "$0")/../pictures" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
# shellcheck disable=SC3045  # dash and bash have it
ulimit -c 0
export ASAN_OPTIONS=detect_leaks=0 # it cannot look for leaks under strace
if ! strace -o log true 2>errors; then
    echo "cli_faults: skipped, strace may not trace here"
    exit 0
fi
mkdir out
cp "$pictures/rgb8.png" in.png
cp "$pictures/grey8.png" old.png
"$cli" in.png new.png
new=new.png
out=out/out.png
blames="'in.png': output '$out': "
passed=0
failed=0
under= # what a run is started by
also=  # what else strace does

prepare() {
    rm -rf out
    mkdir out
    [ -z "$old" ] || cp "$old" $out
}

# traced CALLS STRACE-OPTION...: runs $command; with -y descriptors have names.
traced() {
    calls=$1
    shift
    code=0
    # shellcheck disable=SC2086  # words
    strace -f -y -o log -e trace="$calls${also:+,?link,?linkat}" $also "$@" $under "$cli" $command >output 2>&1 || code=$?
}

# destination: old, new or wrong.
destination() {
    if cmp -s $out "$new"; then
        echo new
    elif [ -z "$old" ] && [ ! -e $out ]; then
        echo old
    elif [ -n "$old" ] && cmp -s $out "$old"; then
        echo old
    else
        echo wrong
    fi
}

# judge WHAT TEMPORARIES: temporary files that may be left.
judge() {
    is=$(destination)
    left=$(find out -name '.*' ! -name . | wc -l)
    good=yes
    [ "$is" != wrong ] || good=
    [ "$code" -ne 0 ] || [ "$is" = new ] || good=
    [ "$code" -ne 1 ] || [ "$is" = old ] || good=
    [ "$left" -le "$2" ] || good=
    case $code in 0 | 1 | 129 | 130 | 131 | 137 | 143) ;; *) good= ;; esac
    if [ "$good" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $command, $1: exit status $code, $is output, $left temporary files left"
        cat output
    fi
}

# must_fail CALLS FAULT: the output cannot succeed, whatever was there.
must_fail() {
    prepare
    traced "$1" -e inject="$1:$2"
    judge "$2 at every $1" 0
    if [ "$code" -ne 1 ] || ! grep -q "^instnorm-cli: $blames" output; then
        failed=$((failed + 1))
        echo "FAILED $command: $2 at every $1 went unnoticed: $code"
        cat output
    fi
}

# must_work CALLS FAULT: there is another way.
must_work() {
    prepare
    traced "$1" -e inject="$1:$2"
    judge "$2 at every $1" 0
    if [ "$code" -ne 0 ]; then
        failed=$((failed + 1))
        echo "FAILED $command: $2 at every $1: exit status $code"
        cat output
    fi
}

names='?link,?linkat,?rename,?renameat,?renameat2'

# each_fault: those of an output.
each_fault() {
    must_fail pwrite64 error=ENOSPC
    must_fail pwrite64 error=EIO
    must_fail fchmod error=EIO
    for error in EPERM EOPNOTSUPP ENOSYS; do must_work fchmod error=$error; done # FAT and FUSE know no permissions
    must_work flock error=ENOLCK
    must_fail "$names" error=EIO
    must_fail "$names" error=EXDEV
    must_work '?linkat' error=ENOENT:when=1+2 # older kernels link by a name in /proc
    must_fail fsync error=EIO
    must_work fsync error=EINVAL # a file system that cannot
}

# An output without a name, a temporary name where such files cannot be, and a copy where a link is refused.
command='in.png out/out.png'
for old in '' old.png; do
    for under in '' "${cli%/*}/no_tmpfile"; do each_fault; done
    under=
    for error in EPERM EACCES; do
        also="-e inject=?link,?linkat:error=$error"
        must_work fchmod error=EPERM
        must_work fchown error=EPERM
        must_work utimensat error=EPERM
        must_fail sendfile error=ENOSPC
        must_fail '?rename,?renameat,?renameat2' error=EIO
        must_fail fsync error=EIO
    done
    also=
done

old=
command='-n in.png out/out.png'
must_fail '?link,?linkat,?renameat2' error=EIO
must_work '?link,?linkat' error=EPERM # FAT has no links

command='--preserve in.png out/out.png'
must_work utimensat error=EPERM # the file matters more than its times

# A folder that cannot be read fails as an input does.
mkdir in.d
cp in.png in.d/out.png
command='-r -o out in.d'
blames="'in.d': "
must_fail getdents64 error=EIO
blames="'in.png': output '$out': "

# A report is a file as any: the old one or the new one. The picture, which comes first, must not hide its faults.
reports='--lut'
[ "$("$cli" --version | grep -c jansson)" -eq 0 ] || reports="$reports --save-stats"
for report in $reports; do
    new=new$report.cube
    kept=old$report.cube
    out=out/out.cube
    blames="$report: output '$out': "
    "$cli" "$report" "$new" -f png in.png /dev/null
    "$cli" -g 0.1 "$report" "$kept" -f png in.png /dev/null
    for old in '' "$kept"; do
        command="$report $out -f png in.png /dev/null"
        [ -z "$old" ] || command="--force $command"
        must_fail pwrite64 error=ENOSPC
        must_fail pwrite64 error=EIO
        must_fail fchmod error=EIO
        must_fail '?link,?linkat,?rename,?renameat,?renameat2' error=EIO
        must_fail fsync error=EIO
    done
done

echo "cli_faults: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
