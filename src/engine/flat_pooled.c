/* The flat form of what a picture adds to a pool. */
#include "engine/flat.h"

#include <math.h>
#include <stdlib.h>

/* Digits, and the place of the first, of numbers such as dyadic_read takes. */
enum { DIGIT_PLACES = DYADIC_SCALE / DYADIC_DIGIT + 1, DIGITS_MAX = DIGIT_PLACES + DYADIC_BITS / DYADIC_DIGIT };

static void walk_dyadic(struct flat *f, struct dyadic *x)
{
    const bool reads = f->mode == FLAT_READ;
    unsigned low = flat_unsigned(f, (unsigned)(x->low + DIGIT_PLACES), 2 * DIGIT_PLACES);
    unsigned n = flat_unsigned(f, (unsigned)x->n, DIGITS_MAX);
    flat_bool(f, &x->negative);
    if (reads && n > 0 && flat_has(f, 4 * (uint64_t)n) && !(x->digit = calloc(n, sizeof *x->digit)))
        why_memory(&f->why);
    if (reads)
        *x = (struct dyadic){x->digit, x->digit ? n : 0, x->digit ? n : 0, (int)low - DIGIT_PLACES, x->negative};
    for (size_t i = 0; i < x->n; i++)
        x->digit[i] = flat_unsigned(f, x->digit[i], UINT32_MAX);
    if (reads && !dyadic_is_readable(x))
        flat_refuse(f);
}

static void walk_unit(struct flat *f, struct pooled_unit *u, unsigned colours, bool pairs)
{
    for (unsigned c = 0; c < colours && !f->why.text[0]; c++) {
        struct pooled_channel *ch = &u->channel[c];
        walk_dyadic(f, &ch->weight);
        walk_dyadic(f, &ch->sum);
        walk_dyadic(f, &ch->squares);
        walk_dyadic(f, &ch->means);
        walk_dyadic(f, &ch->stds);
    }
    for (size_t k = 0; pairs && k < sums_pairs(colours) && !f->why.text[0]; k++) {
        struct pooled_pair *pair = &u->pair[k];
        walk_dyadic(f, &pair->weight);
        walk_dyadic(f, &pair->x);
        walk_dyadic(f, &pair->y);
        walk_dyadic(f, &pair->products);
    }
}

enum { DYADIC_BYTES = 3 * 4, RANGE_BYTES = 4 * 8 };

/* Room for what a frame brings, in the order of units: as many channels as there are bytes for. */
static struct pooled_unit *begin_unit(struct flat *f, struct pooled *p, unsigned colours, double unit)
{
    double last = p->units > 0 ? p->unit[p->units - 1].unit : 0;
    if (unit > last && unit < INFINITY && flat_has(f, (uint64_t)colours * 5 * DYADIC_BYTES))
        return pooled_unit(p, unit, &f->why);
    flat_refuse(f);
    return NULL;
}

/* A bin of samples of integers, or of the interval of a value. */
static bool is_counted(unsigned sample)
{
    return sample == SAMPLE_F64 || (sample > SAMPLE_NONE && sample <= SAMPLE_LAST && counts_each(sample));
}

/* Kind i, which comes after those before it. */
static void walk_kind(struct flat *f, struct pooled *p, unsigned i)
{
    bool reads = f->mode == FLAT_READ;
    struct counts *c = reads ? NULL : &p->histogram.kind[i];
    struct counts own = {0};
    unsigned sample = flat_unsigned(f, reads ? 0 : c->sample, SAMPLE_LAST);
    double unit = reads ? 0 : c->unit;
    bool in_parts = !reads && c->in_parts, fine = !reads && c->fine;
    flat_double(f, &unit);
    flat_bool(f, &in_parts);
    flat_bool(f, &fine);
    if (reads) {
        c = &own;
        if (f->why.text[0] || !is_counted(sample) || !(unit > 0 && unit < INFINITY) || p->colours == 0) {
            flat_refuse(f);
            return;
        }
        if (!counts_begin(c, sample, unit, p->colours, &f->why))
            return;
        c->in_parts = in_parts;
        c->fine = fine;
    }
    flat_counts(f, c->bin, c->channels * counts_bins(c->sample));
    if (reads && !f->why.text[0] && histogram_add(&p->histogram, c, &f->why)) {
        const struct counts *last = &p->histogram.kind[p->histogram.kinds - 1];
        if (p->histogram.kinds != i + 1 || last->sample != c->sample || last->unit != c->unit)
            flat_refuse(f);
    }
    counts_free(&own);
}

static void walk_histogram(struct flat *f, struct pooled *p)
{
    unsigned kinds = flat_unsigned(f, (unsigned)p->histogram.kinds, HISTOGRAM_KINDS);
    flat_bool(f, &p->no_histogram);
    for (unsigned i = 0; i < kinds && !f->why.text[0]; i++)
        walk_kind(f, p, i);
}

void flat_pooled(struct flat *f, struct pooled *p)
{
    bool reads = f->mode == FLAT_READ;
    unsigned colours = flat_unsigned(f, p->colours, UINT32_MAX), units = flat_unsigned(f, (unsigned)p->units, POOLED_UNITS);
    bool no_covariance = p->no_covariance;
    flat_bool(f, &no_covariance);
    flat_number(f, 8, &p->pictures);
    flat_number(f, 8, &p->missing);
    flat_bool(f, &p->unnamed);
    flat_number(f, 8, &p->names.high);
    flat_number(f, 8, &p->names.low);
    if (reads && colours > 0 && flat_has(f, (uint64_t)colours * RANGE_BYTES))
        pooled_begin(p, colours, &f->why);
    if (p->no_covariance && !no_covariance)
        flat_refuse(f);
    p->no_covariance = no_covariance;
    for (unsigned c = 0; c < p->colours; c++) {
        struct pooled_range *range = &p->range[c];
        flat_double(f, &range->least);
        flat_double(f, &range->most);
        flat_number(f, 8, &range->skipped);
        flat_number(f, 8, &range->pictures);
    }
    for (unsigned i = 0; i < units && !f->why.text[0]; i++) {
        double unit = reads ? 0 : p->unit[i].unit;
        flat_double(f, &unit);
        struct pooled_unit *u = reads ? begin_unit(f, p, p->colours, unit) : &p->unit[i];
        if (u)
            walk_unit(f, u, p->colours, !p->no_covariance);
    }
    walk_histogram(f, p);
}
