/*
 * Draws the figures of samples/LAYERS.md from the tables that build/training writes:
 *
 *     lessons-draw TABLES FIGURES
 *
 * losses.svg, even.svg, rates.svg and spread.svg from the .csv of the same name, and pools.svg. It writes none of them
 * before all are drawn.
 */
#include "lessons/lessons.h"

#include "base/quote.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PATH = 4096, QUOTED = 100 };

static const struct {
    const char *name;
    bool (*draw)(struct growing *to, const char *path, struct why *why);
} figures[] = {
    {"losses", losses_draw}, {"even", even_draw}, {"rates", rates_draw}, {"spread", spread_draw}, {"pools", pools_draw}};

enum { FIGURES = sizeof figures / sizeof *figures };

static bool join(char path[PATH], const char *folder, const char *name, const char *ending, struct why *why)
{
    int n = snprintf(path, PATH, "%s/%s%s", folder, name, ending);
    return (n > 0 && n < PATH) || why_set(why, "the name of a folder is too long");
}

static bool fail(const char *path, struct why *why)
{
    char quoted[QUOTED];
    return why_set(why, "%s: %s", quote(quoted, sizeof quoted, path), strerror(errno));
}

static bool write_text(const char *path, const struct growing *text, struct why *why)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return fail(path, why);
    bool good = fwrite(text->text, 1, text->n, file) == text->n;
    if (!good)
        fail(path, why);
    if (fclose(file) != 0)
        good = fail(path, why);
    return good;
}

/* Under another name until it is complete. */
static bool save(const char *folder, const char *name, const struct growing *text, struct why *why)
{
    char part[PATH], path[PATH];
    if (!join(part, folder, name, ".svg.part", why) || !join(path, folder, name, ".svg", why))
        return false;
    if (write_text(part, text, why) && (rename(part, path) == 0 || fail(path, why)))
        return true;
    remove(part);
    return false;
}

static bool run(const char *tables, const char *folder, struct growing text[FIGURES], struct why *why)
{
    char path[PATH];
    for (int i = 0; i < FIGURES; i++) {
        if (!join(path, tables, figures[i].name, ".csv", why) || !figures[i].draw(&text[i], path, why))
            return false;
        if (text[i].lacks)
            return why_memory(why);
    }
    for (int i = 0; i < FIGURES; i++)
        if (!save(folder, figures[i].name, &text[i], why))
            return false;
    return true;
}

int main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: lessons-draw TABLES FIGURES\n");
        return 2;
    }
    struct growing text[FIGURES] = {{0}};
    struct why why = {""};
    bool good = run(argv[1], argv[2], text, &why);
    for (int i = 0; i < FIGURES; i++)
        growing_free(&text[i]);
    if (!good)
        fprintf(stderr, "lessons-draw: %s\n", why.text);
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
