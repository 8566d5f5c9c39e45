/*
 * BMP, and PNG and JPEG where their own libraries are left out (STB_ALL), by stb_image and stb_image_write.
 *
 * Both know whole pictures only. stb_check.c looks at a file first and says what stb_image may see of it.
 *
 * Compile with -fwrapv: stb_image_write shifts bits out of an int, and sums in stb_image wrap on malformed JPEG files.
 */
#include "stb_check.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

/* ---- memory of stb ----------------------------------------------------------------------------------------------- */

/* A block that stb has got and not freed yet. */
struct piece {
    struct piece *next, *before;
    size_t size;
    max_align_t data[];
};

/* Of the call into stb that this thread is in. */
static _Thread_local struct {
    struct piece *pieces;
    size_t left;   /* bytes that it may still take */
    jmp_buf *full; /* where to go if there are no more; NULL: return NULL */
    bool refused;
} heap;

static struct piece *piece_of(void *data)
{
    return (struct piece *)((unsigned char *)data - offsetof(struct piece, data));
}

/* Zeroed: stb_image passes on memory that it has not written if a file is malformed. */
static void *heap_get(size_t size)
{
    struct piece *piece = size <= heap.left ? calloc(1, sizeof *piece + size) : NULL;

    if (!piece) {
        heap.refused = true;
        if (heap.full)
            longjmp(*heap.full, 1);
        return NULL;
    }
    heap.left -= size;
    piece->size = size;
    piece->next = heap.pieces;
    if (piece->next)
        piece->next->before = piece;
    heap.pieces = piece;
    return piece->data;
}

static void heap_unlink(struct piece *piece)
{
    *(piece->before ? &piece->before->next : &heap.pieces) = piece->next;
    if (piece->next)
        piece->next->before = piece->before;
    heap.left += piece->size;
}

static void heap_put(void *data)
{
    if (!data)
        return;
    heap_unlink(piece_of(data));
    free(piece_of(data));
}

static void *heap_resize(void *data, size_t size)
{
    void *to = heap_get(size);

    if (data && to) {
        size_t old = piece_of(data)->size;
        memcpy(to, data, old < size ? old : size);
        heap_put(data);
    }
    return to;
}

static void heap_begin(size_t budget, jmp_buf *full)
{
    heap.pieces = NULL;
    heap.left = budget;
    heap.full = full;
    heap.refused = false;
}

/* Frees what stb has left behind, all but `result`, which the caller gives to picture_free. */
static void heap_end(void *result)
{
    if (result)
        heap_unlink(piece_of(result));
    while (heap.pieces)
        heap_put(heap.pieces->data);
    heap.full = NULL;
}

static void picture_free(void *result)
{
    if (result)
        free(piece_of(result));
}

/* ---- stb --------------------------------------------------------------------------------------------------------- */

#define STB_IMAGE_IMPLEMENTATION
#define STB_IMAGE_STATIC
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ONLY_BMP
#ifdef STB_ALL
#define STBI_ONLY_PNG
#define STBI_ONLY_JPEG
#endif
#define STBI_ASSERT(x)                      ((void)0)
#define STBI_MALLOC(size)                   heap_get(size)
#define STBI_REALLOC_SIZED(data, old, size) heap_resize(data, size)
#define STBI_FREE(data)                     heap_put(data)

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                      ((void)0)
#define STBIW_MALLOC(size)                   heap_get(size)
#define STBIW_REALLOC_SIZED(data, old, size) heap_resize(data, size)
#define STBIW_FREE(data)                     heap_put(data)

/* Not within the push: gcc looks for functions that are declared only at the end of the file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

/* The headers tell their version in a comment only. */
#ifndef STB_VERSION
#define STB_VERSION "2.27"
#endif

static const char *library(void)
{
    return "stb_image " STB_VERSION;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

struct reader {
    struct source *source;
    const struct limits *limits;
    struct picture_info info;
    void *(*decode)(struct reader *reader, int got[3], struct why *why);
    uint64_t budget;       /* bytes that stb_image may take for it */
    unsigned char *pixels; /* the whole picture, from the first read on */
    size_t row;            /* the next to be read */
    struct stb_feed feed;
    struct stb_bmp bmp;
#ifdef STB_ALL
    struct stb_png png;
#endif
};

static struct reader *reader_new(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *reader = calloc(1, sizeof *reader);

    if (!reader)
        why_memory(why);
    else {
        reader->source = source;
        reader->limits = limits;
    }
    return reader;
}

static void reader_close(void *handle)
{
    struct reader *reader = handle;

    picture_free(reader->pixels);
    free(reader);
}

/* The end of an open: the reader, if the header is good. */
static void *reader_opened(struct reader *reader, bool good, const struct picture_info *info, uint64_t budget)
{
    if (!good) {
        reader_close(reader);
        return NULL;
    }
    reader->info = *info;
    reader->info.replays = true;
    reader->budget = budget + (1 << 20);
    return reader;
}

static enum selected reader_select(void *handle, size_t picture, struct picture_info *info, struct why *why)
{
    struct reader *reader = handle;

    (void)why;
    if (picture > 0)
        return SELECT_END;
    reader->row = 0;
    *info = reader->info;
    return SELECT_OK;
}

static bool reader_decode(struct reader *reader, struct why *why)
{
    const struct picture_info *info = &reader->info;
    int got[3] = {0}; /* width, height, channels */
    void *pixels;

    heap_begin(reader->budget < SIZE_MAX ? (size_t)reader->budget : SIZE_MAX, NULL);
    pixels = reader->decode(reader, got, why);
    heap_end(pixels);
    if (pixels && why->text[0] == '\0' && (size_t)got[0] == info->width && (size_t)got[1] == info->height &&
        (unsigned)got[2] == info->channels) {
        reader->pixels = pixels;
        return true;
    }
    picture_free(pixels);
    if (heap.refused)
        return why_memory(why);
    return why_set(why, "corrupt picture data");
}

static bool reader_read(void *handle, const struct rows *rows, struct why *why)
{
    struct reader *reader = handle;
    const struct picture_info *info = &reader->info;
    size_t stride = info->width * info->channels * sample_size(info->sample);

    if (rows->height > info->height - reader->row)
        return why_set(why, "no more rows");
    if (!reader->pixels && !reader_decode(reader, why))
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

/* Decodes what the feed gives. A picture that needed more than there is does not count. */
static void *feed_decode(struct reader *reader, int got[3], struct why *why)
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

struct writer {
    struct sink *sink;
    struct write_options options;
    int (*encode)(struct writer *writer);
    struct picture_info info;
    unsigned char *pixels;
    size_t row; /* the next to be given */
    uint64_t offset;
    bool failed;
    size_t used;
    unsigned char buffer[16384];
};

static void *writer_new(struct sink *sink, const struct write_options *options, int (*encode)(struct writer *),
                        struct why *why)
{
    struct writer *writer = calloc(1, sizeof *writer);

    if (!writer) {
        why_memory(why);
        return NULL;
    }
    writer->sink = sink;
    writer->options = *options;
    writer->encode = encode;
    return writer;
}

static void writer_abandon(void *handle)
{
    struct writer *writer = handle;

    free(writer->pixels);
    free(writer);
}

/* Takes a picture that the format can hold. */
static bool writer_begin(struct writer *writer, const struct picture_info *info, const char *format, struct why *why)
{
    /* Three channels at least: a grey BMP is written as colour. */
    uint64_t channels = info->channels > 3 ? info->channels : 3;

    if (info->sample != SAMPLE_U8)
        return why_set(why, "%s is written with 8 bits a sample here; add --depth 8", format);
    if (info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "%s cannot hold premultiplied alpha", format);
    if (info->channels < 1 || info->channels > 4 || (info->alpha != ALPHA_NONE) != (info->channels % 2 == 0))
        return why_set(why, "%s cannot hold %u channels", format, info->channels);
    if (info->width > CODEC_MAX_AXIS || info->height > CODEC_MAX_AXIS ||
        info->height * (info->width * channels + 1) > MAX_WRITTEN)
        return why_set(why, "%zu x %zu pixels are too many for stb_image_write", info->width, info->height);
    writer->info = *info;
    writer->pixels = malloc(info->width * info->height * info->channels);
    return writer->pixels || why_memory(why);
}

static bool writer_write(void *handle, const struct rows *rows, struct why *why)
{
    struct writer *writer = handle;
    size_t stride = writer->info.width * writer->info.channels;

    if (rows->height > writer->info.height - writer->row)
        return why_set(why, "too many rows");
    memcpy(writer->pixels + writer->row * stride, rows->data, rows->height * stride);
    writer->row += rows->height;
    return true;
}

static void writer_flush(struct writer *writer)
{
    if (!writer->failed && writer->used > 0)
        writer->failed = !writer->sink->write_at(writer->sink, writer->buffer, writer->used, writer->offset);
    writer->offset += writer->used;
    writer->used = 0;
}

/* stb_write_func: it often gives single bytes, and takes no notice of errors. */
static void writer_put(void *handle, void *data, int size)
{
    struct writer *writer = handle;
    const unsigned char *from = data;

    for (size_t left = (size_t)size; left > 0;) {
        size_t step = sizeof writer->buffer - writer->used < left ? sizeof writer->buffer - writer->used : left;
        memcpy(writer->buffer + writer->used, from, step);
        writer->used += step;
        from += step;
        left -= step;
        if (writer->used == sizeof writer->buffer)
            writer_flush(writer);
    }
}

/* stb_image_write does not look whether its growing buffers grew: without memory it is left by a jump. */
static bool writer_encode(struct writer *writer, struct why *why)
{
    jmp_buf full;

    heap_begin(SIZE_MAX, &full);
    if (setjmp(full) != 0) {
        heap_end(NULL);
        return why_memory(why);
    }
    int good = writer->encode(writer);
    heap_end(NULL);
    return good || why_set(why, "stb_image_write failed");
}

static bool writer_finish(void *handle, struct why *why)
{
    struct writer *writer = handle;
    bool ok = writer->pixels && writer->row == writer->info.height ? writer_encode(writer, why)
                                                                   : why_set(why, "rows are missing");

    writer_flush(writer);
    if (ok && writer->failed)
        ok = why_set(why, "%s", writer->sink->why.text[0] ? writer->sink->why.text : "cannot write");
    writer_abandon(writer);
    return ok;
}

/* ---- BMP --------------------------------------------------------------------------------------------------------- */

static bool bmp_sniff(const unsigned char *head, size_t n)
{
    return n >= 2 && memcmp(head, "BM", 2) == 0;
}

/* stb_image widens samples of less than 8 bits by repeating their bits, which is up to 1 off v x 255 / most, rounded. */
static void bmp_widen(unsigned char *pixels, const struct stb_bmp *bmp)
{
    unsigned channels = bmp->info.channels;
    size_t n = bmp->info.width * bmp->info.height * channels;

    for (unsigned c = 0; c < channels; c++) {
        unsigned most = bmp->most[c];
        if (most == 0 || most == 255)
            continue;
        for (size_t i = c; i < n; i += channels) {
            unsigned v = (pixels[i] * most + 127) / 255;
            pixels[i] = (unsigned char)((v * 255 + most / 2) / most);
        }
    }
}

static void *bmp_decode(struct reader *reader, int got[3], struct why *why)
{
    const struct stb_bmp *bmp = &reader->bmp;

    if (!stb_check_bmp_indices(reader->source, bmp, why))
        return NULL;
    stb_feed_start(&reader->feed, reader->source, bmp->head, bmp->head_size, bmp->pixels);
    void *pixels = feed_decode(reader, got, why);
    if (pixels)
        bmp_widen(pixels, bmp);
    return pixels;
}

static void *bmp_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *reader = reader_new(source, limits, why);

    if (!reader)
        return NULL;
    reader->decode = bmp_decode;
    bool good = stb_check_bmp(source, limits, &reader->bmp, why);
    return reader_opened(reader, good, &reader->bmp.info, reader->bmp.info.held);
}

static int bmp_encode(struct writer *w)
{
    return stbi_write_bmp_to_func(writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels, w->pixels);
}

static void *bmp_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return writer_new(sink, options, bmp_encode, why);
}

static bool bmp_begin(void *writer, const struct picture_info *info, struct why *why)
{
    if (info->channels == 2)
        return why_set(why, "BMP cannot hold grey with alpha; write PNG instead");
    return writer_begin(writer, info, "BMP", why);
}

const struct codec codec_stb_bmp = {
    .name = "bmp",
    .extensions = " bmp dib ",
    .sniff = bmp_sniff,
    .open = bmp_open,
    .select = reader_select,
    .read = reader_read,
    .close = reader_close,
    .create = bmp_create,
    .begin = bmp_begin,
    .write = writer_write,
    .finish = writer_finish,
    .abandon = writer_abandon,
    .library = library,
};

#ifdef STB_ALL

/* ---- PNG --------------------------------------------------------------------------------------------------------- */

static bool png_sniff(const unsigned char *head, size_t n)
{
    return n >= 8 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0;
}

/* Adler-32, RFC 1950. 5552: the most bytes for which its second sum does not overflow. */
static uint32_t adler(const unsigned char *data, size_t n)
{
    uint32_t a = 1, b = 0;

    while (n > 0) {
        size_t step = n < 5552 ? n : 5552;
        for (size_t i = 0; i < step; i++) {
            a += data[i];
            b += a;
        }
        a %= 65521;
        b %= 65521;
        data += step;
        n -= step;
    }
    return b << 16 | a;
}

static void be32(unsigned char *p, size_t value)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(value >> (24 - 8 * i));
}

/* The most that a file may have more than its rows: one stored piece, the largest step in which stb_image inflates. */
#define EXTRA 65535

/* The filtered rows, to be freed by the caller. */
static unsigned char *png_inflate(struct reader *reader, struct why *why)
{
    size_t packed_size = 0, raw_size = (size_t)reader->png.raw + EXTRA;
    unsigned char *packed = stb_png_idat(reader->source, &reader->png, &packed_size, why);
    unsigned char *raw = packed ? calloc(1, raw_size) : NULL, sum[4];
    int size = -1;

    if (packed && !raw)
        why_memory(why);
    if (raw && packed_size > 6 && packed[0] >> 4 <= 7)
        size = stbi_zlib_decode_buffer((char *)raw, (int)raw_size, (char *)packed, (int)packed_size);
    if (size >= 0)
        be32(sum, adler(raw, (size_t)size));
    if (size < 0)
        why_set(why, "corrupt compressed data");
    else if (memcmp(sum, packed + packed_size - 4, 4) != 0)
        why_set(why, "bad checksum of the compressed data");
    else if ((size_t)size < reader->png.raw)
        why_set(why, "truncated");
    free(packed);
    if (why->text[0] == '\0')
        return raw;
    free(raw);
    return NULL;
}

/* Chunks for stb_image, which takes no notice of their checksums. Returns where the next one goes. */
static unsigned char *chunk_put(unsigned char *to, const char *name, const void *data, size_t size)
{
    be32(to, size);
    memcpy(to + 4, name, 4);
    if (data)
        memcpy(to + 8, data, size);
    memset(to + 8 + size, 0, 4);
    return to + 8 + size + 4;
}

/* zlib data of stored blocks. */
static size_t stored_size(size_t n)
{
    return 2 + n + 5 * ((n + 65534) / 65535) + 4;
}

static void stored_put(unsigned char *to, const unsigned char *data, size_t n)
{
    *to++ = 0x78;
    *to++ = 0x01;
    while (n > 0) {
        size_t step = n < 65535 ? n : 65535;
        *to++ = step == n;
        for (int i = 0; i < 4; i++)
            *to++ = (unsigned char)((i < 2 ? step : ~step) >> 8 * (i % 2));
        memcpy(to, data, step);
        to += step;
        data += step;
        n -= step;
    }
    memset(to, 0, 4);
}

/*
 * The picture as a PNG without anything that stb_image could take amiss: a palette of 256 colours, and the rows inflated,
 * summed up and cut by us. To be freed by the caller.
 */
static unsigned char *png_plain(struct reader *reader, size_t *size, struct why *why)
{
    const struct stb_png *png = &reader->png;
    unsigned char *raw = png_inflate(reader, why), *file = NULL, *to;
    size_t raw_size = (size_t)png->raw, stored = stored_size(raw_size);

    if (raw && !(file = malloc(8 + 12 * 5 + 13 + 3 * 256 + 256 + stored)))
        why_memory(why);
    if (file) {
        memcpy(file, "\x89PNG\r\n\x1a\n", 8);
        to = chunk_put(file + 8, "IHDR", png->ihdr, 13);
        if (png->ihdr[9] == 3)
            to = chunk_put(to, "PLTE", png->palette, 3 * 256);
        if (png->trns_size > 0)
            to = chunk_put(to, "tRNS", png->trns, png->trns_size);
        stored_put(to + 8, raw, raw_size);
        to = chunk_put(to, "IDAT", NULL, stored);
        to = chunk_put(to, "IEND", NULL, 0);
        *size = (size_t)(to - file);
    }
    free(raw);
    return file;
}

static void *png_decode(struct reader *reader, int got[3], struct why *why)
{
    size_t size;
    unsigned char *file = png_plain(reader, &size, why);
    void *pixels = NULL;

    if (file && reader->info.sample == SAMPLE_U16)
        pixels = stbi_load_16_from_memory(file, (int)size, &got[0], &got[1], &got[2], 0);
    else if (file)
        pixels = stbi_load_from_memory(file, (int)size, &got[0], &got[1], &got[2], 0);
    free(file);
    return pixels;
}

/* stb_image holds the data as stored, then inflated in a guess that it doubles, then two pictures. */
static void *png_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *reader = reader_new(source, limits, why);

    if (!reader)
        return NULL;
    reader->decode = png_decode;
    bool good = stb_check_png(source, limits, &reader->png, why);
    return reader_opened(reader, good, &reader->png.info, 2 * reader->png.info.held + 4 * reader->png.raw);
}

/*
 * The level is a variable of stb_image_write that all threads share: writers at work at the same time should have the same
 * one. It is stored only where it changes, and after no reading of the same value, so these do not disturb each other.
 */
static int png_encode(struct writer *w)
{
    int level = w->options.compression < 0 ? 8 : w->options.compression;
    int now = __atomic_load_n(&stbi_write_png_compression_level, __ATOMIC_ACQUIRE);

    while (now != level && !__atomic_compare_exchange_n(&stbi_write_png_compression_level, &now, level, false,
                                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        continue;
    return stbi_write_png_to_func(writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels, w->pixels,
                                  0);
}

static void *png_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return writer_new(sink, options, png_encode, why);
}

static bool png_begin(void *writer, const struct picture_info *info, struct why *why)
{
    return writer_begin(writer, info, "PNG", why);
}

const struct codec codec_stb_png = {
    .name = "png",
    .extensions = " png ",
    .sniff = png_sniff,
    .open = png_open,
    .select = reader_select,
    .read = reader_read,
    .close = reader_close,
    .create = png_create,
    .begin = png_begin,
    .write = writer_write,
    .finish = writer_finish,
    .abandon = writer_abandon,
    .library = library,
};

/* ---- JPEG -------------------------------------------------------------------------------------------------------- */

static bool jpeg_sniff(const unsigned char *head, size_t n)
{
    return n >= 2 && memcmp(head, "\xff\xd8", 2) == 0 && (n < 3 || head[2] == 0xff);
}

static void *jpeg_decode(struct reader *reader, int got[3], struct why *why)
{
    struct picture_info info;

    stb_feed_start(&reader->feed, reader->source, NULL, 0, 0);
    if (!stb_check_jpeg(&reader->feed, reader->limits, true, &info, why))
        return NULL;
    stb_feed_start(&reader->feed, reader->source, NULL, 0, 0);
    return feed_decode(reader, got, why);
}

/* stb_image holds planes padded to blocks of up to 32 x 32, with 2-byte coefficients if progressive, and the picture. */
static void *jpeg_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *reader = reader_new(source, limits, why);
    struct picture_info info = {0};

    if (!reader)
        return NULL;
    reader->decode = jpeg_decode;
    stb_feed_start(&reader->feed, source, NULL, 0, 0);
    bool good = stb_check_jpeg(&reader->feed, limits, false, &info, why);
    return reader_opened(reader, good, &info, (uint64_t)4 * (info.width + 32) * (info.height + 32) * info.channels);
}

static int jpeg_encode(struct writer *w)
{
    int quality = w->options.quality < 0 ? 90 : w->options.quality;

    return stbi_write_jpg_to_func(writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels, w->pixels,
                                  quality);
}

static void *jpeg_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return writer_new(sink, options, jpeg_encode, why);
}

static bool jpeg_begin(void *writer, const struct picture_info *info, struct why *why)
{
    if (info->alpha != ALPHA_NONE)
        return why_set(why, "JPEG cannot hold an alpha channel; write PNG instead");
    if (info->width > 65535 || info->height > 65535)
        return why_set(why, "%zu x %zu pixels: the limit of JPEG is 65535 along an axis", info->width, info->height);
    return writer_begin(writer, info, "JPEG", why);
}

const struct codec codec_stb_jpeg = {
    .name = "jpeg",
    .extensions = " jpg jpeg ",
    .sniff = jpeg_sniff,
    .open = jpeg_open,
    .select = reader_select,
    .read = reader_read,
    .close = reader_close,
    .create = jpeg_create,
    .begin = jpeg_begin,
    .write = writer_write,
    .finish = writer_finish,
    .abandon = writer_abandon,
    .library = library,
};

#endif
