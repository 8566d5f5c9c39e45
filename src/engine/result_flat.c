/*
 * The flat form of a result. One walk over its members measures, writes and reads it, so that the three cannot disagree:
 * numbers with the low byte first, doubles as their bits, texts with their length before them.
 */
#include "base/bytes.h"
#include "base/text.h"
#include "engine/result.h"

#include <math.h>
#include <stdlib.h>

enum flat_mode { FLAT_MEASURE, FLAT_WRITE, FLAT_READ };

struct flat {
    enum flat_mode mode;
    unsigned char *to;         /* FLAT_WRITE */
    const unsigned char *from; /* FLAT_READ: [n] */
    size_t n, at;
    struct why why; /* FLAT_READ: what is wrong; the walk goes on, with zeros */
};

#define MAGIC "instres\6"

/* Of a text of its own: a path, or what is said of a file. */
enum { TEXT_BYTES_MAX = 1 << 16 };

static const char out_of_range[] = "a number is out of its range";

/* ---- numbers and texts --------------------------------------------------------------------------------------------- */

/* Whether `bytes` more are there to be read. */
static bool has(struct flat *f, uint64_t bytes)
{
    return !f->why.text[0] && (bytes <= f->n - f->at || why_set(&f->why, "truncated"));
}

static void walk_bytes(struct flat *f, void *data, size_t n)
{
    if (f->mode == FLAT_READ && !has(f, n)) {
        memset(data, 0, n);
        return;
    }
    if (f->mode == FLAT_READ)
        memcpy(data, f->from + f->at, n);
    else if (f->mode == FLAT_WRITE)
        memcpy(f->to + f->at, data, n);
    f->at += n;
}

/* A number below 256^bytes. */
static void walk_number(struct flat *f, size_t bytes, uint64_t *value)
{
    unsigned char raw[8];
    put_bytes(raw, bytes, true, *value);
    walk_bytes(f, raw, bytes);
    if (f->mode == FLAT_READ)
        *value = get_bytes(raw, bytes, true);
}

static void walk_double(struct flat *f, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    walk_number(f, sizeof bits, &bits);
    if (f->mode == FLAT_READ)
        memcpy(value, &bits, sizeof bits);
}

static void walk_size(struct flat *f, size_t *value)
{
    uint64_t wide = *value;
    walk_number(f, 8, &wide);
    if (wide > SIZE_MAX)
        why_set(&f->why, out_of_range);
    else if (f->mode == FLAT_READ)
        *value = (size_t)wide;
}

/* A number of 32 bits that is `most` or less, and 0 where it is more. Returns it. */
static unsigned walk_unsigned(struct flat *f, unsigned value, unsigned most)
{
    uint64_t wide = value;
    walk_number(f, 4, &wide);
    if (wide <= most)
        return (unsigned)wide;
    why_set(&f->why, out_of_range);
    return 0;
}

static void walk_bool(struct flat *f, bool *value)
{
    bool walked = walk_unsigned(f, *value, 1) == 1;
    if (f->mode == FLAT_READ)
        *value = walked;
}

/* The length of a text that has at most `most` bytes. */
static size_t walk_length(struct flat *f, const char *text, size_t most)
{
    size_t n = f->mode == FLAT_READ ? 0 : strlen(text);
    walk_size(f, &n);
    if (f->mode == FLAT_READ && (!has(f, n) || (n > most && !why_set(&f->why, "a text is too long"))))
        n = 0;
    return n;
}

/* A text in an array of `size` bytes. */
static void walk_text(struct flat *f, char *text, size_t size)
{
    size_t n = walk_length(f, text, size - 1);
    walk_bytes(f, text, n);
    text[n] = '\0';
    if (f->mode == FLAT_READ && strlen(text) != n)
        why_set(&f->why, "a text has a zero in it");
}

/* A text of its own. */
static void walk_string(struct flat *f, char **text)
{
    size_t n = walk_length(f, *text, TEXT_BYTES_MAX);
    if (f->mode == FLAT_READ && !(*text = calloc(n + 1, 1))) {
        why_memory(&f->why);
        return;
    }
    walk_bytes(f, *text, n);
    if (f->mode == FLAT_READ && strlen(*text) != n)
        why_set(&f->why, "a text has a zero in it");
}

/* ---- members ------------------------------------------------------------------------------------------------------- */

static void walk_note(struct flat *f, struct note *note)
{
    bool named = note->name != NULL;
    enum note_level level = walk_unsigned(f, note->level, NOTE_WARNING);
    if (f->mode == FLAT_READ)
        note->level = level;
    walk_bool(f, &named);
    if (named)
        walk_string(f, &note->name);
    walk_string(f, &note->text);
}

static void walk_notes(struct flat *f, struct notes *notes)
{
    enum { NOTE_BYTES = 4 + 4 + 8 }; /* at least */
    size_t n = notes->n;
    walk_bool(f, &notes->lacks);
    walk_size(f, &n);
    if (f->mode == FLAT_READ) {
        if (n > f->n / NOTE_BYTES || !has(f, n * NOTE_BYTES))
            n = why_set(&f->why, "truncated");
        notes->item = n > 0 ? calloc(n, sizeof *notes->item) : NULL;
        notes->room = notes->n = notes->item ? n : 0;
        if (n > 0 && !notes->item)
            why_memory(&f->why);
    }
    for (size_t i = 0; i < notes->n; i++)
        walk_note(f, &notes->item[i]);
}

static void walk_moments(struct flat *f, struct instnorm_moments *m)
{
    walk_double(f, &m->weight);
    walk_double(f, &m->mean);
    walk_double(f, &m->m2);
    walk_double(f, &m->min);
    walk_double(f, &m->max);
    walk_number(f, 8, &m->skipped);
}

static void walk_target(struct flat *f, struct instnorm_target *t)
{
    walk_double(f, &t->gamma);
    walk_double(f, &t->beta);
    walk_double(f, &t->eps);
    walk_double(f, &t->strength);
    walk_double(f, &t->unit_in);
    walk_double(f, &t->unit_out);
}

static void walk_clip(struct flat *f, struct instnorm_clip *clip)
{
    walk_number(f, 8, &clip->low);
    walk_number(f, 8, &clip->high);
    walk_double(f, &clip->min);
    walk_double(f, &clip->max);
}

enum { CHANNEL_BYTES = 6 * 8 + 4 + 6 * 8 + 6 * 8 + 4 * 8 + 6 * 8 };

static void walk_channels(struct flat *f, struct result *r)
{
    uint64_t n = walk_unsigned(f, r->colours, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && has(f, n * CHANNEL_BYTES))
        result_reserve(r, (unsigned)n, &f->why);
    for (unsigned c = 0; c < r->colours; c++) {
        struct result_channel *ch = &r->channel[c];
        walk_moments(f, &ch->moments);
        walk_bool(f, &ch->touched);
        walk_moments(f, &ch->used);
        walk_target(f, &ch->target);
        walk_clip(f, &ch->clip);
        walk_moments(f, &ch->after);
    }
}

static void walk_map(struct flat *f, struct map *map)
{
    uint64_t n = walk_unsigned(f, map->channels, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && has(f, n * MAP_MEMBERS * 8))
        map_reserve(map, (unsigned)n, &f->why);
    for (unsigned c = 0; c < map->channels; c++) {
        struct map_member member[MAP_MEMBERS];
        double value[MAP_MEMBERS];
        map_members(map, c, member);
        for (int i = 0; i < MAP_MEMBERS; i++) {
            value[i] = member[i].value;
            walk_double(f, &value[i]);
        }
        if (f->mode == FLAT_READ)
            map_set_members(map, c, value);
    }
}

/* A space goes by its name; none has an empty one. */
static void walk_space(struct flat *f, const struct instnorm_space **space)
{
    char name[32] = "";
    if (*space)
        text_append(name, sizeof name, "%s", (*space)->name);
    walk_text(f, name, sizeof name);
    if (f->mode != FLAT_READ)
        return;
    *space = name[0] ? instnorm_space_find(name) : NULL;
    if (name[0] && !*space)
        why_set(&f->why, "an unknown colour space");
}

/* ---- views --------------------------------------------------------------------------------------------------------- */

enum { VIEW_CHANNEL_BYTES = 6 * 8 + 2 * 8 + VIEW_BINS * 8, PREVIEW_SIDE_MAX = 1 << 12 };

static void walk_preview(struct flat *f, struct preview *p)
{
    unsigned width = walk_unsigned(f, (unsigned)p->width, PREVIEW_SIDE_MAX);
    unsigned height = walk_unsigned(f, (unsigned)p->height, PREVIEW_SIDE_MAX);
    if ((width == 0) != (height == 0))
        why_set(&f->why, out_of_range);
    if (width == 0 || height == 0)
        return;
    size_t bytes = (size_t)width * height * 3;
    walk_double(f, &p->black);
    walk_double(f, &p->white);
    if (f->mode != FLAT_READ || (has(f, bytes) && preview_reserve(p, width, height, &f->why)))
        walk_bytes(f, p->rgb, bytes);
}

static void walk_view(struct flat *f, struct view *v)
{
    uint64_t n = walk_unsigned(f, v->channels, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && has(f, n * VIEW_CHANNEL_BYTES))
        view_reserve(v, (unsigned)n, &f->why);
    for (unsigned c = 0; c < v->channels; c++) {
        struct view_channel *ch = &v->channel[c];
        walk_moments(f, &ch->moments);
        walk_double(f, &ch->low);
        walk_double(f, &ch->high);
        for (unsigned i = 0; i < VIEW_BINS; i++)
            walk_double(f, &ch->bin[i]);
    }
    for (int i = 0; i < VIEW_SIZES; i++)
        walk_preview(f, &v->preview[i]);
}

/* ---- what it adds to a pool ---------------------------------------------------------------------------------------- */

/* Digits, and the place of the first, of sums of products of doubles: those are from 2^-2148 to less than 2^2200. */
enum { DIGITS_MAX = 144, DIGIT_PLACES = 72 };

static void walk_dyadic(struct flat *f, struct dyadic *x)
{
    unsigned low = walk_unsigned(f, (unsigned)(x->low + DIGIT_PLACES), 2 * DIGIT_PLACES);
    unsigned n = walk_unsigned(f, (unsigned)x->n, DIGITS_MAX);
    walk_bool(f, &x->negative);
    if (f->mode == FLAT_READ && n > 0 && has(f, 4 * (uint64_t)n)) {
        x->digit = calloc(n, sizeof *x->digit);
        x->n = x->room = x->digit ? n : 0;
        x->low = (int)low - DIGIT_PLACES;
        if (!x->digit)
            why_memory(&f->why);
    }
    for (size_t i = 0; i < x->n; i++)
        x->digit[i] = walk_unsigned(f, x->digit[i], UINT32_MAX);
    if (f->mode == FLAT_READ && x->n > 0 && (x->digit[0] == 0 || x->digit[x->n - 1] == 0))
        why_set(&f->why, out_of_range);
}

static void walk_unit(struct flat *f, struct pooled_unit *u, unsigned colours, bool pairs)
{
    for (unsigned c = 0; c < colours && !f->why.text[0]; c++) {
        struct pooled_channel *ch = &u->channel[c];
        walk_dyadic(f, &ch->weight);
        walk_dyadic(f, &ch->sum);
        walk_dyadic(f, &ch->squares);
        walk_dyadic(f, &ch->means);
        walk_dyadic(f, &ch->stds);
    }
    for (size_t k = 0; pairs && k < sums_pairs(colours) && !f->why.text[0]; k++) {
        struct pooled_pair *pair = &u->pair[k];
        walk_dyadic(f, &pair->weight);
        walk_dyadic(f, &pair->x);
        walk_dyadic(f, &pair->y);
        walk_dyadic(f, &pair->products);
    }
}

enum { DYADIC_BYTES = 3 * 4, RANGE_BYTES = 4 * 8 };

/* Room for what a frame brings: as many channels as there are bytes for. */
static struct pooled_unit *begin_unit(struct flat *f, struct pooled *p, unsigned colours, double unit)
{
    if (unit > 0 && unit < INFINITY && has(f, (uint64_t)colours * 5 * DYADIC_BYTES))
        return pooled_unit(p, unit, &f->why);
    why_set(&f->why, out_of_range);
    return NULL;
}

static void walk_pooled(struct flat *f, struct pooled *p)
{
    bool reads = f->mode == FLAT_READ;
    unsigned colours = walk_unsigned(f, p->colours, UINT32_MAX), units = walk_unsigned(f, (unsigned)p->units, UINT16_MAX);
    bool no_covariance = p->no_covariance;
    walk_bool(f, &no_covariance);
    walk_number(f, 8, &p->pictures);
    walk_number(f, 8, &p->missing);
    walk_bool(f, &p->unnamed);
    walk_number(f, 8, &p->names.high);
    walk_number(f, 8, &p->names.low);
    if (reads && colours > 0 && has(f, (uint64_t)colours * RANGE_BYTES))
        pooled_begin(p, colours, &f->why);
    p->no_covariance |= no_covariance;
    for (unsigned c = 0; c < p->colours; c++) {
        struct pooled_range *range = &p->range[c];
        walk_double(f, &range->least);
        walk_double(f, &range->most);
        walk_number(f, 8, &range->skipped);
        walk_number(f, 8, &range->pictures);
    }
    for (unsigned i = 0; i < units && !f->why.text[0]; i++) {
        double unit = reads ? 0 : p->unit[i].unit;
        walk_double(f, &unit);
        struct pooled_unit *u = reads ? begin_unit(f, p, p->colours, unit) : &p->unit[i];
        if (u)
            walk_unit(f, u, p->colours, !p->no_covariance);
    }
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static void walk_picture(struct flat *f, struct result *r)
{
    walk_text(f, r->format, sizeof r->format);
    walk_size(f, &r->index);
    walk_size(f, &r->width);
    walk_size(f, &r->height);
    r->channels = walk_unsigned(f, r->channels, UINT32_MAX);
    r->depth = walk_unsigned(f, r->depth, UINT32_MAX);
    r->dimensions = walk_unsigned(f, r->dimensions, UINT32_MAX);
    r->alpha = walk_unsigned(f, r->alpha, ALPHA_PREMULTIPLIED);
    r->role = walk_unsigned(f, r->role, PAGE_COPIED);
    walk_text(f, r->nothing.text, sizeof r->nothing.text);
    walk_bool(f, &r->integer);
    walk_double(f, &r->most);
    walk_number(f, 8, &r->pixels);
}

static void walk(struct flat *f, struct result *r)
{
    unsigned char magic[] = MAGIC;
    uint64_t n = f->n;
    walk_bytes(f, magic, sizeof magic - 1);
    walk_number(f, 8, &n);
    if (f->mode == FLAT_READ && (memcmp(magic, MAGIC, sizeof magic - 1) != 0 || n != f->n))
        why_set(&f->why, "no result, or of another version or length");
    r->status = walk_unsigned(f, r->status, RESULT_FAILED);
    walk_size(f, &r->job);
    walk_text(f, r->why.text, sizeof r->why.text);
    walk_bool(f, &r->unread);
    walk_notes(f, &r->notes);
    walk_picture(f, r);
    walk_space(f, &r->space);
    walk_double(f, &r->unit);
    walk_number(f, 8, &r->pictures);
    walk_number(f, 8, &r->missing);
    walk_channels(f, r);
    walk_map(f, &r->map);
    walk_pooled(f, &r->pooled);
    walk_view(f, &r->before);
    walk_view(f, &r->after);
}

unsigned char *result_pack(const struct result *result, size_t *n)
{
    struct result r = *result; /* what it points to is changed by reading alone */
    struct flat f = {.mode = FLAT_MEASURE};
    walk(&f, &r);
    f = (struct flat){.mode = FLAT_WRITE, .to = malloc(f.at), .n = f.at};
    if (f.to)
        walk(&f, &r);
    *n = f.n;
    return f.to;
}

uint64_t result_packed_bytes(const unsigned char head[RESULT_HEAD_BYTES])
{
    size_t magic = sizeof MAGIC - 1;
    return memcmp(head, MAGIC, magic) == 0 ? get_bytes(head + magic, 8, true) : 0;
}

/* Whether whoever reports it finds what it expects. */
static bool check(const struct result *r, struct why *why)
{
    bool has_channels =
        result_has_statistics(r) && r->space && r->colours > 0 && (!r->space->channel[0] || r->colours <= 3);
    bool has_none = !result_has_statistics(r) && r->colours == 0;
    unsigned map = r->status == RESULT_MAPPED ? r->colours : 0;
    bool is_touched = false;
    for (unsigned c = 0; c < r->colours; c++)
        is_touched |= r->channel[c].touched;
    unsigned seen = r->colours < VIEW_CHANNELS ? r->colours : VIEW_CHANNELS;
    bool has_views = (r->before.channels == 0 || r->before.channels == seen) &&
                     (r->after.channels == 0 || (r->after.channels == r->before.channels && map > 0));
    bool has_pool = r->pooled.colours == 0 || r->pooled.colours == r->colours;
    return ((has_channels || has_none) && has_pool && r->map.channels == map && (!is_touched || map > 0) && has_views) ||
           why_set(why, "channels or a map are missing, or too many");
}

bool result_unpack(struct result *r, const unsigned char *bytes, size_t n, struct why *why)
{
    struct flat f = {.mode = FLAT_READ, .from = bytes, .n = n};
    *r = (struct result){0};
    walk(&f, r);
    if (!f.why.text[0] && f.at < n)
        why_set(&f.why, "bytes follow its end");
    if (f.why.text[0] ? why_set(why, "%s", f.why.text) : check(r, why))
        return true;
    result_free(r);
    return false;
}
