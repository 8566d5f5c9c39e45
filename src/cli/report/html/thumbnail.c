#include "cli/report/html/thumbnail.h"

#include "codec/codec.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- smaller ------------------------------------------------------------------------------------------------------- */

/* The length of an axis when the longer one of both is `side` at most. */
static size_t fitted(size_t length, size_t longer, size_t side)
{
    size_t n = longer > side ? (length * side + longer / 2) / longer : length;
    return n > 0 ? n : 1;
}

/*
 * to[m][3] += the n pixels `from`, times `share`. Along the row each of the n has m units and each of the m takes n, so
 * that a pixel may fall on two.
 */
static void shrink_row(const unsigned char *from, size_t n, size_t share, size_t *to, size_t m)
{
    size_t free = n;
    for (size_t i = 0; i < n; i++, from += 3)
        for (size_t units = m; units > 0;) {
            size_t taken = units < free ? units : free;
            for (size_t c = 0; c < 3; c++)
                to[c] += taken * share * from[c];
            units -= taken;
            free -= taken;
            if (free == 0) {
                to += 3;
                free = n;
            }
        }
}

/* The same of rows: each pixel of `to` is the mean of what falls on it, rounded. sums[to->width][3] are 0. */
static void shrink_rows(const struct preview *from, const struct preview *to, size_t *sums)
{
    unsigned char *out = to->rgb;
    size_t free = from->height, all = from->width * from->height;
    for (size_t y = 0; y < from->height; y++)
        for (size_t units = to->height; units > 0;) {
            size_t taken = units < free ? units : free;
            shrink_row(from->rgb + y * from->width * 3, from->width, taken, sums, to->width);
            units -= taken;
            free -= taken;
            if (free > 0)
                continue;
            for (size_t i = 0; i < to->width * 3; i++, sums[i - 1] = 0)
                *out++ = (unsigned char)((sums[i] + all / 2) / all);
            free = from->height;
        }
}

/* to <- the preview with the longer side of `side` pixels at most. */
static bool shrink(const struct preview *from, size_t side, struct preview *to, struct why *why)
{
    size_t longer = from->width > from->height ? from->width : from->height;
    size_t width = fitted(from->width, longer, side), height = fitted(from->height, longer, side);
    size_t *sums = calloc(width * 3, sizeof *sums);
    bool ok = sums ? preview_reserve(to, width, height, why) : why_memory(why);
    if (ok)
        shrink_rows(from, to, sums);
    free(sums);
    return ok;
}

/* ---- encoded ------------------------------------------------------------------------------------------------------- */

/* What pages show, the best first. PNG has no quality: there the size alone makes it fit. */
static const struct format {
    const char *codec, *type;
    bool lossy;
} formats[] = {{"jpg", "jpeg", true}, {"webp", "webp", true}, {"png", "png", false}, {"bmp", "bmp", false}};

/* A file in memory. One that would be longer than a thumbnail may be is not kept. */
struct memory_sink {
    struct sink base;
    unsigned char bytes[THUMBNAIL_BYTES];
    uint64_t size;
};

static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct memory_sink *m = (struct memory_sink *)sink;
    if (offset <= sizeof m->bytes && n <= sizeof m->bytes - offset)
        memcpy(m->bytes + offset, from, n);
    m->size = offset + n > m->size ? offset + n : m->size;
    return true;
}

static bool encode(const struct preview *p, const struct codec *codec, int quality, struct memory_sink *to, struct why *why)
{
    const struct write_options options = {.quality = quality, .compression = -1};
    const struct picture_info info = {
        .width = p->width, .height = p->height, .channels = 3, .sample = SAMPLE_U8, .unit = 255, .depth = 8};
    const struct rows rows = rows_interleaved(p->rgb, SAMPLE_U8, 3, p->width, p->height);
    *to = (struct memory_sink){.base = {.write_at = write_at, .seekable = true}};
    void *writer = codec->create(&to->base, &options, why);
    if (!writer)
        return false;
    if (codec->begin(writer, &info, why) && codec->write(writer, &rows, why))
        return codec->finish(writer, why);
    codec->abandon(writer);
    return false;
}

static const struct codec *find_format(const struct format **format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct codec *codec = codec_for_extension(formats[i].codec);
        *format = &formats[i];
        if (codec)
            return codec;
    }
    return NULL;
}

static size_t base64_bytes(uint64_t n)
{
    return (size_t)((n + 2) / 3 * 4);
}

static bool fits(const struct memory_sink *file)
{
    return base64_bytes(file->size) <= THUMBNAIL_BYTES;
}

static char *base64(char *to, const unsigned char *from, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned bits =
            (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) | (left > 2 ? from[i + 2] : 0);
        *to++ = digit[bits >> 18];
        *to++ = digit[bits >> 12 & 63];
        *to++ = left > 1 ? digit[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digit[bits & 63] : '=';
    }
    *to = '\0';
    return to;
}

/* The address of the file. */
static bool address(struct thumbnail *to, const struct memory_sink *file, const char *type, struct why *why)
{
    char head[40];
    size_t n = (size_t)snprintf(head, sizeof head, "data:image/%s;base64,", type);
    to->address = malloc(n + base64_bytes(file->size) + 1);
    if (!to->address)
        return why_memory(why);
    memcpy(to->address, head, n);
    base64(to->address + n, file->bytes, (size_t)file->size);
    return true;
}

/* The qualities that are tried, the best first. */
static const int qualities[] = {85, 78, 70, 62, 54, 46, 38, 30};

enum { QUALITIES = sizeof qualities / sizeof *qualities };

/*
 * file <- the preview at the best of the qualities at which it fits, or at the last. Searched by halves, for each try takes
 * as long as the writing of a picture.
 */
static bool encode_best(const struct preview *p, const struct codec *codec, bool lossy, struct memory_sink *file,
                        struct why *why)
{
    int begin = 0, end = lossy ? QUALITIES - 1 : 0, tried = -1;
    while (begin < end) {
        tried = (begin + end) / 2;
        if (!encode(p, codec, qualities[tried], file, why))
            return false;
        if (fits(file))
            end = tried;
        else
            begin = tried + 1;
    }
    return tried == end || encode(p, codec, qualities[end], file, why);
}

/* A side for a file that was too long: about as many bytes go to a pixel again. */
static size_t smaller(size_t side, uint64_t bytes)
{
    double by = sqrt(0.9 * THUMBNAIL_BYTES / (double)base64_bytes(bytes));
    size_t next = (size_t)((double)side * by);
    return next < side ? next : side - 1;
}

bool thumbnail_make(struct thumbnail *to, const struct preview *preview, struct why *why)
{
    const struct format *format;
    const struct codec *codec = find_format(&format);
    struct memory_sink file;
    size_t longer = preview->width > preview->height ? preview->width : preview->height;
    size_t side = longer < THUMBNAIL_SIDE ? longer : THUMBNAIL_SIDE;
    bool ok = true, done = false;
    *to = (struct thumbnail){0};
    if (!codec || !preview->rgb)
        return true;
    while (ok && !done && side > 0) {
        struct preview small = {0};
        ok = longer == side || shrink(preview, side, &small, why);
        const struct preview *shown = longer == side ? preview : &small;
        ok = ok && encode_best(shown, codec, format->lossy, &file, why);
        done = ok && fits(&file);
        to->width = shown->width;
        to->height = shown->height;
        preview_free(&small);
        side = ok && !done ? smaller(side, file.size) : side;
    }
    return ok && (!done || address(to, &file, format->type, why));
}

void thumbnail_free(struct thumbnail *thumbnail)
{
    free(thumbnail->address);
    *thumbnail = (struct thumbnail){0};
}
