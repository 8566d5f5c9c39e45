/* Readers and writers of rows over a library that knows only whole pictures. */
#include "codec/stb/picture.h"

#include "base/text.h"
#include "codec/stb/memory.h"

#include <stdlib.h>
#include <string.h>

#include <stb/stb_image.h>

/* ---- reading ----------------------------------------------------------------------------------------------------- */

void *stb_reader_open(struct source *source, const struct limits *limits,
                      bool (*check)(struct stb_reader *reader, struct why *why),
                      void *(*decode)(struct stb_reader *reader, int got[3], struct why *why), struct why *why)
{
    struct stb_reader *reader = codec_new(sizeof *reader, why);
    if (!reader)
        return NULL;
    reader->source = source;
    reader->limits = limits;
    reader->decode = decode;
    if (check(reader, why))
        return reader;
    free(reader);
    return NULL;
}

void stb_reader_close(void *handle)
{
    struct stb_reader *reader = handle;

    stb_heap_free(reader->pixels);
    free(reader);
}

enum selected stb_reader_select(void *handle, size_t picture, struct picture_info *info, struct why *why)
{
    struct stb_reader *reader = handle;

    (void)why;
    if (picture > 0)
        return SELECT_END;
    reader->row = 0;
    *info = reader->info;
    return SELECT_OK;
}

static bool decode_all(struct stb_reader *reader, struct why *why)
{
    const struct picture_info *info = &reader->info;
    uint64_t budget = reader->budget + (1 << 20);
    int got[3] = {0};

    stb_heap_begin(budget < SIZE_MAX ? (size_t)budget : SIZE_MAX);
    void *pixels = reader->decode(reader, got, why);
    bool enough = stb_heap_end(pixels);
    if (pixels && why->text[0] == '\0' && (size_t)got[0] == info->width && (size_t)got[1] == info->height &&
        (unsigned)got[2] == info->channels) {
        reader->pixels = pixels;
        return true;
    }
    stb_heap_free(pixels);
    return enough ? why_set(why, "corrupt picture data") : why_memory(why);
}

bool stb_reader_read(void *handle, const struct rows *rows, struct why *why)
{
    struct stb_reader *reader = handle;
    const struct picture_info *info = &reader->info;
    size_t stride = info->width * info->channels * sample_size(info->sample);

    if (rows->height > info->height - reader->row)
        return why_set(why, "no more rows");
    if (!reader->pixels && !decode_all(reader, why))
        return false;
    memcpy(rows->data, reader->pixels + reader->row * stride, rows->height * stride);
    reader->row += rows->height;
    return true;
}

static int feed_read(void *feed, char *to, int n)
{
    return (int)stb_feed_read(feed, to, (size_t)n);
}

static void feed_skip(void *feed, int n)
{
    stb_feed_read(feed, NULL, n > 0 ? (size_t)n : 0);
}

static int feed_eof(void *feed)
{
    return ((struct stb_feed *)feed)->ended;
}

void *stb_decode_feed(struct stb_reader *reader, int got[3], struct why *why)
{
    static const stbi_io_callbacks callbacks = {feed_read, feed_skip, feed_eof};
    void *pixels = stbi_load_from_callbacks(&callbacks, &reader->feed, &got[0], &got[1], &got[2], 0);

    if (reader->feed.ended)
        stb_feed_cut(&reader->feed, why);
    return pixels;
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

/*
 * stb_image_write counts in int, and doubles the buffer of a PNG's compressed bytes, of which there are at most 9/8 of the
 * picture's: 2 x 9/8 x this is below 2^31.
 */
#define MAX_WRITTEN 900000000u

void *stb_writer_new(struct sink *sink, const struct write_options *options, int (*encode)(void *writer), struct why *why)
{
    struct stb_writer *writer = codec_new(sizeof *writer, why);
    if (!writer)
        return NULL;
    writer->sink = sink;
    writer->options = *options;
    writer->encode = encode;
    return writer;
}

void stb_writer_abandon(void *handle)
{
    struct stb_writer *writer = handle;

    free(writer->pixels);
    free(writer);
}

static bool refuse_sample(const char *format, unsigned bits, enum sample sample, struct why *why)
{
    char what[80] = "";
    text_append(what, sizeof what, "%s is written with %s bits a sample", format, bits == 8 ? "8" : "8 or 16");
    return codec_refuse_sample(why, what, bits == 8 ? "8" : "8 or --depth 16", sample);
}

bool stb_writer_begin(struct stb_writer *writer, const struct picture_info *info, const char *format, unsigned bits,
                      struct why *why)
{
    /* Three channels at least: a grey BMP is written as colour. */
    uint64_t channels = info->channels > 3 ? info->channels : 3, size = sample_size(info->sample);

    bool held = info->sample == SAMPLE_U8 || (info->sample == SAMPLE_U16 && bits == 16);
    if (!held)
        return refuse_sample(format, bits, info->sample, why);
    if (info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "%s cannot hold premultiplied alpha", format);
    if (info->channels < 1 || info->channels > 4 || (info->alpha != ALPHA_NONE) != (info->channels % 2 == 0))
        return why_set(why, "%s cannot hold %u channels", format, info->channels);
    if (info->width > CODEC_MAX_AXIS || info->height > CODEC_MAX_AXIS ||
        info->height * (info->width * channels * size + 1) > MAX_WRITTEN)
        return why_set(why, "%zu x %zu pixels are too many for stb_image_write", info->width, info->height);
    metadata_drop(info->metadata, &writer->options);
    writer->info = *info;
    writer->pixels = malloc(info->width * info->height * info->channels * (size_t)size);
    return writer->pixels || why_memory(why);
}

bool stb_writer_write(void *handle, const struct rows *rows, struct why *why)
{
    struct stb_writer *writer = handle;
    size_t stride = writer->info.width * writer->info.channels * sample_size(writer->info.sample);

    if (rows->height > writer->info.height - writer->row)
        return why_set(why, "too many rows");
    memcpy(writer->pixels + writer->row * stride, rows->data, rows->height * stride);
    writer->row += rows->height;
    return true;
}

static void flush(struct stb_writer *writer)
{
    if (!writer->failed && writer->used > 0)
        writer->failed = !writer->sink->write_at(writer->sink, writer->buffer, writer->used, writer->offset);
    writer->offset += writer->used;
    writer->used = 0;
}

/* stb_image_write often gives single bytes, and takes no notice of errors. */
void stb_writer_put(void *handle, void *data, int size)
{
    struct stb_writer *writer = handle;
    const unsigned char *from = data;

    for (size_t left = (size_t)size; left > 0;) {
        size_t room = sizeof writer->buffer - writer->used, step = room < left ? room : left;
        memcpy(writer->buffer + writer->used, from, step);
        writer->used += step;
        from += step;
        left -= step;
        if (step == room)
            flush(writer);
    }
}

static bool encode_all(struct stb_writer *writer, struct why *why)
{
    stb_heap_begin(SIZE_MAX);
    int good = stb_heap_run(writer->encode, writer);
    if (!stb_heap_end(NULL))
        return why_memory(why);
    return good || why_set(why, "stb_image_write failed");
}

bool stb_writer_finish(void *handle, struct why *why)
{
    struct stb_writer *writer = handle;
    bool ok =
        writer->pixels && writer->row == writer->info.height ? encode_all(writer, why) : why_set(why, "rows are missing");

    flush(writer);
    if (ok && writer->failed)
        ok = why_set(why, "%s", writer->sink->why.text[0] ? writer->sink->why.text : "cannot write");
    stb_writer_abandon(writer);
    return ok;
}
