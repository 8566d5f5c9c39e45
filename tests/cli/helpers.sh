# What the command-line tests share. They run in a folder of their own, with CLI, PICTURES (the samples) and TINY.
# shellcheck shell=sh

# use NAME...: copies of sample or tiny pictures.
use() {
    for name; do
        if [ -f "$TINY/$name" ]; then cp "$TINY/$name" .; else cp "$PICTURES/$name" .; fi
    done
}

# run ARGUMENT...: the command, all that it prints, its exit status.
run() {
    printf '$ instnorm-cli'
    printf ' %s' "$@"
    echo
    status "$CLI" "$@"
}

# status COMMAND...: all that it prints and its exit status.
status() {
    code=0
    "$@" 2>&1 || code=$?
    echo "= $code"
}

# quiet COMMAND...: only its exit status.
quiet() {
    code=0
    "$@" >quiet.log 2>&1 || code=$?
    rm -f quiet.log
    echo "= $code"
}

# skips WHAT: has run.sh say what of the test cannot be done here, and why.
skips() {
    echo "$1" >>"$SKIPS"
}

# without_reason: what a codec library says differs from build to build.
without_reason() {
    sed "s/^\(instnorm-cli: [^']*'[^']*': \).*/\1.../"
}

# same A B
same() {
    if cmp -s "$1" "$2"; then echo "$1 is $2"; else echo "$1 differs from $2"; fi
}

# moments FILE [OPTION]...: mean, std, min and max of each channel.
moments() {
    "$CLI" --stats "$@" | tail -n +3
}

# mode FILE
mode() {
    # shellcheck disable=SC2012  # POSIX has no other way
    ls -ld "$1" | cut -c 1-10
}

# left FOLDER: what is in it, temporaries too.
left() {
    echo "$1:"
    (cd "$1" && ls -A) | sed 's/^/  /'
}

# size FILE
size() {
    wc -c <"$1" | tr -d ' '
}

# until_there PATTERN: waits up to ten seconds for a file.
until_there() {
    try=0
    while [ $try -lt 200 ]; do
        # shellcheck disable=SC2086  # a pattern
        for file in $1; do
            if [ -e "$file" ]; then return; fi
        done
        sleep 0.05
        try=$((try + 1))
    done
    echo "$1 did not come"
}

# until_begun PID FOLDER: waits up to ten seconds until the process has an output open there that is not complete, whether
# that has a temporary name or none.
until_begun() {
    try=0
    # shellcheck disable=SC2010  # names that are known
    until ls -l "/proc/$1/fd" 2>/dev/null | grep -q -e "/$2/\.instnorm-" -e "/$2/#[0-9]* (deleted)$"; do
        sleep 0.05
        try=$((try + 1))
        if [ $try -gt 200 ]; then
            echo "no output is begun in $2"
            return
        fi
    done
}

# ended PID: waits for a background process and prints its exit status; the shell's own word on its signal varies.
ended() {
    code=0
    { wait "$1"; } 2>/dev/null || code=$?
    echo "= $code"
}

# tensor FILE TYPE SHAPE: an NPY file of the samples on stdin, as numpy.save writes it.
tensor() {
    {
        printf '\223NUMPY\001\000\166\000%-117s\n' "{'descr': '$2', 'fortran_order': False, 'shape': ($3), }"
        cat
    } >"$1"
}

# header FILE: type and shape of an NPY file, and its bytes of samples.
header() {
    printf '%s: ' "$1"
    head -c 127 "$1" | tail -c +11 | sed "s/^{'descr': \(.*\), 'fortran_order': False, 'shape': \(.*\), } *$/\1 \2/" | tr -d '\n'
    echo " $(($(size "$1") - 128)) bytes"
}

# od: numbers of more than a byte have the low one first in the files that are looked at, whatever the machine.
od() {
    command od --endian=little "$@"
}

# samples FILE TYPE: those of an NPY file, TYPE as od takes it (f4, f8, u1, u2).
samples() {
    tail -c +129 "$1" | od -An -v "-t$2" | sed 's/  */ /g'
}

# tagged ORIENTATION JPEG: the JPEG with an EXIF block: Orientation alone, then a second directory, as of a thumbnail.
tagged() {
    head -c 2 "$2"
    printf '\377\341\0\064Exif\0\0MM\0*\0\0\0\010\0\1\001\022\0\3\0\0\0\1\0%b\0\0\0\0\0\032' "\\0$(printf %o "$1")"
    printf '\0\1\001\003\0\3\0\0\0\1\0\6\0\0\0\0\0\0'
    tail -c +3 "$2"
}

# exif FILE: that block, wherever it stands in a file.
exif() {
    od -An -v -tx1 "$1" | tr -d '\n' | grep -oE ' 4d 4d 00 2a 00 00 00 08 00 01( ..){34}' || echo 'no EXIF'
}

# same_samples A B: of two NPY files, whatever their shapes.
same_samples() {
    tail -c +129 "$1" >a.samples
    tail -c +129 "$2" >b.samples
    if cmp -s a.samples b.samples; then echo "$1 has the samples of $2"; else echo "$1 has other samples than $2"; fi
    rm a.samples b.samples
}

# with_exif JPEG: the same with an orientation, a description and an exposure time.
with_exif() {
    printf '\377\330\377\341\000\154Exif\000\000II*\000\010\000\000\000\003\000'
    printf '\016\001\002\000\013\000\000\000\062\000\000\000'          # 270, ASCII, 11 bytes at 50
    printf '\022\001\003\000\001\000\000\000\006\000\000\000'          # 274, SHORT, 6
    printf '\151\207\004\000\001\000\000\000\076\000\000\000'          # 34665, LONG, 62
    printf '\000\000\000\000by candle\000\000\000'
    printf '\001\000\232\202\005\000\001\000\000\000\120\000\000\000'  # 33434, RATIONAL, at 80
    printf '\000\000\000\000\001\000\000\000\004\000\000\000'          # 1 / 4
    tail -c +3 "$1"
}

# over WHAT OPTION ARGUMENT...: a run that writes to there.x, which is absent, a pipe, a device (a link to /dev/full) or a copy
# of the file WHAT. Prints the exit status, what became of there.x, and in a word what the run says.
over() {
    what=$1
    option=$2
    shift 2
    rm -f there.x
    case $what in
    absent) ;;
    device) ln -s /dev/full there.x ;;
    pipe)
        mkfifo there.x
        exec 3<>there.x
        ;;
    *) cp "$what" there.x ;;
    esac
    code=0
    # shellcheck disable=SC2086  # none is no word
    "$CLI" ${option#none} "$@" >printed 2>log || code=$?
    case $what in
    absent) if [ -e there.x ]; then became=made; else became=absent; fi ;;
    device) if [ -L there.x ]; then became=stays; else became=replaced; fi ;;
    pipe) if [ "$(dd iflag=nonblock bs=1 count=1 of=printed <&3 2>&1 | head -n 1)" = '1+0 records in' ]; then became=written; else became=silent; fi ;;
    *) if cmp -s "$what" there.x; then became=stays; else became=replaced; fi ;;
    esac
    says=$(sed '/[0-9] done, [0-9]* skipped, /d' log)
    case $says in
    *' exists, expected --force to replace it'*'; --files-from passes '*) says=refused ;;
    *' exists, so the run is skipped') says=skipped ;;
    *': exists and is not '*': see --force') says='other kind' ;;
    *'No space left on device'*) says=full ;;
    *'--no-clobber cannot be combined with --in-place'*) says='in place' ;;
    esac
    printf '  %-24s' "$code $became $says"
}

# overs NAME WHAT ARGUMENT...: a row of a table: without an option, with -n, with --force.
overs() {
    name=$1
    what=$2
    shift 2
    {
        printf '%-9s%-9s' "$name" "$what"
        for option in none -n --force; do over "$what" $option "$@"; done
        echo
    } | sed 's/ *$//'
}

# options: those of --help=all, their letters too.
options() {
    "$CLI" --help=all | grep -oE '^ +(-[A-Za-z0-9], )?--[a-z0-9-]+' | tr -d ' ' | tr ',' '\n' | LC_ALL=C sort
}

# typed SHELL: types arguments of instnorm-cli, a line of stdin at a time, into a shell on a terminal. <TAB> is that key.
# Prints each line and the arguments that came out, which the shell's instnorm-cli is to add to ../got.
typed() {
    cat >../lines
    : >../got
    { sed 's/^/instnorm-cli /; s/<TAB>/\t/g' ../lines; echo exit; } | TERM=dumb timeout 60 script -qec "$1" /dev/null >../screen
    paste -d '\n' ../lines ../got
}

# alike NAME COMMAND: what a shell command prints and leaves in a new folder, and its exit status, must be the same for each
# number N of workers, those of WORKERS if it is set. $J in it is -j N. Prints the exit status and the number of files, and
# what differs.
alike() {
    said=
    for n in ${WORKERS:=1 2 3 8 64}; do
        rm -rf "jobs$n" run
        mkdir run
        code=0
        (
            cd run
            J="-j $n"
            export J
            eval "$2"
        ) >stdout 2>stderr || code=$?
        echo "$code" >status
        mv stdout stderr status run
        mv run "jobs$n"
        [ "$n" -gt 1 ] || continue
        said="$code, $(find jobs1 -type f -size +0 | wc -l) files"
    done
    for n in ${WORKERS#1 }; do
        diff -r jobs1 "jobs$n" >differences 2>&1 || said="$said, and with -j $n: $(head -n 20 differences)"
    done
    echo "$1: $said"
}

# breaks FILE SEED [LINE]...: a picture of the codec that breaks on command (tests/hostile/breaks), and its commands.
breaks() {
    file=$1
    echo "breaks 40 30 3 $2" >"$file"
    shift 2
    for line; do echo "$line"; done >>"$file"
}

# twenty FOLDER [NUMBER COMMAND]...: twenty such pictures, 10.breaks to 29.breaks, some of them with a command in row 7.
twenty() {
    mkdir "$1"
    for i in 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29; do breaks "$1/$i.breaks" $i; done
    folder=$1
    shift
    while [ $# -gt 0 ]; do
        breaks "$folder/$1.breaks" "$1" "row:7 $2"
        shift 2
    done
}
