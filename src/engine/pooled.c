#include "engine/pooled.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory -------------------------------------------------------------------------------------------------------- */

static void unit_free(struct pooled_unit *u, unsigned colours)
{
    for (unsigned c = 0; u->channel && c < colours; c++) {
        struct pooled_channel *ch = &u->channel[c];
        struct dyadic *const all[] = {&ch->weight, &ch->sum, &ch->squares, &ch->means, &ch->stds};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            dyadic_free(all[i]);
    }
    for (size_t k = 0; u->pair && k < sums_pairs(colours); k++) {
        struct pooled_pair *pair = &u->pair[k];
        struct dyadic *const all[] = {&pair->weight, &pair->x, &pair->y, &pair->products};
        for (size_t i = 0; i < sizeof all / sizeof *all; i++)
            dyadic_free(all[i]);
    }
    free(u->channel);
    free(u->pair);
}

void pooled_free(struct pooled *p)
{
    for (size_t i = 0; i < p->units; i++)
        unit_free(&p->unit[i], p->colours);
    histogram_free(&p->histogram);
    free(p->unit);
    free(p->range);
    *p = (struct pooled){0};
}

/* What is kept of so many channels. */
static size_t pairs_of(unsigned colours)
{
    return colours <= POOLED_COVARIANCES ? sums_pairs(colours) : 0;
}

bool pooled_begin(struct pooled *p, unsigned colours, struct why *why)
{
    if (p->colours > 0)
        return p->colours == colours || why_set(why, "expected %u colour channel%s, as in the inputs before, not %u",
                                                p->colours, p->colours == 1 ? "" : "s", colours);
    p->range = calloc(colours, sizeof *p->range);
    if (!p->range)
        return why_memory(why);
    p->colours = colours;
    p->no_covariance = colours == 1 || colours > POOLED_COVARIANCES;
    for (unsigned c = 0; c < colours; c++)
        p->range[c] = (struct pooled_range){INFINITY, -INFINITY, 0, 0};
    return true;
}

static bool unit_reserve(struct pooled_unit *u, unsigned colours)
{
    size_t pairs = pairs_of(colours);
    u->channel = calloc(colours, sizeof *u->channel);
    u->pair = pairs > 0 ? calloc(pairs, sizeof *u->pair) : NULL;
    return u->channel && (pairs == 0 || u->pair);
}

struct pooled_unit *pooled_unit(struct pooled *p, double unit, struct why *why)
{
    size_t at = 0;
    while (at < p->units && p->unit[at].unit < unit)
        at++;
    if (at < p->units && p->unit[at].unit == unit)
        return &p->unit[at];
    struct pooled_unit new = {.unit = unit}, *more = realloc(p->unit, (p->units + 1) * sizeof *more);
    if (more)
        p->unit = more;
    if (!more || !unit_reserve(&new, p->colours)) {
        unit_free(&new, p->colours);
        why_memory(why);
        return NULL;
    }
    for (size_t i = p->units++; i > at; i--)
        p->unit[i] = p->unit[i - 1];
    p->unit[at] = new;
    return &p->unit[at];
}

bool pooled_counts(const struct pooled *p)
{
    for (size_t i = 0; i < p->units; i++)
        for (unsigned c = 0; c < p->colours; c++)
            if (dyadic_sign(&p->unit[i].channel[c].weight) > 0)
                return true;
    return false;
}

/* ---- adding -------------------------------------------------------------------------------------------------------- */

static bool add_wide(struct dyadic *to, struct wide x)
{
    return dyadic_add_integer(to, false, x.high, x.low);
}

/* to += x + least * y + least^2 * n: a sum of products of two channels whose samples are each `least` more. */
static bool add_shifted(struct dyadic *to, struct wide products, struct wide x, struct wide y, uint64_t n, double least)
{
    struct dyadic sum = {0}, by = {0};
    bool ok = add_wide(to, products);
    if (ok && least != 0)
        ok = dyadic_add(&by, least) && dyadic_add_integer(&sum, false, 0, n) && dyadic_multiply(&sum, &by, &sum) &&
             add_wide(&sum, x) && add_wide(&sum, y) && dyadic_multiply(&sum, &by, &sum) && dyadic_merge(to, &sum);
    dyadic_free(&sum);
    dyadic_free(&by);
    return ok;
}

static bool add_sum(struct dyadic *to, const struct sums *s, double least)
{
    return add_wide(to, s->sum) && dyadic_add_product(to, (double)s->n, least);
}

bool pooled_add_sums(struct pooled_channel *to, const struct sums *s, double least)
{
    return dyadic_add_integer(&to->weight, false, 0, s->n) && add_sum(&to->sum, s, least) &&
           add_shifted(&to->squares, s->squares, s->sum, s->sum, s->n, least);
}

/* to += weight x mean^2 + m2 */
static bool add_squares(struct dyadic *to, double weight, double mean_x, double mean_y, double m2)
{
    struct dyadic w = {0}, x = {0}, y = {0};
    bool ok = dyadic_add(&w, weight) && dyadic_add_product(&x, mean_x, mean_y) && dyadic_multiply(&w, &x, &y) &&
              dyadic_merge(to, &y) && dyadic_add(to, m2);
    dyadic_free(&w);
    dyadic_free(&x);
    dyadic_free(&y);
    return ok;
}

static bool add_moments(struct pooled_channel *to, const struct instnorm_moments *m)
{
    return dyadic_add(&to->weight, m->weight) && dyadic_add_product(&to->sum, m->weight, m->mean) &&
           add_squares(&to->squares, m->weight, m->mean, m->mean, m->m2);
}

static bool add_own(struct pooled_channel *to, struct pooled_range *range, const struct instnorm_moments *m)
{
    range->pictures++;
    return dyadic_add(&to->means, m->mean) && dyadic_add(&to->stds, sqrt(instnorm_variance(m)));
}

static void widen(struct pooled_range *range, const struct instnorm_moments *m, double unit)
{
    range->least = fmin(range->least, m->min / unit);
    range->most = fmax(range->most, m->max / unit);
    range->skipped += m->skipped;
}

static bool add_channel(struct pooled *to, struct pooled_unit *unit, const struct pooled_part *part, unsigned c)
{
    const struct instnorm_moments *m = &part->moments[c];
    if (!(m->weight > 0)) {
        to->range[c].skipped += m->skipped;
        return true;
    }
    widen(&to->range[c], m, part->unit);
    return (part->sums ? pooled_add_sums(&unit->channel[c], &part->sums[c], part->least)
                       : add_moments(&unit->channel[c], m)) &&
           (part->pictures != 1 || add_own(&unit->channel[c], &to->range[c], m));
}

static bool add_pair(struct pooled_pair *to, const struct pooled_part *part, unsigned a, unsigned b)
{
    size_t k = sums_pair(a, b);
    if (part->sums) {
        const struct sums *x = &part->sums[a], *y = &part->sums[b];
        return dyadic_add_integer(&to->weight, false, 0, x->n) && add_sum(&to->x, x, part->least) &&
               add_sum(&to->y, y, part->least) &&
               add_shifted(&to->products, part->products[k], x->sum, y->sum, x->n, part->least);
    }
    const struct instnorm_comoments *m = &part->between[k];
    return dyadic_add(&to->weight, m->weight) && dyadic_add_product(&to->x, m->weight, m->mean_x) &&
           dyadic_add_product(&to->y, m->weight, m->mean_y) &&
           add_squares(&to->products, m->weight, m->mean_x, m->mean_y, m->c_xy);
}

/* Of pictures of which some have none there is none. */
static bool add_histogram(struct pooled *to, bool lacks, const struct histogram *from, struct why *why)
{
    to->no_histogram |= lacks;
    if (!to->no_histogram)
        return histogram_merge(&to->histogram, from, why);
    histogram_free(&to->histogram);
    return true;
}

/* Sums of squares of doubles may be beyond what doubles can be. */
static bool check_finite(const struct pooled_part *part, struct why *why)
{
    for (unsigned c = 0; c < part->colours; c++) {
        const struct instnorm_moments *m = &part->moments[c];
        if (m->weight > 0 && !(isfinite(m->weight) && isfinite(m->mean) && isfinite(m->m2)))
            return why_set(why, "channel %u has numbers so large that their variance is infinite", c);
    }
    return true;
}

bool pooled_add(struct pooled *to, const struct pooled_part *part, struct why *why)
{
    if (!check_finite(part, why) || !pooled_begin(to, part->colours, why))
        return false;
    struct pooled_unit *unit = pooled_unit(to, part->unit, why);
    bool ok = unit != NULL, covariances = part->sums ? part->products != NULL : part->between != NULL;
    to->no_covariance |= !covariances;
    for (unsigned b = 0; ok && b < part->colours; b++) {
        ok = add_channel(to, unit, part, b);
        for (unsigned a = 0; ok && !to->no_covariance && a < b; a++)
            ok = add_pair(&unit->pair[sums_pair(a, b)], part, a, b);
    }
    to->pictures += part->pictures;
    if (!ok)
        return why_memory(why);
    const struct histogram own = part->histogram ? histogram_of(part->histogram) : (struct histogram){0};
    return add_histogram(to, !part->histogram, &own, why);
}

void pooled_name(struct pooled *p, const char *file, uint64_t index)
{
    uint32_t hash[] = {0x6295c58d, 0x62b82175, 0x07bb0142, 0x6c62272e}; /* the offset basis */
    size_t bytes = strlen(file) + 1;
    for (size_t i = 0; i < bytes + 8; i++) {
        hash[0] ^= i < bytes ? (unsigned char)file[i] : (unsigned char)(index >> 8 * (i - bytes));
        uint64_t low = (uint64_t)hash[1] << 32 | hash[0];
        digits_multiply_add(hash, 4, 0x13b, 0); /* the prime is 2^88 + 0x13b */
        uint64_t high = ((uint64_t)hash[3] << 32 | hash[2]) + (low << 24);
        hash[2] = (uint32_t)high;
        hash[3] = (uint32_t)(high >> 32);
    }
    wide_add(&p->names, (struct wide){(uint64_t)hash[3] << 32 | hash[2], (uint64_t)hash[1] << 32 | hash[0]});
}

static bool merge_channel(struct pooled_channel *to, const struct pooled_channel *from)
{
    return dyadic_merge(&to->weight, &from->weight) && dyadic_merge(&to->sum, &from->sum) &&
           dyadic_merge(&to->squares, &from->squares) && dyadic_merge(&to->means, &from->means) &&
           dyadic_merge(&to->stds, &from->stds);
}

static bool merge_pair(struct pooled_pair *to, const struct pooled_pair *from)
{
    return dyadic_merge(&to->weight, &from->weight) && dyadic_merge(&to->x, &from->x) && dyadic_merge(&to->y, &from->y) &&
           dyadic_merge(&to->products, &from->products);
}

static bool merge_unit(struct pooled *to, const struct pooled_unit *from, struct why *why)
{
    struct pooled_unit *unit = pooled_unit(to, from->unit, why);
    bool ok = unit != NULL;
    for (unsigned c = 0; ok && c < to->colours; c++)
        ok = merge_channel(&unit->channel[c], &from->channel[c]);
    for (size_t k = 0; ok && !to->no_covariance && k < pairs_of(to->colours); k++)
        ok = merge_pair(&unit->pair[k], &from->pair[k]);
    return ok || why_memory(why);
}

bool pooled_merge(struct pooled *to, const struct pooled *from, struct why *why)
{
    bool ok = from->colours == 0 || pooled_begin(to, from->colours, why);
    to->no_covariance |= from->no_covariance;
    for (size_t i = 0; ok && i < from->units; i++)
        ok = merge_unit(to, &from->unit[i], why);
    for (unsigned c = 0; ok && c < from->colours; c++) {
        to->range[c].least = fmin(to->range[c].least, from->range[c].least);
        to->range[c].most = fmax(to->range[c].most, from->range[c].most);
        to->range[c].skipped += from->range[c].skipped;
        to->range[c].pictures += from->range[c].pictures;
    }
    to->pictures += from->pictures;
    to->missing += from->missing;
    to->unnamed |= from->unnamed;
    wide_add(&to->names, from->names);
    return ok && add_histogram(to, from->no_histogram, &from->histogram, why);
}

static bool repeat_unit(struct pooled_unit *to, const struct pooled_unit *from)
{
    const struct pooled_channel *grey = from->channel;
    bool ok = true;
    for (unsigned c = 0; ok && c < 3; c++)
        ok = merge_channel(&to->channel[c], grey);
    for (size_t k = 0; ok && k < sums_pairs(3); k++) {
        struct pooled_pair *pair = &to->pair[k];
        ok = dyadic_merge(&pair->weight, &grey->weight) && dyadic_merge(&pair->x, &grey->sum) &&
             dyadic_merge(&pair->y, &grey->sum) && dyadic_merge(&pair->products, &grey->squares);
    }
    return ok;
}

bool pooled_repeat_grey(struct pooled *p, struct why *why)
{
    struct pooled three = {.pictures = p->pictures, .missing = p->missing, .unnamed = p->unnamed, .names = p->names};
    if (p->colours != 1)
        return true;
    bool ok = pooled_begin(&three, 3, why);
    for (unsigned c = 0; ok && c < 3; c++)
        three.range[c] = p->range[0];
    for (size_t i = 0; ok && i < p->units; i++) {
        struct pooled_unit *unit = pooled_unit(&three, p->unit[i].unit, why);
        ok = unit && (repeat_unit(unit, &p->unit[i]) || why_memory(why));
    }
    ok = ok && histogram_repeat_grey(&p->histogram, why);
    if (ok) {
        three.histogram = p->histogram;
        three.no_histogram = p->no_histogram;
        p->histogram = (struct histogram){0};
    }
    pooled_free(ok ? p : &three);
    if (ok)
        *p = three;
    return ok;
}
