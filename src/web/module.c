#include "web/module.h"

#include "codec/codec.h"
#include "engine/lut.h"
#include "web/tell.h"
#include "web/work.h"

#include <stdlib.h>
#include <string.h>

static struct desk desk;
static struct why why;
static char told[1 << 15];
static unsigned char *room; /* bytes from the page */
static struct buffer rgba;  /* pixels to the page */
static struct buffer reduced;
static unsigned char *made; /* a file to the page */
static size_t made_size, made_room;
static double bins[2][TOLD_CHANNELS][VIEW_BINS];

static void begin(void)
{
    why = (struct why){0};
    told[0] = '\0';
}

static bool is_place(int place)
{
    return (place >= 0 && place < PLACES) || why_set(&why, "at most %d pictures are held at a time", PLACES);
}

double *web_ask(void)
{
    return desk.ask;
}

const char *web_text(void)
{
    return why.text[0] ? why.text : told;
}

/* ---- spaces -------------------------------------------------------------------------------------------------------- */

const char *web_space(int i)
{
    const struct instnorm_space *space = instnorm_space_at((size_t)i);
    return space ? space->name : NULL;
}

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

unsigned char *web_room(size_t n)
{
    free(room);
    room = malloc(n > 0 ? n : 1);
    return room;
}

static int take(int place, bool ok)
{
    free(room);
    room = NULL;
    if (ok)
        tell_picture(&desk.place[place].held, told, sizeof told);
    return ok;
}

int web_open(int place, size_t n)
{
    begin();
    if (!is_place(place))
        return take(place, false);
    work_forget(&desk, place);
    return take(place, held_read(&desk.place[place].held, room, n, &why));
}

int web_take(int place, size_t width, size_t height)
{
    begin();
    if (!is_place(place))
        return take(place, false);
    work_forget(&desk, place);
    return take(place, held_take(&desk.place[place].held, room, width, height, &why));
}

void web_close(int place)
{
    begin();
    if (!is_place(place))
        return;
    work_forget(&desk, place);
    held_free(&desk.place[place].held);
}

/* ---- work ---------------------------------------------------------------------------------------------------------- */

static void keep_bins(const struct view *view, double to[TOLD_CHANNELS][VIEW_BINS])
{
    for (unsigned c = 0; c < TOLD_CHANNELS && c < view->channels; c++)
        memcpy(to[c], view->channel[c].bin, sizeof to[c]);
}

static int tell(bool ok, const struct result *result)
{
    if (ok) {
        keep_bins(&result->before, bins[0]);
        keep_bins(&result->after, bins[1]);
        tell_result(result, told, sizeof told);
    }
    return ok;
}

double *web_bins(void)
{
    return bins[0][0];
}

int web_measure(int place)
{
    begin();
    bool ok = work_measure(&desk, place, &why);
    if (ok)
        tell_result(&desk.place[place].measured, told, sizeof told);
    return ok;
}

int web_run(int place)
{
    begin();
    return tell(work_run(&desk, place, &why), &desk.result);
}

/* ---- what is seen -------------------------------------------------------------------------------------------------- */

static unsigned char *reserve_rgba(const struct part *part)
{
    if (part->width == 0 || part->height == 0 || part->step == 0)
        why_set(&why, "the part is empty");
    else if (!buffer_reserve(&rgba, part_width(part) * part_height(part) * 4))
        why_memory(&why);
    return why.text[0] ? NULL : rgba.data;
}

/* A part of a picture that is held, as it is. */
static unsigned char *show_held(const struct held *held, const struct part *part)
{
    struct rows rows;
    unsigned char *to = reserve_rgba(part);
    if (!to || !part_check(part, held->info.width, held->info.height, &why) ||
        !part_take(part, &held->rows, &reduced, &rows, &why))
        return NULL;
    show_rgba(&rows, &held->info, to);
    return to;
}

unsigned char *web_before(int place, size_t x, size_t y, size_t width, size_t height, size_t step)
{
    begin();
    return is_place(place) ? show_held(&desk.place[place].held, &(struct part){x, y, width, height, step}) : NULL;
}

unsigned char *web_after(size_t x, size_t y, size_t width, size_t height, size_t step)
{
    begin();
    return show_held(&desk.output, &(struct part){x, y, width, height, step});
}

unsigned char *web_samples(void)
{
    begin();
    if (!desk.output.rows.data)
        why_set(&why, "there is no output");
    return desk.output.rows.data;
}

unsigned char *web_show(int place, size_t x, size_t y, size_t width, size_t height, size_t step)
{
    const struct part part = {x, y, width, height, step};
    begin();
    unsigned char *to = reserve_rgba(&part);
    return to && tell(work_show(&desk, place, &part, to, &why), &desk.shown) ? to : NULL;
}

unsigned char *web_weights(int place, size_t x, size_t y, size_t width, size_t height, size_t step)
{
    const struct part part = {x, y, width, height, step};
    begin();
    unsigned char *to = reserve_rgba(&part);
    return to && work_weigh(&desk, place, &part, to, &why) ? to : NULL;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

size_t web_size(void)
{
    return made_size;
}

static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    size_t end = (size_t)offset + n;
    if (end > made_room) {
        size_t more = end + end / 2;
        unsigned char *data = realloc(made, more);
        if (!data)
            return why_memory(&sink->why);
        made = data;
        made_room = more;
    }
    memcpy(made + offset, from, n);
    made_size = end > made_size ? end : made_size;
    return true;
}

static void clear_made(void)
{
    free(made);
    made = NULL;
    made_size = made_room = 0;
}

static bool write_png(const struct held *held)
{
    static const struct write_options options = {.quality = -1, .compression = -1};
    struct sink sink = {.write_at = write_at};
    const struct codec *png = codec_named("png");
    void *writer = png->create(&sink, &options, &why);
    if (!writer)
        return false;
    if (png->begin(writer, &held->info, &why) && png->write(writer, &held->rows, &why))
        return png->finish(writer, &why);
    png->abandon(writer);
    return false;
}

unsigned char *web_png(void)
{
    clear_made();
    return web_samples() && write_png(&desk.output) ? made : NULL;
}

unsigned char *web_cube(void)
{
    const struct result *r = &desk.result;
    begin();
    clear_made();
    if (r->map.channels != 1 && r->map.channels != 3)
        why_set(&why, "%u colour channels: expected 1 or 3", r->map.channels);
    else
        made = (unsigned char *)lut_format(r->space, &r->map, &why);
    made_size = made ? strlen((char *)made) : 0;
    return made;
}
