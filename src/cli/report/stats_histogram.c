#include "cli/report/stats_histogram.h"

#include "base/growing.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char intervals[] = "float";

static const char *name_of(enum sample sample)
{
    return counts_each(sample) ? sample_name(sample) : intervals;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static json_t *put_channel(const uint64_t *bin, size_t n)
{
    json_t *object = json_object();
    struct growing text = {0};
    size_t first = 0;
    while (n > 0 && bin[n - 1] == 0)
        n--;
    while (first < n && bin[first] == 0)
        first++;
    for (size_t i = first; i < n; i++)
        growing_format(&text, i > first ? " %llu" : "%llu", (unsigned long long)bin[i]);
    json_put(&object, "first", json_integer((json_int_t)first));
    json_put(&object, "counts", text.lacks ? NULL : json_stringn(text.text ? text.text : "", text.n));
    growing_free(&text);
    return object;
}

static json_t *put_kind(const struct counts *c)
{
    json_t *object = json_object(), *channels = json_array();
    size_t bins = counts_bins(c->sample);
    for (unsigned i = 0; i < c->channels; i++)
        json_append(&channels, put_channel(c->bin + i * bins, bins));
    json_put(&object, "sample", json_string(name_of(c->sample)));
    json_put(&object, "unit", json_real(c->unit));
    json_put(&object, "whole", json_integer(c->in_parts ? COUNTS_WHOLE : 1));
    json_put(&object, "channels", channels);
    return object;
}

json_t *stats_put_histogram(const struct histogram *h)
{
    json_t *array = json_array();
    for (size_t i = 0; i < h->kinds; i++)
        json_append(&array, put_kind(&h->kind[i]));
    return array;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool get_channel(const json_t *object, uint64_t *bin, size_t bins, struct why *why)
{
    const char *text = json_string_value(json_object_get(object, "counts"));
    const json_t *from = json_object_get(object, "first");
    json_int_t first = json_is_integer(from) ? json_integer_value(from) : -1;
    if (first < 0)
        text = NULL;
    size_t i = first >= 0 && (uint64_t)first < bins ? (size_t)first : bins;
    while (text && *text && i < bins) {
        char *end;
        unsigned long long n = strtoull(text, &end, 10);
        if (*text < '0' || *text > '9' || n > INT64_MAX || (*end && (*end != ' ' || !end[1])))
            break;
        bin[i++] = n;
        text = *end ? end + 1 : end;
    }
    return (text && !*text) ||
           why_set(
               why,
               "\"histogram\": expected \"first\" and, in \"counts\", as many numbers as there are values from there on");
}

static bool find_sample(const json_t *object, enum sample *to)
{
    const char *name = json_string_value(json_object_get(object, "sample"));
    *to = SAMPLE_F64;
    for (int sample = SAMPLE_NONE + 1; name && sample <= SAMPLE_LAST; sample++)
        if (counts_each((enum sample)sample) && strcmp(name, sample_name((enum sample)sample)) == 0)
            *to = (enum sample)sample;
    return name && strcmp(name, name_of(*to)) == 0;
}

static bool get_kind(const json_t *object, unsigned channels, struct histogram *h, struct why *why)
{
    const json_t *array = json_object_get(object, "channels");
    double unit = json_number_value(json_object_get(object, "unit"));
    json_int_t whole = json_integer_value(json_object_get(object, "whole"));
    enum sample sample;
    struct counts c;
    if (!find_sample(object, &sample) || !(unit >= 1 && unit <= UINT16_MAX && unit == floor(unit)) ||
        (whole != 1 && whole != COUNTS_WHOLE))
        return why_set(why,
                       "\"histogram\": expected a type of 8 or 16 bits or \"float\" as \"sample\", a whole number as "
                       "\"unit\", and 1 or %d as \"whole\"",
                       (int)COUNTS_WHOLE);
    if (json_array_size(array) != channels)
        return why_set(why, "\"histogram\": expected an array of %u channels", channels);
    if (!counts_begin(&c, sample, unit, channels, why))
        return false;
    bool ok = true;
    c.in_parts = whole != 1;
    for (unsigned i = 0; ok && i < channels; i++)
        ok = get_channel(json_array_get(array, i), c.bin + i * counts_bins(sample), counts_bins(sample), why);
    ok = ok && histogram_add(h, &c, why);
    counts_free(&c);
    return ok;
}

bool stats_get_histogram(const json_t *array, unsigned channels, struct histogram *h, struct why *why)
{
    size_t n = json_array_size(array);
    for (size_t i = 0; i < n; i++)
        if (!get_kind(json_array_get(array, i), channels, h, why))
            return false;
    return (n > 0 && h->kinds == n) || why_set(why, "\"histogram\": expected an array, with each type and unit once");
}
