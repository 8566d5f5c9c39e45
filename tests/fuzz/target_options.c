/*
 * Command lines, a word on each line: parsed, checked and planned in a small folder of files. Nothing is written, and what
 * is refused is refused with a reason.
 */
#include "memory.h"
#include "reader.h"

#include "cli/args/options.h"
#include "cli/args/plan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { WORDS = 64 };

/* ---- the folder ------------------------------------------------------------------------------------------------------ */

static const struct {
    const char *name, *text; /* NULL: a folder */
} files[] = {{"d", NULL},
             {"d/e", NULL},
             {"out", NULL},
             {"a.png", "\x89PNG\r\n\x1a\n"},
             {"b.jpg", "\xff\xd8\xff\xe0"},
             {"d/a.png", "\x89PNG\r\n\x1a\n"},
             {"d/e/c.tif", "II*"},
             {"out/a.png", "old"},
             {"x.npy", "\x93NUMPY\1"},
             {"s.json", "{\"instnorm\": 1}"},
             {"empty", ""},
             {"list", "a.png\nd/a.png\n"},
             {"y-00001.txt", "b.jpg\nx.npy\n"},
             {"pairs", "a.png\tout/p.png\nb.jpg\tout/q.png\n"}};

enum { FILES = sizeof files / sizeof *files };

static char root[64];
static int before = -1; /* the working folder of the fuzzer */
static FILE *nowhere;

static void remove_folder(void)
{
    bool ok = chdir(root) == 0;
    for (size_t i = FILES; ok && i-- > 0;)
        ok = (files[i].text ? unlink : rmdir)(files[i].name) == 0;
    if (!ok || chdir("/") != 0 || rmdir(root) != 0)
        fprintf(stderr, "%s is left\n", root);
}

static bool make_file(const char *name, const char *text)
{
    FILE *file = fopen(name, "w");
    return file && fputs(text, file) >= 0 && fclose(file) == 0;
}

/* With the folder as the working one; stdin ends at once. */
static bool make_folder(void)
{
    const char *temporary = getenv("TMPDIR");
    snprintf(root, sizeof root, "%s/fuzz-XXXXXX", temporary && strlen(temporary) < 40 ? temporary : "/tmp");
    before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = before >= 0 && mkdtemp(root) && chdir(root) == 0 && freopen("/dev/null", "r", stdin);
    for (size_t i = 0; ok && i < FILES; i++)
        ok = files[i].text ? make_file(files[i].name, files[i].text) : mkdir(files[i].name, 0755) == 0;
    nowhere = fopen("/dev/null", "w");
    atexit(remove_folder);
    return ok && nowhere;
}

/* The times at which something was last made or removed in the folders. */
static long when_changed(void)
{
    long sum = 0;
    struct stat st;
    for (size_t i = 0; i < FILES; i++)
        if (!files[i].text && stat(files[i].name, &st) == 0)
            sum += st.st_mtim.tv_sec + st.st_mtim.tv_nsec;
    return stat(".", &st) == 0 ? sum + st.st_mtim.tv_sec + st.st_mtim.tv_nsec : 0;
}

/* ---- the command line ------------------------------------------------------------------------------------------------ */

/* No word leads out of the folder: a slash follows d or out alone, and no dot follows another. */
static void keep_inside(char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool folder = i > 0 && strchr("de", text[i - 1]) && (i == 1 || strchr("\n/=", text[i - 2]));
        folder |= i > 2 && memcmp(text + i - 3, "out", 3) == 0 && (i == 3 || strchr("\n=", text[i - 4]));
        if ((text[i] == '/' && !folder) || (text[i] == '.' && i > 0 && text[i - 1] == '.'))
            text[i] = '_';
    }
}

static void plan(const struct options *options)
{
    struct plan plan;
    struct why why = {0};
    if (plan_build(&plan, options, &why)) {
        must(plan.n > 0 || plan.notes.n > 0 || options->files_from || options->recursive, "a plan has jobs");
        for (size_t i = 0; i < plan.n; i++)
            must(plan.job[i].input && plan.job[i].number == i, "a job has an input and its number");
        plan_print(&plan, nowhere);
        plan_free(&plan);
    } else {
        must_say(&why);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = strndup((const char *)bytes, size), *word[WORDS + 1] = {(char[]){"instnorm-cli"}};
    int n = 1;
    struct options options;
    struct why why = {0};
    must(text != NULL, "there is memory");
    must(before < 0 ? make_folder() : chdir(root) == 0, "a folder can be made");
    long changed = when_changed();
    keep_inside(text, strlen(text));
    for (char *rest = text, *next; n < WORDS && (next = strsep(&rest, "\n")) != NULL;)
        word[n++] = next;
    if (!options_parse(&options, n, word, &why))
        must_say(&why);
    else if (options.action == ACTION_RUN)
        plan(&options);
    options_free(&options);
    free(text);
    must(when_changed() == changed, "planning writes nothing");
    must(fchdir(before) == 0, "the fuzzer has a folder");
    return 0;
}
