/* --lut: the map as a look-up table that video and photo tools read. */
#include "cli/report/reporter.h"
#include "cli/report/same_map.h"
#include "codec/codec.h"
#include "engine/lut.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct lut {
    const struct instnorm_space *space;
    struct same_map same;
};

static const char *asked(const struct reporting *how)
{
    return how->lut;
}

static bool is_cube(const unsigned char *head, size_t n)
{
    const struct foreign *foreign = foreign_sniff(head, n);
    return foreign && foreign->kind == FOREIGN_CUBE;
}

static void *begin(const struct report_context *context, struct why *why)
{
    struct lut *lut = calloc(1, sizeof *lut);
    if (lut)
        lut->space = context->request->space;
    else
        why_memory(why);
    return lut;
}

static bool add(void *state, const struct result *result, const struct job *job, struct why *why)
{
    struct lut *lut = state;
    (void)job;
    return same_map_add(&lut->same, result, why);
}

static bool check(const struct same_map *same, struct why *why)
{
    unsigned channels = same->map.channels;
    if (same->pictures == 0)
        return why_set(why, "no picture was mapped, because nothing counts in any of the inputs");
    if (same->differs)
        return why_set(why, "the pictures got different maps: expected one picture, or --norm batch");
    return channels == 1 || channels == 3 || why_set(why, "%u colour channels: expected 1 or 3", channels);
}

static void abandon(void *state)
{
    struct lut *lut = state;
    map_free(&lut->same.map);
    free(lut);
}

static struct report_content finish(void *state, const struct report_end *end, struct why *why)
{
    const struct lut *lut = state;
    (void)end;
    char *text = check(&lut->same, why) ? lut_format(lut->space, &lut->same.map, why) : NULL;
    abandon(state);
    return (struct report_content){text, text ? strlen(text) : 0};
}

const struct reporter lut_reporter = {.option = "--lut",
                                      .asked = asked,
                                      .file = "LUT",
                                      .other = "is not a .cube file",
                                      .is_kind = is_cube,
                                      .begin = begin,
                                      .add = add,
                                      .finish = finish,
                                      .abandon = abandon};
