/* --compare: a picture of the pictures before and after. One pair is drawn large; several are a contact sheet. */
#include "base/channel.h"
#include "base/text.h"
#include "cli/report/compare/histogram.h"
#include "cli/report/encode.h"
#include "cli/report/shrink.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Pixels. More pairs than PAIRS_MAX are not on a sheet. */
enum {
    MARGIN = 16,
    SIDE_ALONE = 640,
    SIDE_OF_MANY = 224,
    WIDTH_LEAST = 360,
    PAIRS_MAX = 60,
    COLUMNS_MAX = 4,
    NAME_BYTES = 120,
    QUALITY = 92
};

struct pair {
    char name[NAME_BYTES];
    struct view before, after;
    const struct instnorm_space *space;
};

struct compare {
    const char *path;
    struct pair *pair; /* [PAIRS_MAX] */
    size_t n, left_out;
};

/* How a pair is drawn. */
struct look {
    size_t side;      /* of the box that a picture fits in */
    size_t bars;      /* height of the histograms */
    unsigned scale;   /* of the text */
    bool has_numbers; /* below the histograms */
};

static const struct look alone = {SIDE_ALONE, 96, 2, true}, of_many = {SIDE_OF_MANY, 40, 1, false};
static const struct colour black = {{24, 24, 24}}, grey = {{110, 110, 110}};

static const char *asked(const struct reporting *how)
{
    return how->compare;
}

/* ---- taking pictures ----------------------------------------------------------------------------------------------- */

static void abandon(void *state)
{
    struct compare *s = state;
    for (size_t i = 0; i < s->n; i++) {
        view_free(&s->pair[i].before);
        view_free(&s->pair[i].after);
    }
    free(s->pair);
    free(s);
}

static void *begin(const struct report_context *context, struct why *why)
{
    struct compare *s = calloc(1, sizeof *s);
    if (s && !(s->pair = calloc(PAIRS_MAX, sizeof *s->pair))) {
        free(s);
        s = NULL;
    }
    if (s)
        s->path = context->how->compare;
    else
        why_memory(why);
    return s;
}

static void set_name(struct pair *pair, const struct result *result, const struct job *job)
{
    char index[32] = "";
    if (result_is_one_of_many(result))
        snprintf(index, sizeof index, " [%zu]", result->index);
    const char *name = result->member ? result->member : job->input, *slash = strrchr(name, '/');
    snprintf(pair->name, sizeof pair->name - 32, "%s", slash ? slash + 1 : name);
    text_append(pair->name, sizeof pair->name, "%s", index);
}

static bool copy_view(struct view *to, const struct view *from, size_t side, struct why *why)
{
    if (from->channels > 0) { /* a worker may have sent none */
        if (!view_reserve(to, from->channels, why))
            return false;
        memcpy(to->channel, from->channel, from->channels * sizeof *from->channel);
    }
    return shrink(&from->preview[VIEW_LARGE], side, &to->preview[VIEW_LARGE], why);
}

static bool shrink_view(struct view *view, size_t side, struct why *why)
{
    struct preview large = view->preview[VIEW_LARGE];
    view->preview[VIEW_LARGE] = (struct preview){0};
    bool ok = shrink(&large, side, &view->preview[VIEW_LARGE], why);
    preview_free(&large);
    return ok;
}

static bool add(void *state, const struct result *result, const struct job *job, struct why *why)
{
    struct compare *s = state;
    struct pair *pair = &s->pair[s->n];
    if (result->status != RESULT_MAPPED || !result->before.preview[VIEW_LARGE].rgb ||
        !result->after.preview[VIEW_LARGE].rgb)
        return true;
    if (s->n == PAIRS_MAX) {
        s->left_out++;
        return true;
    }
    s->n++;
    set_name(pair, result, job);
    pair->space = result->space;
    size_t side = s->n == 1 ? SIDE_ALONE : SIDE_OF_MANY;
    if (!copy_view(&pair->before, &result->before, side, why) || !copy_view(&pair->after, &result->after, side, why))
        return false;
    struct pair *first = &s->pair[0]; /* it is small as well, now that there are others */
    return s->n != 2 || (shrink_view(&first->before, SIDE_OF_MANY, why) && shrink_view(&first->after, SIDE_OF_MANY, why));
}

/* ---- drawing ------------------------------------------------------------------------------------------------------- */

static size_t text_height(const struct look *look)
{
    return 12 * look->scale;
}

static size_t pictures_height(const struct pair *pair)
{
    size_t before = pair->before.preview[VIEW_LARGE].height, after = pair->after.preview[VIEW_LARGE].height;
    return before > after ? before : after;
}

/* What is below the pictures: the histograms with their marks, and the numbers. */
static size_t charts_height(const struct pair *pair, const struct look *look)
{
    unsigned channels = pair->before.channels;
    return 8 + look->bars + 8 + 6 * channels + (look->has_numbers ? channels * text_height(look) + 4 : 0);
}

static size_t pair_height(const struct pair *pair, const struct look *look)
{
    return 2 * text_height(look) + 8 + pictures_height(pair) + charts_height(pair, look);
}

/* Of one side of a pair. On a sheet all are as wide as the widest can be. */
static size_t view_width(const struct pair *pair, const struct look *look)
{
    size_t before = pair->before.preview[VIEW_LARGE].width, after = pair->after.preview[VIEW_LARGE].width,
           most = before > after ? before : after;
    return !look->has_numbers ? look->side : most > WIDTH_LEAST ? most : WIDTH_LEAST;
}

static size_t pair_width(const struct pair *pair, const struct look *look)
{
    return 2 * view_width(pair, look) + MARGIN / 2;
}

static void draw_numbers(struct canvas *canvas, const struct pair *pair, const struct view *view, size_t x, size_t y,
                         const struct look *look)
{
    for (unsigned c = 0; c < view->channels; c++) {
        const struct instnorm_moments *m = &view->channel[c].moments;
        char name[CHANNEL_NAME_BYTES], text[120];
        channel_name(pair->space, view->channels, c, name, sizeof name);
        if (m->weight > 0)
            snprintf(text, sizeof text, "%s: mean %.4g, std %.4g", name, m->mean, sqrt(m->m2 / m->weight));
        else
            snprintf(text, sizeof text, "%s: no samples", name);
        canvas_text(canvas, x, y + c * text_height(look), view_width(pair, look), look->scale, text,
                    histogram_colour(pair->space, view->channels, c));
    }
}

/* One side of a pair: its label, its picture, its histograms. */
static void draw_view(struct canvas *canvas, const struct pair *pair, const struct view *view, const char *label, size_t x,
                      size_t y, const struct look *look)
{
    size_t width = view_width(pair, look);
    size_t below = y + text_height(look) + pictures_height(pair);
    const struct rectangle bars = {x, below + 8, width, look->bars};
    canvas_text(canvas, x, y, width, look->scale, label, grey);
    canvas_picture(canvas, &view->preview[VIEW_LARGE], x, y + text_height(look));
    histogram_draw(canvas, &bars, view, pair->space, histogram_peak(&pair->before, &pair->after));
    if (look->has_numbers)
        draw_numbers(canvas, pair, view, x, below + charts_height(pair, look) - view->channels * text_height(look), look);
}

static void draw_pair(struct canvas *canvas, const struct pair *pair, size_t x, size_t y, const struct look *look)
{
    canvas_text(canvas, x, y, pair_width(pair, look), look->scale, pair->name, black);
    y += text_height(look) + 8;
    draw_view(canvas, pair, &pair->before, "before", x, y, look);
    draw_view(canvas, pair, &pair->after, "after", x + view_width(pair, look) + MARGIN / 2, y, look);
}

/* ---- the sheet ----------------------------------------------------------------------------------------------------- */

/* About twice as wide as high. */
static size_t choose_columns(size_t n)
{
    size_t columns = 1;
    while (columns < COLUMNS_MAX && columns * columns < n)
        columns++;
    return columns;
}

static size_t row_height(const struct compare *s, size_t first, size_t columns, const struct look *look)
{
    size_t most = 0;
    for (size_t i = first; i < s->n && i < first + columns; i++) {
        size_t height = pair_height(&s->pair[i], look);
        most = height > most ? height : most;
    }
    return most;
}

static size_t sheet_height(const struct compare *s, size_t columns, const struct look *look)
{
    size_t height = MARGIN + (s->left_out > 0 ? text_height(look) + MARGIN : 0);
    for (size_t i = 0; i < s->n; i += columns)
        height += row_height(s, i, columns, look) + MARGIN;
    return height;
}

static void draw(struct canvas *canvas, const struct compare *s, size_t columns, const struct look *look)
{
    size_t y = MARGIN;
    for (size_t i = 0; i < s->n; i++) {
        size_t column = i % columns;
        draw_pair(canvas, &s->pair[i], MARGIN + column * (pair_width(&s->pair[i], look) + MARGIN), y, look);
        if (column == columns - 1 || i == s->n - 1)
            y += row_height(s, i - column, columns, look) + MARGIN;
    }
    if (s->left_out > 0) {
        char text[80];
        snprintf(text, sizeof text, "The first %zu of %zu pictures.", s->n, s->n + s->left_out);
        canvas_text(canvas, MARGIN, y, canvas->width, look->scale, text, grey);
    }
}

static bool make(const struct compare *s, struct report_content *to, struct why *why)
{
    const struct look *look = s->n == 1 ? &alone : &of_many;
    size_t columns = choose_columns(s->n);
    struct canvas canvas = {0};
    if (s->n == 0)
        return why_set(why, "no picture was written that can be compared");
    bool ok = canvas_reserve(&canvas, MARGIN + columns * (pair_width(s->pair, look) + MARGIN),
                             sheet_height(s, columns, look), why);
    if (ok) {
        draw(&canvas, s, columns, look);
        ok = encode_rgb(canvas.rgb, canvas.width, canvas.height, codec_for_extension(strrchr(s->path, '.') + 1), QUALITY,
                        to, why);
    }
    canvas_free(&canvas);
    return ok;
}

static struct report_content finish(void *state, const struct report_end *end, struct why *why)
{
    struct report_content content = {0};
    (void)end;
    make(state, &content, why);
    abandon(state);
    return content;
}

static bool is_picture(const unsigned char *head, size_t n)
{
    return codec_sniff(head, n) != NULL;
}

const struct reporter compare_reporter = {
    .option = "--compare",
    .needs = {.moments = true, .view = {.histograms = true, .side = {[VIEW_LARGE] = 2 * SIDE_ALONE}}},
    .asked = asked,
    .file = "comparison",
    .partial = true,
    .other = "is not a picture",
    .is_kind = is_picture,
    .begin = begin,
    .add = add,
    .finish = finish,
    .abandon = abandon};
