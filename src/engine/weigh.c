#include "engine/weigh.h"

#include "base/quote.h"
#include "base/text.h"
#include "engine/cursor.h"

#include <math.h>
#include <string.h>

/* ---- passes -------------------------------------------------------------------------------------------------------- */

/* The reason, with the option and the item before it. */
static bool weight_failed(const struct weights *w, const struct weight *item, const struct why *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "%s %s: %s", w->option, quote(quoted, sizeof quoted, item->name), reason->text);
}

bool weights_suit(const struct picture_info *picture, struct why *why)
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
        if (from && !weights_suit(&from->info, &reason))
            return weight_failed(w, &w->item[i], &reason, why);
    }
    return true;
}

static bool check_lightness(const struct weights *w, const struct picture_info *of, struct why *why)
{
    const struct why reason = {"expected a picture of 1 or 3 colour channels, for others have no lightness"};
    unsigned colours = picture_colours(of);
    for (size_t i = 0; i < w->n; i++) {
        enum selector_kind kind = w->item[i].by->kind;
        if ((kind == SELECTOR_BELOW || kind == SELECTOR_ABOVE) && colours != 1 && colours != 3)
            return weight_failed(w, &w->item[i], &reason, why);
    }
    return true;
}

bool weights_begin(struct weights *w, const struct picture_info *of, struct why *why)
{
    return rewind_pictures(w, why) && check_lightness(w, of, why);
}

bool weights_read(struct weights *w, struct why *why)
{
    for (size_t i = 0; i < w->n; i++) {
        struct picture_rows *from = w->item[i].from;
        if (from && !from->read(from, &w->item[i].rows, why))
            return false;
    }
    return true;
}

bool weights_end(struct weights *w, struct notes *notes, struct why *why)
{
    char list[200];
    for (size_t i = 0; i < w->n; i++) {
        if (w->item[i].beyond)
            notes_add(notes, NOTE_WARNING, w->item[i].name, "values above 1 weigh as 1, in a mask");
        w->item[i].beyond = false;
    }
    return !w->coloured ||
           why_set(why, "%s: a picture in colour: expected a grey one", weights_describe(w, list, sizeof list));
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

/* ---- weights ------------------------------------------------------------------------------------------------------- */

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

static void weigh_by_picture(struct weights *weights, struct weight *by, struct scratch *s, const struct block *b,
                             bool exact, double *w)
{
    const struct picture_info *info = &by->from->info;
    size_t n = b->height * b->width;
    const float *x = rows_unpack_channel(&by->rows, b, 0, s->hub[0]);
    if (picture_colours(info) == 3 && !is_grey(&by->rows, b, x, s->hub[1]))
        weights->coloured = true;
    weigh_by_samples(x, n, info->unit, by, exact, w);
    if (info->alpha != ALPHA_STRAIGHT) /* premultiplied, the grey is weighed already */
        return;
    x = rows_unpack_channel(&by->rows, b, info->channels - 1, s->hub[0]);
    weigh_by_samples(x, n, info->unit, by, exact, w);
}

static void weigh_by_lightness(const struct selector *by, const struct band *band, const struct rows *rows,
                               const struct block *b, const float *alpha, double *w)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    bool grey = picture_colours(&band->in) != 3;
    const float *rgb[3];
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = grey && c > 0 ? rgb[0] : block_straight(band, rows, b, c, alpha);
    /* Integer tensors count as they are, but their white is the maximum. */
    double white = band->in.sample == SAMPLE_F32 ? band->in.unit : picture_most(&band->in);
    instnorm_lightness(rgb, n, white, s->hub[0]);
    for (size_t i = 0; i < n; i++) {
        bool inside = by->kind == SELECTOR_BELOW ? s->hub[0][i] < (float)by->value : s->hub[0][i] > (float)by->value;
        w[i] = inside ? w[i] : 0;
    }
}

/* A pixel is of the value if all of its colours are. */
static void weigh_by_value(double value, const struct band *band, const struct rows *rows, const struct block *b, double *w)
{
    float *other = band->scratch->hub[0], wanted = (float)(value * band->in.unit);
    size_t n = b->height * b->width;
    if (band->in.sample != SAMPLE_F32)
        wanted = rintf(wanted);
    for (size_t i = 0; i < n; i++)
        other[i] = 0;
    for (unsigned c = 0; c < picture_colours(&band->in); c++) {
        const float *x = block_samples(band, rows, b, c);
        for (size_t i = 0; i < n; i++)
            other[i] = (isnan(wanted) ? isnan(x[i]) : x[i] == wanted) ? other[i] : 1;
    }
    for (size_t i = 0; i < n; i++)
        w[i] = other[i] > 0 ? w[i] : 0;
}

/* Multiplies w, for each pixel of the block. */
static void weigh(struct weights *weights, const struct band *band, const struct rows *rows, const struct block *b,
                  const float *alpha, bool exact, double *w)
{
    for (size_t i = 0; i < weights->n; i++) {
        struct weight *item = &weights->item[i];
        if (item->from)
            weigh_by_picture(weights, item, band->scratch, b, exact, w);
        else if (item->by->kind == SELECTOR_NOT)
            weigh_by_value(item->by->value, band, rows, b, w);
        else
            weigh_by_lightness(item->by, band, rows, b, alpha, w);
    }
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
static bool weigh_by_alpha(const float *alpha, size_t n, double *w)
{
    bool finite = true;
    for (size_t i = 0; i < n; i++) {
        w[i] = isfinite(alpha[i]) ? (double)alpha[i] : 0;
        finite &= isfinite(alpha[i]) != 0;
    }
    return finite;
}

const float *mask_weights(struct band *band, const struct rows *rows, const struct block *b, const float *alpha,
                          double *full)
{
    size_t n = b->height * b->width;
    bool visible = alpha && !band->all_count, floats = visible && band->in.sample == SAMPLE_F32;
    double *w = band->scratch->amount;
    float *weight = band->scratch->weight;
    *full = visible ? band->in.unit : 1;
    if (!band->mask && !floats)
        return visible ? unless_full(alpha, n, (float)*full) : NULL;
    if (floats)
        band->odd_alpha |= !weigh_by_alpha(alpha, n, w);
    for (size_t i = 0; !floats && i < n; i++)
        w[i] = visible ? (double)alpha[i] : 1;
    if (band->mask)
        weigh(band->mask, band, rows, b, alpha, false, w);
    for (size_t i = 0; i < n; i++)
        weight[i] = (float)w[i];
    return unless_full(weight, n, (float)*full);
}

const double *mask_amounts(const struct band *band, const struct rows *rows, const struct block *b, const float *alpha)
{
    size_t n = b->height * b->width, i = 0;
    double *w = band->scratch->amount;
    if (!band->changed)
        return NULL;
    for (i = 0; i < n; i++)
        w[i] = 1;
    weigh(band->changed, band, rows, b, alpha, block_is_wide(band), w);
    for (i = 0; i < n && w[i] == 1;)
        i++;
    return i < n ? w : NULL;
}
