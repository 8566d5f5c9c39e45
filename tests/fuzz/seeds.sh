#!/bin/bash
# seeds.sh BUILD CORPUS FOLDER: writes the seeds of each target into FOLDER/TARGET. They are small files that the tool makes of
# tests/pictures, the texts of tests/fuzz/seeds, what was found once (tests/fuzz/found), and small files of CORPUS if it is there.
set -euo pipefail
tool=$(realpath "$1/instnorm-cli") frames=$(realpath "$1/frames") corpus=$2 folder=$3
here=$(dirname "$(realpath "$0")")
pictures=$here/../pictures
rm -rf "$folder"
mkdir -p "$folder"
folder=$(realpath "$folder")

for target in "$here"/target_*.c; do
    target=$(basename "${target#*target_}" .c)
    mkdir "$folder/$target"
    [ ! -d "$here/found/$target" ] || cp "$here/found/$target"/* "$folder/$target/"
done

# write TARGET NAME [OPTION]... INPUT: one seed, if the tool has the format.
formats=$("$tool" --version)
write() {
    local target=$1 name=$2
    shift 2
    grep -qE "^ +$target\b" <<<"$formats" || return 0
    "$tool" -Q -j 1 "$@" "$folder/$target/$name"
}

cp "$pictures"/*.png "$folder/png/"
rm "$folder/png/interlaced.png" # large
cp "$folder/png"/* "$folder/idat/"
cp "$pictures/inks.tif" "$folder/tiff/"
for of in grey8 greya8 rgb8 rgba8 one row; do
    picture=$pictures/$of.png
    write webp "$of.webp" -q 80 "$picture"
    write tiff "$of.tif" "$picture"
    write bmp "$of.bmp" --rgb "$picture"
    write npy "$of.npy" --depth float "$picture"
done
for of in grey8 grey16 rgb8 rgb16; do
    picture=$pictures/$of.png
    write pnm "$of.pnm" "$picture"
    write pfm "$of.pfm" --depth float --rgb "$picture"
    write jpeg "$of.jpg" --depth 8 "$picture"
    write tiff "$of-float.tif" --depth float "$picture"
    write npy "$of-8.npy" --depth 8 "$picture"
    write npy "$of-16.npy" --depth 16 "$picture"
    for type in int8 int16 int32 uint32 float16 float64; do
        write tiff "$of-$type.tif" --depth $type "$picture"
        write npy "$of-$type.npy" --depth $type "$picture"
    done
    write npy "$of-bool.npy" --depth bool "$picture"
    write npy "$of-hwc.npy" --layout hwc "$picture"
done
# Pixels of no data: 8 x 1 samples of 8 bits, and GDAL_NODATA in the last entry.
for nodata in 0 200 -1 nan; do
    {
        printf 'II*\0\10\0\0\0\12\0'
        for entry in '\0\1 \10' '\1\1 \1' '\2\1 \10' '\3\1 \1' '\6\1 \1' '\21\1 \206' '\25\1 \1' '\26\1 \1' '\27\1 \10'; do
            # shellcheck disable=SC2059  # bytes
            printf "${entry% *}\3\0\1\0\0\0${entry#* }\0\0\0"
        done
        printf '\201\244\2\0\4\0\0\0%-4s\0\0\0\0\0\1\2\5\310\0\377\310' "$nodata"
    } >"$folder/tiff/nodata-$nodata.tif"
done
write jpeg coarse.jpg -q 5 "$pictures/rgb8.png"
for turned in 1 2 3 4 5 6 7 8; do # an EXIF block with the orientation, behind the first marker
    {
        head -c 2 "$folder/jpeg/grey8.jpg"
        printf '\377\341\0\42Exif\0\0II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0'
        printf '%b' "\\0$(printf %o "$turned")\\0\\0\\0\\0\\0\\0\\0"
        tail -c +3 "$folder/jpeg/grey8.jpg"
    } >"$folder/jpeg/turned-$turned.jpg"
done
write webp lossless.webp -q 100 "$pictures/palette.png"
"$tool" -Q -j 1 -o "$folder/npy/stack.npy" "$pictures/rgb8.png" "$pictures/rgb8.png"
printf 'P1\n# bits\n4 2\n1 0 1 0\n0101\n' >"$folder/pnm/plain.pbm"
printf 'P2 3 2 15\n0 1 2\n13 14 15\n' >"$folder/pnm/plain.pgm"
printf 'P3 1 2 300 1 2 3 298 299 300\n' >"$folder/pnm/plain.ppm"
printf 'P4\n9 2\n\125\200\252\0' >"$folder/pnm/bits.pbm"
printf 'P7\nWIDTH 2\nHEIGHT 1\nDEPTH 4\nMAXVAL 255\nTUPLTYPE RGB_ALPHA\nENDHDR\n12345678' >"$folder/pnm/alpha.pam"

# Small files of the corpus by their first bytes: 64 KiB at most.
if [ -d "$corpus" ]; then
    find "$corpus" -type f -size -129 | sort | while IFS= read -r file; do
        name=$(printf '%s' "${file#"$corpus"/}" | tr -c 'a-zA-Z0-9.\n' _)
        case $(head -c 4 "$file" | od -An -tx1 | tr -d ' \n') in
        89504e47) cp "$file" "$folder/png/$name" && cp "$file" "$folder/idat/$name" ;;
        ffd8ff*) cp "$file" "$folder/jpeg/$name" ;;
        49492a00 | 4d4d002a | 49492b00 | 4d4d002b) cp "$file" "$folder/tiff/$name" ;;
        52494646) cp "$file" "$folder/webp/$name" ;;
        424d*) cp "$file" "$folder/bmp/$name" ;;
        934e554d) cp "$file" "$folder/npy/$name" ;;
        5046* | 5066*) cp "$file" "$folder/pfm/$name" ;;
        50[37]*) cp "$file" "$folder/pnm/$name" ;;
        esac
    done
fi

# Archives: members of each kind in each dialect of GNU tar, with holes, and one after another.
members=$folder/members
mkdir -p "$members/$(printf '%0120d' 0)"
cp "$pictures"/{one,row,grey8}.png "$members/"
cp "$pictures/one.png" "$members/$(printf '%0120d' 0)/$(printf '%0120d' 0).png"
printf '{}' >"$members/row.json"
: >"$members/empty.txt"
printf 'P5 2 2 255\n1234' >"$members/$(printf '\303\251\377').pgm"
ln -s row.png "$members/link.png"
ln -s "$(printf '%0150d' 0)" "$members/far"
ln "$members/row.png" "$members/same.png"
mkfifo "$members/pipe"
head -c 300 "$pictures/rgb8.png" >"$members/holes"
truncate -s 100000 "$members/holes"
of_members() {
    tar -C "$members" --sort=name --mtime=@1700000000.5 --owner=ann:1000 --blocking-factor=1 -cf "$folder/tar/$1" "${@:2}"
}
for format in v7 oldgnu gnu ustar pax; do
    of_members "$format-files" --group=lab:1000 --format=$format one.png row.json row.png empty.txt grey8.png
    of_members "$format-others" --group=lab:1000 --format=$format link.png row.png same.png
done
for format in oldgnu gnu pax; do
    of_members "$format-all" --group=lab:3000000 --format=$format -S .
    of_members "$format-holes" --group=lab:3000000 --format=$format -S one.png holes
done
for version in 0.0 0.1 1.0; do
    of_members "holes-$version" --group=lab:1000 --format=pax -S --sparse-version=$version row.json holes one.png
done
of_members global --group=lab:1000 --format=pax --pax-option=globexthdr.name=g,comment=of-all one.png
cat "$folder/tar/gnu-files" "$folder/tar/pax-others" >"$folder/tar/two"
rm -r "$members"

# Jobs: files of every format, each with choices of its own behind it, 8 bytes as target_job.c takes them.
n=0
for file in "$folder"/{png,jpeg,tiff,webp,bmp,npy,pfm,pnm}/*; do
    [ "$(stat -c %s "$file")" -lt 8192 ] || continue
    name=$folder/job/$n-$(basename "$file")
    cp "$file" "$name"
    for shift in 0 3 6 9 12 15 18 21; do
        printf '%b' "\\0$(printf %o $(((n * 2654435761 >> shift) % 256)))"
    done >>"$name"
    n=$((n + 1))
done

# tight NAME: the file that the tool wrote in $folder/output.json, without its indents, as it is and as one of version 1.
tight() {
    sed 's/^ *//' "$folder/output.json" | tr -d '\n' >"$folder/stats/$1.json"
    {
        sed -e '/^  "\(covariance\|sums\)"/,$d' -e '/"mean_of_\|"means_of"\|"names"/d' -e 's/"instnorm": 2/"instnorm": 1/' \
            -e 's/\("skipped": [0-9]*\),/\1/' -e 's/^  \],$/  ]/' "$folder/output.json"
        echo '}'
    } | sed 's/^ *//' | tr -d '\n' >"$folder/stats/$1-1.json"
}

# stats NAME OPTION... INPUT...: such files of the inputs.
stats() {
    local name=$1
    shift
    "$tool" -Q -j 1 --stats --force --save-stats "$folder/output.json" "$@" >"$folder/output"
    tight "$name"
}

# Statistics files of each kind of picture, of several units, with weights in between, of numbers that are far and near, of
# pictures without names; and some that a person may write.
for of in grey8 rgb8 rgba8 grey16 constant one; do
    for space in rgb linear lab; do
        [[ $space == rgb || $of == rgb* || $of == one || $of == constant ]] || continue
        stats "$of-$space" --space $space "$pictures/$of.png"
    done
done
cp "$folder/npy/grey16-float64.npy" "$folder/small.npy"
"$tool" -Q -j 1 -g 1e-200 -b -1e-290 -e 0 "$folder/small.npy" "$folder/near.npy"
"$tool" -Q -j 1 -g 1e70 -b 1e71 -e 0 "$folder/small.npy" "$folder/far.npy"
stats units "$pictures/grey8.png" "$pictures/grey16.png" "$folder/npy/grey8-int8.npy" "$folder/npy/grey8-int32.npy"
stats spread "$folder/near.npy" "$folder/far.npy"
stats soft --mask "$pictures/grey8.png" "$pictures/grey8.png"
stats soft-lab --rgb --mask "$pictures/grey8.png" --space lab "$pictures/grey8.png"
stats rest --skip-failed "$pictures/rgb8.png" "$folder/none.png" 2>"$folder/output" || true
rm -f "$folder/small.npy" "$folder/near.npy" "$folder/far.npy" "$folder/output.json"
convention=$(sed -n 's/.*"convention": \("[^"]*",\).*/\1/p' "$folder/stats/rgb8-rgb.json")
printf '{"instnorm":1,"space":"rgb","convention":%s "channels":[{"weight":1,"mean":0.5,"variance":0}],"missing":3}' "$convention" \
    >"$folder/stats/short.json"
printf '{"instnorm":1,"space":"rgb","convention":%s "channels":[{"weight":1e149,"mean":-1e149,"variance":1e-300,"min":null,"max":2}]}' \
    "$convention" >"$folder/stats/wild.json"

# Exact numbers: those of the files, one a line, and some of which the text is as long as it may be, or longer.
for of in {grey8,grey16,rgb8,rgba8}-rgb {rgb8,rgba8}-linear rgb8-lab units spread soft soft-lab; do
    grep -o '"-\?[0-9][0-9a-fpx-]*"' "$folder/stats/$of.json" | tr -d '"' | head -n 40 >"$folder/numbers/$of"
done
digits() { printf "%$1s" '' | tr ' ' "$2"; }
for length in 944 945 1589 1590 100000; do
    digits $length 9 >"$folder/numbers/nines-$length"
    printf '0x%sp-3222\n-0x%sp-1' "$(digits $length f)" "$(digits $length 1)" >"$folder/numbers/ones-$length"
done
printf '0x1p-3222\n0x1p-3223\n0x1p-%s\n-0x3p-%s1\n' "$(digits 300 9)" "$(digits 300 0)" >"$folder/numbers/deep"

# Lists: a byte for their kind, 0 to 3.
printf '\0a.png\nb.png\r\n\n c \n' >"$folder/lists/lines"
printf '\1a.png\tx.png\nb.png\ty.png\n' >"$folder/lists/pairs"
printf '\2a.png\0\0b\nc.png\0d' >"$folder/lists/names"
printf '\3a.png\0x.png\0b.png\0y.png\0' >"$folder/lists/pairs-of-names"

# Metadata: a byte for its kind.
one='\0\4\0\0\0\1' # a number of four bytes
exif="\1\0$one\0\0\0\2\1\1$one\0\0\0\3\1\22\0\3\0\0\0\1\0\6\0\0\207\151$one\0\0\0\76\0\0\0\0"
printf '%b' "\0034MM\0*\0\0\0\10\0\4$exif\0\2\240\2$one\0\0\0\2\240\3$one\0\0\0\3" >"$folder/metadata/exif-big"
printf '\034II*\0\10\0\0\0\1\0\22\1\3\0\1\0\0\0\3\0\0\0\1\0\0\0' >"$folder/metadata/exif-little"
printf '\031<x tiff:Orientation="6"/><tiff:Orientation>8</tiff:Orientation>' >"$folder/metadata/xmp"
{ printf '\2' && tail -c +$((8 + 14 * 10 * 4 + 8 + 1)) "$pictures/inks.tif"; } >"$folder/metadata/inks"
{ printf '\7' && tail -c +2 "$folder/metadata/inks"; } >"$folder/metadata/inks-wide"

# What workers send.
"$frames" "$folder/frames"

# Masks: a byte that chooses, selectors, and a picture.
n=0
for mask in grey8 grey16 greya8 rgb8 one; do
    for lines in mask 'below:0.5\nmask' 'above:1/3' 'not:0\nall' 'mask\nnot:nan'; do
        printf '%b' "\\0$(printf %o $((n * 37 % 256)))$lines\n\n" | cat - "$pictures/$mask.png" >"$folder/masks/$n-$mask"
        n=$((n + 1))
    done
done
rm -f "$folder/output"

# Command lines, a word on each line: those of tests/fuzz/options.txt.
n=0
while IFS= read -r line; do
    [[ $line == '#'* ]] || printf '%s' "$line" | tr ' ' '\n' >"$folder/options/$n"
    n=$((n + 1))
done <"$here/options.txt"
