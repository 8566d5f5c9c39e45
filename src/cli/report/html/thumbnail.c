#include "cli/report/html/thumbnail.h"

#include "codec/codec.h"

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

/* How much of source pixel i falls on target pixel k, in units of which a source pixel has `to` and a target pixel `from`.
 */
static size_t overlap(size_t i, size_t from, size_t k, size_t to)
{
    size_t begin = i * to > k * from ? i * to : k * from;
    size_t end = (i + 1) * to < (k + 1) * from ? (i + 1) * to : (k + 1) * from;
    return end - begin;
}

/* Pixel (x, y) of `to`: the mean of what falls on it, rounded. */
static void shrink_pixel(const struct preview *from, const struct preview *to, size_t y, size_t x)
{
    size_t sum[3] = {0}, all = from->width * from->height;
    for (size_t v = y * from->height / to->height; v * to->height < (y + 1) * from->height; v++)
        for (size_t u = x * from->width / to->width; u * to->width < (x + 1) * from->width; u++) {
            size_t share = overlap(v, from->height, y, to->height) * overlap(u, from->width, x, to->width);
            for (size_t c = 0; c < 3; c++)
                sum[c] += share * from->rgb[(v * from->width + u) * 3 + c];
        }
    for (size_t c = 0; c < 3; c++)
        to->rgb[(y * to->width + x) * 3 + c] = (unsigned char)((sum[c] + all / 2) / all);
}

/* to <- the preview with the longer side of `side` pixels at most. */
static bool shrink(const struct preview *from, size_t side, struct preview *to, struct why *why)
{
    size_t longer = from->width > from->height ? from->width : from->height;
    if (!preview_reserve(to, fitted(from->width, longer, side), fitted(from->height, longer, side), why))
        return false;
    for (size_t y = 0; y < to->height; y++)
        for (size_t x = 0; x < to->width; x++)
            shrink_pixel(from, to, y, x);
    return true;
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
 * The best of the qualities below `least` at which the file fits; file <- that. QUALITIES: none is good enough. Searched by
 * halves, because each try is as long as the writing of a picture.
 */
static int find_quality(const struct preview *p, const struct codec *codec, bool lossy, struct memory_sink *file,
                        struct why *why)
{
    int begin = 0, end = lossy ? QUALITIES : 1, kept = -1;
    while (begin < end) {
        struct memory_sink try;
        int middle = (begin + end) / 2;
        if (!encode(p, codec, qualities[middle], &try, why))
            return -1;
        bool fits = base64_bytes(try.size) <= THUMBNAIL_BYTES;
        if (fits)
            *file = try;
        kept = fits ? middle : kept;
        begin = fits ? begin : middle + 1;
        end = fits ? middle : end;
    }
    return kept < 0 ? QUALITIES : kept;
}

bool thumbnail_make(struct thumbnail *to, const struct preview *preview, struct why *why)
{
    const struct format *format;
    const struct codec *codec = find_format(&format);
    int quality = QUALITIES;
    *to = (struct thumbnail){0};
    for (size_t side = THUMBNAIL_SIDE; codec && preview->rgb && quality == QUALITIES && side > 0; side = side * 3 / 4) {
        struct memory_sink file;
        struct preview small = {0};
        bool fits = preview->width <= side && preview->height <= side;
        if (!fits && !shrink(preview, side, &small, why))
            return false;
        const struct preview *shown = fits ? preview : &small;
        to->width = shown->width;
        to->height = shown->height;
        quality = find_quality(shown, codec, format->lossy, &file, why);
        preview_free(&small);
        if (quality < 0 || (quality < QUALITIES && !address(to, &file, format->type, why)))
            return false;
    }
    return true;
}

void thumbnail_free(struct thumbnail *thumbnail)
{
    free(thumbnail->address);
    *thumbnail = (struct thumbnail){0};
}
