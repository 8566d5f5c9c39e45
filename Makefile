# instnorm
#
# make                build/instnorm-cli, build/libinstnorm.a and build/libinstnorm.so
# make deps           install what building and running need (Debian, as root or with sudo). With another target it installs
#                     what that needs too: "make deps check", "make deps check-corpus"
# make demo           normalize the sample pictures into demo/
# make check          unit and command-line tests
# make check-corpus   tests on real and hostile pictures in CORPUS (../shared/corpus), against other programs
# make check-library  the library alone: compilers, standards, optimization; from Python, beside PyTorch
# make check-training the net of samples/training.c beside the same one in PyTorch
# make check-variants the same bytes from the baseline, the embedded and the other compiler's build
# make same-outputs   OLD=path/to/instnorm-cli: thousands of jobs with that build and this one, and what differs
# make fuzz           TARGET=png TIME=60 SEED=0: broken and odd inputs from libFuzzer for so many seconds. The targets are
#                     in tests/fuzz, and all is each of them in turn (the default). What is found stays in build-fuzz/found
# make fuzz-replay    the seeds of all targets, and what was found once, by any compiler
# make check-faults   every system call of runs with workers fails or is the last, on full disks, for other users, with bombs:
#                     POINTS=400 of three runs, POINTS=0 of all runs (half an hour)
# make check-all      what takes too long for .ci/run: all points, 100,000 pictures, other processors; as root power cuts,
#                     packages and fresh systems
# make check-power    cuts the power while outputs are written: as root, with ext4 on a loop device
# make check-slurm    samples/slurm on a Slurm of two nodes on this machine (as root), GNU parallel and Snakemake
# make check-wasm     base, the library and the engine compile for WebAssembly, and what they import
# make web            build/web/index.html: the page of samples/web, one file that needs no network
# make check-web      the pages in Chromium, that of samples/web and that of --report, and the charts of make lessons; the
#                     module gives the numbers of the tool
# make check-isa      the library and the embedded build for arm64, s390x and riscv64, run by qemu-user (some minutes)
# make sanitize       check and check-corpus under ASan and UBSan
# make coverage       lines of src that the unit suites run: at least 85 % of the engine and the arguments
# make lint           includes, exports, imports, formatting, shell scripts, man page
# make format         lay out every C file as lint wants it
# make compile_commands.json   how each source is compiled, for clangd and clang-tidy
# make bench          speed against the codec floor
# make bench-batch    batches on one worker and on two, beside OpenCV, sharp (SHARP_DIR), ImageMagick and vips
# make bench-peers    one core beside the same programs on one core, whole sets and a process for each picture
# make bench-scale    100,000 pictures in 1,000 folders, killed and resumed; a list of 1,000,000 names
# make bench-kernels  the library beside memcpy, PyTorch and ONNX Runtime (ORT_DIR)
# make bench-large    a 1.2-gigapixel TIFF beside vips
# make bench-dataset  2,000 pictures to one tensor, beside NumPy and PyTorch
# make bench-stats    statistics of data sets beside decoding alone, NumPy and PyTorch
# make bench-shards   a tar shard through a pipe beside Python; memory by the length of the shard (some minutes)
# make bench-tensor   a 4 GiB tensor within --memory 64M
# make bench-accuracy the errors of the library, PyTorch and ONNX Runtime, against double precision
# make styles         the pictures of samples/STYLES.md
# make lessons        the charts and pictures of samples/LAYERS.md: trains a small net with each kind of normalization
# make samples        build/learn, build/threads, build/training, and build/scenes, which renders the sample pictures
# make static         build-static/instnorm-cli: the embedded build, without shared libraries
# make dist           build/instnorm-VERSION.tar.xz: what the last commit has, the same bytes each time
# make deb            build/deb: the packages instnorm, libinstnorm1 and libinstnorm-dev for Debian
# make check-dist     make dist and make static, and what comes of them
# make check-deb      as root: the packages in fresh folders with Debian and nothing else (SUITES="bookworm trixie")
# make check-fresh    as root, half an hour: the first commands of README.md in such folders, as root and as another user
# make install        PREFIX (/usr/local), LIBDIR (PREFIX/lib), DESTDIR
# make uninstall      remove what install put there, by the same variables
# make clean          remove every build folder, and demo/
#
# Variables: CODECS=stb    the embedded build: stb_image and no other codec library
#            BASELINE=1    kernels for the oldest instruction set only
#            SAN=address,undefined   sanitizers
#            WERROR=1      warnings are errors, as in .ci/run; not with SAN, whose checks confuse gcc's warnings
#            CC, CFLAGS (after -O3), CPPFLAGS, LDFLAGS, V=1 (print the commands)
#            EMULATOR=qemu-aarch64   runs the built program, which prints the shell completions; EMULATOR=no: without them
# Each variant has its own folder, so that they can be built side by side. Where flags, the compiler or the libraries that
# are there change, its folder is built again.

MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all
V ?= 0
Q := $(if $(filter 0,$(V)),@,)
say = $(if $(filter 0,$(V)),@printf '  %-6s %s\n' $(1) $(2))

ifeq ($(origin CC),default)
CC := gcc
endif
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
CORPUS ?= ../shared/corpus
comma := ,

VERSION := $(shell sed -n 's/^\#define INSTNORM_VERSION "\(.*\)"/\1/p' include/instnorm.h)
SOVERSION := 1

variant := $(if $(CODECS),-$(CODECS))$(if $(BASELINE),-baseline)$(if $(SAN),-$(subst $(comma),-,$(SAN)))$(if $(filter clang%,$(CC)),-clang)
B := build$(variant)

# ---- what is there -----------------------------------------------------------------------------------------------------

goals := $(or $(MAKECMDGOALS),all)

# "make deps demo" looks for libraries after it has installed them, and says meanwhile what it does.
ifneq ($(filter deps,$(goals)),)
deps_status := $(shell ./deps.sh $(goals) >&2; echo $$?)
ifneq ($(deps_status),0)
$(error "make deps" failed)
endif
endif

builds := $(filter-out deps help clean format uninstall static dist deb check-deb check-fresh check-dist,$(goals))
pkg_config := $(if $(builds),$(shell command -v $(firstword $(PKG_CONFIG))))
has = $(if $(pkg_config),$(shell $(PKG_CONFIG) --exists $(1) && echo yes))
ifneq ($(and $(builds),$(if $(shell command -v $(firstword $(CC))),,missing)),)
$(error there is no compiler $(firstword $(CC)): "make deps" installs gcc)
endif
stb_headers := -include stb/stb_image.h -include stb/stb_image_write.h
STB_H := $(if $(builds),$(shell $(CC) -E $(stb_headers) -x c /dev/null >/dev/null 2>&1 && echo yes))

# A row for each library: its HAVE_ flag, its packages for pkg-config, its name in a message where it is missing, and the
# folder of the sources that need it. Where it is missing the without.c of that folder takes their place, if there is one.
rows := \
	PNG:libpng,zlib:libpng:codec/png \
	JPEG:libjpeg:libjpeg:codec/jpeg \
	TIFF:libtiff-4,zlib:libtiff:codec/tiff \
	WEBP:libwebp:libwebp:codec/webp \
	ISAL:libisal:isa-l:codec/deflate \
	LCMS2:lcms2:lcms2:codec/icc \
	STB:-:stb:codec/stb \
	JANSSON:jansson:jansson:- \
	SECCOMP:libseccomp:libseccomp:- \
	ARCHIVE:libarchive:libarchive:cli/files/tar
field = $(word $(2),$(subst :, ,$(1)))
packages_of = $(filter-out -,$(subst $(comma), ,$(call field,$(1),2)))
folder_of = src/$(call field,$(1),4)
is_there = $(if $(filter STB:%,$(1)),$(STB_H),$(call has,$(call packages_of,$(1))))

wanted := $(if $(CODECS),$(filter STB:% JANSSON:% SECCOMP:%,$(rows)),$(rows))
found := $(strip $(foreach row,$(wanted),$(if $(call is_there,$(row)),$(row))))
lost := $(filter-out $(found),$(rows))
packages := $(foreach row,$(found),$(call packages_of,$(row)))
flags_of = $(if $(strip $(packages)),$(shell $(PKG_CONFIG) $(1) $(packages)))
ifneq ($(and $(builds),$(CODECS),$(filter STB:%,$(lost))),)
$(error CODECS=$(CODECS) has no other codecs than those of stb_image.h, which is missing: "make deps" installs it)
endif
missing := $(foreach row,$(filter $(wanted),$(lost)),$(call field,$(row),3))
ifneq ($(strip $(and $(builds),$(missing))),)
ifeq ($(MAKELEVEL),0)
$(info instnorm: built without $(strip $(missing))$(if $(pkg_config),,$(comma) for there is no $(PKG_CONFIG) to find them); "make deps" installs what is missing)
endif
endif

# ---- flags -------------------------------------------------------------------------------------------------------------

WARNINGS := -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla \
	$(if $(SAN),,$(if $(WERROR),-Werror))
CFLAGS ?= -g
# Value-safe: no trap is ever taken, errno is never read. Products and sums are never fused: see src/lib/exact.h.
exact := -fno-trapping-math -fno-math-errno -ffp-contract=off
base := -std=gnu17 $(WARNINGS) $(CPPFLAGS) -fPIC -fvisibility=hidden -MMD -MP -Iinclude $(exact) $(if $(BASELINE),-DBASELINE) \
	$(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer -fno-sanitize-recover=all)
lib_cflags := $(base)
# What sanitizers and gcov do - open files, start processes, map much - goes beyond what a worker may.
instrumented := $(SAN)$(findstring -fsanitize,$(CFLAGS))$(findstring coverage,$(CFLAGS))$(findstring -fprofile,$(CFLAGS))
cli_cflags := $(base) -D_GNU_SOURCE -Isrc -I$(B)/src $(call flags_of,--cflags) $(if $(CODECS),-DSTB_ALL) \
	$(if $(instrumented),-DINSTRUMENTED) \
	$(foreach row,$(found),-DHAVE_$(call field,$(row),1))
# libarchive is loaded when it is needed: see src/cli/files/tar/libarchive.h.
libs := $(patsubst -larchive,-ldl,$(call flags_of,--libs)) -lm
link := $(CC) -O3 -pthread $(CFLAGS) $(if $(SAN),-fsanitize=$(SAN)) -Wl,--gc-sections $(LDFLAGS)

# What objects are made from beside their sources: a change of it makes them again.
config := $(CC) $(CFLAGS) $(lib_cflags) $(cli_cflags) $(link) $(libs)
ifneq ($(and $(wildcard $(B)/config),$(file <$(B)/config)),$(config))
.PHONY: $(B)/config
endif
$(B)/config:
	$(Q)mkdir -p $(@D) && printf '%s\n' '$(subst ','\'',$(config))' >$@

# ---- sources -----------------------------------------------------------------------------------------------------------

lib_src := $(wildcard src/lib/*.c)
base_src := $(wildcard src/base/*.c)
sources_of = $(filter-out %/without.c,$(wildcard $(call folder_of,$(1))/*.c))
codec_src := $(wildcard src/codec/*.c src/codec/pnm/*.c) \
	$(foreach row,$(found),$(call sources_of,$(row))) \
	$(foreach row,$(lost),$(wildcard $(call folder_of,$(row))/without.c))
codec_src := $(filter-out src/cli/% $(if $(CODECS),,src/codec/stb/%png.c src/codec/stb/%png_write.c src/codec/stb/%jpeg.c),$(codec_src))
engine_src := $(wildcard src/engine/*.c)
json_src := %/json.c %/json_lines.c %/stats_json.c %/stats_sums.c %/stats_histogram.c %/save_stats.c
tar_src := $(addprefix src/cli/files/tar/,$(if $(filter ARCHIVE:%,$(found)),without.c,archive.c libarchive.c))
cli_src := $(filter-out $(if $(filter JANSSON:%,$(found)),,$(json_src)) $(if $(filter SECCOMP:%,$(found)),,%/seccomp.c) $(tar_src) \
	$(if $(filter STB:%,$(found)),,src/cli/report/compare/%), \
	$(wildcard src/cli/*.c src/cli/*/*.c src/cli/*/*/*.c))
# Suites are one program; what has a main of its own is another.
# Those of inflate.h compare ISA-L with zlib.
both_inflate := $(and $(filter ISAL:%,$(found)),$(filter PNG:%,$(found)))
test_src := $(sort $(filter-out %/engine_alone.c $(if $(filter STB:%,$(found)),,tests/unit/report/compare.c) \
	$(if $(filter PNG:%,$(found)),,tests/unit/codec/png_idat.c) \
	$(if $(both_inflate),,tests/unit/codec/deflate.c tests/unit/codec/inflate.c tests/unit/codec/inflate_codes.c),$(wildcard tests/unit/*.c tests/unit/*/*.c)))

object = $(patsubst %.c,$(B)/%.o,$(1))
lib_obj := $(call object,$(lib_src))
codec_obj := $(call object,$(base_src) $(codec_src))
cli_obj := $(call object,$(engine_src) $(cli_src))
main_obj := $(call object,src/cli/main.c)
completions := $(if $(filter no,$(EMULATOR)),,$(addprefix $(B)/completions/,bash zsh fish))
test_obj := $(call object,$(test_src))
net_obj := $(call object,$(wildcard samples/training/*.c))

# ---- rules -------------------------------------------------------------------------------------------------------------

.PHONY: all
all: $(B)/instnorm-cli $(B)/libinstnorm.a $(B)/libinstnorm.so $(completions)

$(B)/src/lib/%.o: src/lib/%.c Makefile $(B)/config
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) $(lib_cflags) -c -o $@ $<

$(B)/src/%.o: src/%.c Makefile $(B)/config
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) $(cli_cflags) -c -o $@ $<

# A style sheet and a script of the page of --report, as bytes between commas.
page := src/cli/report/html/page
embedded := $(B)/$(page)_css.h $(B)/$(page)_js.h
$(embedded): $(B)/$(page)_%.h: $(page).% Makefile
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && od -An -v -to1 $< | sed "s/ *\([0-7][0-7]*\)/'\\\\\1',/g" >$@
$(B)/$(page).o: $(embedded)

# stb counts on wrapping signed integers, and is more than we use of it.
$(B)/src/codec/stb/%: cli_cflags += -fwrapv -ffunction-sections $(if $(CODECS),-DSTBI_ONLY_PNG -DSTBI_ONLY_JPEG)

$(B)/tests/%.o: tests/%.c Makefile $(B)/config
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) $(cli_cflags) -Itests -Itests/unit -Isamples $(shell $(PKG_CONFIG) --cflags check) -c -o $@ $<

$(B)/libinstnorm.a: $(lib_obj)
	$(call say,AR,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(B)/libinstnorm.so: $(lib_obj) src/lib/libinstnorm.map
	$(call say,LD,$@)
	$(Q)$(link) -shared -Wl,-soname,libinstnorm.so.$(SOVERSION) -Wl,--version-script=src/lib/libinstnorm.map -o $@ $(lib_obj) -lm

$(B)/instnorm-cli: $(cli_obj) $(codec_obj) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(libs)

# The tool with a codec that breaks on command: the table of codecs is compiled once more, all else is the tool's.
breaks_obj := $(call object,$(wildcard tests/hostile/breaks/*.c)) $(B)/tests/hostile/breaks/table.o
$(B)/tests/hostile/breaks/table.o: src/codec/codec.c Makefile $(B)/config
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) $(cli_cflags) -DHAVE_BREAKS -c -o $@ $<

$(B)/instnorm-breaks: $(cli_obj) $(filter-out $(B)/src/codec/codec.o,$(codec_obj)) $(breaks_obj) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(libs)

$(B)/completions/%: $(B)/instnorm-cli
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && $(EMULATOR) $< --completions $* >$@ || \
		{ rm -f $@; echo 'instnorm: $< does not run here: set EMULATOR to what runs it, or to no' >&2; exit 1; }

# All of the tool but its main: suites of the engine and of the arguments call it as they call the library.
$(B)/unit: $(test_obj) $(net_obj) $(filter-out $(main_obj),$(cli_obj)) $(codec_obj) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -pthread -o $@ $^ $(shell $(PKG_CONFIG) --libs check) $(libs)

# With nothing but the engine and what it may use.
$(B)/engine_alone: $(call object,tests/unit/engine_alone.c)
$(B)/pool_bytes: $(call object,tests/build/pool_bytes.c)
$(B)/engine_alone $(B)/pool_bytes: $(call object,$(base_src) $(engine_src)) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ -lm

$(B)/corpus: $(B)/tests/oracle/corpus.o $(B)/tests/unit/support.o $(codec_obj) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(shell $(PKG_CONFIG) --libs check jansson) $(libs)

$(B)/same_bytes: $(B)/tests/build/same_bytes.o $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ -lm

# A program of one file of its own: it shares nothing with what it tests.
$(B)/oracle: $(B)/tests/oracle/oracle.o
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(shell $(PKG_CONFIG) --libs libpng) -lm

# A target of libFuzzer, and its replay: a program of any compiler, which takes files and folders.
fuzz_lost := $(foreach row,$(if $(CODECS),TIFF:-:-:tiff WEBP:-:-:webp ARCHIVE:-:-:tar,$(lost)),$(notdir $(call field,$(row),4))) \
	$(if $(filter JANSSON:%,$(lost)),stats) $(if $(filter STB:%,$(lost)),bmp) $(if $(filter PNG:% ISAL:%,$(lost)),idat)
fuzz_targets := $(filter-out $(fuzz_lost),$(patsubst tests/fuzz/target_%.c,%,$(wildcard tests/fuzz/target_*.c)))
fuzz_obj := $(call object,tests/fuzz/memory.c tests/fuzz/reader.c) $(filter-out $(main_obj),$(cli_obj)) $(codec_obj) $(B)/libinstnorm.a

$(B)/fuzz-png $(B)/fuzz-job: $(B)/tests/fuzz/mutate_png.o
$(B)/fuzz-png $(B)/fuzz-job: libs += -lz
$(B)/fuzz-idat: $(B)/tests/fuzz/mutate_idat.o
$(B)/fuzz-tar: $(B)/tests/fuzz/mutate_tar.o
$(addprefix $(B)/fuzz-,$(fuzz_targets)): $(B)/fuzz-%: $(B)/tests/fuzz/target_%.o $(fuzz_obj)
	$(call say,LD,$@)
	$(Q)$(link) -fsanitize=fuzzer -o $@ $^ $(libs)

$(addprefix $(B)/replay-,$(fuzz_targets)): $(B)/replay-%: $(B)/tests/fuzz/replay.o $(B)/tests/fuzz/target_%.o $(fuzz_obj)
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(libs)

# Writes the seeds of frames.
$(B)/frames: $(B)/tests/fuzz/frames.o $(fuzz_obj)
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ $(libs)

# Preloaded into the tool, not linked with it; by the plain compiler, for it comes before sanitizers.
$(B)/inject: tests/hostile/inject.c Makefile
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) -O2 $(CFLAGS) $(WARNINGS) -std=gnu17 -D_GNU_SOURCE -o $@ $<

$(B)/fail_malloc.so: tests/hostile/fail_malloc.c Makefile
	$(call say,LD,$@)
	$(Q)mkdir -p $(@D) && $(CC) $(CFLAGS) $(WARNINGS) -std=gnu17 -D_GNU_SOURCE -fPIC -fvisibility=hidden -shared -o $@ $< -ldl

$(B)/no_tmpfile: $(B)/tests/hostile/no_tmpfile.o
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^

-include $(wildcard $(B)/src/*/*.d $(B)/src/*/*/*.d $(B)/src/*/*/*/*.d $(B)/tests/*/*.d $(B)/tests/*/*/*.d)

# ---- the page ----------------------------------------------------------------------------------------------------------

# base, the library, the engine and the embedded readers for wasm32, by clang and wasi-libc. The module imports nothing.
web_src := $(base_src) $(lib_src) $(engine_src) $(wildcard src/codec/*.c src/codec/pnm/*.c src/codec/stb/*.c src/web/*.c) \
	src/codec/deflate/without.c src/codec/icc/without.c
web_obj := $(patsubst src/%.c,$(B)/web/%.o,$(web_src))
# wasi-libc has all headers but setjmp.h, which is in src/web/include, and those of stb, which are the host's.
web_cc := clang --target=wasm32-wasi -msimd128 -flto
# Small, but fast where samples are worked on. To unroll loops makes the module larger, and not faster. SMALL_CODE leaves out
# what only does the same faster.
web_fast := $(filter-out src/lib/fit.c,$(lib_src)) src/engine/apply.c src/engine/cursor.c src/base/rows.c src/web/show.c
web_optimize = $(if $(filter $(web_fast),$(1)),-O2 -fno-unroll-loops,-Oz)
web_cflags := -std=gnu17 $(WARNINGS) -fvisibility=hidden -ffunction-sections -fdata-sections -MMD -MP -D_GNU_SOURCE $(exact) -Iinclude \
	-Isrc -isystem src/web/include -idirafter /usr/include -DHAVE_STB -DSTB_ALL -DSTBI_ONLY_PNG -DSTBI_ONLY_JPEG -DWRITES_PNG_ALONE -DSMALL_CODE
# What the compiler did not inline in a file, the linker does only where that makes less code.
web_link := -mexec-model=reactor -nostartfiles -Wl,--no-entry,--strip-all,--compress-relocations,--gc-sections,-z,stack-size=1048576 \
	-Wl,-mllvm,-inline-threshold=0

$(B)/web/codec/stb/%: web_cflags += -fwrapv

$(B)/web/%.o: src/%.c Makefile
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(web_cc) $(call web_optimize,$<) $(web_cflags) -c -o $@ $<

$(B)/web/instnorm.wasm: $(web_obj)
	$(call say,LD,$@)
	$(Q)$(web_cc) $(web_link) -o $@ $^ -lm

-include $(wildcard $(B)/web/*/*.d $(B)/web/*/*/*.d)

# The library of the module, beside that of the tool: a program of WASI, which node runs.
$(B)/web/library_bytes.wasm: tests/build/library_bytes.c $(patsubst src/%.c,$(B)/web/%.o,$(lib_src))
	$(call say,LD,$@)
	$(Q)$(web_cc) -O2 $(filter-out -MMD -MP,$(web_cflags)) -o $@ $^ -lm

$(B)/library_bytes: $(B)/tests/build/library_bytes.o $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ -lm

.PHONY: web check-web
web: $(B)/web/index.html

$(B)/web/index.html: $(B)/web/instnorm.wasm $(wildcard samples/web/*.html samples/web/*.css samples/web/*.js samples/web/*.sh samples/pictures/*)
	$(call say,GEN,$@)
	$(Q)samples/web/build.sh $< samples/pictures >$@.part && mv $@.part $@

# From the registry of npm, in the versions and with the hashes of the lock file.
web_tools := tests/web/node_modules/.package-lock.json
$(web_tools): tests/web/package-lock.json
	$(call say,NPM,$(@D))
	$(Q)npm ci --prefix tests/web --ignore-scripts --no-audit --no-fund --loglevel=error

# Beside the tool, and beside the one with the same readers; and in a browser.
check-web: web all $(B)/lessons-draw $(B)/library_bytes $(B)/web/library_bytes.wasm $(web_tools)
	$(Q)$(MAKE) --no-print-directory CODECS=stb build-stb/instnorm-cli
	$(Q)node tests/web/library.mjs $(B)
	$(Q)node tests/web/equal.mjs $(B) build-stb
	$(Q)node tests/web/page.mjs $(B) build-stb
	$(Q)node tests/web/layers.mjs $(B)
	$(Q)node tests/web/report.mjs $(B)
	$(Q)node tests/web/lessons.mjs $(B)

# ---- tests -------------------------------------------------------------------------------------------------------------

.PHONY: fuzz fuzz-replay check check-cli check-malloc check-hostile check-oracles check-all check-deb check-dist check-fresh check-faults same-outputs check-corpus check-library check-training check-wasm check-isa check-variants check-power check-slurm coverage sanitize sanitize-full sanitize-stb lint bench bench-batch bench-peers bench-scale bench-kernels bench-accuracy bench-large bench-dataset bench-stats bench-tensor bench-shards demo samples styles lessons
# Of what takes long each half waits much, and so two run at once.
check: $(B)/unit $(B)/engine_alone $(B)/same_bytes all
	$(Q)$(MAKE) --no-print-directory -j2 check-cli check-malloc
	$(Q)tests/build/same_bytes.sh $(B)
	$(Q)$(B)/engine_alone
	$(Q)$(B)/unit

check-cli: $(B)/instnorm-breaks $(B)/no_tmpfile $(B)/lessons-draw all
	$(Q)tests/cli/run.sh $(B)

check-malloc: $(B)/fail_malloc.so all
	$(Q)tests/hostile/malloc_faults.sh $(B)

check-corpus: $(B)/corpus all
	$(Q)$(MAKE) --no-print-directory -j2 check-hostile check-oracles
	$(Q)CORPUS=$(CORPUS) $(B)/corpus

# with_python PROGRAM..., ARGUMENTS: one after another. They know the formats of the full build.
with_python = $(if $(CODECS),,$(foreach of,$(1),SANITIZED=$(if $(SAN),1) /usr/bin/python3 tests/$(of).py $(B)/instnorm-cli $(2) &&) true)

check-hostile: all
	$(Q)SANITIZED=$(if $(SAN),1) tests/hostile/memory_limits.sh $(B)/instnorm-cli
	$(Q)SANITIZED=$(if $(SAN),1) tests/hostile/hostile.sh $(B)/instnorm-cli $(CORPUS)
	$(Q)$(call with_python,hostile/prefixes hostile/broken_archives oracle/tiff)

oracles := tensor roundtrip style exact sums quantiles types mask series exif stats_page shards
check-oracles: all $(if $(CODECS),,$(B)/oracle)
	$(Q)$(if $(CODECS),,tests/oracle/oracle.sh $(B) $(CORPUS))
	$(Q)$(call with_python,$(addprefix oracle/,$(oracles)),$(CORPUS))

# The library alone: every compiler, standard and optimization, the same bytes; from Python, beside PyTorch; and what
# make does with libraries and flags.
check-library: all check-training
	$(Q)tests/build/library.sh $(B)
	$(Q)/usr/bin/python3 tests/oracle/python_library.py $(B)
	$(Q)/usr/bin/python3 tests/oracle/python_stats.py $(B)
	$(Q)tests/build/make.sh

# The net of samples/training.c beside the same one in PyTorch.
check-training: $(B)/training
	$(Q)/usr/bin/python3 tests/oracle/training.py $(B)

# What a page needs, compiled as it is.
check-wasm:
	$(Q)tests/build/wasm.sh

# Other processors, one of them big-endian: the same numbers, and tests/cli.
check-isa: all $(B)/pool_bytes
	$(Q)tests/build/isa.sh $(B)

# What a change that is to change nothing changed: files, messages and exit status beside those of an older build.
same-outputs: all
	$(if $(OLD),,$(error same-outputs needs OLD=path/to/instnorm-cli, an older build to compare with))
	$(Q)/usr/bin/python3 tests/build/same_outputs.py $(OLD) $(B)/instnorm-cli $(addprefix --corpus ,$(wildcard $(CORPUS)))

POINTS ?= 400
check-faults: $(B)/inject all
	$(Q)tests/hostile/faults.py $(B) --points $(POINTS)
	$(Q)tests/hostile/disks.sh $(B)
	$(Q)tests/hostile/bombs.py $(B)

check-all:
	$(Q)$(MAKE) --no-print-directory check-faults POINTS=0
	$(Q)$(MAKE) --no-print-directory bench-scale check-training check-isa check-power check-deb check-fresh

# In folders that hold a fresh Debian, as root: the packages of "make deb", and the first commands of README.md.
SUITES ?= bookworm trixie
check-deb:
	$(Q)tests/package/deb.sh $(SUITES)

check-fresh:
	$(Q)tests/package/fresh.sh $(SUITES)

check-dist:
	$(Q)tests/package/dist.sh

check-power: all
	$(Q)tests/hostile/power_cut.sh $(B)

# As root: Slurm in namespaces of its own. 2,000 pictures in tasks must be those of one run.
check-slurm: all
	$(Q)tests/cluster/slurm.sh $(B)

check-variants:
	$(Q)tests/build/variants.sh $(CORPUS)

# In a folder of its own, without optimization, which would move lines.
coverage:
	$(Q)$(MAKE) --no-print-directory B=build-coverage CFLAGS='-O0 -g --coverage' build-coverage/unit
	$(Q)tests/build/coverage.py build-coverage 85 src/engine src/cli/args

# Both builds at once, for each waits much: the programs under test are small.
sanitize:
	$(Q)$(MAKE) --no-print-directory -j2 -Otarget sanitize-full sanitize-stb

sanitize-full:
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined CFLAGS='-O1 -g' check check-corpus

sanitize-stb:
	$(Q)$(MAKE) --no-print-directory SAN=address,undefined CFLAGS='-O1 -g' CODECS=stb check check-corpus

# By clang, in a folder of its own.
TARGET ?= all
TIME ?= 60
fuzz_build := build-fuzz$(if $(CODECS),-$(CODECS))
fuzz_wanted := $(if $(filter all,$(TARGET)),$(fuzz_targets),$(TARGET))
fuzz: all $(B)/frames
	$(if $(filter-out $(fuzz_targets),$(fuzz_wanted)),$(error TARGET is one of: all $(fuzz_targets)))
	$(Q)$(MAKE) --no-print-directory CC=clang SAN=address,undefined,fuzzer-no-link CFLAGS='-O1 -g' WERROR= B=$(fuzz_build) \
		$(addprefix $(fuzz_build)/fuzz-,$(fuzz_wanted))
	$(Q)tests/fuzz/seeds.sh $(B) $(CORPUS) $(fuzz_build)/seeds
	$(Q)tests/fuzz/run.sh $(fuzz_build) $(TIME) $(fuzz_wanted)

fuzz-replay: all $(B)/frames $(addprefix $(B)/replay-,$(fuzz_targets))
	$(Q)tests/fuzz/seeds.sh $(B) $(CORPUS) $(B)/seeds
	$(Q)$(foreach target,$(fuzz_targets),$(B)/replay-$(target) $(B)/seeds/$(target) &&) true

lint: all
	$(Q)tests/build/lint.sh $(B)

bench: all $(B)/bench-floor $(B)/bench-pair
	$(Q)tests/bench/run.sh $(B)/instnorm-cli $(B)/bench-floor $(B)/bench-pair $(CORPUS)
	$(Q)tests/bench/batch.py $(B)/instnorm-cli $(B)/bench-floor $(CORPUS)
	$(Q)tests/bench/styles.sh $(B)/instnorm-cli $(B)/bench-pair $(CORPUS)

bench-batch: all $(B)/bench-floor
	$(Q)tests/bench/batch.py $(B)/instnorm-cli $(B)/bench-floor $(CORPUS)

bench-peers: all
	$(Q)tests/bench/per_core.py $(B)/instnorm-cli $(CORPUS)

bench-scale: all
	$(Q)tests/bench/scale.py $(B)/instnorm-cli

# Error of the library, PyTorch and ONNX Runtime (ORT_DIR, see tests/bench/kernels.sh) against double precision.
bench-accuracy: all
	$(Q)tests/bench/accuracy.sh $(B)

# 2,000 pictures to one tensor, beside Pillow with NumPy and with PyTorch; a 4 GiB tensor within --memory 64M.
bench-dataset: all
	$(Q)tests/bench/dataset.sh $(B)/instnorm-cli $(CORPUS)

bench-stats: all $(B)/bench-floor
	$(Q)tests/bench/stats.py $(B)/instnorm-cli $(B)/bench-floor $(CORPUS)

bench-shards: all
	$(Q)/usr/bin/python3 tests/bench/shards.py $(B)/instnorm-cli $(CORPUS)

bench-tensor: all
	$(Q)tests/bench/tensor4g.sh $(B)/instnorm-cli

bench-large: all $(B)/bench-pair
	$(Q)tests/bench/large.sh $(B)/instnorm-cli $(B)/bench-pair $(CORPUS)

bench-kernels: $(B)/bench-kernels
	$(Q)tests/bench/kernels.sh $(B)/bench-kernels

$(B)/bench-%: tests/bench/%.c $(B)/libinstnorm.a
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) -std=gnu17 $(WARNINGS) -Iinclude -pthread -o $@ $< $(B)/libinstnorm.a -lm
$(B)/bench-floor: $(wildcard tests/bench/floor/*.[ch])
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) -std=gnu17 $(WARNINGS) -o $@ $(filter %.c,$^) $(shell $(PKG_CONFIG) --libs libpng libjpeg libisal)

# The library's samples, and the renderer of the sample pictures (it takes a minute).
samples: $(B)/learn $(B)/threads $(B)/training $(B)/scenes
$(B)/learn $(B)/threads: $(B)/%: samples/%.c $(B)/libinstnorm.a
	$(call say,CC,$<)
	$(Q)$(CC) -O3 $(CFLAGS) -std=gnu17 $(WARNINGS) -Iinclude -pthread -o $@ $< $(B)/libinstnorm.a -lm
$(B)/scenes: $(wildcard samples/render/*.[ch])
	$(call say,CC,$@)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) -std=gnu17 $(WARNINGS) -o $@ $(filter %.c,$^) $(shell $(PKG_CONFIG) --libs libpng libjpeg) -lm

styles: all
	$(Q)samples/styles.sh $(B)/instnorm-cli samples/pictures samples/styles

# A small net is trained with each kind of normalization, and what it wrote is drawn by what draws the charts of --report.
lessons: all $(B)/training $(B)/lessons-draw
	$(Q)mkdir -p $(B)/lessons samples/layers
	$(Q)$(B)/training $(B)/lessons
	$(Q)$(B)/lessons-draw $(B)/lessons samples/layers
	$(Q)samples/layers.sh $(B)/instnorm-cli samples/pictures samples/layers

$(B)/training: $(call object,samples/training.c) $(net_obj) $(B)/libinstnorm.a
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ -lm

# Charts have the colours of the page of --report: the beginning of its style sheet, as bytes between commas.
lessons_obj := $(call object,$(wildcard samples/lessons/*.c))
$(B)/samples/lessons/colours.h: src/cli/report/html/page.css Makefile
	$(call say,GEN,$@)
	$(Q)mkdir -p $(@D) && sed '/^\* /,$$d' $< | od -An -v -to1 | sed "s/ *\([0-7][0-7]*\)/'\\\\\1',/g" >$@
$(B)/samples/lessons/figure.o: $(B)/samples/lessons/colours.h
$(B)/samples/%.o: samples/%.c Makefile $(B)/config
	$(call say,CC,$<)
	$(Q)mkdir -p $(@D) && $(CC) -O3 $(CFLAGS) $(cli_cflags) -Isamples -I$(B)/samples -c -o $@ $<
$(B)/lessons-draw: $(lessons_obj) $(call object,$(base_src) src/cli/report/html/markup.c src/cli/report/html/plot.c)
	$(call say,LD,$@)
	$(Q)$(link) -o $@ $^ -lm
-include $(wildcard $(B)/samples/*.d $(B)/samples/*/*.d)

demo: all
	$(Q)samples/demo.sh $(B)/instnorm-cli samples/pictures demo

# ---- around ------------------------------------------------------------------------------------------------------------

.PHONY: deps help format compile_commands.json static dist deb install uninstall clean
deps:
	@:

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

format:
	$(Q)find include samples src tests -name '*.[ch]' -exec clang-format -i {} +

# Read off what make would run, so that no flag can differ. A command may go over several lines.
compile_commands.json: objects := $(call object,$(filter-out %/fail_malloc.c %/inject.c src/web/% tests/bench/%,$(wildcard src/*/*.c src/*/*/*.c src/*/*/*/*.c tests/*/*.c tests/*/*/*.c samples/training.c samples/lessons/*.c samples/training/*.c)))
compile_commands.json: programs := $(B)/bench-floor $(patsubst tests/bench/%.c,$(B)/bench-%,$(wildcard tests/bench/*.c))
compile_commands.json:
	$(Q)$(MAKE) -Bn V=1 all samples $(B)/fail_malloc.so $(B)/inject $(objects) $(programs) | awk -v folder='$(CURDIR)' ' \
		sub(/\\$$/, "") { line = line $$0; next } \
		{ $$0 = line $$0; line = ""; sub(/.*&& /, ""); gsub(/["\\]/, "\\\\&"); $$1 = $$1 } \
		{ for (i = 1; i <= NF; i++) if ($$i ~ /\.c$$/) print entries++ ? "," : "[", "{\"directory\": \"" folder \
			"\", \"file\": \"" $$i "\", \"command\": \"" $$0 "\"}" } \
		END { print "]"; exit !entries }' >$@.part && mv $@.part $@

# At a random address, as programs with shared libraries are.
static:
	$(Q)MAKELEVEL= $(MAKE) --no-print-directory B=build-static CODECS=stb EMULATOR=no PKG_CONFIG='$(PKG_CONFIG) --static' \
		LDFLAGS='-static-pie $(LDFLAGS)' build-static/instnorm-cli

dist := instnorm-$(VERSION)
dist:
	$(Q)src/package/dist.sh $(dist) $(B)

deb:
	$(Q)src/package/deb.sh $(VERSION) $(B)

# Where each shell looks for completions, below PREFIX.
place_bash := share/bash-completion/completions/instnorm-cli
place_zsh := share/zsh/site-functions/_instnorm-cli
place_fish := share/fish/vendor_completions.d/instnorm-cli.fish

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/include $(DESTDIR)$(LIBDIR)/pkgconfig \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/man,1 3 5)
	install -m 755 $(B)/instnorm-cli $(DESTDIR)$(PREFIX)/bin/
	install -m 644 include/instnorm.h $(DESTDIR)$(PREFIX)/include/
	install -m 644 $(B)/libinstnorm.a $(DESTDIR)$(LIBDIR)/
	install -m 644 $(B)/libinstnorm.so $(DESTDIR)$(LIBDIR)/libinstnorm.so.$(VERSION)
	ln -sf libinstnorm.so.$(VERSION) $(DESTDIR)$(LIBDIR)/libinstnorm.so.$(SOVERSION)
	ln -sf libinstnorm.so.$(SOVERSION) $(DESTDIR)$(LIBDIR)/libinstnorm.so
	printf '%s\n' 'prefix=$(PREFIX)' 'libdir=$(LIBDIR)' 'Name: libinstnorm' \
		'Description: instance, layer, group and batch normalization' 'Version: $(VERSION)' \
		'Libs: -L$${libdir} -linstnorm' 'Libs.private: -lm' 'Cflags: -I$${prefix}/include' \
		> $(DESTDIR)$(LIBDIR)/pkgconfig/libinstnorm.pc
	install -m 644 man/instnorm-cli.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 man/libinstnorm.3 $(DESTDIR)$(PREFIX)/share/man/man3/
	install -m 644 man/instnorm-stats.5 $(DESTDIR)$(PREFIX)/share/man/man5/
	$(foreach of,$(completions),install -d $(DESTDIR)$(PREFIX)/$(dir $(place_$(notdir $(of)))) && \
		install -m 644 $(of) $(DESTDIR)$(PREFIX)/$(place_$(notdir $(of))) &&) true
	$(if $(DESTDIR),,src/package/ldconfig.sh $(LIBDIR))

# Folders stay: they may have been there before.
uninstall:
	rm -f $(DESTDIR)$(PREFIX)/bin/instnorm-cli $(DESTDIR)$(PREFIX)/include/instnorm.h \
		$(addprefix $(DESTDIR)$(PREFIX)/share/man/,man1/instnorm-cli.1 man3/libinstnorm.3 man5/instnorm-stats.5) \
		$(addprefix $(DESTDIR)$(LIBDIR)/,libinstnorm.a libinstnorm.so libinstnorm.so.$(SOVERSION) libinstnorm.so.$(VERSION) \
		pkgconfig/libinstnorm.pc) \
		$(addprefix $(DESTDIR)$(PREFIX)/,$(place_bash) $(place_zsh) $(place_fish))
	$(if $(DESTDIR),,src/package/ldconfig.sh $(LIBDIR))

clean:
	rm -rf build build-* demo compile_commands.json tests/web/node_modules
