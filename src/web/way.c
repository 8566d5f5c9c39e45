#include "web/way.h"

/* ---- masks --------------------------------------------------------------------------------------------------------- */

static bool check_mask(const struct held *mask, const struct held *of, struct why *why)
{
    const struct picture_info *a = &mask->info, *b = &of->info;
    if (!mask->rows.data)
        return why_set(why, "--mask: there is no picture");
    return (a->width == b->width && a->height == b->height) ||
           why_set(why, "--mask: %zu x %zu pixels: expected %zu x %zu as the picture has", a->width, a->height, b->width,
                   b->height);
}

static void open_memory(struct memory_picture *to, const struct held *held, const struct rows *rows)
{
    struct picture_info info = held->info;
    info.width = rows->width;
    info.height = rows->height;
    memory_picture_open(to, &info, rows);
}

/* rows: those of the picture of weights that are used. */
static void open_mask(struct mask *mask, const char *option, const struct selectors *by, const struct held *picture,
                      const struct rows *rows)
{
    *mask = (struct mask){.weights = {.option = option, .n = by->n, .item = mask->item}};
    for (size_t i = 0; i < by->n; i++) {
        mask->item[i] = (struct weight){.by = &by->item[i], .name = by->item[i].text};
        if (by->item[i].kind != SELECTOR_PICTURE)
            continue;
        open_memory(&mask->picture, picture, rows);
        mask->item[i].from = &mask->picture.base;
    }
}

/* ---- the task ------------------------------------------------------------------------------------------------------ */

/* PNG holds integers of 8 and 16 bits. */
bool way_ask(struct way *w, const double *ask, const struct held *picture, struct why *why)
{
    if (!asked_read(&w->asked, ask, why))
        return false;
    enum sample sample = picture->info.sample;
    if (sample != SAMPLE_U8 && sample != SAMPLE_U16 && w->asked.request.depth == SAMPLE_NONE)
        w->asked.request.depth = SAMPLE_U16;
    return true;
}

bool way_open_rows(struct way *w, const struct held *picture, const struct rows *rows, const struct held *mask,
                   const struct rows *mask_rows, struct why *why)
{
    static const struct selectors none = {0};
    const struct request *r = &w->asked.request;
    if (mask && !check_mask(mask, picture, why))
        return false;
    w->format.tensor = r->depth == SAMPLE_F32;
    open_memory(&w->rows, picture, rows);
    open_mask(&w->mask, "--mask", &r->mask, mask, mask_rows);
    open_mask(&w->apply_mask, "--apply-mask", r->apply_mask.n > 0 ? &r->mask : &none, mask, mask_rows);
    w->task = (struct picture_task){.request = r,
                                    .format = &w->format,
                                    .rows = &w->rows.base,
                                    .mask = &w->mask.weights,
                                    .apply_mask = &w->apply_mask.weights,
                                    .views = true,
                                    .page = &w->page};
    return true;
}

bool way_open(struct way *w, const struct held *picture, const struct held *mask, struct why *why)
{
    return way_open_rows(w, picture, &picture->rows, mask, mask ? &mask->rows : NULL, why);
}

void way_close(struct way *w)
{
    map_free(&w->page);
}
