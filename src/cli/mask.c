#include "mask.h"

#include "block.h"
#include "file.h"
#include "msg.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The reason, with the option and its value before it. */
static bool mask_failed(const struct mask *m, const char *value, const struct why *reason, struct why *why)
{
    char quoted[160];
    return why_set(why, "%s %s: %s", m->option, msg_quote(quoted, sizeof quoted, value), reason->text);
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

/* The file in the folder with the input's base name, or with that less its extension and one that is known; NULL: none. */
static char *find_in_folder(const char *folder, const char *input)
{
    const char *slash = strrchr(input, '/'), *base = slash ? slash + 1 : input, *dot = strrchr(base, '.');
    int stem = dot && dot != base ? (int)(dot - base) : (int)strlen(base);
    char *path = NULL;
    if (asprintf(&path, "%s/%s", folder, base) < 0)
        return NULL;
    for (size_t i = 0; codecs[i] && !file_exists(path); i++)
        for (const char *e = codecs[i]->extensions + 1; *e && !file_exists(path); e += strcspn(e, " ") + 1) {
            free(path);
            if (asprintf(&path, "%s/%.*s.%.*s", folder, stem, base, (int)strcspn(e, " "), e) < 0)
                return NULL;
        }
    if (file_exists(path))
        return path;
    free(path);
    return NULL;
}

static bool open_file(struct mask *m, struct mask_file *f, const char *text, const char *input,
                      const struct options *options, struct why *why)
{
    struct why reason = {0};
    f->path = file_is_folder(text) ? find_in_folder(text, input) : strdup(text);
    if (!f->path)
        why_set(&reason, "expected a picture there with the base name of the input");
    else if (input_open(&f->in, f->path, options, &f->kept, &f->band, &reason) &&
             input_select_beside(&f->in, 0, 1, &reason) == SELECT_OK)
        return true;
    return mask_failed(m, f->path ? f->path : text, &reason, why);
}

bool mask_open(struct mask *m, const char *option, const struct selectors *s, const struct selectors *same,
               const char *input, const struct options *options, struct why *why)
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
            !open_file(m, &m->file[m->n_files++], m->selector[i]->text, input, options, why))
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

static bool check_picture(const struct mask_file *f, const struct picture_info *info, struct why *why)
{
    const struct picture_info *mask = &f->in.info;
    unsigned colours = picture_colours(mask);
    if (mask->width != info->width || mask->height != info->height)
        return why_set(why, "a mask of %zu x %zu pixels: expected %zu x %zu as the picture has", mask->width, mask->height,
                       info->width, info->height);
    return colours == 1 || colours == 3 || why_set(why, "%u channels: expected a grey picture", colours);
}

/* A file of several pictures has one for each of the input; one alone serves all. */
static bool select_file(struct mask_file *f, size_t picture, const struct picture_info *info, size_t band, struct why *why)
{
    enum selected selected = input_select_beside(&f->in, picture, band, why);
    if (selected == SELECT_END && picture > 0)
        selected = input_select_beside(&f->in, 0, band, why);
    if (selected == SELECT_END)
        return why_set(why, "no picture in it");
    return selected == SELECT_OK && check_picture(f, info, why);
}

bool mask_select(struct mask *m, size_t picture, const struct picture_info *info, size_t band, struct why *why)
{
    unsigned colours = picture_colours(info);
    for (size_t i = 0; i < m->n; i++)
        if ((m->selector[i]->kind == SELECTOR_BELOW || m->selector[i]->kind == SELECTOR_ABOVE) && colours != 1 &&
            colours != 3)
            return why_set(why, "%s %s: %u colour channels have no lightness, expected 1 or 3", m->option,
                           m->selector[i]->text, colours);
    for (size_t i = 0; i < m->n_files; i++) {
        struct why reason = {0};
        if (!select_file(&m->file[i], picture, info, band, &reason))
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

static void weigh_by_picture(struct mask *m, const struct mask_file *f, struct scratch *s, const struct block *b, float *w)
{
    const struct picture_info *info = &f->in.info;
    size_t n = b->height * b->width;
    double unit = info->unit;
    const float *x = rows_unpack_channel(&f->rows, b, 0, s->hub[0]);
    if (picture_colours(info) == 3 && !is_grey(&f->rows, b, x, s->hub[1]))
        m->coloured = true;
    for (size_t i = 0; i < n; i++)
        w[i] = x[i] > 0 && isfinite(x[i]) ? w[i] * (float)((double)x[i] / unit) : 0;
    if (info->alpha != ALPHA_STRAIGHT) /* premultiplied, the grey is weighed already */
        return;
    x = rows_unpack_channel(&f->rows, b, info->channels - 1, s->hub[0]);
    for (size_t i = 0; i < n; i++)
        w[i] *= (float)((double)x[i] / unit);
}

static void weigh_by_lightness(const struct selector *by, const struct band *band, const struct rows *rows,
                               const struct block *b, const float *alpha, float *w)
{
    struct scratch *s = band->scratch;
    size_t n = b->height * b->width;
    bool grey = picture_colours(&band->in) != 3;
    const float *rgb[3];
    for (unsigned c = 0; c < 3; c++)
        rgb[c] = grey && c > 0 ? rgb[0] : block_straight(band, rows, b, c, alpha);
    instnorm_lightness(rgb, n, band->in.unit, s->hub[0]);
    for (size_t i = 0; i < n; i++) {
        bool inside = by->kind == SELECTOR_BELOW ? s->hub[0][i] < (float)by->value : s->hub[0][i] > (float)by->value;
        w[i] = inside ? w[i] : 0;
    }
}

/* A pixel is of the value if all of its colours are. */
static void weigh_by_value(double value, const struct band *band, const struct rows *rows, const struct block *b, float *w)
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

void mask_weigh(struct mask *m, const struct band *band, const struct rows *rows, const struct block *b, const float *alpha,
                float *w)
{
    const struct mask_file *file = m->file;
    for (size_t i = 0; i < m->n; i++) {
        const struct selector *by = m->selector[i];
        if (by->kind == SELECTOR_PICTURE)
            weigh_by_picture(m, file++, band->scratch, b, w);
        else if (by->kind == SELECTOR_NOT)
            weigh_by_value(by->value, band, rows, b, w);
        else
            weigh_by_lightness(by, band, rows, b, alpha, w);
    }
}

bool mask_check(const struct mask *m, bool empty, struct why *why)
{
    char text[200] = "";
    for (size_t i = 0, at = 0; i < m->n && at + 8 < sizeof text; i++)
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%s", i ? ", " : "", m->selector[i]->text);
    if (m->coloured)
        return why_set(why, "%s %s: a picture in colour, expected a grey one", m->option, text);
    return !empty || m->n == 0 || why_set(why, "%s %s: no pixel is left", m->option, text);
}
