#include "gather.h"

#include <stdlib.h>
#include <string.h>

static bool keep(struct gathered *g, const struct instnorm_moments *pooled, unsigned colours, struct why *why)
{
    if (g->n == g->room) {
        size_t room = g->room ? 2 * g->room : 64;
        struct instnorm_moments *more = realloc(g->picture, room * colours * sizeof *more);
        if (!more)
            return why_memory(why);
        g->picture = more;
        g->room = room;
    }
    memcpy(g->picture + g->n++ * colours, pooled, colours * sizeof *pooled);
    return true;
}

bool gather(struct gathered *g, const struct instnorm_moments *own, const struct instnorm_moments *pooled, unsigned colours,
            struct why *why)
{
    return statistics_merge(&g->all, own, colours, 1, why) && (!g->series || keep(g, pooled, colours, why));
}

/* Pictures without a sample that counts are left out. */
static void average_channel(const struct gathered *g, size_t i, unsigned width, unsigned c, struct instnorm_moments *out)
{
    size_t reach = width / 2, first = i > reach ? i - reach : 0, last = g->n - 1 - i > reach ? i + reach : g->n - 1;
    double weight = 0, mean = 0, variance = 0;
    for (size_t k = first; k <= last; k++) {
        const struct instnorm_moments *m = &g->picture[k * g->all.colours + c];
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
    free(g->picture);
    *g = (struct gathered){0};
}
