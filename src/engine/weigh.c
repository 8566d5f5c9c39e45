#include "base/quote.h"
#include "base/text.h"
#include "engine/weigh.h"

#include "engine/cursor.h"
#include "cli/files/file.h"
#include "cli/msg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reason, with the option and its value before it. */
static bool mask_failed(const struct mask *m, const char *value, const struct why *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "%s %s: %s", m->option, quote(quoted, sizeof quoted, value), reason->text);
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

/* The selectors that have something to say of a pixel. */
static size_t gather(struct mask *m, const struct selectors *s, const struct selectors *same)
{
    size_t files = 0;
    for (size_t i = 0; i < s->n; i++) {
        const struct selector *item = &s->item[i];
        if (item->kind == SELECTOR_SAME && same)
            files += gather(m, same, NULL);
        if (item->kind == SELECTOR_SAME || item->kind == SELECTOR_ALL)
            continue;
        m->selector[m->n++] = item;
        files += item->kind == SELECTOR_PICTURE;
    }
    return files;
}

/* Keeps the path as *found, or as *other if there is one already; frees it if there is no such file, or it is found. */
static void keep_path(char *path, char **found, char **other)
{
    char **to = *found ? other : found;
    if (path && !*to && file_exists(path) && (to == found || strcmp(path, *found) != 0))
        *to = path;
    else
        free(path);
}

char *mask_in_folder(const char *folder, const char *input, char **other)
{
    const char *slash = strrchr(input, '/'), *base = slash ? slash + 1 : input, *dot = strrchr(base, '.');
    int stem = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    char *path = NULL, *found = NULL;
    *other = NULL;
    keep_path(asprintf(&path, "%s/%s", folder, base) < 0 ? NULL : path, &found, other);
    for (size_t i = 0; codecs[i]; i++)
        for (const char *e = codecs[i]->extensions + 1; *e; e += strcspn(e, " ") + 1)
            keep_path(asprintf(&path, "%s/%.*s.%.*s", folder, stem, base, (int)strcspn(e, " "), e) < 0 ? NULL : path,
                      &found, other);
    return found;
}

/* Of a folder the one picture that goes with the input. */
static char *find_path(const char *text, const char *input, struct why *why)
{
    char *other, quoted[2][100];
    if (!file_is_folder(text))
        return strdup(text);
    char *path = mask_in_folder(text, input, &other);
    if (!path)
        why_set(why, "expected a picture there with the base name of the input");
    else if (other)
        why_set(why, "expected one picture there with the base name of the input, not %s and %s",
                quote(quoted[0], sizeof quoted[0], path), quote(quoted[1], sizeof quoted[1], other));
    if (other) {
        free(path);
        path = NULL;
    }
    free(other);
    return path;
}

/* The alpha of a mask is what is seen of it, whatever that of a picture is. */
static bool open_input(struct mask_file *f, const struct reading *how, struct why *why)
{
    struct reading seen = *how;
    seen.alpha_as_data = false;
    return input_open(&f->in, f->path, &seen, &f->kept, &f->band, why) && input_look(&f->in, why);
}

static bool open_file(struct mask *m, struct mask_file *f, const char *text, const char *input, const struct reading *how,
                      struct why *why)
{
    struct why reason = {0};
    f->path = find_path(text, input, &reason);
    if (!f->path)
        why_memory(&reason);
    else if (open_input(f, how, &reason))
        return true;
    return mask_failed(m, f->path ? f->path : text, &reason, why);
}

bool mask_open(struct mask *m, const char *option, const struct selectors *s, const struct selectors *same,
               const char *input, const struct reading *how, struct why *why)
{
    *m = (struct mask){.option = option};
    size_t most = s->n * (1 + (same ? same->n : 0));
    if (most == 0)
        return true;
    m->selector = calloc(most, sizeof *m->selector);
    size_t files = m->selector ? gather(m, s, same) : 0;
    m->file = calloc(files + 1, sizeof *m->file);
    if (!m->selector || !m->file)
        return why_memory(why);
    for (size_t i = 0; i < m->n; i++)
        if (m->selector[i]->kind == SELECTOR_PICTURE &&
            !open_file(m, &m->file[m->n_files++], m->selector[i]->text, input, how, why))
            return false;
    return true;
}

void mask_close(struct mask *m)
{
    for (size_t i = 0; i < m->n_files; i++) {
        input_close(&m->file[i].in);
        store_free(&m->file[i].kept);
        store_free(&m->file[i].band);
        free(m->file[i].path);
    }
    free(m->file);
    free(m->selector);
    *m = (struct mask){0};
}

uint64_t mask_held(const struct mask *m)
{
    uint64_t held = 0;
    for (size_t i = 0; i < m->n_files; i++)
        held += m->file[i].in.info.held;
    return held;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

static bool select_file(struct mask_file *f, const struct input *leader, struct why *why)
{
    if (!input_select_beside(&f->in, leader, why))
        return false;
    unsigned colours = picture_colours(&f->in.info);
    return colours == 1 || colours == 3 || why_set(why, "%u channels: expected a grey picture", colours);
}

static bool check_lightness(const struct mask *m, const struct picture_info *info, struct why *why)
{
    const struct why reason = {"expected a picture of 1 or 3 colour channels, for others have no lightness"};
    unsigned colours = picture_colours(info);
    for (size_t i = 0; i < m->n; i++)
        if ((m->selector[i]->kind == SELECTOR_BELOW || m->selector[i]->kind == SELECTOR_ABOVE) && colours != 1 &&
            colours != 3)
            return mask_failed(m, m->selector[i]->text, &reason, why);
    return true;
}

bool mask_select(struct mask *m, const struct input *leader, struct why *why)
{
    for (size_t i = 0; i < m->n_files; i++) {
        struct why reason = {0};
        if (select_file(&m->file[i], leader, &reason))
            continue;
        if (leader->info.role == PAGE_REDUCED)
            reason = (struct why){"the smaller copies of the picture need masks of their own size, as further pages"};
        return mask_failed(m, m->file[i].path, &reason, why);
    }
    return check_lightness(m, &leader->info, why);
}

bool mask_end(struct mask *m, size_t pictures, struct why *why)
{
    for (size_t i = 0; i < m->n_files; i++) {
        struct why reason = {0};
        if (!input_end_beside(&m->file[i].in, pictures, &reason))
            return mask_failed(m, m->file[i].path, &reason, why);
    }
    return true;
}

bool mask_read(struct mask *m, size_t y, struct why *why)
{
    for (size_t i = 0; i < m->n_files; i++) {
        struct why reason = {0};
        if (!input_band(&m->file[i].in, y, &m->file[i].rows, &reason))
            return mask_failed(m, m->file[i].path, &reason, why);
    }
    return true;
}

void mask_tell(struct mask *m)
{
    for (size_t i = 0; i < m->n_files; i++)
        input_tell(&m->file[i].in);
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
static void weigh_by_samples(const float *x, size_t n, double unit, struct mask_file *f, bool exact, double *w)
{
    bool beyond = false;
    for (size_t i = 0; i < n; i++) {
        double v = x[i] > 0 && isfinite(x[i]) ? (double)x[i] / unit : 0;
        beyond |= v > 1;
        w[i] = held(exact, w[i] * (v > 1 ? 1 : held(exact, v)));
    }
    f->beyond |= beyond;
}

static void weigh_by_picture(struct mask *m, struct mask_file *f, struct scratch *s, const struct block *b, bool exact,
                             double *w)
{
    const struct picture_info *info = &f->in.info;
    size_t n = b->height * b->width;
    const float *x = rows_unpack_channel(&f->rows, b, 0, s->hub[0]);
    if (picture_colours(info) == 3 && !is_grey(&f->rows, b, x, s->hub[1]))
        m->coloured = true;
    weigh_by_samples(x, n, info->unit, f, exact, w);
    if (info->alpha != ALPHA_STRAIGHT) /* premultiplied, the grey is weighed already */
        return;
    x = rows_unpack_channel(&f->rows, b, info->channels - 1, s->hub[0]);
    weigh_by_samples(x, n, info->unit, f, exact, w);
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
static void weigh(struct mask *m, const struct band *band, const struct rows *rows, const struct block *b,
                  const float *alpha, bool exact, double *w)
{
    struct mask_file *file = m->file;
    for (size_t i = 0; i < m->n; i++) {
        const struct selector *by = m->selector[i];
        if (by->kind == SELECTOR_PICTURE)
            weigh_by_picture(m, file++, band->scratch, b, exact, w);
        else if (by->kind == SELECTOR_NOT)
            weigh_by_value(by->value, band, rows, b, w);
        else
            weigh_by_lightness(by, band, rows, b, alpha, w);
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

char *mask_describe(const struct mask *m, char *to, size_t size)
{
    char quoted[80];
    to[0] = '\0';
    text_append(to, size, "%s ", m->option);
    for (size_t i = 0, file = 0; i < m->n && strlen(to) + 8 < size; i++) {
        const struct selector *by = m->selector[i];
        const char *text = by->kind == SELECTOR_PICTURE ? m->file[file++].path : by->text;
        text_append(to, size, "%s%s", i ? ", " : "", quote(quoted, sizeof quoted, text));
    }
    return to;
}

bool mask_check(struct mask *m, struct why *why)
{
    char list[200];
    for (size_t i = 0; i < m->n_files; i++) {
        if (m->file[i].beyond)
            msg_warning(m->file[i].path, "values above 1 weigh as 1, in a mask");
        m->file[i].beyond = false;
    }
    return !m->coloured ||
           why_set(why, "%s: a picture in colour: expected a grey one", mask_describe(m, list, sizeof list));
}
