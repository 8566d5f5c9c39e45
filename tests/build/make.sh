#!/bin/sh
# make.sh: what make does where libraries, flags or the compiler change, what it says of those that are missing, and
# what "make install" and "make uninstall" leave behind. Builds in folders of its own.
set -u
export LC_ALL=C

cd "$(dirname "$0")/../.." || exit 2

# What was said to the make that runs this concerns its own build.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES B BASELINE CC CFLAGS CODECS EMULATOR LDFLAGS SAN V

work=$(mktemp -d) || exit 2
trap 'rm -rf "$work"' EXIT
about=build
# shellcheck source=tests/build/is.sh
. tests/build/is.sh

# build ARGUMENT...: how many files were compiled; what else was said is in $work/said.
build() {
    make -j2 B="$work/build" "$@" >"$work/log" 2>&1
    echo $? >"$work/status"
    grep -vE '^  (CC|AR|LD|GEN) |^make(\[[0-9]+\])?: ' "$work/log" >"$work/said"
    grep -c '^  CC ' "$work/log"
}

cli=$work/build/instnorm-cli
without='instnorm: built without libpng libjpeg libtiff libwebp isa-l lcms2 jansson libseccomp libarchive; "make deps" installs what is missing'

# ---- libraries and flags ----------------------------------------------------------------------------------------------

bare=$(build PKG_CONFIG=false)
is 'without libraries' "$(cat "$work/status") $(cat "$work/said")" "0 $without"
is 'formats without libraries' "$("$cli" --version | awk '/^  / { printf "%s ", $1 }')" 'bmp pnm pfm npy '
is 'an option without its library' "$("$cli" --json x y 2>&1)" \
    'instnorm-cli: --json: this build has no jansson, the library that reads and writes JSON'
full=$(build)
is 'all is compiled again when libraries come' "$((full > bare))" 1
is 'formats with libraries' "$("$cli" --version | awk '/^  / { printf "%s ", $1 }')" 'png jpeg webp tiff bmp pnm pfm npy json tar '
is 'nothing is compiled again' "$(build)" 0
is 'all is compiled again for other flags' "$(build CFLAGS=-O1)" "$full"
is 'flags are added to -O3' "$(make -n V=1 B="$work/none" CFLAGS=-DX 2>/dev/null | grep -c -e '-O3 -DX .* src/lib/norm\.c')" 1

build B="$work/none" PKG_CONFIG=no-such-program >/dev/null
is 'without pkg-config' "$(cat "$work/said")" "$(echo "$without" |
    sed 's/ libarchive;/ libarchive, for there is no no-such-program to find them;/')"
build B="$work/none" CC=no-such-compiler >/dev/null
is 'without a compiler' "$(grep -c 'no compiler no-such-compiler: "make deps" installs gcc' "$work/said")" 1

# A compiler that does not find the headers of stb.
# shellcheck disable=SC2016
printf '#!/bin/sh\ncase "$*" in *stb/stb_image.h*) exit 1 ;; esac\nexec gcc "$@"\n' >"$work/gcc"
chmod +x "$work/gcc"
build B="$work/none" CC="$work/gcc" CODECS=stb >/dev/null
is 'stb alone, and missing' "$(grep -c 'CODECS=stb has no other codecs .* "make deps" installs it' "$work/said")" 1
build B="$work/none" CC="$work/gcc" >/dev/null
is 'without stb' "$(cat "$work/status") $(cat "$work/said")" \
    '0 instnorm: built without stb; "make deps" installs what is missing'

# A program that does not run where it is built.
build CFLAGS=-O1 EMULATOR=false >/dev/null
is 'completions are made once' "$(cat "$work/status")" 0
rm -r "$work/build/completions"
build CFLAGS=-O1 EMULATOR=false >/dev/null
is 'a program that does not run' "$(cat "$work/status") $(grep -m 1 -c 'does not run here: set EMULATOR' "$work/said")" '2 1'
build CFLAGS=-O1 EMULATOR=no >/dev/null
is 'without completions' "$(cat "$work/status") $(ls "$work/build/completions")" '0 '

# ---- make install -----------------------------------------------------------------------------------------------------

make CFLAGS=-O1 B="$work/build" DESTDIR="$work/root" PREFIX=/opt/x LIBDIR=/opt/x/lib64 install >"$work/log" 2>&1
is 'make install' "$?" 0
library=$work/root/opt/x/lib64
is 'the mode of the library' "$(stat -Lc %a "$library/libinstnorm.so")" 644
is 'the mode of the program' "$(stat -c %a "$work/root/opt/x/bin/instnorm-cli")" 755

is 'the man pages' "$(cd "$work/root/opt/x/share/man" && find . -type f | sort | xargs)" \
    './man1/instnorm-cli.1 ./man3/libinstnorm.3 ./man5/instnorm-stats.5'

# The first example in C of README.md, against what was installed.
awk '/^```/ { inside = $0 == "```c" && !done; done += inside; next } inside' README.md >"$work/example.c"
PKG_CONFIG_LIBDIR=$library/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/root pkg-config --cflags --libs libinstnorm >"$work/flags"
is 'pkg-config' "$(tr -s ' ' <"$work/flags")" "-I$work/root/opt/x/include -L$library -linstnorm "
# shellcheck disable=SC2046
cc -o "$work/example" "$work/example.c" $(cat "$work/flags")
is 'the example of README.md' "$(LD_LIBRARY_PATH=$library "$work/example" | head -n 1)" '-1.2247 0.0000 1.2247'

# Each shell finds the completions by itself.
share=$work/root/opt/x/share
found=$(XDG_DATA_DIRS=$share bash --norc -c '. /usr/share/bash-completion/bash_completion
    _completion_loader instnorm-cli; complete -p instnorm-cli')
is 'completion in bash' "$found" 'complete -F _instnorm_cli instnorm-cli'
# shellcheck disable=SC2016
found=$(SHARE=$share zsh -f -c 'fpath=($SHARE/zsh/site-functions $fpath)
    autoload -Uz compinit; compinit -u -D; echo $_comps[instnorm-cli]')
is 'completion in zsh' "$found" _instnorm-cli
found=$(HOME=$work XDG_DATA_DIRS=$share PATH=$work/root/opt/x/bin:$PATH fish -c 'complete -C "instnorm-cli --norm=l"' | cut -f 1)
is 'completion in fish' "$found" --norm=layer

# ---- make uninstall ---------------------------------------------------------------------------------------------------

echo theirs >"$library/other.so"
make DESTDIR="$work/root" PREFIX=/opt/x LIBDIR=/opt/x/lib64 uninstall >"$work/log" 2>&1
is 'make uninstall' "$?" 0
is 'what make uninstall leaves' "$(cd "$work/root" && find . ! -type d)" ./opt/x/lib64/other.so
mkdir "$work/lib"
is 'advice where the library went' "$(src/package/ldconfig.sh "$work/lib")" ''
touch "$work/lib/libinstnorm.so"
is 'advice where the library came' "$(src/package/ldconfig.sh "$work/lib" | sed 's/:.*//')" \
    "the loader does not search $work/lib"

# ---- compile_commands.json --------------------------------------------------------------------------------------------

# In a copy, for it is written to the folder of the Makefile. What is compiled for pages alone is of another compiler.
mkdir "$work/copy" && cp -R Makefile deps.sh include man samples src tests "$work/copy"
make -C "$work/copy" compile_commands.json >"$work/log" 2>&1
is 'make compile_commands.json' "$?" 0
is 'its sources, each once' "$(sed -n 's/.*"file": "\([^"]*\)".*/\1/p' "$work/copy/compile_commands.json" | sort)" \
    "$(cd "$work/copy" && find src samples tests -name '*.c' ! -path 'src/web/*' | sort)"
python3 -c 'import json, subprocess, sys
for entry in json.load(sys.stdin):
    if entry["file"] in ("src/codec/stb/stb.c", "src/lib/norm.c", "tests/unit/codec/png.c"):
        subprocess.run(entry["command"].replace("-MMD -MP", "-fsyntax-only"), shell=True, cwd=entry["directory"], check=True)
' <"$work/copy/compile_commands.json" >"$work/log" 2>&1
is 'its commands compile' "$? $(cat "$work/log")" '0 '

summary
