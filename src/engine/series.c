#include "engine/series.h"

#include <stdlib.h>
#include <string.h>

/* array, moved if need be, with room for one element behind its n; NULL: out of memory, and the array stays. */
static void *grow(void *array, size_t *room, size_t n, size_t size)
{
    size_t more = *room ? 2 * *room : 64;
    if (n < *room)
        return array;
    void *grown = realloc(array, more * size);
    *room = grown ? more : *room;
    return grown;
}

static bool keep(struct gathered *g, const struct instnorm_moments *pooled, unsigned colours, struct why *why)
{
    size_t place = g->place[g->n - 1];
    struct instnorm_moments *picture = grow(g->picture, &g->kept, place, colours * sizeof *picture);
    if (!picture)
        return why_memory(why);
    g->picture = picture;
    memcpy(picture + place * colours, pooled, colours * sizeof *pooled);
    return true;
}

bool gather(struct gathered *g, const struct instnorm_moments *own, const struct instnorm_moments *pooled, unsigned colours,
            struct why *why)
{
    bool counts = moments_count(own, colours);
    size_t *place = grow(g->place, &g->room, g->n, sizeof *place);
    if (!place)
        return why_memory(why);
    g->place = place;
    place[g->n++] = counts ? (size_t)g->all.pictures : GATHERED_NOWHERE;
    return !counts || (statistics_merge(&g->all, own, colours, 1, why) && (!g->series || keep(g, pooled, colours, why)));
}

bool gathered_check(const struct gathered *g, struct why *why)
{
    return g->series || g->all.pictures > 0 || why_set(why, "nothing counts in any picture of the batch");
}

/* Pictures without a sample that counts are left out. */
static void average_channel(const struct gathered *g, size_t i, unsigned width, unsigned c, struct instnorm_moments *out)
{
    size_t reach = width / 2, first = i > reach ? i - reach : 0, last = g->n - 1 - i > reach ? i + reach : g->n - 1;
    double weight = 0, mean = 0, variance = 0;
    for (size_t k = first; k <= last; k++) {
        if (g->place[k] == GATHERED_NOWHERE)
            continue;
        const struct instnorm_moments *m = &g->picture[g->place[k] * g->all.colours + c];
        bool outermost = width % 2 == 0 && (k + reach == i || k == i + reach);
        double w = !(m->weight > 0) ? 0 : outermost ? 0.5 : 1;
        weight += w;
        mean += w * m->mean;
        variance += w * instnorm_variance(m);
    }
    if (weight > 0)
        instnorm_moments_given(mean / weight, variance / weight, out);
}

bool gathered_average(const struct gathered *g, size_t i, unsigned width, struct statistics *into, struct why *why)
{
    statistics_free(into);
    if (!statistics_reserve(into, g->all.colours, why))
        return false;
    for (unsigned c = 0; c < g->all.colours; c++)
        average_channel(g, i, width, c, &into->channel[c]);
    return true;
}

void gathered_free(struct gathered *g)
{
    statistics_free(&g->all);
    free(g->place);
    free(g->picture);
    *g = (struct gathered){0};
}
