/* PNG of 8 bits a sample by stb_image_write, and of 16 bits with its compression, where libpng is left out. */
#include "base/bytes.h"
#include "codec/stb/memory.h"
#include "codec/stb/picture.h"

#include <string.h>

#include <stb/stb_image_write.h>

/* A function of stb_image_write that its header does not declare. Memory comes from stb_heap_get: never NULL here. */
unsigned char *stbi_zlib_compress(unsigned char *data, int n, int *size, int quality);

static int level_of(const struct stb_writer *w)
{
    return w->options.compression < 0 ? 8 : w->options.compression;
}

/*
 * The level is a variable of stb_image_write that all threads share: writers at work at the same time should have the same
 * one. It is stored only where it changes, and after no reading of the same value, so these do not disturb each other.
 */
static void set_level(const struct stb_writer *w)
{
    int level = level_of(w), now = __atomic_load_n(&stbi_write_png_compression_level, __ATOMIC_ACQUIRE);

    while (now != level && !__atomic_compare_exchange_n(&stbi_write_png_compression_level, &now, level, false,
                                                        __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        continue;
}

static int encode_8(struct stb_writer *w)
{
    set_level(w);
    return stbi_write_png_to_func(stb_writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels,
                                  w->pixels, 0);
}

/* ---- 16 bits, which stb_image_write does not know -------------------------------------------------------------------- */

/* One row of n bytes, the high byte of each sample first, each less the one of the pixel before. */
static void filter_row(const unsigned char *from, size_t n, size_t pixel, unsigned char *to)
{
    static const unsigned char sub = 1;
    *to++ = sub;
    for (size_t i = 0; i < n; i += 2) {
        uint16_t value;
        memcpy(&value, from + i, 2);
        put_be16(to + i, value);
    }
    for (size_t i = n; i-- > pixel;)
        to[i] = (unsigned char)(to[i] - to[i - pixel]);
}

static unsigned char *filter(const struct stb_writer *w, size_t *size)
{
    size_t pixel = 2 * (size_t)w->info.channels, row = w->info.width * pixel;
    *size = w->info.height * (row + 1);
    unsigned char *filtered = stb_heap_get(*size);
    for (size_t y = 0; y < w->info.height; y++)
        filter_row(w->pixels + y * row, row, pixel, filtered + y * (row + 1));
    return filtered;
}

static void put_chunk(struct stb_writer *w, const char *name, unsigned char *data, size_t n)
{
    unsigned char head[8], crc[4];
    put_be32(head, (uint32_t)n);
    memcpy(head + 4, name, 4);
    put_be32(crc, ~stb_crc_add(stb_crc_add(0xffffffff, name, 4), data, n));
    stb_writer_put(w, head, 8);
    stb_writer_put(w, data, (int)n);
    stb_writer_put(w, crc, 4);
}

static void put_header(struct stb_writer *w)
{
    static const unsigned char type[] = {0, 0, 4, 2, 6}; /* of 1 to 4 channels */
    unsigned char signature[] = "\x89PNG\r\n\x1a\n", header[13] = {0};
    put_be32(header, (uint32_t)w->info.width);
    put_be32(header + 4, (uint32_t)w->info.height);
    header[8] = 16;
    header[9] = type[w->info.channels];
    stb_writer_put(w, signature, 8);
    put_chunk(w, "IHDR", header, sizeof header);
}

static int encode_16(struct stb_writer *w)
{
    size_t size;
    int packed_size = 0;
    unsigned char *filtered = filter(w, &size),
                  *packed = stbi_zlib_compress(filtered, (int)size, &packed_size, level_of(w));
    put_header(w);
    put_chunk(w, "IDAT", packed, (size_t)packed_size);
    put_chunk(w, "IEND", NULL, 0);
    return 1;
}

/* ---- the writer ------------------------------------------------------------------------------------------------------ */

static int png_encode(void *handle)
{
    struct stb_writer *w = handle;
    return w->info.sample == SAMPLE_U16 ? encode_16(w) : encode_8(w);
}

void *stb_png_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return stb_writer_new(sink, options, png_encode, why);
}

bool stb_png_begin(void *writer, const struct picture_info *info, struct why *why)
{
    return stb_writer_begin(writer, info, "PNG", 16, why);
}
