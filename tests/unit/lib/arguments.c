/*
 * What the functions of tensors refuse: each argument spoilt, and each pair of them, against the rules of instnorm.h
 * written out once more. And layouts, against all elements that they reach.
 */
#include "instnorm.h"
#include "support.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum function { FORWARD, BACKWARD, RUNNING, INFERENCE, FUNCTIONS };
enum { KINDS = 4, STATUSES = INSTNORM_ERROR_OVERFLOW + 1, ROOM = 256, NUMBERS = 32 };

/* Arrays of samples first, then of float numbers, then of double ones. */
enum array { X, DY, Y, DX, GAMMA, BETA, MEAN, RSTD, VARIANCE, RUNNING_MEAN, RUNNING_VARIANCE, DGAMMA, DBETA, ARRAYS };

struct call {
    enum function function;
    int kind;
    size_t groups;
    struct instnorm_shape shape;
    bool no_shape, no_samples; /* no_samples: x is NaN throughout */
    double eps, momentum;
    bool missing[ARRAYS];
    struct {
        bool is;
        size_t at;
        double value;
    } odd[ARRAYS]; /* one number of the array */
};

/* ---- the rules ----------------------------------------------------------------------------------------------------- */

static bool bad(double x, double least, double most)
{
    return !(x >= least && x <= most && isfinite(x));
}

/* Rows, channels and samples in this order, each beyond the whole of the one before. */
static bool nested(const size_t count[3], const size_t stride[3], size_t w, const int order[3])
{
    long double taken = w;
    for (int i = 0; i < 3; i++) {
        int d = order[i];
        if (count[d] > 1 && (long double)stride[d] < taken)
            return false;
        taken += (long double)(count[d] - 1) * (long double)stride[d];
    }
    return true;
}

/* *s gets the strides that were 0. long double is exact here. */
static enum instnorm_status status_of_shape(struct instnorm_shape *s)
{
    static const int orders[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    const size_t most = SIZE_MAX / sizeof(float);
    long double reach;
    bool apart = false;
    if (s->n == 0 || s->c == 0 || s->h == 0 || s->w == 0)
        return INSTNORM_ERROR_SHAPE;
    if (s->n > most || s->c > most || s->h > most || s->w > most)
        return INSTNORM_ERROR_SIZE;
    s->stride_h = s->stride_h ? s->stride_h : s->w;
    if ((long double)s->h * (long double)s->stride_h > (long double)SIZE_MAX)
        return INSTNORM_ERROR_SIZE;
    s->stride_c = s->stride_c ? s->stride_c : s->h * s->stride_h;
    if ((long double)s->c * (long double)s->stride_c > (long double)SIZE_MAX)
        return INSTNORM_ERROR_SIZE;
    s->stride_n = s->stride_n ? s->stride_n : s->c * s->stride_c;
    const size_t count[] = {s->h, s->c, s->n}, stride[] = {s->stride_h, s->stride_c, s->stride_n};
    reach = s->w;
    for (int d = 0; d < 3; d++)
        reach += (long double)(count[d] - 1) * (long double)stride[d];
    if (reach > (long double)most)
        return INSTNORM_ERROR_SIZE;
    for (int i = 0; i < 6; i++)
        apart |= nested(count, stride, s->w, orders[i]);
    return apart ? INSTNORM_OK : INSTNORM_ERROR_OVERLAP;
}

static size_t pools_of(const struct call *c)
{
    const size_t pools[] = {c->shape.n * c->shape.c, c->shape.n, c->shape.n * c->groups, c->shape.c};
    return pools[c->kind];
}

/* How many numbers of the array the function reads, and the range that they must lie in. */
static size_t numbers(const struct call *c, enum array array, double *least)
{
    bool of_pools = c->function == BACKWARD || c->function == RUNNING;
    *least = array == RSTD || array == VARIANCE || array == RUNNING_VARIANCE ? 0 : -(double)INFINITY;
    switch (array) {
    case GAMMA:
        return c->function == RUNNING ? 0 : c->shape.c;
    case BETA:
        return c->function == FORWARD || c->function == INFERENCE ? c->shape.c : 0;
    case MEAN:
        return of_pools ? pools_of(c) : c->function == INFERENCE ? c->shape.c : 0;
    case RSTD:
        return of_pools ? pools_of(c) : 0;
    case VARIANCE:
        return c->function == INFERENCE ? c->shape.c : 0;
    case RUNNING_MEAN:
    case RUNNING_VARIANCE:
        return c->function == RUNNING ? c->shape.c : 0;
    default:
        return 0;
    }
}

static bool needs(enum function function, enum array array)
{
    static const unsigned needed[FUNCTIONS] = {[FORWARD] = 1u << X | 1u << Y,
                                               [BACKWARD] = 1u << X | 1u << DY | 1u << MEAN | 1u << RSTD,
                                               [RUNNING] =
                                                   1u << MEAN | 1u << RSTD | 1u << RUNNING_MEAN | 1u << RUNNING_VARIANCE,
                                               [INFERENCE] = 1u << X | 1u << Y | 1u << MEAN | 1u << VARIANCE};
    return needed[function] >> array & 1;
}

static enum instnorm_status expected(struct call c)
{
    bool missing = c.no_shape, has_kind = c.function != INFERENCE;
    for (int i = 0; i < ARRAYS; i++)
        missing |= c.missing[i] && needs(c.function, (enum array)i);
    if (missing)
        return INSTNORM_ERROR_NULL;
    if (has_kind && (c.kind < 0 || c.kind >= KINDS))
        return INSTNORM_ERROR_KIND;
    if (c.function == RUNNING && c.kind != INSTNORM_INSTANCE && c.kind != INSTNORM_BATCH)
        return INSTNORM_ERROR_KIND;
    if ((c.function != BACKWARD && bad(c.eps, 0, (double)INFINITY)) || (c.function == RUNNING && bad(c.momentum, 0, 1)))
        return INSTNORM_ERROR_NUMBER;
    enum instnorm_status shape = status_of_shape(&c.shape);
    if (shape != INSTNORM_OK)
        return shape;
    if (has_kind && c.kind == INSTNORM_GROUP && (c.groups == 0 || c.shape.c % c.groups != 0))
        return INSTNORM_ERROR_GROUPS;
    if (c.function == RUNNING && c.shape.h * c.shape.w * (c.kind == INSTNORM_BATCH ? c.shape.n : 1) < 2)
        return INSTNORM_ERROR_SINGLE;
    for (int i = 0; i < ARRAYS; i++) {
        double least;
        size_t n = numbers(&c, (enum array)i, &least);
        if (!c.missing[i] && c.odd[i].is && c.odd[i].at < n && bad(c.odd[i].value, least, (double)INFINITY))
            return INSTNORM_ERROR_NUMBER;
    }
    return c.function == FORWARD && c.no_samples ? INSTNORM_ERROR_EMPTY : INSTNORM_OK;
}

/* ---- the calls ----------------------------------------------------------------------------------------------------- */

struct arrays {
    float samples[GAMMA][ROOM], floats[2][NUMBERS];
    double doubles[ARRAYS - MEAN][NUMBERS];
};

static struct arrays make_arrays(const struct call *c)
{
    struct arrays a;
    for (size_t i = 0; i < GAMMA * ROOM; i++)
        a.samples[i / ROOM][i % ROOM] = c->no_samples ? NAN : (float)(i * i % 7);
    for (size_t i = 0; i < 2 * NUMBERS; i++)
        a.floats[i / NUMBERS][i % NUMBERS] = 0.5f;
    for (size_t i = 0; i < (ARRAYS - MEAN) * NUMBERS; i++)
        a.doubles[i / NUMBERS][i % NUMBERS] = 0.25;
    for (int i = 0; i < ARRAYS; i++)
        if (c->odd[i].is && i >= MEAN)
            a.doubles[i - MEAN][c->odd[i].at] = c->odd[i].value;
        else if (c->odd[i].is && i >= GAMMA)
            a.floats[i - GAMMA][c->odd[i].at] = (float)c->odd[i].value;
    return a;
}

static enum instnorm_status make_call(const struct call *c, struct arrays *a)
{
    enum instnorm_kind kind = (enum instnorm_kind)c->kind;
    const struct instnorm_shape *shape = c->no_shape ? NULL : &c->shape;
    float *f[MEAN];
    double *d[ARRAYS];
    for (int i = 0; i < MEAN; i++)
        f[i] = c->missing[i] ? NULL : i < GAMMA ? a->samples[i] : a->floats[i - GAMMA];
    for (int i = MEAN; i < ARRAYS; i++)
        d[i] = c->missing[i] ? NULL : a->doubles[i - MEAN];
    switch (c->function) {
    case FORWARD:
        return instnorm_forward(kind, c->groups, shape, f[X], f[GAMMA], f[BETA], c->eps, f[Y], d[MEAN], d[RSTD]);
    case BACKWARD:
        return instnorm_backward(kind, c->groups, shape, f[X], f[DY], f[GAMMA], d[MEAN], d[RSTD], f[DX], d[DGAMMA],
                                 d[DBETA]);
    case RUNNING:
        return instnorm_running(kind, shape, d[MEAN], d[RSTD], c->eps, c->momentum, d[RUNNING_MEAN], d[RUNNING_VARIANCE]);
    default:
        return instnorm_inference(shape, f[X], d[MEAN], d[VARIANCE], f[GAMMA], f[BETA], c->eps, f[Y]);
    }
}

static size_t *member_of(struct instnorm_shape *s, size_t i)
{
    size_t *const member[] = {&s->n, &s->c, &s->h, &s->w, &s->stride_n, &s->stride_c, &s->stride_h};
    return member[i];
}

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* Does to the call what number i says: most of it is wrong, some of it right. False: there is no such number. */
static bool spoil(struct call *c, size_t i)
{
    static const int kind[] = {-1, 4, 9, INT_MIN, INT_MAX};
    static const size_t size[] = {0, 1, 3, 5, SIZE_MAX, SIZE_MAX / 2 + 1}, at[] = {0, 3, 4};
    const double value[] = {(double)NAN, (double)INFINITY, (double)-INFINITY, -1e-30, 2};

    if (i < 2) {
        *(i ? &c->no_samples : &c->no_shape) = true;
        return true;
    }
    if ((i -= 2) < ARRAYS)
        return c->missing[i] = true;
    if ((i -= ARRAYS) < COUNT(kind)) {
        c->kind = kind[i];
        return true;
    }
    if ((i -= COUNT(kind)) < 8 * COUNT(size)) {
        *(i < 7 * COUNT(size) ? member_of(&c->shape, i / COUNT(size)) : &c->groups) = size[i % COUNT(size)];
        return true;
    }
    if ((i -= 8 * COUNT(size)) < 2 * COUNT(value)) {
        *(i < COUNT(value) ? &c->eps : &c->momentum) = value[i % COUNT(value)];
        return true;
    }
    i -= 2 * COUNT(value);
    size_t array = GAMMA + i / (COUNT(at) * COUNT(value));
    if (array > RUNNING_VARIANCE)
        return false;
    c->odd[array].is = true;
    c->odd[array].at = at[i / COUNT(value) % COUNT(at)];
    c->odd[array].value = value[i % COUNT(value)];
    return true;
}

static struct call good_call(enum function function, int kind)
{
    return (struct call){.function = function,
                         .kind = kind,
                         .groups = 2,
                         .shape = {.n = 2, .c = 2, .h = 1, .w = 2},
                         .eps = 1e-5,
                         .momentum = 0.1};
}

static void require_expected(const struct call *c, size_t i, size_t j, size_t seen[STATUSES])
{
    struct arrays a = make_arrays(c), before = a;
    enum instnorm_status want = expected(*c), got = make_call(c, &a);
    REQUIRE(got == want, "function %d, kind %d, %zu and %zu spoilt: status %d, not %d", (int)c->function, c->kind, i, j,
            (int)got, (int)want);
    if (want != INSTNORM_OK && want != INSTNORM_ERROR_EMPTY)
        REQUIRE(memcmp(&a, &before, sizeof a) == 0, "function %d, %zu and %zu spoilt: something was written",
                (int)c->function, i, j);
    seen[want]++;
}

START_TEST(what_is_refused_is_what_the_header_says)
{
    enum function function = (enum function)(_i / KINDS);
    int kind = _i % KINDS;
    size_t seen[STATUSES] = {0};
    struct call one = good_call(function, kind), two;
    require_expected(&one, 0, 0, seen);
    for (size_t i = 0; one = good_call(function, kind), spoil(&one, i); i++)
        for (size_t j = 0; two = one, spoil(&two, j); j++)
            require_expected(&two, i, j, seen);
    bool has_kind = function != RUNNING || kind == INSTNORM_INSTANCE || kind == INSTNORM_BATCH;
    ck_assert(seen[INSTNORM_ERROR_NULL] > 1000 && (seen[INSTNORM_OK] > 1000) == has_kind);
    ck_assert((seen[INSTNORM_ERROR_KIND] > 100) == (function != INFERENCE));
    ck_assert((seen[INSTNORM_ERROR_NUMBER] > 1000) == has_kind);
    ck_assert((seen[INSTNORM_ERROR_SHAPE] > 100) == has_kind && (seen[INSTNORM_ERROR_SIZE] > 100) == has_kind);
    ck_assert((seen[INSTNORM_ERROR_OVERLAP] > 100) == has_kind);
    ck_assert((seen[INSTNORM_ERROR_GROUPS] > 100) ==
              (kind == INSTNORM_GROUP && (function == FORWARD || function == BACKWARD)));
    ck_assert((seen[INSTNORM_ERROR_SINGLE] > 0) == (function == RUNNING && has_kind));
    ck_assert((seen[INSTNORM_ERROR_EMPTY] > 0) == (function == FORWARD));
}
END_TEST

/* ---- layouts --------------------------------------------------------------------------------------------------------- */

enum { SPAN = 2048, SAMPLES_MAX = 256 };

/* at[] <- where the samples are, in order; false if two are in one place. */
static bool place(const struct instnorm_shape *s, size_t at[SAMPLES_MAX])
{
    bool taken[SPAN] = {false}, apart = true;
    size_t i = 0;
    for (size_t n = 0; n < s->n; n++)
        for (size_t c = 0; c < s->c; c++)
            for (size_t h = 0; h < s->h; h++)
                for (size_t w = 0; w < s->w; w++, i++) {
                    at[i] = n * s->stride_n + c * s->stride_c + h * s->stride_h + w;
                    REQUIRE(at[i] < SPAN && i < SAMPLES_MAX, "the test has no room");
                    apart &= !taken[at[i]];
                    taken[at[i]] = true;
                }
    return apart;
}

static void require_dense(enum instnorm_kind kind, const struct instnorm_shape *s, const size_t at[], size_t samples)
{
    const struct instnorm_shape dense = {.n = s->n, .c = s->c, .h = s->h, .w = s->w};
    float x[SAMPLES_MAX], want[SAMPLES_MAX], got[SPAN];
    struct random r = {500};
    random_floats(&r, 1, 2, x, samples);
    fill(got, SPAN, -12345);
    for (size_t i = 0; i < samples; i++)
        got[at[i]] = x[i];
    REQUIRE(instnorm_forward(kind, 1, &dense, x, NULL, NULL, 0.1, want, NULL, NULL) == INSTNORM_OK, "dense");
    REQUIRE(instnorm_forward(kind, 1, s, got, NULL, NULL, 0.1, got, NULL, NULL) == INSTNORM_OK, "strided");
    for (size_t i = 0; i < samples; i++) {
        REQUIRE(got[at[i]] == want[i], "sample %zu is %g, not %g", i, (double)got[at[i]], (double)want[i]);
        got[at[i]] = -12345;
    }
    for (size_t i = 0; i < SPAN; i++)
        REQUIRE(got[i] == -12345, "element %zu between the rows was written", i);
}

/* Small numbers, so that all orders of dimensions and all kinds of overlap come up, and strides of extents of 1. */
START_TEST(layouts_that_do_not_overlap_are_taken)
{
    struct random r = {501};
    size_t taken = 0, in_disorder = 0;
    for (int round = 0; round < 100000; round++) {
        struct instnorm_shape s = {0}, full;
        size_t at[SAMPLES_MAX], *const stride[] = {&s.stride_n, &s.stride_c, &s.stride_h};
        for (size_t i = 0; i < 4; i++)
            *member_of(&s, i) = 1 + random_below(&r, 4);
        for (size_t i = 0; i < 3; i++)
            *stride[i] = random_below(&r, 3) ? random_below(&r, 28) : 0;
        full = s;
        if (status_of_shape(&full) != INSTNORM_OK) {
            float x[1] = {7};
            REQUIRE(instnorm_forward(INSTNORM_LAYER, 0, &s, x, NULL, NULL, 0, x, NULL, NULL) == INSTNORM_ERROR_OVERLAP,
                    "round %d: what overlaps is taken", round);
            continue;
        }
        REQUIRE(place(&full, at), "round %d: what the test takes overlaps", round);
        require_dense((enum instnorm_kind)(round % KINDS), &s, at, s.n * s.c * s.h * s.w);
        taken++;
        in_disorder += full.h > 1 && full.c > 1 && full.stride_c < full.stride_h;
    }
    ck_assert(taken > 10000 && in_disorder > 100);
}
END_TEST

SUITE(arguments)
{
    TCase *refused = tcase_create("refused"), *layouts = tcase_create("layouts");
    tcase_add_loop_test(refused, what_is_refused_is_what_the_header_says, 0, FUNCTIONS * KINDS);
    tcase_add_test(layouts, layouts_that_do_not_overlap_are_taken);
    suite_add_tcase(suite, refused);
    suite_add_tcase(suite, layouts);
}
