#include "engine/result.h"

#include "base/text.h"
#include "engine/request.h"
#include "engine/search.h"

#include <stdlib.h>

bool result_reserve(struct result *r, unsigned colours, struct why *why)
{
    r->channel = calloc(colours, sizeof *r->channel);
    if (!r->channel)
        return why_memory(why);
    r->colours = colours;
    return true;
}

bool result_of_statistics(const struct statistics *s, const struct instnorm_space *space, struct result *r, struct why *why)
{
    *r = (struct result){
        .status = RESULT_STATISTICS, .space = space, .unit = 1, .pictures = s->pictures, .missing = s->missing};
    if (!result_reserve(r, s->colours, why))
        return false;
    for (unsigned c = 0; c < s->colours; c++)
        r->channel[c].moments = s->channel[c];
    return true;
}

bool result_reserve_quantiles(struct result *r, size_t quantiles, struct why *why)
{
    r->quantile = calloc(r->colours * quantiles + 1, sizeof *r->quantile);
    r->quantiles = r->quantile ? quantiles : 0;
    return r->quantile || why_memory(why);
}

bool result_reserve_found(struct result *r, size_t founds, struct why *why)
{
    r->found = calloc(founds + 1, sizeof *r->found);
    r->founds = r->found ? founds : 0;
    return r->found || why_memory(why);
}

static bool put_quantiles(const struct pooled *pool, const struct request *request, struct result *r, struct why *why)
{
    const struct search_task task = {.of = &pool->histogram,
                                     .space = request->space,
                                     .channels = pool->colours,
                                     .groups = pool->colours,
                                     .quantile = request->quantiles.at,
                                     .n = request->quantiles.n,
                                     .rough = true};
    struct search search = {0};
    if (pool->no_histogram && request->histogram && request->by == MEASURED_MEAN)
        return why_set(why, "it has no histogram, which %s: write it with --histogram",
                       request->quantiles.n > 0 ? "--quantiles needs" : "--histogram adds up");
    if (request->quantiles.n == 0)
        return true;
    bool ok = result_reserve_quantiles(r, task.n, why) && search_begin(&search, &task, why);
    for (unsigned c = 0; ok && c < r->colours; c++)
        for (size_t i = 0; i < task.n; i++)
            r->quantile[c * task.n + i] = (struct quantile){task.quantile[i], search_value(&search, c, i)};
    search_free(&search);
    return ok;
}

bool result_of_pool(const struct pooled *pool, const struct request *request, struct result *r, struct why *why)
{
    struct statistics s = {0};
    bool ok = pooled_statistics(pool, &s, why) && result_of_statistics(&s, request->space, r, why);
    statistics_free(&s);
    return ok && pooled_merge(&r->pooled, pool, why) && put_quantiles(pool, request, r, why);
}

bool result_has_statistics(const struct result *r)
{
    return r->status <= RESULT_STATISTICS;
}

bool result_is_end(const struct result *r)
{
    return r->status >= RESULT_DONE;
}

bool result_is_one_of_many(const struct result *r)
{
    return r->dimensions == 4 || r->index > 0;
}

const char *result_layout(const struct result *r, char name[CHANNEL_NAME_BYTES])
{
    unsigned colours = r->channels - (r->alpha != ALPHA_NONE);
    const char *alpha = r->alpha == ALPHA_NONE ? "" : colours == 3 ? "A" : "+alpha";
    name[0] = '\0';
    if (colours == 1 || colours == 3)
        text_append(name, CHANNEL_NAME_BYTES, "%s%s", colours == 1 ? "grey" : "RGB", alpha);
    else
        text_append(name, CHANNEL_NAME_BYTES, "%u channels%s", colours, alpha);
    return name;
}

bool result_counts(const struct result *r)
{
    return result_has_statistics(r) && r->role == PAGE_FULL && !r->nothing.text[0];
}

double result_clipped(const struct result *r)
{
    uint64_t most = 0;
    for (unsigned c = 0; r->integer && c < r->colours; c++) {
        uint64_t n = r->channel[c].clip.low + r->channel[c].clip.high;
        most = n > most ? n : most;
    }
    return r->pixels > 0 ? (double)most / (double)r->pixels : 0;
}

bool result_merge(const struct result *r, struct statistics *into, struct why *why)
{
    if (!result_counts(r))
        return true;
    struct instnorm_moments *m = calloc(r->colours, sizeof *m);
    if (!m)
        return why_memory(why);
    for (unsigned c = 0; c < r->colours; c++)
        m[c] = moments_scaled(&r->channel[c].moments, 1 / r->unit);
    bool ok = statistics_merge(into, m, r->colours, r->pictures, why);
    into->missing += ok ? r->missing : 0;
    free(m);
    return ok;
}

bool result_pool(const struct result *r, struct pooled *into, struct why *why)
{
    return !result_counts(r) || pooled_merge(into, &r->pooled, why);
}

bool result_gather(const struct result *r, struct series *series, struct why *why)
{
    struct statistics used = {0};
    if (r->founds > 0)
        return series_add_found(series, r->found, r->founds, why);
    bool ok = statistics_reserve(&used, r->colours, why);
    for (unsigned c = 0; ok && c < r->colours; c++)
        used.channel[c] = moments_scaled(&r->channel[c].used, 1 / r->unit);
    ok = ok && series_add(series, &r->pooled, &used, why);
    statistics_free(&used);
    return ok;
}

void result_put_target(const struct result *r, struct statistics *into)
{
    for (unsigned c = 0; r->status == RESULT_MAPPED && result_counts(r) && c < r->colours; c++) {
        const struct instnorm_target *t = &r->channel[c].target;
        struct instnorm_moments *m = &into->channel[c];
        double weight = m->weight;
        if (!r->channel[c].touched)
            continue;
        instnorm_moments_given(t->beta, t->gamma * t->gamma, m);
        m->m2 *= weight;
        m->weight = weight;
    }
}

void result_free(struct result *r)
{
    notes_free(&r->notes);
    map_free(&r->map);
    pooled_free(&r->pooled);
    view_free(&r->before);
    view_free(&r->after);
    free(r->member);
    free(r->channel);
    free(r->quantile);
    free(r->found);
    *r = (struct result){0};
}
