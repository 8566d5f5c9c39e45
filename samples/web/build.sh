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

# As one line. GNU's and busybox's base64 alike.
encode() { base64 <"$1" | tr -d '\n'; }

include() {
    case $1 in
    style) printf '<style>\n%s\n</style>\n' "$(cat "$here/style.css")" ;;
    scripts)
        for script in module command charts stage controls pictures page; do
            printf '<script>\n%s\n</script>\n' "$(cat "$here/$script.js")"
        done
        ;;
    data)
        printf '<script type="text/plain" id="worker">\n%s\n%s\n</script>\n' "$(cat "$here/module.js")" "$(cat "$here/worker.js")"
        printf '<script type="text/plain" id="wasm">%s</script>\n' "$(encode "$wasm")"
        printf '<script type="application/json" id="sample-files">['
        comma=
        for name in room.jpg fog.jpg dusk.jpg portrait.png tissue.png sky16.png; do
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
