#!/bin/sh
# What one writes with ImageMagick: gain and bias of each channel from the statistics that fx tells.
#     styles_magick.sh FOLDER FILE...     each file in the style of the next
set -eu
folder=$1
shift
mkdir -p "$folder"
first=$1
statistics='%[fx:mean.r] %[fx:standard_deviation.r] %[fx:mean.g] %[fx:standard_deviation.g] %[fx:mean.b] %[fx:standard_deviation.b]'
while [ $# -gt 0 ]; do
    picture=$1
    shift
    style=${1:-$first}
    maps=$(convert "$picture" "$style" -format "$statistics\n" info: | awk '
        NR == 1 { for (i = 1; i <= 6; i++) x[i] = $i }
        NR == 2 { for (i = 1; i <= 5; i += 2) { g = $(i + 1) / x[i + 1]; printf "%.9f,%.9f ", g, $i - g * x[i] } }')
    r=${maps%% *} rest=${maps#* }
    g=${rest%% *} rest=${rest#* }
    b=${rest%% *}
    convert "$picture" -channel R -function polynomial "$r" -channel G -function polynomial "$g" \
        -channel B -function polynomial "$b" "$folder/$(basename "$picture")"
done
