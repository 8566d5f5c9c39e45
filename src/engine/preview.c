#include "engine/preview.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Of each square about so many rows and columns are looked at: more hardly show. */
enum { LOOKS = 3 };

bool preview_reserve(struct preview *preview, size_t width, size_t height, struct why *why)
{
    preview->rgb = calloc(width * height, 3);
    if (!preview->rgb)
        return why_memory(why);
    preview->width = width;
    preview->height = height;
    return true;
}

void preview_free(struct preview *preview)
{
    free(preview->rgb);
    *preview = (struct preview){0};
}

/* ---- making one ---------------------------------------------------------------------------------------------------- */

bool preview_begin(struct preview_maker *m, struct preview *to, const struct picture_info *of, unsigned side,
                   struct why *why)
{
    size_t longer = of->width > of->height ? of->width : of->height, square = (longer + side - 1) / side;
    size_t width = (of->width + square - 1) / square, height = (of->height + square - 1) / square;
    if (!buffer_reserve(&m->sums, width * 4 * sizeof(double)))
        return why_memory(why);
    m->to = to;
    m->of = of;
    m->square = square;
    m->step = (square + LOOKS - 1) / LOOKS;
    m->y = 0;
    memset(m->sums.data, 0, m->sums.size);
    return preview_reserve(to, width, height, why);
}

/* A sample of a colour in units; one that is no number is black. */
static double shown(const struct preview_maker *m, double sample)
{
    double value = (sample / m->of->unit - m->to->black) / (m->to->white - m->to->black);
    return value > 0 ? fmin(value, 1) : 0;
}

/* sum[4] += R, G and B of the pixel at x, on white. */
static void add_pixel(const struct preview_maker *m, const struct rows *rows, const unsigned char *x, double *sum)
{
    unsigned colours = picture_colours(m->of);
    double alpha = 1, over = m->of->alpha == ALPHA_STRAIGHT ? 1 : 0; /* premultiplied colours are part of the way there */
    if (m->of->alpha != ALPHA_NONE)
        alpha = fmin(fmax(sample_value(x + (ptrdiff_t)colours * rows->dc, rows->sample) / m->of->unit, 0), 1);
    for (unsigned c = 0; c < 3; c++) {
        double value = shown(m, sample_value(x + (colours < 3 ? 0 : (ptrdiff_t)c * rows->dc), rows->sample));
        sum[c] += (over > 0 ? value * alpha : value) + 1 - alpha;
    }
    sum[3]++;
}

/* Whether a sample is what is shown of it. */
static bool is_plain(const struct preview_maker *m)
{
    return m->of->sample == SAMPLE_U8 && m->of->alpha == ALPHA_NONE && m->of->unit == 255;
}

/* The same of such samples, not yet divided by 255. */
static void add_plain_row(const struct preview_maker *m, const struct rows *rows, const unsigned char *row)
{
    ptrdiff_t dc = picture_colours(m->of) < 3 ? 0 : rows->dc, step = (ptrdiff_t)m->step * rows->dx;
    double *sum = (double *)m->sums.data;
    for (size_t left = 0; left < rows->width; left += m->square, sum += 4) {
        size_t right = left + m->square < rows->width ? left + m->square : rows->width;
        const unsigned char *at = row + (ptrdiff_t)left * rows->dx;
        unsigned red = 0, green = 0, blue = 0;
        for (size_t x = left; x < right; x += m->step, at += step) {
            red += at[0];
            green += at[dc];
            blue += at[2 * dc];
        }
        sum[0] += red;
        sum[1] += green;
        sum[2] += blue;
        sum[3] += (double)((right - left + m->step - 1) / m->step);
    }
}

static void add_row(const struct preview_maker *m, const struct rows *rows, size_t y)
{
    double *sum = (double *)m->sums.data;
    const unsigned char *row = rows->data + (ptrdiff_t)y * rows->dy;
    if (is_plain(m)) {
        add_plain_row(m, rows, row);
        return;
    }
    for (size_t left = 0; left < rows->width; left += m->square, sum += 4)
        for (size_t i = 0, x = left; i < m->square && x < rows->width; i += m->step, x += m->step)
            add_pixel(m, rows, row + (ptrdiff_t)x * rows->dx, sum);
}

/* The row of squares that ends above row y of the picture. */
static void end_squares(struct preview_maker *m)
{
    double *sum = (double *)m->sums.data;
    double white = is_plain(m) ? 1 : 255;
    unsigned char *to = m->to->rgb + (m->y - 1) / m->square * m->to->width * 3;
    for (size_t i = 0; i < m->to->width; i++, sum += 4, to += 3) {
        double scale = white / sum[3];
        for (unsigned c = 0; c < 3; c++) {
            double value = sum[c] * scale;
            to[c] = (unsigned char)(value < 255 ? value + 0.5 : 255);
        }
    }
    memset(m->sums.data, 0, m->to->width * 4 * sizeof(double));
}

/* Of a picture that is small enough, and shown as it is. */
static void copy_row(const struct preview_maker *m, const struct rows *rows, size_t y)
{
    ptrdiff_t dc = picture_colours(m->of) < 3 ? 0 : rows->dc;
    const unsigned char *from = rows->data + (ptrdiff_t)y * rows->dy;
    unsigned char *to = m->to->rgb + m->y * m->to->width * 3;
    for (size_t x = 0; x < rows->width; x++, from += rows->dx, to += 3) {
        to[0] = from[0];
        to[1] = from[dc];
        to[2] = from[2 * dc];
    }
}

void preview_add(struct preview_maker *m, const struct rows *rows)
{
    bool same = m->square == 1 && is_plain(m);
    for (size_t y = 0; same && y < rows->height; y++) {
        copy_row(m, rows, y);
        m->y++;
    }
    for (size_t y = 0; !same && y < rows->height; y++) {
        if (m->y % m->square % m->step == 0)
            add_row(m, rows, y);
        m->y++;
        if (m->y % m->square == 0 || m->y == m->of->height)
            end_squares(m);
    }
}

void preview_maker_free(struct preview_maker *m)
{
    buffer_free(&m->sums);
    *m = (struct preview_maker){0};
}
