#include "engine/levels.h"

#include <math.h>
#include <stdlib.h>

static int compare(const void *a, const void *b)
{
    const struct level *x = a, *y = b;
    if (x->interval != y->interval)
        return x->interval < y->interval ? -1 : 1;
    return x->value < y->value ? -1 : x->value > y->value;
}

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
static uint64_t weight_of(const struct counts *c, size_t i, unsigned first, unsigned channels)
{
    uint64_t weight = 0;
    for (unsigned channel = first; channel < first + channels && weight <= INT64_MAX; channel++)
        weight += c->bin[channel * counts_bins(c->sample) + i];
    return weight;
}

static bool add(struct levels *to, const struct counts *c, const struct instnorm_space *space, unsigned first,
                unsigned channels, uint64_t factor)
{
    for (size_t i = 0; i < counts_bins(c->sample); i++) {
        uint64_t weight = weight_of(c, i, first, channels);
        if (weight == 0)
            continue;
        if (weight > (INT64_MAX - to->total) / factor)
            return false;
        weight *= factor;
        double value = value_of(c, space, i);
        unsigned interval = counts_each(c->sample) ? counts_interval(value) : (unsigned)i;
        to->at[to->n++] = (struct level){value, interval, weight};
        to->total += weight;
    }
    return true;
}

bool levels_make(struct levels *to, const struct histogram *from, const struct instnorm_space *space, unsigned first,
                 unsigned channels, struct why *why)
{
    size_t room = 0;
    bool in_parts = false;
    for (size_t k = 0; k < from->kinds; k++) {
        room += counts_bins(from->kind[k].sample);
        in_parts |= from->kind[k].in_parts;
    }
    *to = (struct levels){.at = malloc((room + 1) * sizeof *to->at)};
    if (!to->at)
        return why_memory(why);
    bool ok = true;
    for (size_t k = 0; ok && k < from->kinds; k++)
        ok = add(to, &from->kind[k], space, first, channels, in_parts && !from->kind[k].in_parts ? COUNTS_WHOLE : 1);
    if (!ok) {
        levels_free(to);
        return why_set(why, "too many pixels for quantiles: expected less than 2^63, or 2^39 where some count in part");
    }
    qsort(to->at, to->n, sizeof *to->at, compare);
    return true;
}

void levels_deviate(struct levels *l, double centre)
{
    for (size_t i = 0; i < l->n; i++) {
        l->at[i].value = fabs(l->at[i].value - centre);
        l->at[i].interval = counts_interval(l->at[i].value);
    }
    qsort(l->at, l->n, sizeof *l->at, compare);
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
