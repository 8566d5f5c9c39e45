/* The numbers of a pool, each rounded once. */
#include "engine/pooled.h"

#include <math.h>

/*
 * Sums over all units, over the common denominator of these: weights W, x = X / D, y = Y / D, products P / D^2. All to be
 * freed.
 */
struct fraction {
    struct dyadic w, x, y, p, d;
};

static void fraction_free(struct fraction *f)
{
    struct dyadic *const all[] = {&f->w, &f->x, &f->y, &f->p, &f->d};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        dyadic_free(all[i]);
}

/* x <- x times y */
static bool multiply(struct dyadic *x, const struct dyadic *y)
{
    return dyadic_multiply(x, y, x);
}

/* product <- the units but one; SIZE_MAX: all of them. */
static bool multiply_units(const struct pooled *p, size_t but, struct dyadic *product)
{
    bool ok = dyadic_add(product, 1);
    for (size_t i = 0; ok && i < p->units; i++) {
        struct dyadic unit = {0};
        ok = i == but || (dyadic_add(&unit, p->unit[i].unit) && multiply(product, &unit));
        dyadic_free(&unit);
    }
    return ok;
}

/* to += x times factor */
static bool add_times(struct dyadic *to, const struct dyadic *x, const struct dyadic *factor)
{
    struct dyadic product = {0};
    bool ok = dyadic_multiply(x, factor, &product) && dyadic_merge(to, &product);
    dyadic_free(&product);
    return ok;
}

/* The sums of a unit, or of two channels of it. */
struct terms {
    const struct dyadic *w, *x, *y, *p;
};

static struct terms terms_of(const struct pooled_unit *u, unsigned a, unsigned b)
{
    if (a == b)
        return (struct terms){&u->channel[a].weight, &u->channel[a].sum, &u->channel[a].sum, &u->channel[a].squares};
    const struct pooled_pair *pair = &u->pair[sums_pair(a, b)];
    return (struct terms){&pair->weight, &pair->x, &pair->y, &pair->products};
}

static bool fraction_make(const struct pooled *p, unsigned a, unsigned b, struct fraction *f)
{
    bool ok = multiply_units(p, SIZE_MAX, &f->d);
    for (size_t i = 0; ok && i < p->units; i++) {
        struct terms t = terms_of(&p->unit[i], a, b);
        struct dyadic others = {0};
        ok = multiply_units(p, i, &others) && dyadic_merge(&f->w, t.w) && add_times(&f->x, t.x, &others) &&
             add_times(&f->y, t.y, &others) && multiply(&others, &others) && add_times(&f->p, t.p, &others);
        dyadic_free(&others);
    }
    return ok;
}

/* *to <- (P W - X Y) / (W D)^2: variance or covariance; with `sum` times W. */
static bool spread(const struct fraction *f, bool sum, double *to)
{
    struct dyadic n = {0}, xy = {0}, d = {0};
    bool ok = dyadic_multiply(&f->p, &f->w, &n) && dyadic_multiply(&f->x, &f->y, &xy) && dyadic_subtract(&n, &xy) &&
              dyadic_multiply(&f->d, &f->d, &d) && multiply(&d, &f->w) && (sum || multiply(&d, &f->w)) &&
              dyadic_ratio(&n, &d, to);
    dyadic_free(&n);
    dyadic_free(&xy);
    dyadic_free(&d);
    return ok;
}

/* *to <- x / (W D), where x is a sum of f */
static bool mean_of(const struct dyadic *x, const struct fraction *f, double *to)
{
    struct dyadic d = {0};
    bool ok = dyadic_multiply(&f->w, &f->d, &d) && dyadic_ratio(x, &d, to);
    dyadic_free(&d);
    return ok;
}

/* Of no samples: all 0. Sums of rounded moments may be a little less than the least that there can be. */
static bool solve_channel(const struct pooled *p, unsigned c, bool sum, double *weight, double *mean, double *m2)
{
    struct fraction f = {.d = {0}};
    bool ok = fraction_make(p, c, c, &f);
    *weight = dyadic_round(&f.w);
    *mean = *m2 = 0;
    if (ok && dyadic_sign(&f.w) > 0)
        ok = mean_of(&f.x, &f, mean) && spread(&f, sum, m2);
    *m2 = fmax(*m2, 0);
    fraction_free(&f);
    return ok;
}

bool pooled_statistics(const struct pooled *p, struct statistics *to, struct why *why)
{
    statistics_free(to);
    if (p->colours > 0 && !statistics_reserve(to, p->colours, why))
        return false;
    to->pictures = p->pictures;
    to->missing = p->missing;
    for (unsigned c = 0; c < p->colours; c++) {
        struct instnorm_moments *m = &to->channel[c];
        if (!solve_channel(p, c, true, &m->weight, &m->mean, &m->m2))
            return why_memory(why);
        m->min = p->range[c].least;
        m->max = p->range[c].most;
        m->skipped = p->range[c].skipped;
    }
    return true;
}

bool pooled_numbers(const struct pooled *p, unsigned c, struct moments_numbers *to, struct why *why)
{
    double weight;
    if (!solve_channel(p, c, false, &weight, &to->mean, &to->variance))
        return why_memory(why);
    to->std = sqrt(to->variance);
    to->min = p->range[c].least;
    to->max = p->range[c].most;
    if (!(weight > 0))
        to->mean = to->variance = to->std = NAN;
    return true;
}

bool pooled_means(const struct pooled *p, unsigned c, double *mean, double *std, struct why *why)
{
    struct fraction f = {.d = {0}};
    bool known = p->range[c].pictures > 0;
    bool ok = dyadic_add_integer(&f.w, false, 0, p->range[c].pictures) && multiply_units(p, SIZE_MAX, &f.d);
    for (size_t i = 0; ok && i < p->units; i++) {
        const struct pooled_channel *ch = &p->unit[i].channel[c];
        struct dyadic others = {0};
        ok = multiply_units(p, i, &others) && add_times(&f.x, &ch->means, &others) && add_times(&f.y, &ch->stds, &others);
        dyadic_free(&others);
    }
    *mean = *std = NAN;
    if (ok && known)
        ok = mean_of(&f.x, &f, mean) && mean_of(&f.y, &f, std);
    fraction_free(&f);
    return ok || why_memory(why);
}

bool pooled_covariance(const struct pooled *p, double *matrix, struct why *why)
{
    bool ok = true;
    for (unsigned a = 0; ok && a < p->colours; a++)
        for (unsigned b = 0; ok && b <= a; b++) {
            struct fraction f = {.d = {0}};
            double *to = &matrix[a * p->colours + b];
            *to = NAN;
            ok = fraction_make(p, b, a, &f) && (dyadic_sign(&f.w) <= 0 || spread(&f, false, to));
            matrix[b * p->colours + a] = *to;
            fraction_free(&f);
        }
    return ok || why_memory(why);
}

bool moments_of_sums(const struct sums *s, double least, struct instnorm_moments *m, struct why *why)
{
    struct fraction f = {.d = {0}};
    bool ok = true;
    instnorm_moments_clear(m);
    if (s->n == 0)
        return true;
    struct pooled_channel c = {.weight = {0}};
    ok = pooled_add_sums(&c, s, least) && dyadic_add(&f.d, 1);
    f.w = c.weight;
    f.x = c.sum;
    f.p = c.squares;
    ok = ok && dyadic_merge(&f.y, &f.x) && mean_of(&f.x, &f, &m->mean) && spread(&f, true, &m->m2);
    fraction_free(&f);
    m->weight = (double)s->n;
    m->min = s->least + least;
    m->max = s->most + least;
    return ok || why_memory(why);
}
