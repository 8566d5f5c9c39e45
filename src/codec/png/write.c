/* Writing PNG: 8 and 16 bit. */
#include "codec/inflate.h"
#include "codec/png/internal.h"

#include <stdlib.h>

static void on_write(png_structp png, png_bytep from, size_t n)
{
    struct png *p = png_get_io_ptr(png);
    if (!p->sink->write_at(p->sink, from, n, p->offset)) {
        why_set(p->why, "%s", p->sink->why.text);
        png_longjmp(png, 1);
    }
    p->offset += n;
}

static void on_flush(png_structp png)
{
    (void)png;
}

void *pngc_write_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct png *p = codec_new(sizeof *p, why);
    if (!p)
        return NULL;
    p->sink = sink;
    p->options = *options;
    return p;
}

void pngc_write_abandon(void *writer)
{
    struct png *p = writer;
    if (p->png) {
        png_free(p->png, p->chunk);
        png_destroy_write_struct(&p->png, &p->info);
    }
    deflate_free(p->deflate);
    free(p);
}

/* Within a step: a chunk past libpng, whose checksum takes longer. */
static void put_idat(void *writer, const unsigned char *bytes, size_t n)
{
    struct png *p = writer;
    unsigned char head[] = {0, 0, 0, 0, 'I', 'D', 'A', 'T'}, tail[4];
    put_be32(head, (uint32_t)n);
    put_be32(tail, inflate_crc(inflate_crc(0, head + 4, 4), bytes, n));
    on_write(p->png, head, sizeof head);
    on_write(p->png, (png_bytep)(uintptr_t)bytes, n);
    on_write(p->png, tail, sizeof tail);
}

/*
 * -z: 0 stores; 1 to 3, and the default, are made for speed and by ISA-L where it is there; from 4 on zlib takes its time,
 * and libpng chooses the filters.
 */
static bool set_compression(struct png *p)
{
    static const int zlib_level[] = {0, 1, 2, 2, 4, 6, 7, 8, 9, 9};
    int z = p->options.compression < 0 ? 2 : p->options.compression;
    if (deflate_is_there && z >= 1 && z <= 3) {
        p->deflate = deflate_new(&p->picture, z == 1, p->options.crew, put_idat, p);
        return p->deflate != NULL;
    }
    png_set_compression_level(p->png, zlib_level[z]);
    png_set_filter(p->png, PNG_FILTER_TYPE_BASE, z < 4 ? PNG_FILTER_SUB : PNG_ALL_FILTERS);
    png_set_compression_buffer_size(p->png, 1 << 16);
    return true;
}

static void write_header(struct png *p)
{
    static const int type[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};
    const struct picture_info *info = &p->picture;

    png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(p->png, p->info, (png_uint_32)info->width, (png_uint_32)info->height, info->sample == SAMPLE_U16 ? 16 : 8,
                 type[info->channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(p->png, p->info);
    pngc_chunk_begin(p);
    pngc_chunk_write(p);
    if (info->sample == SAMPLE_U16)
        png_set_swap(p->png);
}

bool pngc_write_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct png *p = writer;
    unsigned colours = picture_colours(info);

    if (info->sample != SAMPLE_U8 && info->sample != SAMPLE_U16)
        return codec_refuse_sample(why, "PNG holds 8 or 16 bits a sample", "8 or --depth 16", info->sample);
    if ((colours != 1 && colours != 3) || info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "PNG holds grey or RGB with straight alpha, not these %u channels", info->channels);
    if (info->width > PNG_UINT_31_MAX || info->height > PNG_UINT_31_MAX)
        return why_set(why, "PNG holds at most 2147483647 pixels along an axis");
    p->picture = *info;
    p->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, p, pngc_on_error, pngc_on_warning);
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    if (!p->info)
        return why_memory(why);
    png_set_write_fn(p->png, p, on_write, on_flush);
    if (!set_compression(p))
        return why_memory(why);
    return pngc_guard(p, write_header, why);
}

static void write_rows(struct png *p)
{
    for (size_t y = 0; y < p->rows->height; y++) {
        const unsigned char *row = p->rows->data + (ptrdiff_t)y * p->rows->dy;
        if (!p->deflate)
            png_write_row(p->png, row);
        else if (!deflate_row(p->deflate, row))
            png_error(p->png, "deflate failed");
    }
}

bool pngc_write_rows_of(void *writer, const struct rows *rows, struct why *why)
{
    struct png *p = writer;
    p->rows = rows;
    return pngc_guard(p, write_rows, why);
}

/*
 * png_write_end refuses a picture whose IDAT libpng did not write. Chunks that the reader found behind the picture are
 * written behind it.
 */
static void write_end(struct png *p)
{
    pngc_chunk_write(p);
    if (p->deflate)
        png_write_chunk(p->png, (png_const_bytep) "IEND", NULL, 0);
    else
        png_write_end(p->png, NULL);
}

bool pngc_write_finish(void *writer, struct why *why)
{
    bool ok = pngc_guard(writer, write_end, why);
    pngc_write_abandon(writer);
    return ok;
}
