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

static bool keep(struct series *s, const struct statistics *used, struct why *why)
{
    unsigned colours = used->colours;
    size_t place = s->place[s->n - 1];
    struct instnorm_moments *picture = grow(s->picture, &s->kept, place, colours * sizeof *picture);
    if (!picture)
        return why_memory(why);
    s->picture = picture;
    memcpy(picture + place * colours, used->channel, colours * sizeof *picture);
    return true;
}

bool series_add(struct series *s, const struct pooled *own, const struct statistics *used, struct why *why)
{
    bool counts = pooled_counts(own);
    size_t *place = grow(s->place, &s->room, s->n, sizeof *place);
    if (!place)
        return why_memory(why);
    s->place = place;
    place[s->n++] = counts ? (size_t)s->pool.pictures : SERIES_NOWHERE;
    return !counts || (pooled_merge(&s->pool, own, why) && (!s->averages || keep(s, used, why)));
}

/* Once the quantiles are known. */
static void settle(struct series *s)
{
    for (unsigned c = 0; !robust_search(&s->robust) && c < s->all.colours; c++)
        robust_put(&s->robust, c, 1, &s->all.channel[c]);
}

bool series_check(struct series *s, struct why *why)
{
    if (s->pool.pictures == 0)
        return s->averages || why_set(why, "nothing counts in any picture of the batch");
    if (!pooled_statistics(&s->pool, &s->all, why))
        return false;
    if (s->averages || !s->request || request_quantiles(s->request).n == 0)
        return true;
    const struct search_task task = {
        .of = &s->pool.histogram, .space = s->request->space, .channels = s->pool.colours, .groups = s->pool.colours};
    robust_free(&s->robust);
    bool ok = robust_begin(&s->robust, s->request, &task, why);
    if (ok)
        settle(s);
    return ok;
}

const struct search *series_search(const struct series *s)
{
    return robust_search(&s->robust);
}

bool series_add_found(struct series *s, const uint64_t *found, size_t n, struct why *why)
{
    const struct search *search = series_search(s);
    if (!search || n != search_bins(search))
        return why_set(why, "internal error: nothing of the kind was sought");
    if (!s->found && !(s->found = calloc(n, sizeof *s->found)))
        return why_memory(why);
    for (size_t i = 0; i < n; i++)
        s->found[i] += found[i];
    return true;
}

bool series_narrow(struct series *s, struct why *why)
{
    bool ok = (s->found || why_set(why, "changed while it was read")) && robust_narrow(&s->robust, s->found, why);
    free(s->found);
    s->found = NULL;
    if (ok)
        settle(s);
    return ok;
}

/* Pictures without a sample that counts are left out. */
static void average_channel(const struct series *s, size_t i, unsigned width, unsigned c, struct instnorm_moments *out)
{
    size_t reach = width / 2, first = i > reach ? i - reach : 0, last = s->n - 1 - i > reach ? i + reach : s->n - 1;
    double weight = 0, mean = 0, variance = 0;
    for (size_t k = first; k <= last; k++) {
        if (s->place[k] == SERIES_NOWHERE)
            continue;
        const struct instnorm_moments *m = &s->picture[s->place[k] * s->pool.colours + c];
        bool outermost = width % 2 == 0 && (k + reach == i || k == i + reach);
        double w = !(m->weight > 0) ? 0 : outermost ? 0.5 : 1;
        weight += w;
        mean += w * m->mean;
        variance += w * instnorm_variance(m);
    }
    if (weight > 0)
        instnorm_moments_given(mean / weight, variance / weight, out);
}

bool series_average(const struct series *s, size_t i, unsigned width, struct statistics *used, struct statistics *average,
                    struct why *why)
{
    unsigned colours = s->pool.colours;
    if (i >= s->n || s->place[i] == SERIES_NOWHERE)
        return why_set(why, "changed since it was measured");
    *used = (struct statistics){.colours = colours, .channel = s->picture + s->place[i] * colours, .pictures = 1};
    statistics_free(average);
    if (!statistics_reserve(average, colours, why))
        return false;
    for (unsigned c = 0; c < colours; c++)
        average_channel(s, i, width, c, &average->channel[c]);
    return true;
}

void series_free(struct series *s)
{
    pooled_free(&s->pool);
    statistics_free(&s->all);
    robust_free(&s->robust);
    free(s->found);
    free(s->place);
    free(s->picture);
    *s = (struct series){0};
}
