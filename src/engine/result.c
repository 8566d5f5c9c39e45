#include "engine/result.h"

#include <stdlib.h>

bool result_reserve(struct result *r, unsigned colours, struct why *why)
{
    r->channel = calloc(colours, sizeof *r->channel);
    if (!r->channel)
        return why_memory(why);
    r->colours = colours;
    return true;
}

bool result_counts(const struct result *r)
{
    return r->status <= RESULT_STATISTICS && r->role == PAGE_FULL && !r->nothing.text[0];
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
    free(m);
    return ok;
}

void result_free(struct result *r)
{
    notes_free(&r->notes);
    map_free(&r->map);
    free(r->channel);
    *r = (struct result){0};
}
