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
        89504e47) cp "$file" "$folder/png/$name" ;;
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

# Statistics files of each kind of picture, and some that a person may write.
for of in grey8 rgb8 rgba8 grey16 constant one; do
    for space in rgb linear lab; do
        [[ $space == rgb || $of == rgb* || $of == one || $of == constant ]] || continue
        "$tool" -Q -j 1 --stats --space $space --save-stats "$folder/stats/$of-$space.json" "$pictures/$of.png" >"$folder/output"
    done
done
convention=$(sed -n 's/.*"convention": //p' "$folder/stats/rgb8-rgb.json")
printf '{"instnorm":1,"space":"rgb","convention":%s "channels":[{"weight":1,"mean":0.5,"variance":0}],"missing":3}' "$convention" \
    >"$folder/stats/short.json"
printf '{"instnorm":1,"space":"rgb","convention":%s "channels":[{"weight":1e149,"mean":-1e149,"variance":1e-300,"min":null,"max":2}]}' \
    "$convention" >"$folder/stats/far.json"

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
