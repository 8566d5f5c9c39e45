#include "engine/weigh.h"

#include "base/quote.h"
#include "base/text.h"

#include <math.h>
#include <string.h>

/* ---- passes -------------------------------------------------------------------------------------------------------- */

/* False if the picture is neither grey nor, as formats without grey have it, RGB. */
static bool check_picture(const struct picture_info *picture, struct why *why)
{
    unsigned colours = picture_colours(picture);
    return colours == 1 || colours == 3 || why_set(why, "%u channels: expected a grey picture", colours);
}

static bool rewind_pictures(struct weights *w, struct why *why)
{
    for (size_t i = 0; i < w->n; i++) {
        struct why reason = {0};
        struct picture_rows *from = w->item[i].from;
        if (from && !from->rewind(from, why))
            return false;
        if (from && !check_picture(&from->info, &reason))
            return why_option(why, w->option, w->item[i].name, &reason);
    }
    return true;
}

static bool check_lightness(const struct weights *w, const struct picture_info *of, struct why *why)
{
    const struct why reason = {"expected a picture of 1 or 3 colour channels, because others have no lightness"};
    unsigned colours = picture_colours(of);
    for (size_t i = 0; i < w->n; i++) {
        enum selector_kind kind = w->item[i].by->kind;
        if ((kind == SELECTOR_BELOW || kind == SELECTOR_ABOVE) && colours != 1 && colours != 3)
            return why_option(why, w->option, w->item[i].name, &reason);
    }
    return true;
}

bool weights_begin(struct weights *w, const struct picture_info *of, struct why *why)
{
    return rewind_pictures(w, why) && check_lightness(w, of, why);
}

bool weights_read(struct weights *w, const struct rows *band, struct why *why)
{
    const struct why other_rows = {"its rows are not those of the picture"};
    for (size_t i = 0; i < w->n; i++) {
        struct rows *rows = &w->item[i].rows;
        struct picture_rows *from = w->item[i].from;
        if (from && !from->read(from, rows, why))
            return false;
        if (from && (rows->width != band->width || rows->height != band->height))
            return why_option(why, w->option, w->item[i].name, &other_rows);
    }
    return true;
}

bool weights_end(struct weights *w, struct notes *notes, struct why *why)
{
    char list[200];
    for (size_t i = 0; i < w->n; i++) {
        if (w->item[i].beyond)
            notes_add(notes, NOTE_WARNING, w->item[i].name, "mask values above 1 weigh as 1");
        w->item[i].beyond = false;
    }
    return !w->coloured ||
           why_set(why, "%s: expected a grey picture, not one in colour", weights_describe(w, list, sizeof list));
}

char *weights_describe(const struct weights *w, char *to, size_t size)
{
    char quoted[80];
    to[0] = '\0';
    text_append(to, size, "%s ", w->option);
    for (size_t i = 0; i < w->n && strlen(to) + 8 < size; i++)
        text_append(to, size, "%s%s", i ? ", " : "", quote(quoted, sizeof quoted, w->item[i].name));
    return to;
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

/* Formats without grey have three equal colours. */
static bool is_grey(const struct rows *rows, const struct block *b, const float *grey, float *other)
{
    size_t n = b->height * b->width, i = 0;
    for (unsigned c = 1; c < 3; c++) {
        const float *x = rows_unpack_channel(rows, b, c, other);
        for (i = 0; i < n && x[i] == grey[i];)
            i++;
        if (i < n)
            return false;
    }
    return true;
}

/* What is measured counts with floats, and so does what is changed to 8 bits: other amounts are not rounded. */
static inline double held(bool exact, double w)
{
    return exact ? w : (double)(float)w;
}

/* White, and what floats have beyond it, weighs 1; what is not above 0, or not finite, nothing. */
static void weigh_by_samples(const float *x, size_t n, double unit, struct weight *by, bool exact, double *w)
{
    bool beyond = false;
    for (size_t i = 0; i < n; i++) {
        double v = x[i] > 0 && isfinite(x[i]) ? (double)x[i] / unit : 0;
        beyond |= v > 1;
        w[i] = held(exact, w[i] * (v > 1 ? 1 : held(exact, v)));
    }
    by->beyond |= beyond;
}

static void weigh_by_picture(struct block_weights *to, struct weights *weights, struct weight *by, const struct block *b,
                             bool exact)
{
    const struct picture_info *info = &by->from->info;
    size_t n = b->height * b->width;
    const float *x = rows_unpack_channel(&by->rows, b, 0, to->value);
    if (picture_colours(info) == 3 && !is_grey(&by->rows, b, x, to->other))
        weights->coloured = true;
    weigh_by_samples(x, n, info->unit, by, exact, to->amount);
    if (info->alpha != ALPHA_STRAIGHT) /* premultiplied, the grey is weighed already */
        return;
    x = rows_unpack_channel(&by->rows, b, info->channels - 1, to->value);
    weigh_by_samples(x, n, info->unit, by, exact, to->amount);
}

static void weigh_by_lightness(struct block_weights *to, const struct selector *by, struct cursor *cursor)
{
    const struct picture_info *in = &cursor->layout->in;
    bool grey = picture_colours(in) != 3, below = by->kind == SELECTOR_BELOW;
    float *lightness = to->value, limit = (float)by->value;
    const float *rgb[3];
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = grey && c > 0 ? rgb[0] : cursor_straight(cursor, c);
    /* Integer tensors count as they are, but their white is the maximum. */
    double white = sample_is_float(in->sample) ? in->unit : picture_most(in);
    instnorm_lightness(rgb, cursor->n, white, lightness);
    for (size_t i = 0; i < cursor->n; i++) {
        bool inside = below ? lightness[i] < limit : lightness[i] > limit;
        to->amount[i] = inside ? to->amount[i] : 0;
    }
}

/* A pixel is of the sample `wanted` if all of its colours are: other[i] is 0 then, else 1. */
static void weigh_by_value(struct block_weights *to, double wanted, struct cursor *cursor, float *other)
{
    const struct picture_info *in = &cursor->layout->in;
    for (size_t i = 0; i < cursor->n; i++)
        other[i] = 0;
    for (unsigned c = 0; c < picture_colours(in); c++) {
        struct run x = cursor_samples_run(cursor, c);
        if (isnan(wanted))
            for (size_t i = 0; i < cursor->n; i++)
                other[i] = isnan(run_at(x, i)) ? other[i] : 1;
        else if (x.wide)
            for (size_t i = 0; i < cursor->n; i++)
                other[i] = x.wide[i] == wanted ? other[i] : 1;
        else
            for (size_t i = 0; i < cursor->n; i++)
                other[i] = x.narrow[i] == (float)wanted ? other[i] : 1;
    }
    for (size_t i = 0; i < cursor->n; i++)
        to->amount[i] = other[i] > 0 ? to->amount[i] : 0;
}

/* Multiplies the amounts. by: NULL if only pixels without data are left out. */
static void weigh(struct block_weights *to, struct weights *by, struct cursor *cursor, bool exact)
{
    const struct picture_info *in = &cursor->layout->in;
    for (size_t i = 0; by && i < by->n; i++) {
        struct weight *item = &by->item[i];
        if (item->from)
            weigh_by_picture(to, by, item, &cursor->block, exact);
        else if (item->by->kind == SELECTOR_NOT)
            weigh_by_value(to, sample_nearest(item->by->value * in->unit, in->sample), cursor, to->value);
        else
            weigh_by_lightness(to, item->by, cursor);
    }
    if (in->has_nodata)
        weigh_by_value(to, in->nodata, cursor, to->data);
}

/* w, or NULL if all of it is `full`: such a block counts, and is mapped, as one without a mask is. */
static const float *unless_full(const float *w, size_t n, float full)
{
    size_t i = 0;
    while (i < n && w[i] == full)
        i++;
    return i < n ? w : NULL;
}

/* What an alpha of floats weighs: nothing where it is not finite. */
static void weigh_by_alpha(struct block_weights *to, const float *alpha, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bool finite = isfinite(alpha[i]) != 0;
        to->amount[i] = finite ? (double)alpha[i] : 0;
        to->odd_alpha |= !finite;
    }
}

const float *weigh_block(struct block_weights *to, struct weights *by, struct cursor *cursor, double *full)
{
    const struct layout *layout = cursor->layout;
    const float *alpha = layout->alpha_counts ? cursor->alpha : NULL;
    bool floats = alpha && sample_is_float(layout->in.sample);
    size_t n = cursor->n;
    *full = alpha ? layout->in.unit : 1;
    bool weighs = by || layout->in.has_nodata;
    if (!weighs && !floats)
        return alpha ? unless_full(alpha, n, (float)*full) : NULL;
    if (floats)
        weigh_by_alpha(to, alpha, n);
    for (size_t i = 0; !floats && i < n; i++)
        to->amount[i] = alpha ? (double)alpha[i] : 1;
    if (weighs)
        weigh(to, by, cursor, false);
    for (size_t i = 0; i < n; i++)
        to->weight[i] = (float)to->amount[i];
    return unless_full(to->weight, n, (float)*full);
}

const double *weigh_amounts(struct block_weights *to, struct weights *by, struct cursor *cursor, bool exact)
{
    size_t n = cursor->n, i = 0;
    double *w = to->amount;
    if (!by && !cursor->layout->in.has_nodata)
        return NULL;
    for (i = 0; i < n; i++)
        w[i] = 1;
    weigh(to, by, cursor, exact);
    for (i = 0; i < n && w[i] == 1;)
        i++;
    return i < n ? w : NULL;
}
