#!/bin/sh
# Memory that runs out: malloc_faults.sh BUILD
# Each allocation of a run fails once by itself, and once with all that come after it. The run ends with exit status 0, and
# writes and prints the same as ever; or with 1 and a message, and without output. While the command line is read it ends
# with 2 and the message that memory is short, for nothing is wrong with the values. Of a run with several outputs each is
# there as ever or not at all. --json may tell that the input failed.
# Without the sandbox: libseccomp may loop for ever, and the tool calls it only where there is memory for it.
set -eu

build=${1:?usage: malloc_faults.sh BUILD}
# shellcheck source=tests/cli/helpers.sh
. "$(dirname "$0")/../cli/helpers.sh"
build=$(cd "$build" && pwd)
cli=$build/instnorm-cli
pictures=$(cd "$(dirname "$0")/../pictures" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
passed=0
failed=0
runs=0
case $build in *address* | *thread*)
    echo "malloc_faults: skipped, sanitizers have an allocator of their own"
    exit 0
    ;;
esac

# with VARIABLE...: the command of $command, its output folder begun with what is in old/.
with() {
    rm -rf out
    cp -R old out
    code=0
    # shellcheck disable=SC2086  # words
    env LD_PRELOAD="$build/fail_malloc.so" "$@" "$cli" --no-sandbox $command >printed 2>said || code=$?
    grep -v '"status":"failed"' printed >pictures || true
}

# same_run: whether it did what the clean run did.
same_run() {
    cmp -s printed clean-printed && diff -r out clean-out >/dev/null
}

# whole_or_not: whether each output is as ever or not there, and so what is printed: of reports each line, for what is
# printed of a picture stays if memory is short behind it.
whole_or_not() {
    for name in out/*; do
        [ ! -e "$name" ] || cmp -s "$name" "clean-$name" || return 1
    done
    case " $command " in
    *" --json "* | *"--total "* | *"--stats "*) ! grep -vxFf clean-printed pictures >/dev/null ;;
    *) [ ! -s pictures ] || cmp -s pictures clean-printed ;;
    esac
}

# honest: whether exit status, output and message agree.
honest() {
    case $code in
    0) same_run ;;
    2) grep -q 'out of memory' said && [ ! -s printed ] && diff -r out old >/dev/null ;;
    1) [ -s said ] && if [ -n "$several" ]; then whole_or_not; else [ ! -s pictures ] && diff -r out old >/dev/null; fi ;;
    *) false ;;
    esac
}

# judge AT
judge() {
    runs=$((runs + 1))
    if honest; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "FAILED $command, allocation $1: exit status $code"
        diff -rq out clean-out || true
        cat said
    fi
}

# each ARGUMENT...: the command line; its outputs are in out/, where it finds what is in old/.
each() {
    command=$*
    with FAIL_COUNT=count
    if [ "$code" -ne 0 ]; then
        failed=$((failed + 1))
        echo "FAILED $command: exit status $code though all allocations succeed"
        cat said
        return
    fi
    rm -rf clean-out
    mv out clean-out
    mv printed clean-printed
    last=$(cat count)
    n=1
    while [ "$n" -le "$last" ]; do
        for and in '' +; do
            with FAIL_AT="$n$and"
            judge "$n$and"
        done
        n=$((n + 1))
    done
}

has() {
    "$cli" --version | grep -q "$1"
}

# tiffs: TIFF files of several layouts, layout1.tif and on.
tiffs() {
    i=0
    "$cli" -z 0 "$pictures/rgb8.png" plain.tif
    while read -r layout; do
        i=$((i + 1))
        # shellcheck disable=SC2086  # words
        tiffcp $layout plain.tif "layout$i.tif"
    done <<'END'
-c lzw:2 -t -w 16 -l 16
-c zip -p separate -8
-c jpeg -r 16
-c webp
END
}

# nodata: a TIFF of 8 x 1 samples, in which 200 stands for no data.
nodata() {
    printf 'II*\0\10\0\0\0\12\0'
    for entry in '\0\1 \10' '\1\1 \1' '\2\1 \10' '\3\1 \1' '\6\1 \1' '\21\1 \206' '\25\1 \1' '\26\1 \1' '\27\1 \10'; do
        # shellcheck disable=SC2059  # bytes
        printf "${entry% *}\3\0\1\0\0\0${entry#* }\0\0\0"
    done
    printf '\201\244\2\0\4\0\0\000200\0\0\0\0\0\0\1\2\5\310\0\377\310'
}

# described: a JPEG with a comment, EXIF and a profile.
described() {
    "$cli" "$pictures/rgb8.png" plain.jpg
    head -c 2 plain.jpg
    printf '\377\376\000\007hello\377\341\000\042Exif\000\000MM\000*\000\000\000\010\000\001'
    printf '\001\022\000\003\000\000\000\001\000\006\000\000\000\000\000\000'
    printf '\377\342\000\264ICC_PROFILE\000\001\001'
    printf '\000\000\000\244%-32sacsp%-124s' "" ""
    tail -c +3 plain.jpg
}

# several ARGUMENT...: as each, of a run with more than one output.
several() {
    several=yes
    each "$@"
    several=
}

# pools: exact sums of pictures and of files of both versions, with covariances. Of one channel where each text is an allocation.
pools() {
    sed -e '/"sums"/,$d' -e '/"names"/d' -e 's/"instnorm": 2/"instnorm": 1/' given.json | sed '$s/,$/}/' >first.json
    several --stats --save-stats out/x.json "$pictures/rgb8.png"
    several --total --expect 2 --save-stats out/x.json given.json first.json
    several -j 1 --total --json --space lab "$pictures/one.png"
    several --deflicker 3 -f npy -o out/ "$pictures/rgb8.png" "$pictures/palette.png"
}

several=
mkdir old
each "$pictures/rgb8.png" out/x.ppm
each "$pictures/rgb8.png" -o out/x.npy
several --stats "$pictures/rgb8.png"
several --total "$pictures/rgb8.png" "$pictures/grey8.png"
each "$pictures/rgb8.png" out/x.ppm -g 0.2,0.3,keep -b 0.5 -c R,G -c B --mask above:0.1 -s "$pictures/grey8.png@2" --rgb
each "$pictures/rgb8.png" -o out/x -f ppm --mean 0.5 --std 0.2 -b 0.4
"$cli" -Q -o two.npy "$pictures/rgb8.png" "$pictures/rgb8.png"
several -o out/x.npy --per-file 2 "$pictures/rgb8.png" two.npy
"$cli" -Q -o old/x.npy --per-file 2 "$pictures/rgb8.png" two.npy
rm old/x-00001.*
several -n -o out/x.npy --per-file 2 "$pictures/rgb8.png" two.npy
rm old/x-00000.*
each --depth int16 "$pictures/grey8.png" -o out/x.npy
"$cli" --depth float64 "$pictures/grey8.png" wide.npy
each wide.npy -o out/x.npy
"$cli" --layout hwc --depth 8 "$pictures/rgb8.png" last.npy
each --layout hwc last.npy -o out/x.npy
"$cli" --layout nhwc --depth uint32 "$pictures/rgb8.png" last.npy
each --layout nhwc -N batch last.npy -o out/x.npy
if has libjpeg && has libpng; then
    described >described.jpg
    each described.jpg out/x.jpg
    each described.jpg out/x.png
fi
if has libtiff; then
    each "$pictures/rgb8.png" out/x.tif
    each "$pictures/inks.tif" out/x.tif
    "$cli" --depth float64 "$pictures/grey8.png" wide.tif
    each wide.tif out/x.tif
    nodata >nodata.tif
    each nodata.tif out/x.tif
    if command -v tiffcp >/dev/null; then
        tiffs
        for file in layout*.tif; do
            each "$file" out/x.tif
        done
    else
        echo "malloc_faults: TIFF of other layouts left out, there is no tiffcp"
    fi
fi
several "$pictures/grey8.png" out/x.pgm --lut out/x.cube
# Beside the outputs: the page may tell that the input failed.
several "$pictures/grey8.png" out/x.pgm --report page.html
! has stb || several "$pictures/grey8.png" out/x.pgm --compare out/pair.png
! has libjpeg || ! has stb || several "$pictures/grey8.png" out/x.jpg --compare out/pair.png
each --verbose "$pictures/grey8.png" out/x.pgm
mkdir -p tree/empty
cp "$pictures/grey8.png" "$pictures/one.png" tree
echo words >tree/words.txt
several -j 1 -r -o out/ tree
printf '%s\n' tree/grey8.png tree/one.png >names
several -j 1 -f ppm -o out/ --files-from names
printf '%s\t%s\n' tree/grey8.png out/a.pgm tree/one.png out/b.ppm >pairs
several -j 1 --pairs --files-from pairs
if has libarchive; then
    tar -cf a.tar -C "$pictures" one.png -C "$folder" names
    several a.tar out/x.tar
fi
if has jansson; then
    several --stats --json "$pictures/grey8.png"
    several --total --json "$pictures/grey8.png"
    several --stats --json "$pictures/grey8.png" "$pictures/rgb8.png"
    several "$pictures/grey8.png" out/x.pgm --json --save-stats out/x.json
    several --json -v -o out/ "$pictures/grey8.png" "$pictures/one.png"
    "$cli" --stats --save-stats given.json "$pictures/grey8.png" >/dev/null
    each --use-stats given.json "$pictures/grey8.png" out/x.pgm
    pools
    # Histograms: in a file, from it, and of all.
    several --stats --histogram --save-stats out/x.json --json "$pictures/grey8.png"
    "$cli" --stats --histogram --save-stats counted.json "$pictures/grey8.png" >/dev/null
    each --measure median --use-stats counted.json "$pictures/grey8.png" out/x.pgm
    several --total --quantiles 1,99 counted.json
fi
# Quantiles: of integers, and of floats, which are sought in readings of their own.
"$cli" --depth float "$pictures/grey8.png" float.pfm
several --stats --quantiles 50 "$pictures/grey8.png"
several --total --quantiles 1,99 float.pfm "$pictures/grey8.png"
each --measure median float.pfm out/x.pfm
several -j 1 --measure quantiles:1,99 --norm batch -o out/ float.pfm "$pictures/grey8.png"
each --measure median --style float.pfm "$pictures/grey8.png" out/x.pgm
if has libjpeg && has libtiff; then
    "$cli" -c none "$pictures/one.png" plain.jpg
    with_exif plain.jpg >exif.jpg
    "$cli" -c none exif.jpg exif.tif
    [ "$(tr -dc '[:print:]' <exif.tif | grep -c 'by candle')" -eq 1 ] || { echo "FAILED exif.tif has no EXIF"; failed=1; }
    each exif.jpg out/x.tif
    each exif.tif out/x.tif
fi

echo "malloc_faults: $passed of $runs passed"
[ "$failed" -eq 0 ]
