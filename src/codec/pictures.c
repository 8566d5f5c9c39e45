#include "codec/pictures.h"

#include "codec/orient.h"

/*
 * The rows of a band take about this much: they stay in the second-level cache. Planes lie far apart in the file, and long
 * runs of each save more than the cache does: a tensor [4,64,1024,1024] took 1.0 s in bands of 1 << 17, 0.6 s so.
 */
enum { BAND_BYTES = 1 << 17, BAND_BYTES_PLANAR = 1 << 22 };

/* What the bands of every picture may take beside the budget. */
#define BANDS_BYTES ((uint64_t)32 << 20)

/* ---- budget -------------------------------------------------------------------------------------------------------- */

static size_t row_bytes(const struct picture_info *info)
{
    return info->width * info->channels * sample_size(info->sample);
}

/* What a band and its output, which may be of floats, take beyond that: a row of a million samples and more. */
static uint64_t band_surplus(const struct picture_rows *rows)
{
    uint64_t samples = (uint64_t)rows->band * rows->info.width * rows->info.channels;
    size_t out = sample_is_wide(rows->info.sample) ? sizeof(double) : sizeof(float);
    uint64_t bytes = samples * (sample_size(rows->info.sample) + out);
    return bytes > BANDS_BYTES ? bytes - BANDS_BYTES : 0;
}

/* What a report in JSON keeps of each channel until it is printed, about. */
static uint64_t report_bytes(const struct pictures *p)
{
    enum { CHANNEL_BYTES = 4 << 10 };
    unsigned channels = p->rows.info.channels;
    return p->how.reported && channels > BANDS_BYTES / CHANNEL_BYTES ? (uint64_t)channels * CHANNEL_BYTES : 0;
}

bool pictures_raise_budget(struct pictures *p, uint64_t bytes)
{
    struct budget_rest *rest = p->how.rest;
    if (bytes <= p->budget)
        return true;
    if (!rest || bytes - p->budget > rest->bytes || !rest->take(rest, bytes - p->budget))
        return false;
    rest->bytes -= bytes - p->budget;
    p->budget = bytes;
    return true;
}

uint64_t pictures_most(const struct pictures *p)
{
    return p->budget + (p->how.rest ? p->how.rest->bytes : 0);
}

/* *taken <- what reading the picture takes of the budget beside rows that are kept. */
static bool check_budget(struct pictures *p, uint64_t *taken, struct why *why)
{
    const struct picture_info *info = &p->rows.info;
    uint64_t report = report_bytes(p);
    *taken = info->held + band_surplus(&p->rows) + report + p->source->held;
    if (pictures_raise_budget(p, *taken))
        return true;
    const char *what = info->changes.turned ? "turning it upright" : "decoding it";
    if (!info->changes.turned && report > *taken / 2)
        what = "a report of its channels";
    return why_set(why, "%s takes %.3g MiB of memory, more than the budget of %.3g MiB: see --memory", what,
                   (double)*taken / 0x1p20, (double)pictures_most(p) / 0x1p20);
}

/* ---- selecting ----------------------------------------------------------------------------------------------------- */

/*
 * Where rows begin in their buffer. Those of bytes are aligned to nothing, if they have an even length: libjpeg-turbo
 * writes aligned ones past the caches, and their sums, which are next, would wait for memory (4 % of a JPEG to JPEG run).
 */
static size_t first_byte(const struct picture_info *info)
{
    return info->sample == SAMPLE_U8 ? 1 : 0;
}

static bool reserve_bytes(struct buffer *buffer, const struct picture_info *info, size_t height, struct why *why)
{
    return buffer_reserve(buffer, first_byte(info) + row_bytes(info) * height) || why_memory(why);
}

static struct rows lay_out(const struct picture_info *info, const struct buffer *buffer, size_t width, size_t height)
{
    return rows_tight(info->planar, buffer->data + first_byte(info), info->sample, info->channels, width, height);
}

/* Room for the whole picture, as it is read or as it is stored. */
static bool reserve_whole(const struct pictures *p, bool on_its_side, struct rows *whole, struct why *why)
{
    const struct picture_info *info = &p->rows.info;
    if (!reserve_bytes(&p->buffers->kept, info, info->height, why))
        return false;
    *whole = lay_out(info, &p->buffers->kept, on_its_side ? info->height : info->width,
                     on_its_side ? info->width : info->height);
    return true;
}

/*
 * Rows are at hand twice where they are kept here, or by a codec that replays them. Otherwise the reader is rewound. A
 * picture that is turned is kept as it is stored: the upright rows are found there in any order.
 */
static bool keep_rows(struct pictures *p, bool twice, struct why *why)
{
    const struct picture_info *info = &p->rows.info;
    uint64_t taken;
    if (!check_budget(p, &taken, why))
        return false;
    if (info->changes.turned)
        return reserve_whole(p, info->changes.turned > 4, &p->stored, why);
    if (!twice || info->replays || info->height > (p->budget - taken) / row_bytes(info))
        return true;
    return reserve_whole(p, false, &p->kept, why);
}

static bool reserve_rows(struct pictures *p, bool twice, struct why *why)
{
    if (!keep_rows(p, twice, why))
        return false;
    return p->kept.data || reserve_bytes(&p->buffers->band, &p->rows.info, p->rows.band, why);
}

/* The header of the picture, whose alpha may be asked for as data. */
static enum selected read_header(struct pictures *p, struct why *why)
{
    enum selected selected = p->codec->select(p->reader, p->index, &p->rows.info, why);
    if (selected == SELECT_OK && p->limits.alpha_as_data)
        p->rows.info.alpha = ALPHA_NONE;
    return selected;
}

static enum selected select_header(struct pictures *p, size_t index, struct why *why)
{
    p->index = index;
    p->y = p->kept_rows = 0;
    p->rows.band = 0;
    p->kept.data = p->stored.data = NULL;
    p->loaded = false;
    enum selected selected = read_header(p, why);
    if (selected == SELECT_OK && p->how.auto_orient)
        orient_info(&p->rows.info);
    return selected;
}

bool pictures_look(struct pictures *p, struct why *why)
{
    return select_header(p, 0, why) == SELECT_OK || why_set(why, "no picture in it");
}

enum selected pictures_select(struct pictures *p, size_t index, bool twice, struct why *why)
{
    enum selected selected = select_header(p, index, why);
    if (selected != SELECT_OK)
        return selected;
    const struct picture_info *info = &p->rows.info;
    p->rows.band = picture_band(info, info->planar ? BAND_BYTES_PLANAR : BAND_BYTES);
    return reserve_rows(p, twice, why) ? SELECT_OK : SELECT_ERROR;
}

/* ---- beside another source ----------------------------------------------------------------------------------------- */

/* Whether the size would be right if the leader were turned as its EXIF says. */
static bool fits_upright(const struct picture_info *info, const struct pictures *leader)
{
    return !leader->how.auto_orient && pictures_orientation(leader) > 4 && info->width == leader->rows.info.height &&
           info->height == leader->rows.info.width;
}

bool pictures_select_beside(struct pictures *p, const struct pictures *leader, struct why *why)
{
    const struct picture_info *info = &p->rows.info, *wanted = &leader->rows.info;
    enum selected selected = select_header(p, leader->index, why);
    if (selected == SELECT_END && leader->index > 0) {
        if (select_header(p, 1, why) != SELECT_END)
            return why_set(why, "fewer pictures than the input has: expected one, or one for each");
        selected = select_header(p, 0, why);
    }
    if (selected != SELECT_OK)
        return why_set(why, "no picture in it");
    if (info->width != wanted->width || info->height != wanted->height)
        return why_set(why, "%zu x %zu pixels: expected %zu x %zu as the picture has%s", info->width, info->height,
                       wanted->width, wanted->height,
                       fits_upright(info, leader) ? ", which is stored on its side: see --auto-orient" : "");
    p->rows.band = leader->rows.band;
    return reserve_rows(p, false, why);
}

bool pictures_end_beside(struct pictures *p, size_t n, struct why *why)
{
    for (size_t i = n;; i++) {
        enum selected selected = select_header(p, i, why);
        if (selected == SELECT_OK && p->rows.info.role == PAGE_FULL)
            return why_set(why, "more pictures than the input, which has %zu: expected one, or one for each", n);
        if (selected != SELECT_OK)
            return selected == SELECT_END;
    }
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

/* The rows from y on of the upright picture. */
static bool read_turned(struct pictures *p, const struct rows *band, struct why *why)
{
    p->loaded = p->loaded || p->codec->read(p->reader, &p->stored, why);
    if (!p->loaded)
        return false;
    struct rows upright = orient_rows(&p->stored, p->rows.info.changes.turned);
    struct rows part = rows_part(&upright, p->y, band->height);
    orient_copy(&part, band);
    return true;
}

static bool read_band(struct pictures *p, const struct rows *band, struct why *why)
{
    if (p->stored.data)
        return read_turned(p, band, why);
    if (p->kept.data && p->y < p->kept_rows)
        return true;
    p->kept_rows = p->y + band->height;
    return p->codec->read(p->reader, band, why);
}

/* A source that changes under the reader must not pass for a picture. */
static bool end_rows(struct pictures *p, struct why *why)
{
    const struct metadata *m = p->rows.info.metadata;
    if (m && m->lacks)
        return why_memory(why);
    return !p->source->unchanged || p->source->unchanged(p->source, why);
}

static bool read_rows(struct picture_rows *from, struct rows *band, struct why *why)
{
    struct pictures *p = (struct pictures *)from;
    const struct picture_info *info = &from->info;
    size_t left = info->height - p->y, height = left < from->band ? left : from->band;
    *band = p->kept.data ? rows_part(&p->kept, p->y, height) : lay_out(info, &p->buffers->band, info->width, height);
    if (!read_band(p, band, why))
        return false;
    p->y += height;
    return p->y < info->height || end_rows(p, why);
}

/* What the band has room for, and the pass before was of. */
static bool have_same_rows(const struct picture_info *a, const struct picture_info *b)
{
    return a->width == b->width && a->height == b->height && a->channels == b->channels && a->sample == b->sample &&
           a->planar == b->planar && a->alpha == b->alpha;
}

static bool rewind_rows(struct picture_rows *from, struct why *why)
{
    struct pictures *p = (struct pictures *)from;
    const struct picture_info before = from->info;
    p->y = 0;
    if (p->kept.data || p->stored.data)
        return true;
    return (read_header(p, why) == SELECT_OK && have_same_rows(&before, &from->info)) ||
           why_set(why, "changed while it was read");
}

/* ---- metadata ------------------------------------------------------------------------------------------------------ */

unsigned pictures_orientation(const struct pictures *p)
{
    const struct picture_info *info = &p->rows.info;
    return info->metadata ? metadata_orientation(info->metadata) : info->orientation;
}

void pictures_tell(const struct pictures *p, struct notes *told)
{
    const struct picture_info *info = &p->rows.info;
    for (size_t i = 0; info->metadata && i < info->metadata->notes.n; i++) {
        const struct note *note = &info->metadata->notes.item[i];
        notes_add_once(told, READER_NOTES_MAX, note->level, note->text);
    }
    if (p->reader && p->how.auto_orient && !info->changes.turned && pictures_orientation(p) > 1)
        notes_add_once(told, READER_NOTES_MAX, NOTE_WARNING,
                       "its EXIF orientation comes after the picture, which is not turned");
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

/* Names the format, if it is one that is known. */
static bool refuse_unknown(struct source *source, struct why *why)
{
    unsigned char head[FOREIGN_HEAD];
    size_t n = source->read_at(source, head, sizeof head, 0);
    if (source->why.text[0])
        return why_set(why, "%s", source->why.text);
    const struct foreign *foreign = foreign_sniff(head, n);
    if (foreign)
        return why_foreign(why, foreign);
    return why_set(why, n == 0 ? "empty file, expected a picture" : "unknown format, expected one of --version");
}

bool pictures_open(struct pictures *p, struct source *source, const struct reading *how, struct picture_buffers *buffers,
                   struct why *why)
{
    unsigned char head[16];
    *p = (struct pictures){.rows = {.read = read_rows, .rewind = rewind_rows},
                           .budget = how->memory,
                           .source = source,
                           .how = *how,
                           .limits = {how->max_pixels, how->alpha_as_data, how->channel_order},
                           .buffers = buffers};
    size_t n = source->read_at(source, head, sizeof head, 0);
    if (source->why.text[0])
        return why_set(why, "%s", source->why.text);
    p->codec = codec_sniff(head, n);
    if (!p->codec)
        return refuse_unknown(source, why);
    p->reader = p->codec->open(source, &p->limits, why);
    return p->reader != NULL;
}

void pictures_close(struct pictures *p)
{
    if (p->reader)
        p->codec->close(p->reader);
    *p = (struct pictures){0};
}

void picture_buffers_free(struct picture_buffers *buffers)
{
    buffer_free(&buffers->kept);
    buffer_free(&buffers->band);
}
