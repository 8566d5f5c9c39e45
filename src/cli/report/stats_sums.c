#include "cli/report/stats_sums.h"

#include <math.h>
#include <stdlib.h>

/* A sum and its name in the file. */
struct member {
    const char *name;
    struct dyadic *sum;
    bool any; /* it may be below 0 */
};

enum { CHANNEL_MEMBERS = 5, PAIR_MEMBERS = 4 };

static void list_channel(struct pooled_channel *c, struct member to[CHANNEL_MEMBERS])
{
    const struct member all[] = {{"weight", &c->weight, false},
                                 {"sum", &c->sum, true},
                                 {"squares", &c->squares, false},
                                 {"means", &c->means, true},
                                 {"stds", &c->stds, false}};
    for (int i = 0; i < CHANNEL_MEMBERS; i++)
        to[i] = all[i];
}

static void list_pair(struct pooled_pair *p, struct member to[PAIR_MEMBERS])
{
    const struct member all[] = {
        {"weight", &p->weight, false}, {"sum_x", &p->x, true}, {"sum_y", &p->y, true}, {"products", &p->products, true}};
    for (int i = 0; i < PAIR_MEMBERS; i++)
        to[i] = all[i];
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static json_t *put_members(const struct member *member, int n)
{
    json_t *object = json_object();
    for (int i = 0; i < n; i++) {
        struct growing text = {0};
        dyadic_write(member[i].sum, &text);
        json_put(&object, member[i].name, text.lacks ? NULL : json_stringn(text.text, text.n));
        growing_free(&text);
    }
    return object;
}

static json_t *put_unit(const struct pooled *pool, const struct pooled_unit *unit)
{
    json_t *object = json_object(), *channels = json_array(), *pairs = json_array();
    for (unsigned c = 0; c < pool->colours; c++) {
        struct member member[CHANNEL_MEMBERS];
        list_channel(&unit->channel[c], member);
        json_append(&channels, put_members(member, CHANNEL_MEMBERS));
    }
    for (size_t k = 0; !pool->no_covariance && k < sums_pairs(pool->colours); k++) {
        struct member member[PAIR_MEMBERS];
        list_pair(&unit->pair[k], member);
        json_append(&pairs, put_members(member, PAIR_MEMBERS));
    }
    json_put(&object, "unit", json_real(unit->unit));
    json_put(&object, "channels", channels);
    if (pool->no_covariance)
        json_decref(pairs);
    else
        json_put(&object, "pairs", pairs);
    return object;
}

json_t *stats_put_sums(const struct pooled *pool)
{
    json_t *sums = json_array();
    for (size_t i = 0; i < pool->units; i++)
        json_append(&sums, put_unit(pool, &pool->unit[i]));
    return sums;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool get_members(const json_t *object, const struct member *member, int n, struct why *why)
{
    for (int i = 0; i < n; i++) {
        const char *text = json_string_value(json_object_get(object, member[i].name));
        if (!text || !dyadic_read(member[i].sum, text))
            return why_set(why, "\"sums\": \"%s\": expected an exact number as a text", member[i].name);
        if (!member[i].any && dyadic_sign(member[i].sum) < 0)
            return why_set(why, "\"sums\": \"%s\": expected a number that is not negative", member[i].name);
    }
    return true;
}

static bool get_unit(const json_t *object, struct pooled *pool, struct why *why)
{
    const json_t *channels = json_object_get(object, "channels"), *pairs = json_object_get(object, "pairs");
    double number = json_number_value(json_object_get(object, "unit"));
    size_t n_pairs = pool->no_covariance ? 0 : sums_pairs(pool->colours);
    if (!(number >= 1 && number <= UINT32_MAX && number == floor(number)))
        return why_set(why, "\"sums\": \"unit\": expected a whole number from 1 to 4294967295");
    if (json_array_size(channels) != pool->colours || json_array_size(pairs) != n_pairs)
        return why_set(why, "\"sums\": expected sums of each channel, and of each pair or of none");
    struct pooled_unit *unit = pooled_unit(pool, number, why);
    bool ok = unit != NULL;
    for (unsigned c = 0; ok && c < pool->colours; c++) {
        struct member member[CHANNEL_MEMBERS];
        list_channel(&unit->channel[c], member);
        ok = get_members(json_array_get(channels, c), member, CHANNEL_MEMBERS, why);
    }
    for (size_t k = 0; ok && k < n_pairs; k++) {
        struct member member[PAIR_MEMBERS];
        list_pair(&unit->pair[k], member);
        ok = get_members(json_array_get(pairs, k), member, PAIR_MEMBERS, why);
    }
    return ok;
}

bool stats_get_sums(const json_t *sums, struct pooled *pool, struct why *why)
{
    size_t n = json_array_size(sums);
    if (n == 0 || n > POOLED_UNITS)
        return why_set(why, "\"sums\": expected an array of 1 to %d", (int)POOLED_UNITS);
    pool->no_covariance |= json_array_size(json_object_get(json_array_get(sums, 0), "pairs")) == 0;
    for (size_t i = 0; i < n; i++)
        if (!get_unit(json_array_get(sums, i), pool, why))
            return false;
    return pool->units == n || why_set(why, "\"sums\": expected each unit once");
}
