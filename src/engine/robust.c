#include "engine/robust.h"

#include <math.h>
#include <stdlib.h>

/* The deviation of a normal distribution over its median absolute deviation: 1 / the quantile 0.75 of the standard one. */
#define DEVIATION_OF_MAD 1.4826

/* Once the medians are known. */
static bool deviate(struct robust *r, struct why *why)
{
    static const double half = 0.5;
    unsigned groups = r->values.groups;
    struct search_task task = r->task;
    double *centre = malloc(groups * sizeof *centre);
    if (!centre)
        return why_memory(why);
    for (unsigned g = 0; g < groups; g++)
        centre[g] = search_value(&r->values, g, 0);
    task.centre = centre;
    task.quantile = &half;
    task.n = 1;
    bool ok = search_begin(&r->deviations, &task, why);
    free(centre);
    return ok;
}

static bool go_on(struct robust *r, struct why *why)
{
    return r->by != MEASURED_MEDIAN || r->deviations.n > 0 || !search_is_done(&r->values) || deviate(r, why);
}

bool robust_begin(struct robust *r, const struct request *request, const struct search_task *where, struct why *why)
{
    struct quantiles_asked asked = request_quantiles(request);
    *r = (struct robust){.by = request->by, .task = *where};
    r->task.quantile = asked.at;
    r->task.n = asked.n;
    return search_begin(&r->values, &r->task, why) && go_on(r, why);
}

const struct search *robust_search(const struct robust *r)
{
    const struct search *now = r->deviations.n > 0 ? &r->deviations : &r->values;
    return search_is_done(now) ? NULL : now;
}

bool robust_narrow(struct robust *r, const uint64_t *bin, struct why *why)
{
    return search_narrow(r->deviations.n > 0 ? &r->deviations : &r->values, bin, why) && go_on(r, why);
}

static unsigned group_of(const struct robust *r, unsigned c)
{
    return c / (r->values.channels / r->values.groups);
}

double robust_quantile(const struct robust *r, unsigned c, size_t i)
{
    return search_value(&r->values, group_of(r, c), i);
}

void robust_put(const struct robust *r, unsigned c, double one, struct instnorm_moments *m)
{
    unsigned group = group_of(r, c);
    double low = search_value(&r->values, group, 0), spread;
    if (r->by == MEASURED_MEAN || !(m->weight > 0))
        return;
    if (r->by == MEASURED_MEDIAN) {
        m->mean = low * one;
        spread = DEVIATION_OF_MAD * search_value(&r->deviations, group, 0);
    } else {
        double high = search_value(&r->values, group, 1);
        m->mean = (low + high) / 2 * one;
        spread = (high - low) / 2;
    }
    m->m2 = m->weight * (spread * one) * (spread * one);
}

void robust_free(struct robust *r)
{
    search_free(&r->values);
    search_free(&r->deviations);
    *r = (struct robust){0};
}
