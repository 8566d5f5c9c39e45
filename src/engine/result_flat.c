/* The flat form of a result. */
#include "base/bytes.h"
#include "base/text.h"
#include "engine/flat.h"
#include "engine/result.h"

#include <math.h>
#include <stdlib.h>

#define MAGIC "instres\7"

/* ---- members ------------------------------------------------------------------------------------------------------- */

static void walk_note(struct flat *f, struct note *note)
{
    bool named = note->name != NULL;
    enum note_level level = flat_unsigned(f, note->level, NOTE_WARNING);
    if (f->mode == FLAT_READ)
        note->level = level;
    flat_bool(f, &named);
    if (named)
        flat_string(f, &note->name);
    flat_string(f, &note->text);
}

static void walk_notes(struct flat *f, struct notes *notes)
{
    enum { NOTE_BYTES = 4 + 4 + 8 }; /* at least */
    size_t n = notes->n;
    flat_bool(f, &notes->lacks);
    flat_size(f, &n);
    if (f->mode == FLAT_READ) {
        if (n > f->n / NOTE_BYTES || !flat_has(f, n * NOTE_BYTES))
            n = why_set(&f->why, "truncated");
        notes->item = n > 0 ? calloc(n, sizeof *notes->item) : NULL;
        notes->room = notes->n = notes->item ? n : 0;
        if (n > 0 && !notes->item)
            why_memory(&f->why);
    }
    for (size_t i = 0; i < notes->n; i++)
        walk_note(f, &notes->item[i]);
}

static void walk_member(struct flat *f, char **member)
{
    bool is_one = *member != NULL;
    flat_bool(f, &is_one);
    if (is_one)
        flat_string(f, member);
}

static void walk_moments(struct flat *f, struct instnorm_moments *m)
{
    flat_double(f, &m->weight);
    flat_double(f, &m->mean);
    flat_double(f, &m->m2);
    flat_double(f, &m->min);
    flat_double(f, &m->max);
    flat_number(f, 8, &m->skipped);
}

static void walk_target(struct flat *f, struct instnorm_target *t)
{
    flat_double(f, &t->gamma);
    flat_double(f, &t->beta);
    flat_double(f, &t->eps);
    flat_double(f, &t->strength);
    flat_double(f, &t->unit_in);
    flat_double(f, &t->unit_out);
}

static void walk_clip(struct flat *f, struct instnorm_clip *clip)
{
    flat_number(f, 8, &clip->low);
    flat_number(f, 8, &clip->high);
    flat_double(f, &clip->min);
    flat_double(f, &clip->max);
}

enum { CHANNEL_BYTES = 6 * 8 + 4 + 6 * 8 + 6 * 8 + 4 * 8 + 6 * 8 };

static void walk_channels(struct flat *f, struct result *r)
{
    uint64_t n = flat_unsigned(f, r->colours, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && flat_has(f, n * CHANNEL_BYTES))
        result_reserve(r, (unsigned)n, &f->why);
    for (unsigned c = 0; c < r->colours; c++) {
        struct result_channel *ch = &r->channel[c];
        walk_moments(f, &ch->moments);
        flat_bool(f, &ch->touched);
        walk_moments(f, &ch->used);
        walk_target(f, &ch->target);
        walk_clip(f, &ch->clip);
        walk_moments(f, &ch->after);
    }
}

static void walk_map(struct flat *f, struct map *map)
{
    uint64_t n = flat_unsigned(f, map->channels, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && flat_has(f, n * MAP_MEMBERS * 8))
        map_reserve(map, (unsigned)n, &f->why);
    for (unsigned c = 0; c < map->channels; c++) {
        struct map_member member[MAP_MEMBERS];
        double value[MAP_MEMBERS];
        map_members(map, c, member);
        for (int i = 0; i < MAP_MEMBERS; i++) {
            value[i] = member[i].value;
            flat_double(f, &value[i]);
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
    flat_text(f, name, sizeof name);
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
    unsigned width = flat_unsigned(f, (unsigned)p->width, PREVIEW_SIDE_MAX);
    unsigned height = flat_unsigned(f, (unsigned)p->height, PREVIEW_SIDE_MAX);
    if ((width == 0) != (height == 0))
        flat_refuse(f);
    if (width == 0 || height == 0)
        return;
    size_t bytes = (size_t)width * height * 3;
    flat_double(f, &p->black);
    flat_double(f, &p->white);
    if (f->mode != FLAT_READ || (flat_has(f, bytes) && preview_reserve(p, width, height, &f->why)))
        flat_bytes(f, p->rgb, bytes);
}

static void walk_view(struct flat *f, struct view *v)
{
    uint64_t n = flat_unsigned(f, v->channels, UINT32_MAX);
    if (f->mode == FLAT_READ && n > 0 && flat_has(f, n * VIEW_CHANNEL_BYTES))
        view_reserve(v, (unsigned)n, &f->why);
    for (unsigned c = 0; c < v->channels; c++) {
        struct view_channel *ch = &v->channel[c];
        walk_moments(f, &ch->moments);
        flat_double(f, &ch->low);
        flat_double(f, &ch->high);
        for (unsigned i = 0; i < VIEW_BINS; i++)
            flat_double(f, &ch->bin[i]);
    }
    for (int i = 0; i < VIEW_SIZES; i++)
        walk_preview(f, &v->preview[i]);
}

/* ---- quantiles ----------------------------------------------------------------------------------------------------- */

/* What a search may ask for, at most. */
enum { QUANTILES_MAX = 1 << 10, FOUNDS_MAX = 1 << 23 };

static void walk_quantiles(struct flat *f, struct result *r)
{
    bool reads = f->mode == FLAT_READ;
    size_t quantiles = r->quantiles, founds = r->founds;
    flat_size(f, &quantiles);
    if (quantiles > QUANTILES_MAX)
        flat_refuse(f);
    else if (reads && quantiles > 0 && flat_has(f, 16 * (uint64_t)quantiles * r->colours))
        result_reserve_quantiles(r, quantiles, &f->why);
    for (size_t i = 0; i < r->quantiles * r->colours; i++) {
        flat_double(f, &r->quantile[i].share);
        flat_double(f, &r->quantile[i].value);
    }
    flat_size(f, &founds);
    if (founds > FOUNDS_MAX)
        flat_refuse(f);
    else if (founds > 0 && (!reads || result_reserve_found(r, founds, &f->why)))
        flat_counts(f, r->found, founds);
}

/* ---- the whole ----------------------------------------------------------------------------------------------------- */

static void walk_picture(struct flat *f, struct result *r)
{
    flat_text(f, r->format, sizeof r->format);
    flat_size(f, &r->index);
    flat_size(f, &r->width);
    flat_size(f, &r->height);
    r->channels = flat_unsigned(f, r->channels, UINT32_MAX);
    r->depth = flat_unsigned(f, r->depth, UINT32_MAX);
    r->dimensions = flat_unsigned(f, r->dimensions, UINT32_MAX);
    r->alpha = flat_unsigned(f, r->alpha, ALPHA_PREMULTIPLIED);
    r->role = flat_unsigned(f, r->role, PAGE_COPIED);
    flat_text(f, r->nothing.text, sizeof r->nothing.text);
    flat_bool(f, &r->integer);
    flat_double(f, &r->most);
    flat_number(f, 8, &r->pixels);
}

static void walk(struct flat *f, struct result *r)
{
    unsigned char magic[] = MAGIC;
    uint64_t n = f->n;
    flat_bytes(f, magic, sizeof magic - 1);
    flat_number(f, 8, &n);
    if (f->mode == FLAT_READ && (memcmp(magic, MAGIC, sizeof magic - 1) != 0 || n != f->n))
        why_set(&f->why, "no result, or of another version or length");
    r->status = flat_unsigned(f, r->status, RESULT_FAILED);
    flat_size(f, &r->job);
    walk_member(f, &r->member);
    flat_text(f, r->why.text, sizeof r->why.text);
    flat_bool(f, &r->unread);
    walk_notes(f, &r->notes);
    walk_picture(f, r);
    walk_space(f, &r->space);
    flat_double(f, &r->unit);
    flat_number(f, 8, &r->pictures);
    flat_number(f, 8, &r->missing);
    walk_channels(f, r);
    walk_map(f, &r->map);
    flat_pooled(f, &r->pooled);
    walk_quantiles(f, r);
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
