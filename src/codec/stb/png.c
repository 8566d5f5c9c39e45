/* PNG through stb_image, where libpng is left out: all that PNG knows in. Writing is in png_write.c. */
#include "base/bytes.h"
#include "codec/stb/picture.h"

#include <stdlib.h>
#include <string.h>

#include <stb/stb_image.h>

static bool png_sniff(const unsigned char *head, size_t n)
{
    return n >= 8 && memcmp(head, "\x89PNG\r\n\x1a\n", 8) == 0;
}

/* stb_image holds the data as stored, then inflated in a guess that it doubles, then two pictures. */
static bool png_check(struct stb_reader *reader, struct why *why)
{
    if (!stb_check_png(reader->source, reader->limits, &reader->png, why))
        return false;
    reader->info = reader->png.info;
    reader->budget = 2 * reader->info.held + 4 * reader->png.raw;
    return true;
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

/* raw <- the filtered rows, which are all that the data may hold; what stb_image leaves out is checked. */
static bool inflate(const struct stb_png *png, unsigned char *raw, const unsigned char *packed, size_t packed_size,
                    struct why *why)
{
    unsigned char sum[4];
    int size = -1;

    if (packed_size > 6 && packed[0] >> 4 <= 7)
        size = stbi_zlib_decode_buffer((char *)raw, (int)png->raw, (const char *)packed, (int)packed_size);
    if (size < 0)
        return why_set(why, "corrupt compressed data, or more than the rows need");
    put_be32(sum, adler(raw, (size_t)size));
    if (memcmp(sum, packed + packed_size - 4, 4) != 0)
        return why_set(why, "bad checksum of the compressed data");
    return (size_t)size == png->raw || why_set(why, "truncated");
}

/* The filtered rows, to be freed by the caller. */
static unsigned char *png_rows(const struct stb_reader *reader, struct why *why)
{
    size_t packed_size = 0;
    unsigned char *packed = stb_png_idat(reader->source, &reader->png, &packed_size, why), *raw = NULL;

    if (packed) {
        raw = calloc(1, (size_t)reader->png.raw);
        if (!raw)
            why_memory(why);
        else if (!inflate(&reader->png, raw, packed, packed_size, why)) {
            free(raw);
            raw = NULL;
        }
    }
    free(packed);
    return raw;
}

/* Chunks for stb_image, which takes no notice of their checksums. Returns where the next one goes. */
static unsigned char *chunk_put(unsigned char *to, const char *name, const void *data, size_t size)
{
    put_be32(to, (uint32_t)size);
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
        to[0] = step == n;
        put_le16(to + 1, (uint16_t)step);
        put_le16(to + 3, (uint16_t)~step);
        memcpy(to + 5, data, step);
        to += 5 + step;
        data += step;
        n -= step;
    }
    memset(to, 0, 4);
}

/*
 * The picture as a PNG without anything that stb_image could take amiss: a palette of 256 colours, and the rows inflated,
 * summed up and cut by us. To be freed by the caller.
 */
static unsigned char *png_plain(struct stb_reader *reader, size_t *size, struct why *why)
{
    const struct stb_png *png = &reader->png;
    unsigned char *raw = png_rows(reader, why), *file = NULL, *to;
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

static void *png_decode(struct stb_reader *reader, int got[3], struct why *why)
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

static void *png_open(struct source *source, const struct limits *limits, struct why *why)
{
    return stb_reader_open(source, limits, png_check, png_decode, why);
}

const struct codec codec_stb_png = {
    .name = "png",
    .extensions = " png ",
    .samples = SAMPLES_16,
    .keeps = 64,
    .sniff = png_sniff,
    .open = png_open,
    .select = stb_reader_select,
    .read = stb_reader_read,
    .close = stb_reader_close,
    .create = stb_png_create,
    .begin = stb_png_begin,
    .write = stb_writer_write,
    .finish = stb_writer_finish,
    .abandon = stb_writer_abandon,
    .library = stb_library,
};
