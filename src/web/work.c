#include "web/work.h"

#include <string.h>

static const struct held *held_at(const struct desk *desk, int place, struct why *why)
{
    const struct held *held = place >= 0 && place < PLACES ? &desk->place[place].held : NULL;
    if (held && held->rows.data)
        return held;
    why_set(why, "there is no picture");
    return NULL;
}

/* The picture of weights; NULL: none is asked for. */
static const struct held *mask_of(const struct desk *desk, const struct way *w)
{
    int place = w->asked.mask_place;
    return place >= 0 && place < PLACES ? &desk->place[place].held : NULL;
}

/* ---- measure ------------------------------------------------------------------------------------------------------- */

static void forget(struct place *place)
{
    result_free(&place->measured);
    statistics_free(&place->used);
    place->known = false;
}

void work_forget(struct desk *desk, int place)
{
    for (size_t i = 0; i < REDUCED; i++)
        if (desk->reduced[i].of == &desk->place[place].held)
            desk->reduced[i].of = NULL;
    bool mask = place == (int)desk->ask[ASK_MASK];
    for (int i = 0; i < PLACES; i++)
        if (mask || i == place)
            forget(&desk->place[i]);
}

/* In units, for a map of other samples. */
static bool keep_used(struct place *place, struct why *why)
{
    const struct result *r = &place->measured;
    if (!statistics_reserve(&place->used, r->colours, why))
        return false;
    for (unsigned c = 0; c < r->colours; c++)
        place->used.channel[c] = moments_scaled(&r->channel[c].used, 1 / r->unit);
    place->used.pictures = 1;
    return true;
}

/* A style is measured by the thresholds of --mask, but not pooled with anything before it is known whole. */
static void ask_of_style(struct asked *asked)
{
    struct request *r = &asked->request;
    size_t n = 0;
    for (size_t i = 0; i < r->mask.n; i++)
        if (selector_is_threshold(&r->mask.item[i]))
            r->mask.item[n++] = r->mask.item[i];
    r->mask.n = n;
    r->apply_mask.n = 0;
    asked->mask_place = -1;
}

static bool measure(struct way *w, struct picture *p, struct place *place, bool style, struct why *why)
{
    if (style)
        w->task.format = NULL;
    return picture_begin(p, &w->task, why) && picture_measure(p, &place->measured, why) &&
           picture_pool(p, &place->measured, why) && keep_used(place, why);
}

static bool is_known(const struct place *place, const double *ask)
{
    return place->known && memcmp(place->by, ask, sizeof place->by) == 0;
}

static bool measure_place(struct desk *desk, int at, bool style, struct why *why)
{
    const struct held *held = held_at(desk, at, why);
    struct way w = {0};
    if (!held)
        return false;
    struct place *place = &desk->place[at];
    if (is_known(place, desk->ask))
        return true;
    forget(place);
    if (!way_ask(&w, desk->ask, held, why))
        return false;
    if (style)
        ask_of_style(&w.asked);
    w.asked.request.view = (struct view_request){0};
    place->known = way_open(&w, held, mask_of(desk, &w), why) && measure(&w, &desk->picture, place, style, why);
    way_close(&w);
    if (!place->known)
        forget(place);
    memcpy(place->by, desk->ask, sizeof place->by);
    return place->known;
}

bool work_measure(struct desk *desk, int place, struct why *why)
{
    return measure_place(desk, place, false, why);
}

/* ---- what is given ------------------------------------------------------------------------------------------------- */

/* What comes from other pictures. */
struct others {
    struct given given;
    struct series series;
    struct statistics target;
};

static bool is_in_batch(const struct desk *desk, int i)
{
    return desk->place[i].held.rows.data && i != (int)desk->ask[ASK_STYLE] && i != (int)desk->ask[ASK_MASK];
}

static bool gather(struct desk *desk, struct series *series, struct why *why)
{
    unsigned number = 0;
    for (int i = 0; i < PLACES; i++) {
        struct why reason = {0};
        if (!is_in_batch(desk, i))
            continue;
        number++;
        if (!measure_place(desk, i, false, &reason) || !result_gather(&desk->place[i].measured, series, &reason))
            return why_set(why, "picture %u of the batch: %s", number, reason.text);
    }
    return series_check(series, why);
}

static bool measure_style(struct desk *desk, const struct asked *asked, struct statistics *target, struct why *why)
{
    struct why reason = {0};
    if (!measure_place(desk, asked->style, true, &reason) ||
        !result_merge(&desk->place[asked->style].measured, target, &reason))
        return why_option(why, "--style", "the style", &reason);
    if (target->colours == 0)
        return why_set(why, "--style: no sample counts");
    return solve_link_style(target, &asked->request, why);
}

static bool find_others(struct desk *desk, const struct asked *asked, struct others *others, struct why *why)
{
    if (asked->request.norm == INSTNORM_BATCH) {
        if (!gather(desk, &others->series, why))
            return false;
        others->given.series = &others->series;
    }
    if (asked->style < 0)
        return true;
    others->given.target = &others->target;
    others->given.target_name = "the style";
    return measure_style(desk, asked, &others->target, why);
}

static void others_free(struct others *others)
{
    series_free(&others->series);
    statistics_free(&others->target);
}

/* ---- the whole picture --------------------------------------------------------------------------------------------- */

struct to_held {
    struct picture_sink base;
    struct held *held;
    size_t y;
};

static bool begin_held(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct to_held *to = (struct to_held *)sink;
    return held_reserve(to->held, info, why);
}

static bool write_held(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct to_held *to = (struct to_held *)sink;
    const struct rows part = rows_part(&to->held->rows, to->y, rows->height);
    const struct block all = {0, 0, rows->height, rows->width};
    (void)why;
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &part, c);
    to->y += rows->height;
    return true;
}

static bool run(struct desk *desk, struct way *w, const struct given *given, struct why *why)
{
    struct to_held to = {.base = {begin_held, write_held}, .held = &desk->output};
    return picture_begin(&desk->picture, &w->task, why) && picture_measure(&desk->picture, &desk->result, why) &&
           picture_map(&desk->picture, given, &to.base, &desk->result, why);
}

bool work_run(struct desk *desk, int place, struct why *why)
{
    const struct held *held = held_at(desk, place, why);
    struct way w = {0};
    struct others others = {0};
    result_free(&desk->result);
    held_free(&desk->output);
    bool ok = held && way_ask(&w, desk->ask, held, why) && find_others(desk, &w.asked, &others, why) &&
              way_open(&w, held, mask_of(desk, &w), why) && run(desk, &w, &others.given, why);
    way_close(&w);
    others_free(&others);
    if (!ok)
        held_free(&desk->output);
    return ok;
}

/* ---- a part -------------------------------------------------------------------------------------------------------- */

static bool same_part(const struct part *a, const struct part *b)
{
    return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height && a->step == b->step;
}

/* The part of a picture, made once; NULL with `why`. */
static const struct rows *reduce(struct desk *desk, const struct held *held, const struct part *part, struct why *why)
{
    for (size_t i = 0; i < REDUCED; i++)
        if (desk->reduced[i].of == held && same_part(&desk->reduced[i].part, part))
            return &desk->reduced[i].rows;
    struct reduced *r = &desk->reduced[desk->oldest];
    desk->oldest = (desk->oldest + 1) % REDUCED;
    r->of = NULL;
    if (!part_check(part, held->info.width, held->info.height, why) ||
        !part_take(part, &held->rows, &r->buffer, &r->rows, why))
        return NULL;
    r->of = held;
    r->part = *part;
    return &r->rows;
}

static bool open_part(struct way *w, struct desk *desk, const struct held *held, const struct part *part, struct why *why)
{
    const struct held *mask = mask_of(desk, w);
    const struct rows *rows = reduce(desk, held, part, why);
    const struct rows *mask_rows = mask && mask->rows.data ? reduce(desk, mask, part, why) : NULL;
    return rows && (mask_rows || !mask || !mask->rows.data) && way_open_rows(w, held, rows, mask, mask_rows, why);
}

struct to_rgba {
    struct picture_sink base;
    struct picture_info info;
    unsigned char *rgba;
};

static bool begin_rgba(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    (void)why;
    ((struct to_rgba *)sink)->info = *info;
    return true;
}

static bool write_rgba(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct to_rgba *to = (struct to_rgba *)sink;
    (void)why;
    show_rgba(rows, &to->info, to->rgba);
    to->rgba += rows->height * rows->width * 4;
    return true;
}

/* What was measured of the whole; the edges of histograms depend on it. */
static void keep_measured(struct result *to, const struct place *place)
{
    const struct result *from = &place->measured;
    for (unsigned c = 0; c < to->colours && c < from->colours; c++)
        to->channel[c].moments = from->channel[c].moments;
    to->nothing = from->nothing;
}

/* The statistics are given, so the part is only looked at. The mask may select no pixel of it, but others elsewhere. */
static bool look(struct desk *desk, struct way *w, struct why *why)
{
    w->task.look = true;
    if (!picture_begin(&desk->picture, &w->task, why) || !picture_measure(&desk->picture, &desk->shown, why))
        return false;
    if (!desk->shown.nothing.text[0] || w->mask.weights.n == 0)
        return true;
    result_free(&desk->shown);
    w->task.mask = NULL;
    return picture_begin(&desk->picture, &w->task, why) && picture_measure(&desk->picture, &desk->shown, why);
}

static bool show(struct desk *desk, struct way *w, const struct place *place, struct given *given, unsigned char *rgba,
                 struct why *why)
{
    struct to_rgba to = {.base = {begin_rgba, write_rgba}, .rgba = rgba};
    if (!given->series) {
        given->measured = &place->used;
        given->measured_name = "the picture";
    }
    if (!look(desk, w, why))
        return false;
    keep_measured(&desk->shown, place);
    return picture_map(&desk->picture, given, &to.base, &desk->shown, why);
}

/* A picture in which nothing counts stays as it is. */
static void ask_nothing(struct asked *asked, const struct place *place)
{
    if (place->measured.nothing.text[0])
        asked->request.channels = "none";
}

bool work_show(struct desk *desk, int at, const struct part *part, unsigned char *rgba, struct why *why)
{
    const struct held *held = held_at(desk, at, why);
    struct way w = {0};
    struct others others = {0};
    result_free(&desk->shown);
    bool ok = held && measure_place(desk, at, false, why) && way_ask(&w, desk->ask, held, why) &&
              find_others(desk, &w.asked, &others, why) && open_part(&w, desk, held, part, why);
    if (ok) {
        ask_nothing(&w.asked, &desk->place[at]);
        ok = show(desk, &w, &desk->place[at], &others.given, rgba, why);
    }
    way_close(&w);
    others_free(&others);
    return ok;
}

/* ---- weights ------------------------------------------------------------------------------------------------------- */

static void put_weights(const float *weight, double full, size_t n, unsigned char *rgba)
{
    for (size_t i = 0; i < n; i++) {
        double w = weight ? (double)weight[i] / full : 1;
        memset(rgba + 4 * i, 0, 3);
        rgba[4 * i + 3] = (unsigned char)(255 - 255 * (w > 1 ? 1 : w > 0 ? w : 0));
    }
}

/* Block by block: a block is whole rows, or a run within one row. */
static bool weigh(struct way *w, struct block_weights *weights, unsigned char *rgba, struct why *why)
{
    struct picture_rows *from = &w->rows.base;
    struct weights *by = w->mask.weights.n > 0 ? &w->mask.weights : NULL;
    struct layout layout;
    struct cursor cursor = {0};
    bool ok = layout_make(&layout, &from->info, NULL, &w->asked.request, why) && cursor_open(&cursor, &layout, why) &&
              weights_begin(&w->mask.weights, &from->info, why);
    for (size_t y = 0; ok && y < from->info.height; y += from->band) {
        struct rows rows;
        ok = from->read(from, &rows, why) && weights_read(&w->mask.weights, &rows, why);
        cursor_enter(&cursor, &rows, y);
        while (ok && cursor_next(&cursor)) {
            double full = 1;
            const float *weight = weigh_block(weights, by, &cursor, &full);
            put_weights(weight, full, cursor.n, rgba + 4 * ((y + cursor.block.y) * from->info.width + cursor.block.x));
        }
    }
    cursor_close(&cursor);
    return ok;
}

bool work_weigh(struct desk *desk, int at, const struct part *part, unsigned char *rgba, struct why *why)
{
    const struct held *held = held_at(desk, at, why);
    struct way w = {0};
    bool ok = held && way_ask(&w, desk->ask, held, why) && open_part(&w, desk, held, part, why) &&
              weigh(&w, &desk->weights, rgba, why);
    way_close(&w);
    return ok;
}
