#include "engine/statistics.h"

#include <math.h>
#include <stdlib.h>

struct instnorm_moments moments_scaled(const struct instnorm_moments *m, double factor)
{
    struct instnorm_moments s = *m;
    s.mean *= factor;
    s.m2 *= factor * factor;
    s.min *= factor;
    s.max *= factor;
    return s;
}

struct moments_numbers moments_in_units(const struct instnorm_moments *m, double unit)
{
    bool empty = !(m->weight > 0);
    return (struct moments_numbers){.mean = empty ? NAN : m->mean / unit,
                                    .std = empty ? NAN : sqrt(instnorm_variance(m)) / unit,
                                    .variance = empty ? NAN : instnorm_variance(m) / (unit * unit),
                                    .min = m->min / unit,
                                    .max = m->max / unit};
}

bool moments_count(const struct instnorm_moments *channel, unsigned n)
{
    unsigned c = 0;
    while (c < n && !(channel[c].weight > 0))
        c++;
    return c < n;
}

bool statistics_check_counts(const struct statistics *s, struct why *why)
{
    for (unsigned c = 0; c < s->colours; c++)
        if (!(s->channel[c].weight > 0))
            return why_set(why, "channel %u has no sample that counts", c);
    return true;
}

bool statistics_reserve(struct statistics *s, unsigned colours, struct why *why)
{
    s->channel = calloc(colours, sizeof *s->channel);
    if (!s->channel)
        return why_memory(why);
    s->colours = colours;
    for (unsigned c = 0; c < colours; c++)
        instnorm_moments_clear(&s->channel[c]);
    return true;
}

bool statistics_merge(struct statistics *into, const struct instnorm_moments *channel, unsigned colours, uint64_t pictures,
                      struct why *why)
{
    if (into->colours == 0 && !statistics_reserve(into, colours, why))
        return false;
    if (into->colours != colours)
        return why_set(why, "expected %u colour channel%s, as in the inputs before, not %u", into->colours,
                       into->colours == 1 ? "" : "s", colours);
    for (unsigned c = 0; c < colours; c++)
        instnorm_merge(&into->channel[c], &channel[c]);
    into->pictures += pictures;
    return true;
}

bool statistics_copy(struct statistics *to, const struct statistics *from, double factor, struct why *why)
{
    statistics_free(to);
    if (!statistics_reserve(to, from->colours, why))
        return false;
    for (unsigned c = 0; c < from->colours; c++)
        to->channel[c] = moments_scaled(&from->channel[c], factor);
    to->pictures = from->pictures;
    to->missing = from->missing;
    return true;
}

static void blend_channel(const struct statistics *set, const double *weight, size_t n, unsigned c,
                          struct instnorm_moments *out)
{
    double total = 0, mean = 0, std = 0;
    for (size_t i = 0; i < n; i++) {
        total += weight[i];
        mean += weight[i] * set[i].channel[c].mean;
        std += weight[i] * sqrt(instnorm_variance(&set[i].channel[c]));
    }
    instnorm_moments_given(mean / total, std / total * (std / total), out);
}

bool statistics_blend(const struct statistics *set, const double *weight, size_t n, struct statistics *into,
                      struct why *why)
{
    if (n == 1)
        return statistics_merge(into, set[0].channel, set[0].colours, set[0].pictures, why);
    if (!statistics_reserve(into, set[0].colours, why))
        return false;
    for (unsigned c = 0; c < into->colours; c++)
        blend_channel(set, weight, n, c, &into->channel[c]);
    return true;
}

bool statistics_repeat_grey(struct statistics *s, struct why *why)
{
    struct statistics three = {0};
    if (s->colours != 1)
        return true;
    if (!statistics_reserve(&three, 3, why))
        return false;
    for (unsigned c = 0; c < 3; c++)
        three.channel[c] = s->channel[0];
    three.pictures = s->pictures;
    three.missing = s->missing;
    statistics_free(s);
    *s = three;
    return true;
}

static void pool_group(struct statistics *s, struct instnorm_comoments *pairs, unsigned first, unsigned width)
{
    struct instnorm_comoments all_pairs = {0};
    struct instnorm_moments all;
    instnorm_moments_clear(&all);
    for (unsigned c = first; c < first + width; c++) {
        instnorm_merge(&all, &s->channel[c]);
        if (pairs)
            instnorm_merge_pairs(&all_pairs, &pairs[c]);
    }
    for (unsigned c = first; c < first + width; c++) {
        s->channel[c] = all;
        if (pairs)
            pairs[c] = all_pairs;
    }
}

bool statistics_check_groups(const struct statistics *s, unsigned groups, struct why *why)
{
    return s->colours % groups == 0 ||
           why_set(why, "--norm group:%u: expected a number that divides the %u colour channels", groups, s->colours);
}

bool statistics_pool(struct statistics *s, struct instnorm_comoments *pairs, unsigned groups, struct why *why)
{
    if (!statistics_check_groups(s, groups, why))
        return false;
    unsigned width = s->colours / groups;
    for (unsigned first = 0; first < s->colours; first += width)
        pool_group(s, pairs, first, width);
    return true;
}

void statistics_free(struct statistics *s)
{
    free(s->channel);
    *s = (struct statistics){0};
}
