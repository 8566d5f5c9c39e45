#include "engine/levels.h"

#include <math.h>
#include <stdlib.h>

/* What bin i stands for, in units. Samples in linear are rounded to float, as those that are measured. */
static double value_of(const struct counts *c, const struct instnorm_space *space, size_t i)
{
    double sample = (double)i + sample_least(c->sample);
    float coded = (float)sample, linear;
    if (!counts_each(c->sample))
        return counts_middle((unsigned)i);
    if (!space->linear)
        return sample / c->unit;
    instnorm_decode(&coded, 1, c->unit, &linear);
    return (double)linear;
}

/* Each channel has less than 2^63, and there are few. */
static uint64_t weight_of(const struct counts *c, size_t bins, size_t i, unsigned first, unsigned channels)
{
    uint64_t weight = 0;
    for (unsigned channel = first; channel < first + channels && weight <= INT64_MAX; channel++)
        weight += c->bin[channel * bins + i];
    return weight;
}

/* A histogram of samples that are alike, on the way through its bins, which ascend. */
struct walk {
    const struct counts *counts;
    uint64_t factor; /* of its counts */
    size_t bin;      /* that comes next */
    struct level at; /* it has come to; without weight: the end */
};

struct span {
    const struct instnorm_space *space;
    unsigned first, channels;
};

static void step(struct walk *w, const struct span *span)
{
    const struct counts *c = w->counts;
    size_t bins = counts_bins(c->sample);
    w->at.weight = 0;
    while (w->at.weight == 0 && w->bin < bins)
        w->at.weight = weight_of(c, bins, w->bin++, span->first, span->channels);
    if (w->at.weight == 0)
        return;
    w->at.value = value_of(c, span->space, w->bin - 1);
    w->at.interval = counts_each(c->sample) ? counts_interval(w->at.value) : (unsigned)(w->bin - 1);
}

static bool is_before(const struct level *a, const struct level *b)
{
    return a->interval != b->interval ? a->interval < b->interval : a->value < b->value;
}

/* The one that has come least far; NULL: all are at their ends. */
static struct walk *find_least(struct walk *walk, size_t n)
{
    struct walk *least = NULL;
    for (size_t k = 0; k < n; k++)
        if (walk[k].at.weight > 0 && (!least || is_before(&walk[k].at, &least->at)))
            least = &walk[k];
    return least;
}

/* False if the weights come to 2^63. */
static bool merge(struct levels *to, struct walk *walk, size_t n, const struct span *span)
{
    for (struct walk *w; (w = find_least(walk, n)); step(w, span)) {
        if (w->at.weight > (INT64_MAX - to->total) / w->factor)
            return false;
        w->at.weight *= w->factor;
        to->at[to->n++] = w->at;
        to->total += w->at.weight;
    }
    return true;
}

bool levels_make(struct levels *to, const struct histogram *from, const struct instnorm_space *space, unsigned first,
                 unsigned channels, struct why *why)
{
    const struct span span = {space, first, channels};
    struct walk walk[HISTOGRAM_KINDS];
    size_t room = 0;
    bool in_parts = false;
    for (size_t k = 0; k < from->kinds; k++)
        in_parts |= from->kind[k].in_parts;
    for (size_t k = 0; k < from->kinds; k++) {
        const struct counts *c = &from->kind[k];
        walk[k] = (struct walk){.counts = c, .factor = in_parts && !c->in_parts ? COUNTS_WHOLE : 1};
        step(&walk[k], &span);
        room += counts_bins(c->sample);
    }
    *to = (struct levels){.at = malloc((room + 1) * sizeof *to->at)};
    if (!to->at)
        return why_memory(why);
    if (merge(to, walk, from->kinds, &span))
        return true;
    levels_free(to);
    return why_set(why, "too many pixels for quantiles: expected less than 2^63, or 2^39 where some count in part");
}

/* The centre lies between the levels below it and those above, of which always the nearer one comes next. */
bool levels_deviate(struct levels *l, double centre, struct why *why)
{
    struct level *at = malloc((l->n + 1) * sizeof *at);
    size_t above = 0;
    if (!at)
        return why_memory(why);
    while (above < l->n && l->at[above].value < centre)
        above++;
    for (size_t below = above, i = 0; i < l->n; i++) {
        bool up = below == 0 || (above < l->n && l->at[above].value - centre < centre - l->at[below - 1].value);
        at[i] = up ? l->at[above++] : l->at[--below];
        at[i].value = fabs(at[i].value - centre);
        at[i].interval = counts_interval(at[i].value);
    }
    free(l->at);
    l->at = at;
    return true;
}

uint64_t levels_rank(double quantile, uint64_t total)
{
    double rank = ceil(quantile * (double)total);
    return !(rank > 1) ? 1 : rank < (double)total ? (uint64_t)rank : total;
}

const struct level *levels_find(const struct levels *l, uint64_t rank)
{
    size_t i = 0;
    for (uint64_t reached = 0; i + 1 < l->n; i++) {
        reached += l->at[i].weight;
        if (reached >= rank)
            break;
    }
    return &l->at[i];
}

void levels_free(struct levels *l)
{
    free(l->at);
    *l = (struct levels){0};
}
