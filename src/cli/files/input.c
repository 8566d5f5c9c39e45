#include "cli/files/input.h"

#include "instnorm.h"
#include "cli/msg.h"
#include "cli/files/orient.h"
#include "cli/files/pages.h"

/*
 * The rows of a band take about this much: they stay in the second-level cache. Planes lie far apart in the file, and long
 * runs of each save more than the cache does: a tensor [4,64,1024,1024] took 1.0 s in bands of 1 << 17, 0.6 s so.
 */
enum { BAND_BYTES = 1 << 17, BAND_BYTES_PLANAR = 1 << 22 };

/* What the bands of every picture may take beside the budget. */
#define BANDS_BYTES ((uint64_t)32 << 20)

/* What a stream may take of the budget; the rest is for its rows. */
static size_t spool_budget(const struct reading *how)
{
    return (size_t)(how->memory / 2);
}

/* Says what it is, if that can be told. */
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

bool input_open(struct input *in, const char *path, const struct reading *how, struct input_buffers *buffers,
                struct why *why)
{
    unsigned char head[16];

    *in = (struct input){.open = true,
                         .how = *how,
                         .path = path,
                         .budget = how->memory,
                         .limits = {how->max_pixels, how->alpha_as_data},
                         .buffers = buffers};
    buffers->kept.from = buffers->band.from = &pages;
    if (!file_open(&in->file, path, spool_budget(how), why))
        return false;
    size_t n = in->file.base.read_at(&in->file.base, head, sizeof head, 0);
    if (in->file.base.why.text[0])
        return why_set(why, "%s", in->file.base.why.text);
    in->codec = codec_sniff(head, n);
    if (!in->codec)
        return refuse_unknown(&in->file.base, why);
    in->reader = in->codec->open(&in->file.base, &in->limits, why);
    return in->reader != NULL;
}

static struct rows lay_out(const struct input *in, void *data, size_t height)
{
    const struct picture_info *info = &in->info;
    if (info->planar)
        return rows_planar(data, info->sample, info->channels, info->width, height);
    return rows_interleaved(data, info->sample, info->channels, info->width, height);
}

/* What a band and its output, which may be of floats, take beyond that: a row of a million samples and more. */
static uint64_t band_surplus(const struct input *in)
{
    uint64_t samples = (uint64_t)in->band * in->info.width * in->info.channels;
    uint64_t bytes = samples * (sample_size(in->info.sample) + sizeof(float));
    return bytes > BANDS_BYTES ? bytes - BANDS_BYTES : 0;
}

/* The rows as stored, in which those of the upright picture are found in any order. */
static bool keep_stored(struct input *in, struct why *why)
{
    struct input stored = *in;
    if (in->info.changes.turned > 4) {
        stored.info.width = in->info.height;
        stored.info.height = in->info.width;
    }
    size_t row = in->info.width * in->info.channels * sample_size(in->info.sample);
    if (!buffer_reserve(&in->buffers->kept, row * in->info.height))
        return why_memory(why);
    in->stored = lay_out(&stored, in->buffers->kept.data, stored.info.height);
    return true;
}

/* What a report in JSON keeps of each channel until it is printed, about. */
static uint64_t report_bytes(const struct input *in)
{
    enum { CHANNEL_BYTES = 4 << 10 };
    return in->how.reported && in->info.channels > BANDS_BYTES / CHANNEL_BYTES ? (uint64_t)in->info.channels * CHANNEL_BYTES
                                                                               : 0;
}

/* Where every row is at hand twice: kept by us, or by a codec that replays them. Otherwise the reader is rewound. */
static bool keep_rows(struct input *in, bool twice, struct why *why)
{
    const struct picture_info *info = &in->info;
    uint64_t row = (uint64_t)info->width * info->channels * sample_size(info->sample), memory = in->budget;
    uint64_t report = report_bytes(in);
    uint64_t taken = info->held + band_surplus(in) + report + (in->file.regular ? 0 : spool_budget(&in->how));

    if (taken > memory)
        return why_set(why, "%s takes %.3g MiB of memory, more than the budget of %.3g MiB: see --memory",
                       info->changes.turned ? "turning it upright"
                       : report > taken / 2 ? "a report of its channels"
                                            : "decoding it",
                       (double)taken / 0x1p20, (double)memory / 0x1p20);
    if (info->changes.turned)
        return keep_stored(in, why);
    if (!twice || info->replays || info->height > (memory - taken) / row)
        return true;
    if (!buffer_reserve(&in->buffers->kept, (size_t)row * info->height))
        return why_memory(why);
    in->kept = lay_out(in, in->buffers->kept.data, info->height);
    return true;
}

static bool reserve_band(struct input *in, struct why *why)
{
    const struct picture_info *info = &in->info;
    size_t row = info->width * info->channels * sample_size(info->sample);
    if (in->kept.data || buffer_reserve(&in->buffers->band, in->band * row))
        return true;
    return why_memory(why);
}

static size_t choose_band(const struct picture_info *info)
{
    size_t row = info->width * info->channels * sample_size(info->sample), block = instnorm_block_rows(info->width);
    size_t blocks = (info->planar ? BAND_BYTES_PLANAR : BAND_BYTES) / (row * block) + 1;
    return block * blocks < info->height ? block * blocks : info->height;
}

/* Selects the picture, whose alpha may be asked for as data. */
static enum selected select_picture(struct input *in, struct why *why)
{
    enum selected selected = in->codec->select(in->reader, in->picture, &in->info, why);
    if (selected == SELECT_OK && in->limits.alpha_as_data)
        in->info.alpha = ALPHA_NONE;
    return selected;
}

static enum selected select_header(struct input *in, size_t picture, struct why *why)
{
    in->picture = picture;
    in->again = false;
    in->kept.data = in->stored.data = NULL;
    in->loaded = false;
    enum selected selected = select_picture(in, why);
    if (selected == SELECT_OK && in->how.auto_orient)
        orient_info(&in->info);
    return selected;
}

enum selected input_select(struct input *in, size_t picture, bool twice, struct why *why)
{
    enum selected selected = select_header(in, picture, why);
    if (selected != SELECT_OK)
        return selected;
    in->band = choose_band(&in->info);
    return keep_rows(in, twice, why) && reserve_band(in, why) ? SELECT_OK : SELECT_ERROR;
}

bool input_look(struct input *in, struct why *why)
{
    enum selected selected = select_header(in, 0, why);
    return selected == SELECT_OK || why_set(why, "no picture in it");
}

/* Whether the size would be right if the leader were turned as its EXIF says. */
static bool fits_upright(const struct input *in, const struct input *leader)
{
    return !leader->how.auto_orient && input_orientation(leader) > 4 && in->info.width == leader->info.height &&
           in->info.height == leader->info.width;
}

bool input_select_beside(struct input *in, const struct input *leader, struct why *why)
{
    enum selected selected = select_header(in, leader->picture, why);
    if (selected == SELECT_END && leader->picture > 0) {
        if (select_header(in, 1, why) != SELECT_END)
            return why_set(why, "fewer pictures than the input has: expected one, or one for each");
        selected = select_header(in, 0, why);
    }
    if (selected != SELECT_OK)
        return why_set(why, "no picture in it");
    if (in->info.width != leader->info.width || in->info.height != leader->info.height)
        return why_set(why, "%zu x %zu pixels: expected %zu x %zu as the picture has%s", in->info.width, in->info.height,
                       leader->info.width, leader->info.height,
                       fits_upright(in, leader) ? ", which is stored on its side: see --auto-orient" : "");
    in->band = leader->band;
    return keep_rows(in, false, why) && reserve_band(in, why);
}

bool input_end_beside(struct input *in, size_t pictures, struct why *why)
{
    for (size_t i = pictures;; i++) {
        enum selected selected = select_header(in, i, why);
        if (selected == SELECT_OK && in->info.role == PAGE_FULL)
            return why_set(why, "more pictures than the input, which has %zu: expected one, or one for each", pictures);
        if (selected != SELECT_OK)
            return selected == SELECT_END;
    }
}

/* The rows from y on of the upright picture. */
static bool read_turned(struct input *in, size_t y, const struct rows *rows, struct why *why)
{
    in->loaded = in->loaded || in->codec->read(in->reader, &in->stored, why);
    if (!in->loaded)
        return false;
    struct rows upright = orient_rows(&in->stored, in->info.changes.turned), part = rows_part(&upright, y, rows->height);
    orient_copy(&part, rows);
    return true;
}

static bool read_band(struct input *in, size_t y, const struct rows *rows, struct why *why)
{
    if (in->stored.data)
        return read_turned(in, y, rows, why);
    return (in->kept.data && in->again) || in->codec->read(in->reader, rows, why);
}

bool input_band(struct input *in, size_t y, struct rows *rows, struct why *why)
{
    size_t height = in->info.height - y < in->band ? in->info.height - y : in->band;
    *rows = in->kept.data ? rows_part(&in->kept, y, height) : lay_out(in, in->buffers->band.data, height);
    if (!read_band(in, y, rows, why))
        return false;
    if (y + height < in->info.height)
        return true;
    if (in->info.metadata && in->info.metadata->lacks)
        return why_memory(why);
    /* A file that changes under the reader must not pass for a picture. */
    return file_unchanged(&in->file, why);
}

bool input_rewind(struct input *in, struct why *why)
{
    in->again = true;
    return in->kept.data || in->stored.data || select_picture(in, why) == SELECT_OK;
}

void input_say(struct input *in, enum note_level level, const char *text)
{
    if (notes_add_once(&in->told, READER_NOTES_MAX, level, text))
        (level == NOTE_WARNING ? msg_warning : msg_verbose)(in->path, "%s", text);
}

unsigned input_orientation(const struct input *in)
{
    return in->info.metadata ? metadata_orientation(in->info.metadata) : in->info.orientation;
}

void input_tell(struct input *in)
{
    const struct metadata *m = in->info.metadata;
    for (size_t i = 0; m && i < m->notes.n; i++)
        input_say(in, m->notes.item[i].level, m->notes.item[i].text);
    if (in->reader && in->how.auto_orient && !in->info.changes.turned && input_orientation(in) > 1)
        input_say(in, NOTE_WARNING, "its EXIF orientation comes behind the picture: it is not turned");
}

void input_close(struct input *in)
{
    if (!in->open)
        return; /* it was never opened */
    if (in->reader)
        in->codec->close(in->reader);
    file_close(&in->file);
    notes_free(&in->told);
    *in = (struct input){0};
}

void input_buffers_free(struct input_buffers *buffers)
{
    buffer_free(&buffers->kept);
    buffer_free(&buffers->band);
}
