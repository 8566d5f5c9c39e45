/*
 * PNG by ISA-L: inflated, deflated and summed. What it is not made for (palettes, tRNS, less than 8 bits, interlaced) is
 * read by libpng.
 *
 * The rows are inflated to a block that stays in the cache, and undone from there to where they stay.
 */
#include "floor.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>
#include <png.h>

enum { RAW = 1 << 18, CHUNK = 1 << 16, BAND = 1 << 16, FRAME = 12 };

unsigned png_level = 3;

static const unsigned char signature[8] = {137, 80, 78, 71, 13, 10, 26, 10};

static uint32_t get32(const unsigned char *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static void put32(unsigned char *p, uint32_t x)
{
    for (int i = 0; i < 4; i++)
        p[i] = (unsigned char)(x >> (24 - 8 * i));
}

/* ---- reading -----------------------------------------------------------------------------------------------------------
 */

struct chunk {
    const unsigned char *type, *data;
    size_t bytes;
};

/* The chunk at *at, whose sum is right, and *at behind it. */
static struct chunk next_chunk(const unsigned char *file, size_t n, size_t *at, const char *name)
{
    if (n - *at < FRAME || get32(file + *at) > n - *at - FRAME)
        die("ends within a chunk", name);
    struct chunk c = {file + *at + 4, file + *at + 8, get32(file + *at)};
    if (crc32_gzip_refl(0, c.type, c.bytes + 4) != get32(c.data + c.bytes))
        die("a chunk has another CRC", name);
    *at += FRAME + c.bytes;
    return c;
}

static bool is(const struct chunk *c, const char *type)
{
    return memcmp(c->type, type, 4) == 0;
}

/* False if the picture is one for libpng. */
static bool read_header(const struct chunk *c, struct image *image)
{
    static const unsigned char channels[7] = {1, 0, 3, 0, 2, 0, 4};
    if (!is(c, "IHDR") || c->bytes != 13)
        return false;
    unsigned depth = c->data[8], colour = c->data[9];
    image->width = get32(c->data);
    image->height = get32(c->data + 4);
    image->channels = colour < 7 ? channels[colour] : 0;
    image->depth = depth / 8;
    return image->width && image->height && image->channels && (depth == 8 || depth == 16) && c->data[10] == 0 &&
           c->data[11] == 0 && c->data[12] == 0;
}

static void swap(unsigned char *row, size_t n)
{
    for (size_t i = 0; i < n; i += 2) {
        unsigned char high = row[i];
        row[i] = row[i + 1];
        row[i + 1] = high;
    }
}

/* How far the rows of an image are. */
struct rows {
    struct inflate_state z;
    struct image *image;
    size_t bytes, pixel, y, have; /* have: bytes in raw that are no whole row */
    unsigned char *above;
    struct block raw;
};

/* The rows that are whole in raw, undone; 16 bits stay as in the file until the row below is there. */
static void undo_rows(struct rows *r, const char *name)
{
    unsigned char *raw = r->raw.data;
    size_t at = 0;
    for (; r->have - at > r->bytes && r->y < r->image->height; at += r->bytes + 1) {
        unsigned char *out = r->image->pixels.data + r->y * r->bytes;
        if (!unfilter(raw + at, r->above, r->bytes, r->pixel, out))
            die("a row has no such filter", name);
        if (r->image->depth == 2 && r->y > 0)
            swap(r->above, r->bytes);
        r->above = out;
        r->y++;
    }
    r->have -= at;
    memmove(raw, raw + at, r->have);
}

static void inflate_chunk(struct rows *r, const struct chunk *c, const char *name)
{
    r->z.next_in = (uint8_t *)(uintptr_t)c->data;
    r->z.avail_in = (uint32_t)c->bytes;
    do {
        size_t room = RAW + r->bytes - r->have;
        r->z.next_out = r->raw.data + r->have;
        r->z.avail_out = (uint32_t)room;
        if (isal_inflate(&r->z) != ISAL_DECOMP_OK)
            die("cannot be inflated", name);
        r->have += room - r->z.avail_out;
        undo_rows(r, name);
    } while (r->z.block_state != ISAL_BLOCK_FINISH && (r->z.avail_in > 0 || r->z.avail_out == 0));
}

static void begin_rows(struct rows *r, struct image *image)
{
    static struct block zeros;
    isal_inflate_init(&r->z);
    r->z.crc_flag = ISAL_ZLIB;
    r->image = image;
    r->pixel = image->channels * image->depth;
    r->bytes = image->width * r->pixel;
    r->y = r->have = 0;
    reserve(&image->pixels, r->bytes * image->height);
    reserve(&r->raw, RAW + r->bytes + 1);
    if (zeros.size < r->bytes) {
        reserve(&zeros, r->bytes);
        memset(zeros.data, 0, r->bytes);
    }
    r->above = zeros.data;
}

bool read_png(const unsigned char *file, size_t n, struct image *image, const char *name)
{
    static struct rows r;
    size_t at = sizeof signature;
    if (n < sizeof signature || memcmp(file, signature, sizeof signature) != 0)
        die("is no PNG", name);
    struct chunk c = next_chunk(file, n, &at, name);
    bool ours = read_header(&c, image);
    while (ours && !is(&c, "IDAT")) {
        c = next_chunk(file, n, &at, name);
        ours = !is(&c, "tRNS");
    }
    if (!ours) {
        read_png_by_libpng(file, n, image, name);
        return false;
    }
    begin_rows(&r, image);
    for (; is(&c, "IDAT"); c = next_chunk(file, n, &at, name))
        inflate_chunk(&r, &c, name);
    if (r.y < image->height || r.z.block_state != ISAL_BLOCK_FINISH)
        die("has too few rows, or another Adler-32", name);
    if (image->depth == 2)
        swap(r.above, r.bytes);
    while (!is(&c, "IEND"))
        c = next_chunk(file, n, &at, name);
    return true;
}

static void take(png_structp png, png_bytep to, size_t n)
{
    struct block *rest = png_get_io_ptr(png);
    if (n > rest->size)
        png_error(png, "ends too early");
    memcpy(to, rest->data, n);
    rest->data += n;
    rest->size -= n;
}

void read_png_by_libpng(const unsigned char *file, size_t n, struct image *image, const char *name)
{
    struct block rest = {(unsigned char *)(uintptr_t)file, n};
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png)))
        die("cannot be decoded", name);
    png_set_read_fn(png, &rest, take);
    png_read_info(png, info);
    png_set_expand(png);
    if (png_get_bit_depth(png, info) == 16)
        png_set_swap(png);
    int passes = png_set_interlace_handling(png);
    png_read_update_info(png, info);
    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    image->channels = png_get_channels(png, info);
    image->depth = png_get_bit_depth(png, info) / 8u;
    size_t bytes = image->width * image->channels * image->depth;
    reserve(&image->pixels, bytes * image->height);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < image->height; y++)
            png_read_row(png, image->pixels.data + y * bytes, NULL);
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
}

/* ---- writing -----------------------------------------------------------------------------------------------------------
 */

/* A chunk whose n bytes of data are at to + 8 already; what is behind it. */
static unsigned char *put_chunk(unsigned char *to, const char *type, size_t n)
{
    put32(to, (uint32_t)n);
    memcpy(to + 4, type, 4);
    put32(to + 8 + n, crc32_gzip_refl(0, to + 4, n + 4));
    return to + FRAME + n;
}

static unsigned char *put_header(const struct image *image, unsigned char *to)
{
    static const unsigned char type[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                         PNG_COLOR_TYPE_RGB_ALPHA};
    memcpy(to, signature, sizeof signature);
    unsigned char *data = to + sizeof signature + 8;
    put32(data, (uint32_t)image->width);
    put32(data + 4, (uint32_t)image->height);
    data[8] = (unsigned char)(8 * image->depth);
    data[9] = type[image->channels];
    memset(data + 10, 0, 3);
    return put_chunk(to + sizeof signature, "IHDR", 13);
}

/* Each byte less that of the pixel to the left. */
static void filter_sub(const unsigned char *restrict in, size_t n, size_t pixel, unsigned char *restrict out)
{
    *out++ = PNG_FILTER_VALUE_SUB;
    memcpy(out, in, pixel);
    for (size_t i = pixel; i < n; i++)
        out[i] = (unsigned char)(in[i] - in[i - pixel]);
}

static void filter_sub_16(const unsigned char *restrict in, size_t n, size_t pixel, unsigned char *restrict out)
{
    *out++ = PNG_FILTER_VALUE_SUB;
    for (size_t i = 0; i < pixel; i++)
        out[i] = in[i ^ 1];
    for (size_t i = pixel; i < n; i += 2) {
        out[i] = (unsigned char)(in[i + 1] - in[i + 1 - pixel]);
        out[i + 1] = (unsigned char)(in[i] - in[i - pixel]);
    }
}

/* The file, and the data of the IDAT chunk that is open behind its length and its type. */
struct output {
    struct isal_zstream z;
    int file;
    unsigned char chunk[CHUNK + FRAME];
};

static void deflate_rows(struct output *o)
{
    struct isal_zstream *z = &o->z;
    do {
        if (isal_deflate(z) != COMP_OK)
            die("cannot be encoded", "png");
        bool ended = z->internal_state.state == ZSTATE_END;
        if (z->avail_out > 0 && !ended)
            continue;
        put_bytes(o->file, o->chunk, (size_t)(put_chunk(o->chunk, "IDAT", CHUNK - z->avail_out) - o->chunk));
        z->next_out = o->chunk + 8;
        z->avail_out = CHUNK;
    } while (z->avail_in > 0 || (z->end_of_stream && z->internal_state.state != ZSTATE_END));
}

/*
 * As the tool does: rows filtered with Sub, IDAT of 64 KiB. Some rows are handed over at once: for each call ISA-L copies
 * what later ones may repeat.
 */
static void put_idat(const struct image *image, struct output *o)
{
    static unsigned char tables[ISAL_DEF_LVL3_DEFAULT];
    static struct block band;
    size_t pixel = image->channels * image->depth, bytes = image->width * pixel, rows = BAND / (bytes + 1);
    rows = rows < 1 ? 1 : rows;
    reserve(&band, rows * (bytes + 1));
    isal_deflate_init(&o->z);
    o->z.level = png_level;
    o->z.level_buf = tables;
    o->z.level_buf_size = sizeof tables;
    o->z.hist_bits = ISAL_DEF_MAX_HIST_BITS;
    o->z.gzip_flag = IGZIP_ZLIB;
    o->z.next_out = o->chunk + 8;
    o->z.avail_out = CHUNK;
    for (size_t y = 0; y < image->height;) {
        unsigned char *out = band.data;
        for (size_t last = y + rows; y < last && y < image->height; y++, out += bytes + 1)
            (image->depth == 2 ? filter_sub_16 : filter_sub)(image->pixels.data + y * bytes, bytes, pixel, out);
        o->z.next_in = band.data;
        o->z.avail_in = (uint32_t)(out - band.data);
        o->z.end_of_stream = y == image->height;
        deflate_rows(o);
    }
}

void write_png(const struct image *image, int file)
{
    static struct output o;
    o.file = file;
    put_bytes(file, o.chunk, (size_t)(put_header(image, o.chunk) - o.chunk));
    put_idat(image, &o);
    put_bytes(file, o.chunk, (size_t)(put_chunk(o.chunk, "IEND", 0) - o.chunk));
}

static void count(png_structp png, png_bytep data, size_t n)
{
    (void)data;
    *(size_t *)png_get_io_ptr(png) += n;
}

size_t level1_bytes(const struct image *image)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    size_t bytes = 0;
    if (setjmp(png_jmpbuf(png)))
        die("cannot be encoded", "png");
    png_set_write_fn(png, &bytes, count, NULL);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB, 0, 0, 0);
    png_set_compression_level(png, 1);
    png_write_info(png, info);
    for (size_t y = 0; y < image->height; y++)
        png_write_row(png, image->pixels.data + y * image->width * 3);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return bytes;
}
