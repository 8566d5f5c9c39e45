#include "engine/counts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Bits of a double below its 7 highest of the fraction, and what those above are of 2^-127. */
enum { FRACTION_REST = 45, LEAST_POWER = (1023 - 127) * COUNTS_STEPS, HALF = COUNTS_BINS / 2 };

bool counts_each(enum sample sample)
{
    return !sample_is_float(sample) && !sample_is_wide(sample);
}

size_t counts_bins(enum sample sample)
{
    return counts_each(sample) && sample_size(sample) == 1 ? 256 : COUNTS_BINS;
}

bool counts_begin(struct counts *c, enum sample sample, double unit, unsigned channels, struct why *why)
{
    if (channels > COUNTS_CHANNELS)
        return why_set(why, "%u channels: quantiles and histograms are of %d at most", channels, (int)COUNTS_CHANNELS);
    *c = (struct counts){.sample = sample, .unit = unit, .channels = channels};
    c->bin = calloc(channels * counts_bins(sample), sizeof *c->bin);
    return c->bin || why_memory(why);
}

void counts_free(struct counts *c)
{
    free(c->bin);
    *c = (struct counts){0};
}

static uint64_t *bins_of(const struct counts *c, unsigned channel)
{
    return c->bin + channel * counts_bins(c->sample);
}

uint64_t (*counts_bytes(const struct counts *c))[256]
{
    return c->bin && counts_bins(c->sample) == 256 ? (uint64_t(*)[256])c->bin : NULL;
}

/* ---- intervals ----------------------------------------------------------------------------------------------------- */

unsigned counts_interval(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint64_t step = (bits & INT64_MAX) >> FRACTION_REST;
    unsigned i = step < LEAST_POWER ? 0 : step - LEAST_POWER < HALF ? (unsigned)(step - LEAST_POWER) : HALF - 1;
    return value < 0 ? HALF - 1 - i : HALF + i;
}

double counts_low(unsigned i)
{
    uint64_t bits = i > 0 ? ((uint64_t)i + LEAST_POWER) << FRACTION_REST : 0;
    double low;
    memcpy(&low, &bits, sizeof low);
    return low;
}

double counts_middle(unsigned interval)
{
    unsigned i = interval < HALF ? HALF - 1 - interval : interval - HALF;
    double middle = i == 0 ? 0 : i == HALF - 1 ? counts_low(i) : (counts_low(i) + counts_low(i + 1)) / 2;
    return interval < HALF ? 0 - middle : middle;
}

/* ---- adding -------------------------------------------------------------------------------------------------------- */

/* Whether the bins of each channel come to less than 2^63, times a factor. */
static bool fits(const struct counts *c, uint64_t factor)
{
    for (unsigned channel = 0; channel < c->channels; channel++)
        if (counts_total(c, channel) > INT64_MAX / factor)
            return false;
    return true;
}

static void count_in_parts(struct counts *c)
{
    size_t n = c->channels * counts_bins(c->sample);
    for (size_t i = 0; !c->in_parts && i < n; i++)
        if (c->bin[i] > 0)
            c->bin[i] *= COUNTS_WHOLE;
    c->in_parts = true;
}

/* bin[v] is of sample v above the least of its type. */
static void count_bytes(enum sample sample, unsigned channels, const struct rows *rows, uint64_t bin[][256])
{
    if (sample != SAMPLE_I8) {
        rows_count(rows, channels, bin);
        return;
    }
    for (unsigned channel = 0; channel < channels; channel++) {
        uint64_t count[1][256] = {0};
        struct rows one = *rows;
        one.data += (ptrdiff_t)channel * rows->dc;
        rows_count(&one, 1, count);
        for (unsigned v = 0; v < 256; v++)
            bin[channel][v ^ 0x80] += count[0][v];
    }
}

static void count_words(struct counts *c, const struct rows *rows, unsigned channel)
{
    uint64_t *bin = bins_of(c, channel);
    unsigned flip = c->sample == SAMPLE_I16 ? 0x8000 : 0;
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *x = rows->data + (ptrdiff_t)channel * rows->dc + (ptrdiff_t)y * rows->dy;
        for (size_t i = 0; i < rows->width; i++, x += rows->dx) {
            uint16_t v;
            memcpy(&v, x, sizeof v);
            bin[v ^ flip]++;
        }
    }
}

void counts_add(struct counts *c, unsigned channels, const struct rows *rows)
{
    uint64_t(*bytes)[256] = counts_bytes(c);
    if (bytes)
        count_bytes(c->sample, channels, rows, bytes);
    for (unsigned channel = 0; !bytes && channel < channels; channel++)
        count_words(c, rows, channel);
}

void counts_add_run(struct counts *c, unsigned channel, struct run x, double one, const float *weight, double full,
                    size_t n)
{
    uint64_t *bin = bins_of(c, channel);
    bool each = counts_each(c->sample);
    double least = sample_least(c->sample);
    if (!counts_whole(weight, full, n))
        count_in_parts(c);
    for (size_t i = 0; i < n; i++) {
        double v = run_at(x, i);
        if (isfinite(v))
            bin[each ? (size_t)(v - least) : counts_interval(v / one)] += counts_weight(c->in_parts, weight, full, i);
    }
}

bool counts_whole(const float *weight, double full, size_t n)
{
    size_t i = 0;
    while (weight && i < n && (weight[i] == 0 || (double)weight[i] == full))
        i++;
    return !weight || i == n;
}

uint64_t counts_weight(bool in_parts, const float *weight, double full, size_t i)
{
    double whole = in_parts ? COUNTS_WHOLE : 1, share = weight ? (double)weight[i] / full : 1;
    return share > 0 && share * whole < 1 ? 1 : (uint64_t)(share * whole + 0.5);
}

bool counts_merge(struct counts *to, const struct counts *from, struct why *why)
{
    static const char too_many[] =
        "too many pixels for a histogram: expected less than 2^63, or 2^39 where some count in part";
    bool in_parts = to->in_parts || from->in_parts;
    uint64_t factor = in_parts && !from->in_parts ? COUNTS_WHOLE : 1;
    if (!fits(to, in_parts && !to->in_parts ? COUNTS_WHOLE : 1) || !fits(from, factor))
        return why_set(why, too_many);
    if (in_parts)
        count_in_parts(to);
    to->fine |= from->fine;
    for (size_t i = 0, n = to->channels * counts_bins(to->sample); i < n; i++)
        if (from->bin[i] > 0) /* memory that nothing is written to is none */
            to->bin[i] += from->bin[i] * factor;
    return fits(to, 1) || why_set(why, too_many);
}

void counts_copy_channel(struct counts *c, unsigned from, unsigned to)
{
    memcpy(bins_of(c, to), bins_of(c, from), counts_bins(c->sample) * sizeof *c->bin);
}

uint64_t counts_total(const struct counts *c, unsigned channel)
{
    const uint64_t *bin = bins_of(c, channel);
    uint64_t total = 0;
    for (size_t i = 0, n = counts_bins(c->sample); i < n; i++)
        total = bin[i] > UINT64_MAX - total ? UINT64_MAX : total + bin[i];
    return total;
}
