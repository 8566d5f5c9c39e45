/*
 * A whole job in memory: decode, normalize, encode, decode again. The last bytes of the input choose what is asked and the
 * format of the output; the rest is the file.
 *
 * An output that was begun is completed, is read again, and gives the samples that were written: exactly, but for lossy
 * formats. A small budget, which makes the reader decode twice, leads to the same output.
 */
#include "memory.h"
#include "reader.h"

#include "cli/run/sound.h"
#include "engine/picture.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CHOICES = 8, COMPRESSION_OF_JPEG = 7 };

/* What the choices come to. */
struct asked {
    struct request request;
    struct item gamma;
    struct reading reading;
    struct write_options write;
    const struct codec *writer;
    bool strip;
};

struct written {
    struct picture_sink base;
    const struct asked *asked;
    struct memory_sink file;
    void *writer;
    size_t n;
    struct image image[PICTURES_MAX];
    bool begun; /* the codec took the last picture */
};

static const struct codec *choose_writer(unsigned choice)
{
    const struct codec *writers[32];
    size_t n = 0;
    for (size_t i = 0; codecs[i]; i++)
        if (codecs[i]->create)
            writers[n++] = codecs[i];
    return writers[choice % n];
}

static struct asked choose(const uint8_t choice[CHOICES])
{
    static const enum sample depths[] = {SAMPLE_NONE, SAMPLE_U8,  SAMPLE_U16, SAMPLE_F32, SAMPLE_I8,  SAMPLE_I16,
                                         SAMPLE_F16,  SAMPLE_I32, SAMPLE_U32, SAMPLE_F64, SAMPLE_BOOL};
    static const int qualities[] = {QUALITY_KEEP, 100, 75, 1};
    static const enum instnorm_kind kinds[] = {INSTNORM_INSTANCE, INSTNORM_LAYER, INSTNORM_GROUP, INSTNORM_BATCH};
    struct asked a = {.request = request_default(), .writer = choose_writer(choice[0])};
    const struct instnorm_space *space = instnorm_space_at(choice[1] % 8);
    a.request.space = space ? space : a.request.space;
    a.request.norm = kinds[choice[2] % 4];
    a.request.groups = 1 + choice[2] / 4 % 4;
    a.request.depth = depths[choice[3] < 240 ? choice[3] % 4 : 4 + choice[3] % 7];
    a.request.rgb = choice[3] & 4;
    a.request.dither = choice[3] & 8;
    a.request.count_clipped = choice[3] & 16;
    a.gamma = (struct item){.keep = choice[4] % 8 == 1, .value = choice[4] / 64.};
    a.request.gamma = (struct list){choice[4] % 4 == 1, &a.gamma};
    a.request.strength = 1 - choice[4] % 3 / 2.;
    a.write = (struct write_options){.quality = qualities[choice[5] % 4], .compression = choice[5] / 4 % 11 - 1};
    a.strip = choice[6] & 1;
    a.request.pooled = choice[6] & 32;
    a.request.covariance = choice[6] & 32;
    const enum channel_order order = choice[6] & 8 ? choice[6] & 16 ? ORDER_NHWC : ORDER_HWC : ORDER_CHW;
    a.request.channels_last = order != ORDER_CHW;
    a.request.batched = order == ORDER_NHWC;
    a.reading = (struct reading){.memory = BUDGET,
                                 .max_pixels = PIXELS_MAX,
                                 .auto_orient = choice[6] & 2,
                                 .alpha_as_data = choice[6] & 4,
                                 .channel_order = order};
    return a;
}

/* ---- writing ------------------------------------------------------------------------------------------------------- */

static bool begin(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct written *w = (struct written *)sink;
    const struct codec *codec = w->asked->writer;
    struct picture_info as = *info;
    if (w->n > 0 && !codec->many)
        return why_set(why, "one picture alone");
    if (w->asked->strip)
        as.metadata = NULL;
    if (!w->writer)
        w->writer = codec->create(&w->file.base, &w->asked->write, why);
    w->begun = w->writer && codec->begin(w->writer, &as, why);
    if (w->begun)
        w->image[w->n++] = image_new(&as, 0);
    else
        must_say(why);
    return w->begun;
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct written *w = (struct written *)sink;
    image_append(&w->image[w->n - 1], rows);
    must(w->asked->writer->write(w->writer, rows, why), "rows of a picture that was begun are written");
    return true;
}

/* ---- reading again --------------------------------------------------------------------------------------------------- */

static double sample_at(const struct image *image, size_t i, unsigned c)
{
    const struct rows rows = image_rows(image, i / image->info.width, 1);
    const unsigned char *at = rows.data + (ptrdiff_t)c * rows.dc + (ptrdiff_t)(i % rows.width) * rows.dx;
    return sample_value(at, rows.sample);
}

/* The channel that goes with channel c of `n`; -1: alpha that is not there. */
static int channel_of(const struct picture_info *info, unsigned c, unsigned n)
{
    if (info->channels == n)
        return (int)c;
    unsigned colours = info->channels - (info->channels % 2 == 0);
    if (c == 3)
        return info->channels % 2 == 0 ? (int)colours : -1;
    return colours == 1 ? 0 : (int)c;
}

/* A format may have no grey, and no picture without alpha. */
static void check_alike(const struct image *got, const struct image *want)
{
    const struct picture_info *a = &got->info, *b = &want->info;
    double unit = sample_unit(a->sample);
    unsigned n = a->channels == b->channels ? a->channels : 4;
    must(a->sample == b->sample && a->channels <= n && b->channels <= n, "a format keeps samples and colours");
    for (size_t i = 0; i < a->width * a->height; i++)
        for (unsigned c = 0; c < n; c++) {
            int of_got = channel_of(a, c, n), of_want = channel_of(b, c, n);
            double is = of_got < 0 ? unit : sample_at(got, i, (unsigned)of_got);
            double was = of_want < 0 ? unit : sample_at(want, i, (unsigned)of_want);
            must(is == was || (isnan(is) && isnan(was)), "samples come back as they were written");
        }
}

static bool is_exact(const struct asked *asked, const struct picture_info *written, const struct picture_info *read)
{
    if (strcmp(asked->writer->name, "webp") == 0)
        return asked->write.quality == 100;
    return !asked->writer->lossy && read->layout.compression != COMPRESSION_OF_JPEG && read->sample == written->sample;
}

static void check_image(const struct asked *asked, const struct image *got, const struct image *want)
{
    const struct picture_info *a = &got->info, *b = &want->info;
    must(a->width == b->width && a->height == b->height, "a picture keeps its size");
    if (!is_exact(asked, b, a))
        return;
    if (a->channels == b->channels && a->sample == b->sample && a->planar == b->planar && a->sample != SAMPLE_F32)
        must(memcmp(got->samples, want->samples, image_bytes(a)) == 0, "samples come back as they were written");
    else if (!asked->writer->tensor)
        check_alike(got, want);
}

static void check_file(const struct written *w)
{
    struct memory_source source = memory_source(w->file.bytes, w->file.size);
    const bool batched = w->n > 1 || w->image[0].info.dimensions == 4;
    const enum channel_order last = batched ? ORDER_NHWC : ORDER_HWC;
    const struct reading how = {.memory = 16 * BUDGET,
                                .max_pixels = 4 * PIXELS_MAX,
                                .channel_order = w->asked->request.channels_last ? last : ORDER_CHW};
    struct picture_buffers buffers = {0};
    struct pictures pictures;
    struct why why = {0};
    bool ok = pictures_open(&pictures, &source.base, &how, &buffers, &why) && pictures.codec == w->asked->writer;
    for (size_t i = 0; ok && i < w->n; i++) {
        ok = pictures_select(&pictures, i, false, &why) == SELECT_OK;
        struct image again = {0};
        if (ok)
            again = image_new(&pictures.rows.info, 0x55);
        for (struct rows band; ok && again.height < again.info.height;) {
            ok = pictures.rows.read(&pictures.rows, &band, &why);
            if (ok)
                image_append(&again, &band);
        }
        if (ok)
            check_image(w->asked, &again, &w->image[i]);
        image_free(&again);
    }
    if (!ok)
        fprintf(stderr, "%s: %s\n", w->asked->writer->name, why.text);
    must(ok, "an output is a file that is read again");
    must(pictures_select(&pictures, w->n, false, &why) == SELECT_END, "an output has no more pictures than were written");
    pictures_close(&pictures);
    picture_buffers_free(&buffers);
}

/* ---- results -------------------------------------------------------------------------------------------------------- */

/* What a worker process says of it is taken by the process of the batch, bit for bit. */
static void check_result(const struct result *result)
{
    struct result read;
    struct why why = {0};
    size_t n, again;
    unsigned char *bytes = result_pack(result, &n), *other = NULL;
    must(bytes && result_unpack(&read, bytes, n, &why), "a result is read from its flat form");
    must(result_is_sound(&read), "a result is sound");
    other = result_pack(&read, &again);
    must(other && again == n && memcmp(bytes, other, n) == 0, "a result has one flat form");
    result_free(&read);
    free(bytes);
    free(other);
}

/* ---- the job ------------------------------------------------------------------------------------------------------- */

/* The selected picture. False if it cannot be made what is asked. */
static bool map_picture(struct picture *picture, struct pictures *from, struct map *page, struct written *to,
                        struct result *result, struct why *why)
{
    const struct output_format format = {.tensor = to->asked->writer->tensor,
                                         .premultiplied = to->asked->writer->premultiplied};
    const struct picture_task task = {.request = &to->asked->request, .format = &format, .rows = &from->rows, .page = page};
    const struct given none = {0};
    if (!picture_begin(picture, &task, why))
        return false;
    if (picture_is_side_page(picture))
        return picture_map_side(picture, &to->base, result, why);
    return picture_measure(picture, result, why) && picture_map(picture, &none, &to->base, result, why);
}

/* False, with a reason, if there is no output. */
static bool map_file(struct memory_source *source, struct written *to, struct why *why)
{
    struct picture_buffers buffers = {0};
    struct pictures pictures;
    struct picture picture = {0};
    struct map page = {0};
    enum selected selected = SELECT_OK;
    bool ok = pictures_open(&pictures, &source->base, &to->asked->reading, &buffers, why);
    for (size_t i = 0; ok && selected == SELECT_OK && i < PICTURES_MAX; i++) {
        struct result result = {0};
        selected = pictures_select(&pictures, i, true, why);
        ok = selected != SELECT_ERROR &&
             (selected == SELECT_END || map_picture(&picture, &pictures, &page, to, &result, why));
        if (ok && selected == SELECT_OK)
            check_result(&result);
        result_free(&result);
    }
    if (ok && to->writer) { /* while the reader has the metadata */
        ok = to->asked->writer->finish(to->writer, why);
        must(ok || strstr(why->text, "--quality"), "an output that has all its rows is completed");
        to->writer = NULL;
    }
    if (to->writer)
        to->asked->writer->abandon(to->writer);
    pictures_close(&pictures);
    picture_buffers_free(&buffers);
    picture_free(&picture);
    map_free(&page);
    if (!ok)
        must_say(why);
    return ok && to->n > 0;
}

static struct written written_by(const struct asked *asked)
{
    return (struct written){.base = {begin, write_rows}, .asked = asked, .file = memory_sink(asked->writer->seeks)};
}

static void written_free(struct written *w)
{
    for (size_t i = 0; i < w->n; i++)
        image_free(&w->image[i]);
    free(w->file.bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size < CHOICES)
        return 0;
    struct asked asked = choose(bytes + size - CHOICES);
    struct memory_source source = memory_source(bytes, size - CHOICES);
    asked.request.gamma.item = &asked.gamma;
    struct written kept = written_by(&asked), again = written_by(&asked);
    struct why why = {0};
    if (map_file(&source, &kept, &why)) {
        check_file(&kept);
        asked.reading.memory = BUDGET >> 6;
        if (map_file(&source, &again, &why))
            must(kept.file.size == again.file.size && memcmp(kept.file.bytes, again.file.bytes, kept.file.size) == 0,
                 "an output does not depend on the budget");
    }
    written_free(&kept);
    written_free(&again);
    return 0;
}
