#include "web/show.h"

#include <math.h>

bool part_check(const struct part *p, size_t width, size_t height, struct why *why)
{
    bool inside = p->x < width && p->width <= width - p->x && p->y < height && p->height <= height - p->y;
    return (inside && p->width > 0 && p->height > 0 && p->step > 0) || why_set(why, "the part is not within the picture");
}

static size_t squares(size_t n, size_t step)
{
    return (n - 1) / step + 1;
}

size_t part_width(const struct part *p)
{
    return squares(p->width, p->step);
}

size_t part_height(const struct part *p)
{
    return squares(p->height, p->step);
}

/* ---- reduction ----------------------------------------------------------------------------------------------------- */

/* Integers are rounded. */
static void put_sample(unsigned char *at, enum sample sample, double value)
{
    double rounded = sample_is_float(sample) ? value : floor(value + 0.5);
    samples_put(&rounded, 1, sample, at);
}

/* The mean of height x width samples. */
static double mean_of(const struct rows *from, const unsigned char *at, size_t height, size_t width)
{
    double sum = 0;
    for (size_t y = 0; y < height; y++, at += from->dy) {
        const unsigned char *sample = at;
        for (size_t x = 0; x < width; x++, sample += from->dx)
            sum += sample_value(sample, from->sample);
    }
    return sum / ((double)width * (double)height);
}

/* The same of 8 bits, which most pictures have. */
static unsigned mean_u8(const struct rows *from, const unsigned char *at, size_t height, size_t width)
{
    unsigned sum = 0, n = (unsigned)(width * height);
    for (size_t y = 0; y < height; y++, at += from->dy) {
        const unsigned char *sample = at;
        for (size_t x = 0; x < width; x++, sample += from->dx)
            sum += *sample;
    }
    return (sum + n / 2) / n;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static void reduce_row(const struct part *p, const struct rows *from, const struct rows *to, size_t y)
{
    size_t top = y * p->step, height = least(p->step, p->height - top);
    for (unsigned c = 0; c < to->channels; c++) {
        const unsigned char *row = from->data + (ptrdiff_t)c * from->dc + (ptrdiff_t)(p->y + top) * from->dy;
        unsigned char *out = to->data + (ptrdiff_t)c * to->dc + (ptrdiff_t)y * to->dy;
        for (size_t x = 0; x < to->width; x++, out += to->dx) {
            size_t left = x * p->step, width = least(p->step, p->width - left);
            const unsigned char *at = row + (ptrdiff_t)(p->x + left) * from->dx;
            if (from->sample == SAMPLE_U8)
                *out = (unsigned char)mean_u8(from, at, height, width);
            else
                put_sample(out, from->sample, mean_of(from, at, height, width));
        }
    }
}

bool part_take(const struct part *p, const struct rows *from, struct buffer *buffer, struct rows *to, struct why *why)
{
    size_t width = part_width(p), height = part_height(p), size = sample_size(from->sample);
    if (p->step == 1) {
        *to = rows_part(from, p->y, p->height);
        to->data += (ptrdiff_t)p->x * from->dx;
        to->width = p->width;
        return true;
    }
    if (!buffer_reserve(buffer, width * height * from->channels * size))
        return why_memory(why);
    *to = rows_tight(from->dx == (ptrdiff_t)size, buffer->data, from->sample, from->channels, width, height);
    for (size_t y = 0; y < height; y++)
        reduce_row(p, from, to, y);
    return true;
}

/* ---- colours ------------------------------------------------------------------------------------------------------- */

static unsigned char byte_of(const unsigned char *at, enum sample sample, double scale)
{
    double v = sample_value(at, sample) * scale;
    return v >= 255 ? 255 : v > 0 ? (unsigned char)(v + 0.5) : 0; /* a NaN too */
}

static void put_channel(const struct rows *rows, unsigned from, double scale, unsigned char *to)
{
    bool plain = rows->sample == SAMPLE_U8 && scale == 1;
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *at = rows->data + (ptrdiff_t)from * rows->dc + (ptrdiff_t)y * rows->dy;
        for (size_t x = 0; x < rows->width; x++, at += rows->dx, to += 4)
            *to = plain ? *at : byte_of(at, rows->sample, scale);
    }
}

void show_rgba(const struct rows *rows, const struct picture_info *info, unsigned char *rgba)
{
    unsigned colours = picture_colours(info);
    double scale = 255 / picture_most(info);
    for (unsigned c = 0; c < 3; c++)
        put_channel(rows, colours >= 3 ? c : 0, scale, rgba + c);
    if (info->alpha != ALPHA_NONE)
        put_channel(rows, colours, scale, rgba + 3);
    else
        for (size_t i = 0; i < rows->width * rows->height; i++)
            rgba[4 * i + 3] = 255;
}
