#!/bin/sh
# build.sh WASM PICTURES: the page as one file on standard output: styles, scripts, the worker, the module and the sample
# pictures stand in it, so that it opens from disk and asks for nothing.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: build.sh WASM PICTURES" >&2
    exit 2
fi
wasm=$1
pictures=$2
here=$(dirname "$0")
scripts="module command charts stage controls pictures page block planes scatter tabs layers"
worker="module block batch worker"
samples="room.jpg fog.jpg dusk.jpg portrait.png tissue.png sky16.png"

need() {
    [ -r "$1" ] && return
    echo "build.sh: cannot read '$1'" >&2
    exit 1
}

# At first: a command that fails within the text of another one stops nothing.
for file in "$wasm" "$here/style.css" "$here/layers.css"; do need "$file"; done
for name in $scripts $worker; do need "$here/$name.js"; done
for name in $samples; do need "$pictures/$name"; done

# As one line. GNU's and busybox's base64 alike.
encode() { base64 <"$1" | tr -d '\n'; }

include() {
    case $1 in
    style) printf '<style>\n%s\n</style>\n' "$(cat "$here/style.css" "$here/layers.css")" ;;
    scripts)
        for script in $scripts; do
            printf '<script>\n%s\n</script>\n' "$(cat "$here/$script.js")"
        done
        ;;
    data)
        printf '<script type="text/plain" id="worker">\n'
        for script in $worker; do cat "$here/$script.js"; done
        printf '</script>\n'
        printf '<script type="text/plain" id="wasm">%s</script>\n' "$(encode "$wasm")"
        printf '<script type="application/json" id="sample-files">['
        comma=
        for name in $samples; do
            printf '%s{"name":"%s","data":"%s"}' "$comma" "$name" "$(encode "$pictures/$name")"
            comma=,
        done
        printf ']</script>\n'
        ;;
    *)
        echo "build.sh: index.html includes '$1', which is unknown" >&2
        exit 1
        ;;
    esac
}

while IFS= read -r line; do
    case $line in
    "<!-- include "*)
        name=${line#<!-- include }
        include "${name% -->}"
        ;;
    *) printf '%s\n' "$line" ;;
    esac
done <"$here/index.html"
