#include "cli/report/total.h"

#include "engine/robust.h"

#include <stdlib.h>

/* A single pool may have more, as many as the pictures themselves. */
enum { CHANNELS_MAX = 1 << 17 };

void *total_begin(const struct report_context *context, struct why *why)
{
    struct total *t = calloc(1, sizeof *t);
    if (t)
        t->request = context->request;
    else
        why_memory(why);
    return t;
}

static struct pooled *find_pool(const struct total *t, unsigned colours)
{
    size_t i = 0;
    while (i < t->n && t->pool[i].colours != colours)
        i++;
    return i < t->n ? &t->pool[i] : NULL;
}

static bool add_pool(struct total *t, unsigned colours, struct why *why)
{
    if (t->n > 0 && t->channels + colours > CHANNELS_MAX)
        return why_set(why, "the totals for each number of channels have more than %d channels", (int)CHANNELS_MAX);
    struct pooled *more = realloc(t->pool, (t->n + 1) * sizeof *more);
    if (!more)
        return why_memory(why);
    t->pool = more;
    t->pool[t->n++] = (struct pooled){0};
    t->channels += colours;
    return true;
}

bool total_add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    struct total *t = state;
    (void)job;
    if (!result_counts(r))
        return true;
    struct pooled *pool = find_pool(t, r->colours);
    if (!pool && !add_pool(t, r->colours, why))
        return false;
    return result_pool(r, pool ? pool : &t->pool[t->n - 1], why);
}

void total_free(void *state)
{
    struct total *t = state;
    for (size_t i = 0; i < t->n; i++)
        pooled_free(&t->pool[i]);
    free(t->pool);
    free(t);
}

static void put_quantiles(const struct robust *found, struct result *r)
{
    for (unsigned c = 0; c < r->colours; c++)
        for (size_t i = 0; i < r->quantiles; i++)
            r->quantile[c * r->quantiles + i].value = robust_quantile(found, c, i);
}

/* All are made before the first is printed: where memory is short, none is. */
bool total_print(const struct total *t, const struct report_end *end,
                 bool (*print)(const struct result *result, struct why *why), struct why *why)
{
    if (t->n == 0)
        return print(&(struct result){.space = t->request->space, .missing = end->missing}, why);
    struct result *r = calloc(t->n, sizeof *r);
    bool ok = r || why_memory(why);
    for (size_t i = 0; ok && i < t->n; i++) {
        ok = result_of_pool(&t->pool[i], t->request, &r[i], why);
        r[i].missing += end->missing;
        if (ok && end->quantiles && t->n == 1)
            put_quantiles(end->quantiles, &r[i]);
    }
    for (size_t i = 0; ok && i < t->n; i++)
        ok = print(&r[i], why);
    for (size_t i = 0; r && i < t->n; i++)
        result_free(&r[i]);
    free(r);
    return ok;
}
