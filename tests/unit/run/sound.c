/* What a worker process that was taken over says that a picture adds to a pool: it must be sums of such a picture. */
#include "cli/run/sound.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>

enum { WIDTH = 5, HEIGHT = 4, COLOURS = 2, UNIT = 255 };

/* Of a picture that was measured: 0, 1, 2 ... in one channel, and twice as much in the other. */
static void measured(struct result *r)
{
    struct sums sums[COLOURS] = {0};
    struct wide products = {0};
    struct why why = {""};
    *r = (struct result){.status = RESULT_MEASURED,
                         .width = WIDTH,
                         .height = HEIGHT,
                         .unit = UNIT,
                         .pictures = 1,
                         .space = instnorm_space_find("rgb")};
    ck_assert(result_reserve(r, COLOURS, &why));
    uint32_t x[COLOURS][WIDTH * HEIGHT];
    for (unsigned i = 0; i < WIDTH * HEIGHT; i++) {
        x[0][i] = i;
        x[1][i] = 2 * i;
    }
    sums_multiply_where(x[0], x[1], NULL, WIDTH * HEIGHT, &products);
    for (unsigned c = 0; c < COLOURS; c++) {
        sums_add_where(x[c], NULL, WIDTH * HEIGHT, &sums[c]);
        ck_assert(moments_of_sums(&sums[c], 0, &r->channel[c].moments, &why));
    }
    struct instnorm_moments moments[] = {r->channel[0].moments, r->channel[1].moments};
    const struct pooled_part part = {
        .colours = COLOURS, .unit = UNIT, .moments = moments, .sums = sums, .products = &products, .pictures = 1};
    ck_assert(pooled_add(&r->pooled, &part, &why));
}

/* Whether the result is read from its flat form, and sound. */
static bool is_taken(const struct result *r)
{
    struct why why = {""};
    struct result read;
    size_t n;
    unsigned char *bytes = result_pack(r, &n);
    ck_assert_ptr_nonnull(bytes);
    bool is_read = result_unpack(&read, bytes, n, &why), sound = is_read && result_is_sound(&read);
    free(bytes);
    if (is_read)
        result_free(&read);
    return sound;
}

/* ---- lies ---------------------------------------------------------------------------------------------------------- */

/* A lie, and whether it may be true of a statistics file. */
static bool more_pictures(struct result *r)
{
    r->pooled.pictures = 2;
    return false;
}

static bool no_pictures(struct result *r)
{
    r->pooled.pictures = 0;
    return false;
}

static bool missing(struct result *r)
{
    r->pooled.missing = r->missing = UINT64_MAX;
    return true;
}

static bool named(struct result *r)
{
    r->pooled.names.low = 1;
    return true;
}

static bool named_high(struct result *r)
{
    r->pooled.names.high = 1;
    return true;
}

static bool unnamed(struct result *r)
{
    return (r->pooled.unnamed = true);
}

static bool two_units(struct result *r)
{
    struct why why = {""};
    return pooled_unit(&r->pooled, 7, &why) != NULL;
}

static bool no_unit(struct result *r)
{
    struct why why = {""};
    pooled_free(&r->pooled);
    ck_assert(pooled_begin(&r->pooled, COLOURS, &why));
    r->pooled.pictures = 1;
    return false;
}

static bool infinite_unit(struct result *r)
{
    r->pooled.unit->unit = INFINITY;
    return false;
}

static bool negative_unit(struct result *r)
{
    r->pooled.unit->unit = -UNIT;
    return false;
}

static bool other_unit(struct result *r)
{
    r->pooled.unit->unit = UNIT + 1;
    return false;
}

static bool more_samples(struct result *r)
{
    r->width--;
    return true;
}

static bool more_weight(struct result *r)
{
    return !dyadic_add(&r->pooled.unit->channel[1].weight, 1);
}

static bool less_than_no_weight(struct result *r)
{
    r->pooled.unit->channel[0].weight.negative = true;
    return false;
}

static bool no_weight(struct result *r)
{
    dyadic_free(&r->pooled.unit->channel[0].weight);
    return false;
}

static bool other_sum(struct result *r)
{
    return !dyadic_add(&r->pooled.unit->channel[1].sum, 1e-9);
}

static bool far_sum(struct result *r)
{
    return !dyadic_add_product(&r->pooled.unit->channel[1].sum, 1e308, 1e308);
}

static bool other_squares(struct result *r)
{
    return !dyadic_add(&r->pooled.unit->channel[0].squares, -1e-6);
}

static bool negative_squares(struct result *r)
{
    r->pooled.unit->channel[1].squares.negative = true;
    return false;
}

static bool negative_deviation(struct result *r)
{
    r->pooled.unit->channel[1].stds.negative = true;
    return false;
}

static bool pair_of_more(struct result *r)
{
    return dyadic_add(&r->pooled.unit->pair->weight, 1);
}

static bool pair_of_less(struct result *r)
{
    r->pooled.unit->pair->weight.negative = true;
    return false;
}

static bool reversed_range(struct result *r)
{
    r->pooled.range[0].least = r->pooled.range[0].most + 1;
    return false;
}

static bool no_range(struct result *r)
{
    r->pooled.range[1].most = NAN;
    return false;
}

static bool half_a_range(struct result *r)
{
    r->pooled.range[1].most = INFINITY;
    return false;
}

static bool more_skipped(struct result *r)
{
    r->pooled.range[0].skipped = WIDTH * HEIGHT + 1;
    return true;
}

static bool more_means(struct result *r)
{
    r->pooled.range[0].pictures = 2;
    return false;
}

static bool other_mean(struct result *r)
{
    r->channel[1].moments.mean += 1e-9;
    return false;
}

static bool other_deviation(struct result *r)
{
    r->channel[1].moments.m2 *= 1 + 1e-9;
    return false;
}

static bool no_number(struct result *r)
{
    r->channel[0].moments.mean = NAN;
    return false;
}

static bool (*const lies[])(struct result *) = {more_pictures,    no_pictures,
                                                missing,          named,
                                                named_high,       unnamed,
                                                two_units,        no_unit,
                                                infinite_unit,    negative_unit,
                                                other_unit,       more_samples,
                                                more_weight,      less_than_no_weight,
                                                no_weight,        other_sum,
                                                far_sum,          other_squares,
                                                negative_squares, negative_deviation,
                                                pair_of_more,     pair_of_less,
                                                reversed_range,   no_range,
                                                half_a_range,     more_skipped,
                                                more_means,       other_mean,
                                                other_deviation,  no_number};

/* ---- tests --------------------------------------------------------------------------------------------------------- */

/* As what a statistics file says: in units. */
static void make_statistics(struct result *r)
{
    r->status = RESULT_STATISTICS;
    for (unsigned c = 0; c < COLOURS; c++)
        r->channel[c].moments = moments_scaled(&r->channel[c].moments, 1. / UNIT);
    r->unit = 1;
}

/* What is added up is of the picture, and of the numbers that are shown of it. */
START_TEST(pools_are_of_the_picture)
{
    for (int statistics = 0; statistics < 2; statistics++) {
        struct result r;
        measured(&r);
        if (statistics)
            make_statistics(&r);
        ck_assert_msg(is_taken(&r), "what is true, %d", statistics);
        bool may_be = lies[_i](&r) && statistics;
        ck_assert_msg(is_taken(&r) == may_be, "lie %d, %d", _i, statistics);
        result_free(&r);
    }
}
END_TEST

/* A pool of no channels, which says of pictures. */
START_TEST(pools_of_nothing_say_nothing)
{
    struct result r = {.status = RESULT_DONE};
    ck_assert(is_taken(&r));
    r.pooled.pictures = 1;
    ck_assert(!is_taken(&r));
    r.pooled = (struct pooled){.missing = 1};
    ck_assert(!is_taken(&r));
    r.pooled = (struct pooled){.unnamed = true};
    ck_assert(!is_taken(&r));
}
END_TEST

/* Each bit of what is added up is refused or leaves sums that reports can take: numbers, and texts that are read again. */
START_TEST(any_bit_of_a_pool_may_be_wrong)
{
    struct result r;
    size_t n;
    measured(&r);
    unsigned char *bytes = result_pack(&r, &n);
    ck_assert_ptr_nonnull(bytes);
    size_t refused = 0;
    for (size_t bit = 0; bit < 8 * n; bit++) {
        struct result other;
        struct why why = {""};
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        bool read = result_unpack(&other, bytes, n, &why);
        bool sound = read && result_is_sound(&other);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        refused += !sound;
        for (unsigned c = 0; sound && c < other.pooled.colours; c++) {
            struct moments_numbers numbers;
            REQUIRE(pooled_numbers(&other.pooled, c, &numbers, &why), "%s", why.text);
            REQUIRE(isfinite(numbers.mean) && isfinite(numbers.variance), "bit %zu", bit);
        }
        if (read)
            result_free(&other);
    }
    ck_assert_uint_gt(refused, n);
    free(bytes);
    result_free(&r);
}
END_TEST

SUITE(sound)
{
    TCase *tcase = tcase_create("sound");
    ADD_EACH(tcase, pools_are_of_the_picture, lies);
    tcase_add_test(tcase, pools_of_nothing_say_nothing);
    tcase_add_test(tcase, any_bit_of_a_pool_may_be_wrong);
    suite_add_tcase(suite, tcase);
}
