#!/bin/sh
# lint.sh BUILD: what the compiler does not check. Prints each line that fails; exit status 1 if there is one.
set -u
export LC_ALL=C

if [ $# -ne 1 ]; then
    echo "usage: lint.sh BUILD" >&2
    exit 2
fi
build=$1
cd "$(dirname "$0")/../.." || exit 2

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
: >"$work/failed"

# complain WHAT: fails with each line of stdin.
complain() {
    while IFS= read -r line; do printf 'lint: %s: %s\n' "$1" "$line"; done | tee -a "$work/failed"
}

need() {
    command -v "$1" >/dev/null 2>&1 || echo "$1 is missing: \"make deps lint\" installs it" | complain tools
}

# Of a checkout what is tracked, of a release everything but what make made.
list_files() {
    if [ -e .git ]; then
        git ls-files
    else
        find . -type f ! -path './build*' ! -path './demo/*' | sed 's|^\./||'
    fi
}

list_files >"$work/listed"
while IFS= read -r file; do [ ! -f "$file" ] || echo "$file"; done <"$work/listed" | sort >"$work/files"
[ -s "$work/files" ] || echo "no files: is this a checkout that git trusts?" | complain files

files() { grep -E "$1" "$work/files"; }

# ---- who includes what ----------------------------------------------------------------------------------------------

# may_include FILES HEADERS: every header that a file (a pattern) includes matches HEADERS, as in <math.h> or "rows.h".
may_include() {
    files "^($1)\$" | xargs grep -HnE '^[[:space:]]*#[[:space:]]*include' |
        grep -vE "include[[:space:]]*($2)([[:space:]]|\$)" | complain "not to be included here"
}

# only PATTERN ALLOWED AMONG WHAT: code that matches PATTERN is in no file among AMONG but those of ALLOWED. Comments are
# left out: lines that begin like one, and the ends of lines.
only() {
    files "^($3)\$" | grep -vE "^($2)\$" | xargs grep -HnE "$1" /dev/null | grep -vE '^[^:]*:[0-9]*:( \*|.*/\*.*'"$1)" |
        complain "$4"
}

plain='<(ctype|errno|float|limits|math|setjmp|stdarg|stdbool|stddef|stdint|stdio|stdlib|string)\.h>'
pure='<(float|limits|math|stdbool|stddef|stdint|stdlib|string)\.h>'

# Rings: base < lib, base < codec, lib < engine < cli and web. Each include names the folder that it reaches into.
may_include 'include/.*' '<(stddef|stdint)\.h>'
may_include 'src/base/.*' "\"(base/[a-z_]*|instnorm)\.h\"|$plain|<strings\.h>"
may_include 'src/lib/.*' '"(curve|exact|instnorm|moments|moments_of|pool|\.\./base/kernel)\.h"|<(float|math|stddef|stdint|string)\.h>'
may_include 'src/codec/[a-z_]*\.[ch]' "\"(base|codec)/[a-z_]*\.h\"|$plain"
codec_may_include() {
    may_include "src/codec/$1/.*" "\"(base|codec|codec/$1)/[a-z_]*\.h\"|$plain|$2"
}
codec_may_include pnm '<string\.h>'
codec_may_include png '<(immintrin|png|zlib)\.h>'
codec_may_include deflate '<isa-l/(crc|igzip_lib)\.h>'
codec_may_include icc '<lcms2(_plugin)?\.h>'
codec_may_include jpeg '<(jpeglib|jerror)\.h>'
codec_may_include tiff '<(tiffio|zlib)\.h>'
codec_may_include webp '<webp/[a-z_]*\.h>'
codec_may_include stb '<stb/stb_image(_write)?\.h>'
may_include 'src/engine/.*' "\"(base/[a-z_]*|engine/[a-z_]*|instnorm)\.h\"|$pure"

may_include 'src/web/[a-z_]*\.[ch]' "\"(base|codec|engine|web)/[a-z_]*\.h\"|\"instnorm\.h\"|$pure|<wasi/api\.h>"

folders='args|files|files/tar|run|report|report/compare|report/html'
may_include 'src/cli/.*' "\"(base|codec|engine|cli|cli/($folders))/[a-z_]*\.h\"|\"instnorm\.h\"|$plain|<(archive|archive_entry|dirent|dlfcn|fcntl|getopt|jansson|locale|malloc|poll|pthread|sched|seccomp|signal|stb/stb_easy_font|strings|time|unistd)\.h>|<linux/(filter|futex|seccomp)\.h>|<sys/(file|ioctl|mman|prctl|resource|sendfile|socket|stat|syscall|types|uio|vfs|wait)\.h>"
while read -r header allowed; do
    only "#[[:space:]]*include[[:space:]]*[<\"](${header})[>\"]" "$allowed" 'src/.*' "$header is only for $allowed"
done <<'END'
archive(_entry)?\.h src/cli/files/tar/libarchive\.h
dirent\.h src/cli/files/(left|parts|walk)\.c
dlfcn\.h src/cli/files/tar/libarchive\.c
fcntl\.h src/cli/files/.*\.c
getopt\.h src/cli/args/options\.c
jansson\.h src/cli/report/json\.h
locale\.h src/cli/files/tar/archive\.c
lcms2(_plugin)?\.h src/codec/icc/lcms2\.c
poll\.h src/cli/run/pool\.c
malloc\.h src/cli/files/process\.c
pthread\.h src/cli/run/(behind|crew|thread)\.c
sched\.h src/cli/files/processors\.c
stb/stb_easy_font\.h src/cli/report/compare/text\.c
setjmp\.h src/codec/.*\.[ch]
signal\.h src/cli/(files|run)/.*\.c
sys/ioctl\.h src/cli/msg\.c
(seccomp|linux/[a-z]*)\.h src/cli/files/seccomp\.c
sys/mman\.h src/cli/files/(pages|seccomp)\.c
sys/(socket|uio)\.h src/cli/run/(frame|member)\.c
sys/wait\.h src/cli/run/(death|member)\.c
sys/(file|prctl|resource|sendfile|stat|syscall|types|vfs)\.h src/cli/files/.*\.[ch]
cli/args/options\.h src/cli/args/.*|src/cli/main\.c
END

# ---- who does what --------------------------------------------------------------------------------------------------

start='(^|[^[:alnum:]_>.])' # of a function's name, and not of a member's
only "$start(open|openat|creat|fopen|fdopen|freopen|mkdir|mkstemps?|mkostemps?|tmpfile)\(" \
    'src/cli/files/.*\.c' 'src/.*' 'only cli/files opens files'
only "$start(perror|v?warnx?|v?errx?)\(|[(,] *stderr\b|$start(write|dprintf)\((STDERR_FILENO|2)\b" \
    'src/cli/(msg|main)\.c' 'src/.*' 'only msg.c writes to stderr'
only "$start(v?printf|v?fprintf|fputs|puts|putchar|fputc|fwrite)\(" 'src/cli/.*' 'src/.*' 'only the tool prints'
only "$start(exit|abort|assert)\(" 'src/cli/main\.c' 'src/.*' 'only main.c exits'
only "$start(v?fork|_exit)\(" 'src/cli/run/member\.c' 'src/.*' 'only member.c has processes'
only "$start(pthread_[a-z_]*|thrd_[a-z_]*)\(" 'src/cli/run/(behind|crew|thread)\.c' 'src/.*' 'only these have threads'
# Samples go through the library block by block, moments from verb to verb.
only "$start(instnorm_(measure|measure_double|measure_plane|measure_pairs|measure_pairs_double|apply|apply_u8|apply_u16|count_clipped|decode|encode|lightness|to_space|from_space|forward|backward|running|inference))\(" \
    'src/lib/.*|src/engine/.*' 'src/.*' 'only the engine measures and maps samples'
only "$start(instnorm_(merge|merge_pairs|solve|fit|moments_given))\(" \
    'src/lib/.*|src/engine/.*' 'src/.*' 'only the engine pools and solves'

# ---- exports and imports --------------------------------------------------------------------------------------------

imports='fmax fmin memcpy __cpu_indicator_init __cpu_features2 __cpu_model _GLOBAL_OFFSET_TABLE_'

nm -D --defined-only "$build/libinstnorm.so" >"$work/exports" || echo "$build/libinstnorm.so: nm fails" | complain exports
# Functions alone, for a program copies data and its size; those of the header, and the man page has each of them.
awk '$2 != "A" && $2 != "T" { print $3 }' "$work/exports" | complain "exported by libinstnorm.so, and no function"
awk '$2 == "T" { sub(/@.*/, "", $3); print $3 }' "$work/exports" | sort >"$work/exported"
gcc -E -P include/instnorm.h | grep -oE '\binstnorm_[a-z0-9_]+ *\(' | tr -d ' (' | sort -u >"$work/declared"
[ -s "$work/declared" ] || echo "no functions found" | complain include/instnorm.h
comm -3 "$work/exported" "$work/declared" | complain "not in both instnorm.h and libinstnorm.map"
sed -nE 's/^\.Nm (instnorm_[a-z0-9_]+).*/\1/p' man/libinstnorm.3 | sort | comm -3 - "$work/declared" |
    complain "not in both instnorm.h and the names of libinstnorm(3)"
sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' man/libinstnorm.3 | sed -nE 's/^\.F[no] (instnorm_[a-z0-9_]+).*/\1/p' |
    sort | comm -3 - "$work/declared" | complain "not in both instnorm.h and the synopsis of libinstnorm(3)"

sed -nE 's/^ (instnorm_[a-z0-9_]+)@.*/\1/p' src/package/debian/libinstnorm1.symbols | sort | comm -3 - "$work/declared" |
    complain "not in both instnorm.h and the symbols of libinstnorm1"

nm -u "$build/libinstnorm.a" >"$work/imports" || echo "$build/libinstnorm.a: nm fails" | complain imports
awk -v allowed=" $imports " 'NF == 2 && $2 !~ /^instnorm_/ && !index(allowed, " " $2 " ") { print $2 }' "$work/imports" |
    sort -u | complain "imported by libinstnorm.a"

# ---- formatting, scripts, man pages -----------------------------------------------------------------------------------

need clang-format
files '\.[ch]$' | xargs clang-format --dry-run -Werror 2>&1 | grep -E '^[^ ]+: error: |^clang-format' | complain formatting

need shellcheck
files '\.sh$|^\.ci/run$|^src/package/debian/tests/(library|tool)$' | xargs shellcheck -x -f gcc 2>&1 | complain shellcheck

need mandoc
files '^man/' | xargs mandoc -T lint -W warning 2>&1 | complain "man page"

# As man-db shows them on 80 columns: a table that is too wide breaks.
need groff
for page in $(files '^man/'); do
    groff -mandoc -Tlatin1 -rLL=78n -P-cbou "$page" 2>&1 |
        awk -v page="$page" 'length > 80 || /^troff:/ { print page ": \"" $0 "\" on 80 columns" }'
done | complain "man page"

# ---- --help and the man page ----------------------------------------------------------------------------------------

# Each option as "-l --long" or "--long".
"$build/instnorm-cli" --help=all >"$work/help" || echo "$build/instnorm-cli --help=all fails" | complain --help
"$build/instnorm-cli" --help >"$work/brief" || echo "$build/instnorm-cli --help fails" | complain --help
sed -nE 's/^  (-(.), |    )--([a-z-]+).*/\2 \3/p' "$work/help" | sort >"$work/help-options"
sed -nE '/^\.It Fl/ { s/^\.It Fl (([a-zA-Z0-9]) (Ar [a-z]+ )?, Fl )?-([a-z-]+).*/\2 \4/; p; }' man/instnorm-cli.1 |
    sort >"$work/man-options"
[ -s "$work/help-options" ] || echo "no options found" | complain --help
comm -23 "$work/help-options" "$work/man-options" | complain "not so in the man page"
comm -13 "$work/help-options" "$work/man-options" | complain "not so in --help"
for page in "brief 40" "help 90"; do
    awk -v most="${page#* }" 'length > 80 { print NR ": longer than 80 columns" }
        END { if (NR > most) print NR " lines, more than " most }' "$work/${page% *}" | complain --help
done

# ---- size and words -------------------------------------------------------------------------------------------------

files '\.[ch]$' | grep -vx tests/unit/reference.h | xargs wc -l | awk '$2 != "total" && $1 > 450 { print $2 ": " $1 " lines, more than 450" }' | complain size
files '^src/.*\.[ch]$' | xargs awk '
    FNR == 1 { start = 0 }
    /^\{/ { start = FNR }
    /^\}/ {
        if (start && FNR - start - 1 > 70)
            print FILENAME ":" start ": a function of " FNR - start - 1 " lines, more than 70"
        start = 0
    }' | complain size

# ---- promises ---------------------------------------------------------------------------------------------------------

# Each of the 46 has a row, and in it tests that are there, or the words "waits for".
promises=tests/PROMISES.md
grep -oE 'tests/[a-z]+/[a-z0-9_./-]+\.(c|py|sh|test)' $promises | sort -u | comm -23 - "$work/files" | complain "named in $promises, and missing"
for n in A B C D E F G H $(seq 46); do
    grep -E "^\| $n \| .*(tests/|waits for )" $promises >"$work/row" || true
    [ "$(wc -l <"$work/row")" -eq 1 ] || echo "promise $n" | complain "not one row with tests in $promises"
done

# ---- versions ---------------------------------------------------------------------------------------------------------

version=$(sed -n 's/^#define INSTNORM_VERSION "\(.*\)"/\1/p' include/instnorm.h)
[ "$("$build/instnorm-cli" --version | head -n 1)" = "instnorm-cli $version" ] || echo "$build: run make" | complain version
sed -nE 's/^## \[([0-9][^]]*)\] - 20[0-9]{2}-[0-9]{2}-[0-9]{2}$/\1/p' CHANGELOG.md | head -n 1 | grep -qxF "$version" ||
    echo "the first version with a date is not $version" | complain CHANGELOG.md
sed -n '1s/^instnorm (\(.*\)-[^-]*) .*/\1/p' src/package/debian/changelog | grep -qxF "$version" ||
    echo "the first version is not $version" | complain src/package/debian/changelog

# The machine that the project was written on is none of its business.
machine=/work
tr '\n' '\0' <"$work/files" | xargs -0 grep -InF "$machine/" /dev/null | complain "a path of one machine"

failed=$(wc -l <"$work/failed")
[ "$failed" -eq 0 ] || echo "lint: $failed failed" >&2
[ "$failed" -eq 0 ]
