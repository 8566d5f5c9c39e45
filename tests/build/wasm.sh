#!/bin/sh
# wasm.sh: base, the library and the engine compile for wasm32 as they are, without a warning, and import no more from C
# than a page can have: no file, no clock, no process. Prints what they import.
set -eu

cd "$(dirname "$0")/../.."
allowed=' calloc fmax fmin free malloc memcmp memcpy memmove memset realloc snprintf strcmp strcspn strdup strlen strncasecmp vsnprintf '

for tool in clang llvm-nm; do
    command -v "$tool" >/dev/null || { echo "wasm: $tool is missing: \"make deps check-wasm\" installs it" >&2; exit 1; }
done
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for file in src/base/*.c src/lib/*.c src/engine/*.c; do
    clang --target=wasm32-wasi -std=gnu17 -O3 -Wall -Wextra -Werror -ffp-contract=off -fno-trapping-math -fno-math-errno \
        -fvisibility=hidden -D_GNU_SOURCE -Iinclude -Isrc -c -o "$work/$(echo "$file" | tr / _).o" "$file"
done

llvm-nm --defined-only "$work"/*.o | awk 'NF == 3 { print $3 }' | sort -u >"$work/defined"
llvm-nm --undefined-only "$work"/*.o | awk 'NF == 2 && $2 != "__stack_pointer" { print $2 }' | sort -u >"$work/used"
comm -13 "$work/defined" "$work/used" >"$work/imports"
[ -s "$work/defined" ] || { echo "wasm: no symbols: nm fails" >&2; exit 1; }
echo "wasm: $(find "$work" -name '*.o' | wc -l) files, imports: $(tr '\n' ' ' <"$work/imports")"
while read -r name; do
    case $allowed in *" $name "*) ;; *)
        echo "wasm: $name is imported" >&2
        touch "$work/failed"
        ;;
    esac
done <"$work/imports"
[ ! -e "$work/failed" ]
