/*
 * Statistics files: what is read is written again, and that is read as the same, sum by sum, and written as the same text.
 * A file that is added to itself is the same pool whether it is read twice or its pool is merged.
 */
#include "memory.h"
#include "reader.h"

#include "cli/report/reports.h"
#include "cli/report/stats_file.h"
#include "cli/report/stats_sums.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void check_same_sum(const struct dyadic *a, const struct dyadic *b)
{
    must(a->n == b->n && a->low == b->low && a->negative == b->negative &&
             (a->n == 0 || memcmp(a->digit, b->digit, a->n * sizeof *a->digit) == 0),
         "each sum comes back");
}

static void check_same_unit(const struct pooled_unit *a, const struct pooled_unit *b, const struct pooled *of)
{
    must(a->unit == b->unit, "units come back");
    for (unsigned c = 0; c < of->colours; c++) {
        const struct pooled_channel *x = &a->channel[c], *y = &b->channel[c];
        check_same_sum(&x->weight, &y->weight);
        check_same_sum(&x->sum, &y->sum);
        check_same_sum(&x->squares, &y->squares);
        check_same_sum(&x->means, &y->means);
        check_same_sum(&x->stds, &y->stds);
    }
    for (size_t k = 0; !of->no_covariance && k < sums_pairs(of->colours); k++) {
        const struct pooled_pair *x = &a->pair[k], *y = &b->pair[k];
        check_same_sum(&x->weight, &y->weight);
        check_same_sum(&x->x, &y->x);
        check_same_sum(&x->y, &y->y);
        check_same_sum(&x->products, &y->products);
    }
}

static void check_same(const struct pooled *got, const struct pooled *want)
{
    must(got->colours == want->colours && got->units == want->units, "channels and units come back");
    must(got->pictures == want->pictures && got->missing == want->missing, "counts come back");
    must(got->unnamed == want->unnamed && memcmp(&got->names, &want->names, sizeof got->names) == 0, "names come back");
    must(got->no_covariance == want->no_covariance, "covariances come back");
    for (unsigned c = 0; c < want->colours; c++) {
        const struct pooled_range *a = &got->range[c], *b = &want->range[c];
        must(a->least == b->least && a->most == b->most, "the range comes back");
        must(a->skipped == b->skipped && a->pictures == b->pictures, "counts of a channel come back");
    }
    for (size_t i = 0; i < want->units; i++)
        check_same_unit(&got->unit[i], &want->unit[i], want);
}

/* What any later step may rest on. */
static void check_numbers(const struct pooled *pool)
{
    struct statistics s = {0};
    struct why why = {0};
    must(pooled_statistics(pool, &s, &why) && s.colours > 0, "there are statistics");
    for (unsigned c = 0; c < s.colours; c++) {
        const struct instnorm_moments *m = &s.channel[c];
        must(m->weight > 0 && isfinite(m->weight), "a channel has samples");
        must(m->m2 >= 0 && isfinite(m->mean) && isfinite(m->m2), "moments are those of some samples");
    }
    statistics_free(&s);
}

static void check_twice(const struct json_library *json, const struct instnorm_space *space, const struct pooled *once,
                        const char *text, size_t n)
{
    struct pooled read = {0}, merged = {0};
    struct why why = {0};
    must(json->parse(text, n, space, &read, &why) && json->parse(text, n, space, &read, &why), "a file is read twice");
    must(pooled_merge(&merged, once, &why) && pooled_merge(&merged, once, &why), "a pool is added twice");
    char *a = json->format(space, &read, NULL), *b = json->format(space, &merged, NULL);
    must(a && b && strcmp(a, b) == 0, "both ways lead to the same file");
    free(a);
    free(b);
    pooled_free(&read);
    pooled_free(&merged);
}

static void check_space(const struct json_library *json, const struct instnorm_space *space, const char *text, size_t n)
{
    struct pooled first = {0}, second = {0};
    struct why why = {0};
    if (json->parse(text, n, space, &first, &why)) {
        check_numbers(&first);
        char *again = json->format(space, &first, NULL);
        must(again && json->parse(again, strlen(again), space, &second, &why), "what was written is read");
        check_same(&second, &first);
        char *third = json->format(space, &second, NULL);
        must(third && strcmp(third, again) == 0, "the same is written again");
        check_twice(json, space, &first, text, n);
        free(again);
        free(third);
    } else {
        must_say(&why);
    }
    pooled_free(&first);
    pooled_free(&second);
}

/* ---- files that agree with themselves ------------------------------------------------------------------------------ */

static void put(json_t *object, const char *name, double value)
{
    if (isfinite(value))
        json_object_set_new(object, name, json_real(value));
}

/* Gives the channels the numbers of the sums, and any range. */
static bool mend(json_t *root)
{
    json_t *channels = json_object_get(root, "channels");
    struct pooled pool = {0};
    struct statistics s = {0};
    struct why why = {0};
    size_t n = json_array_size(channels);
    bool ok = n > 0 && n <= POOLED_COVARIANCES + 1 && pooled_begin(&pool, (unsigned)n, &why) &&
              stats_get_sums(json_object_get(root, "sums"), &pool, &why) && pooled_statistics(&pool, &s, &why);
    for (unsigned c = 0; ok && c < n; c++) {
        json_t *object = json_array_get(channels, c);
        struct moments_numbers numbers;
        must(pooled_numbers(&pool, c, &numbers, &why), "there is memory");
        put(object, "weight", s.channel[c].weight);
        put(object, "mean", numbers.mean);
        put(object, "variance", numbers.variance);
        json_object_set_new(object, "min", json_null());
    }
    statistics_free(&s);
    pooled_free(&pool);
    return ok;
}

/* The file as one whose numbers are those of its sums, to be freed by free(). NULL: it has none that can be read. */
static char *mended(const char *text, size_t n)
{
    json_t *root = json_loadb(text, n, JSON_REJECT_DUPLICATES, NULL);
    char *other = root && mend(root) ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return other;
}

static void check_spaces(const struct json_library *json, const char *text, size_t n)
{
    const struct instnorm_space *space;
    for (size_t i = 0; (space = instnorm_space_at(i)) != NULL; i++)
        check_space(json, space, text, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const struct json_library *json = reports_json();
    must(json != NULL, "the build has jansson");
    char *other = mended((const char *)bytes, size);
    check_spaces(json, (const char *)bytes, size);
    if (other)
        check_spaces(json, other, strlen(other));
    free(other);
    return 0;
}
