#include "engine/search.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A reading counts in so many bins, or a few more. */
enum { BINS_LOG = 22, DIGIT_MOST = 16, DIGIT_LEAST = 4, FLOAT_GRAIN = 52 - 23 };

/* ---- keys ---------------------------------------------------------------------------------------------------------- */

static const uint64_t sign = (uint64_t)1 << 63;

/* A number that rises as the value does. There is one 0. */
static uint64_t key_of(double value)
{
    uint64_t bits;
    value += 0;
    memcpy(&bits, &value, sizeof bits);
    return bits & sign ? ~bits : bits | sign;
}

static double value_of(uint64_t key)
{
    uint64_t bits = key & sign ? key & ~sign : ~key;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* The keys of an interval. */
static void enter(struct sought *item, unsigned interval)
{
    unsigned half = COUNTS_BINS / 2, i = interval < half ? half - 1 - interval : interval - half;
    uint64_t low = key_of(counts_low(i)), end = i + 1 < half ? key_of(counts_low(i + 1)) : key_of(INFINITY);
    item->low = interval < half ? ~end + 1 : low;
    item->span = end - low;
}

static unsigned bits_of(uint64_t n)
{
    unsigned bits = 0;
    while (bits < 64 && n >> bits > 0)
        bits++;
    return bits;
}

/* By how many bits keys are shifted, so that as many are left as a reading tells. */
static unsigned shift_of(const struct search *s, const struct sought *item)
{
    unsigned bits = bits_of(item->span - 1), shift = bits > s->digit ? bits - s->digit : 0;
    return shift > s->grain ? shift : s->grain;
}

/* ---- beginning ----------------------------------------------------------------------------------------------------- */

static void find_level(struct sought *item, const struct levels *l)
{
    item->span = 0;
    item->value = l->n > 0 ? levels_find(l, item->rank)->value : (double)NAN;
}

static void find_interval(struct sought *item, const struct levels *l)
{
    if (l->n == 0) {
        item->value = NAN;
        return;
    }
    const struct level *at = levels_find(l, item->rank);
    for (const struct level *i = l->at; i->interval < at->interval; i++)
        item->rank -= i->weight;
    enter(item, at->interval);
}

static bool begin_group(struct search *s, const struct search_task *task, unsigned group, bool each, struct why *why)
{
    struct levels l;
    unsigned wide = task->channels / task->groups;
    if (!levels_make(&l, task->of, task->space, group * wide, wide, why))
        return false;
    if (task->centre && each && !levels_deviate(&l, task->centre[group], why)) {
        levels_free(&l);
        return false;
    }
    for (size_t i = 0; i < s->n; i++) {
        struct sought *item = &s->item[group * s->n + i];
        *item = (struct sought){.quantile = task->quantile[i], .rank = levels_rank(task->quantile[i], l.total)};
        if (each)
            find_level(item, &l);
        else if (task->centre && l.n > 0)
            *item = (struct sought){item->quantile, item->rank, key_of(0), key_of(INFINITY) - key_of(0), 0};
        else
            find_interval(item, &l);
    }
    levels_free(&l);
    return true;
}

static unsigned digit_for(size_t items)
{
    unsigned log = bits_of(items);
    unsigned digit = log < BINS_LOG ? BINS_LOG - log : 0;
    return digit > DIGIT_MOST ? DIGIT_MOST : digit < DIGIT_LEAST ? DIGIT_LEAST : digit;
}

bool search_begin(struct search *s, const struct search_task *task, struct why *why)
{
    bool each = true, fine = task->centre != NULL;
    size_t items = task->groups * task->n;
    *s = (struct search){.channels = task->channels, .groups = task->groups, .n = task->n, .digit = digit_for(items)};
    for (size_t k = 0; k < task->of->kinds; k++) {
        const struct counts *kind = &task->of->kind[k];
        each &= counts_each(kind->sample);
        fine |= kind->fine;
        s->in_parts |= kind->in_parts;
    }
    s->grain = fine ? 0 : FLOAT_GRAIN;
    s->item = calloc(items + 1, sizeof *s->item);
    s->centre = task->centre ? calloc(task->groups, sizeof *s->centre) : NULL;
    if (!s->item || (task->centre && !s->centre))
        return why_memory(why);
    if (task->centre)
        memcpy(s->centre, task->centre, task->groups * sizeof *s->centre);
    for (unsigned g = 0; g < task->groups; g++)
        if (!begin_group(s, task, g, each || task->rough, why))
            return false;
    return true;
}

void search_free(struct search *s)
{
    free(s->item);
    free(s->centre);
    *s = (struct search){0};
}

/* ---- readings ------------------------------------------------------------------------------------------------------ */

bool search_is_done(const struct search *s)
{
    for (size_t i = 0; i < s->groups * s->n; i++)
        if (s->item[i].span > 0)
            return false;
    return true;
}

size_t search_bins(const struct search *s)
{
    return s->groups * s->n << s->digit;
}

void search_count(const struct search *s, uint64_t *bin, unsigned c, struct run x, double one, const float *weight,
                  double full, size_t n)
{
    unsigned group = c / (s->channels / s->groups);
    for (size_t k = group * s->n; k < (group + 1) * s->n; k++) {
        const struct sought *item = &s->item[k];
        uint64_t *to = bin + (k << s->digit);
        unsigned shift = item->span > 0 ? shift_of(s, item) : 0;
        for (size_t i = 0; item->span > 0 && i < n; i++) {
            double value = run_at(x, i) / one;
            uint64_t at = key_of(s->centre ? fabs(value - s->centre[group]) : value) - item->low;
            if (at < item->span && isfinite(value))
                to[at >> shift] += counts_weight(s->in_parts, weight, full, i);
        }
    }
}

/* The part that has the rank. */
static bool narrow(const struct search *s, struct sought *item, const uint64_t *bin)
{
    unsigned shift = shift_of(s, item);
    uint64_t parts = (item->span - 1) >> shift, i = 0;
    while (i < parts && bin[i] < item->rank)
        item->rank -= bin[i++];
    if (bin[i] < item->rank)
        return false;
    item->low += i << shift;
    item->span = (uint64_t)1 << shift;
    if (shift > s->grain)
        return true;
    item->span = 0;
    item->value = value_of(item->low & sign ? item->low : item->low | (((uint64_t)1 << s->grain) - 1));
    return true;
}

bool search_narrow(struct search *s, const uint64_t *bin, struct why *why)
{
    for (size_t k = 0; k < s->groups * s->n; k++)
        if (s->item[k].span > 0 && !narrow(s, &s->item[k], bin + (k << s->digit)))
            return why_set(why, "changed while it was read");
    return true;
}

double search_value(const struct search *s, unsigned group, size_t i)
{
    return s->item[group * s->n + i].value;
}
