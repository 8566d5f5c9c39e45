/* PNG through libpng: 1 to 16 bit, grey, palette, tRNS, alpha, interlaced in; 8 and 16 bit out. */
#include "codec.h"

#include <png.h>

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What libpng may allocate for one ancillary chunk: an ICC profile or a text can be compressed a thousandfold. */
enum { CHUNK_BYTES_MAX = 8 << 20 };

/* A reader or a writer. */
struct png {
    png_structp png;
    png_infop info;
    struct why *why; /* of the step under way */

    struct source *source;
    struct sink *sink;
    uint64_t offset;
    struct limits limits;
    struct write_options options;

    struct picture_info picture;
    const struct rows *rows; /* argument of the step under way */
    size_t row;              /* the next one */
    unsigned char *held;     /* all rows of an interlaced picture */
    png_bytep *held_row;
};

/* ---- libpng's callbacks ------------------------------------------------------------------------------------------ */

static void on_error(png_structp png, png_const_charp message)
{
    struct png *p = png_get_error_ptr(png);
    why_set(p->why, "%s", message);
    png_longjmp(png, 1);
}

/*
 * libpng only warns of image data that is wrong behind the last row, such as a false Adler-32; more data than needed is
 * harmless.
 */
static void on_warning(png_structp png, png_const_charp message)
{
    if (strncmp(message, "IDAT: ", 6) == 0 && !strstr(message, "Too much") && !strstr(message, "Extra"))
        on_error(png, message);
}

static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct png *p = png_get_io_ptr(png);
    if (!source_get(p->source, to, n, p->offset, p->why))
        png_longjmp(png, 1);
    p->offset += n;
}

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

/* Chunks that libpng does not know. One more picture in the file would be lost in silence. */
static int on_chunk(png_structp png, png_unknown_chunkp chunk)
{
    if (memcmp(chunk->name, "acTL", 4) == 0)
        png_error(png, "animated PNG is not supported");
    return 1;
}

/* Runs one step; false if it ended in an error. The only setjmp. */
static bool guard(struct png *p, void (*step)(struct png *), struct why *why)
{
    p->why = why;
    if (setjmp(png_jmpbuf(p->png)))
        return false;
    step(p);
    return true;
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool png_sniff(const unsigned char *head, size_t n)
{
    return n >= 8 && png_sig_cmp(head, 0, 8) == 0;
}

static void *png_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct png *p = calloc(1, sizeof *p);
    if (!p) {
        why_memory(why);
        return NULL;
    }
    p->source = source;
    p->limits = *limits;
    return p;
}

static void close_read(struct png *p)
{
    if (p->png)
        png_destroy_read_struct(&p->png, &p->info, NULL);
    p->png = NULL;
}

static void drop_held(struct png *p)
{
    free(p->held);
    free(p->held_row);
    p->held = NULL;
    p->held_row = NULL;
}

static void png_close(void *reader)
{
    struct png *p = reader;
    close_read(p);
    drop_held(p);
    free(p);
}

static void read_header(struct png *p)
{
    static const png_byte skipped[] = "iCCP\0zTXt\0iTXt\0tEXt\0sPLT\0eXIf";

    png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours are checked below */
    png_set_chunk_malloc_max(p->png, CHUNK_BYTES_MAX);
    png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_NEVER, skipped, sizeof skipped / 5);
    png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_ALWAYS, (png_const_bytep) "acTL", 1);
    png_set_read_user_chunk_fn(p->png, p, on_chunk);
    png_read_info(p->png, p->info);
}

/* The transformations to grey or RGB of 8 or 16 bits in native order. libpng allocates rows here, so the size was checked.
 */
static void start_rows(struct png *p)
{
    p->picture.depth = png_get_bit_depth(p->png, p->info);
    png_set_expand(p->png);
    if (p->picture.depth == 16)
        png_set_swap(p->png);
    png_set_interlace_handling(p->png);
    png_read_update_info(p->png, p->info);
}

static void describe(struct png *p)
{
    struct picture_info *info = &p->picture;
    info->width = png_get_image_width(p->png, p->info);
    info->height = png_get_image_height(p->png, p->info);
    info->channels = png_get_channels(p->png, p->info);
    info->sample = png_get_bit_depth(p->png, p->info) == 16 ? SAMPLE_U16 : SAMPLE_U8;
    info->unit = sample_unit(info->sample);
    info->alpha = info->channels % 2 == 0 ? ALPHA_STRAIGHT : ALPHA_NONE;
    bool interlaced = png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE;
    info->replays = interlaced;
    info->held = interlaced ? (png_get_rowbytes(p->png, p->info) + sizeof(png_bytep)) * (uint64_t)info->height : 0;
}

static bool start_read(struct png *p, struct why *why)
{
    close_read(p);
    p->offset = 0;
    p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, p, on_error, on_warning);
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    if (!p->info)
        return why_memory(why);
    png_set_read_fn(p->png, p, on_read);
    if (!guard(p, read_header, why) ||
        !limits_check(&p->limits, png_get_image_width(p->png, p->info), png_get_image_height(p->png, p->info), why) ||
        !guard(p, start_rows, why))
        return false;
    describe(p);
    return true;
}

static enum selected png_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct png *p = reader;
    if (picture > 0)
        return SELECT_END;
    p->row = 0;
    if (!p->held && !start_read(p, why))
        return SELECT_ERROR;
    *info = p->picture;
    return SELECT_OK;
}

static void read_end(struct png *p)
{
    png_read_end(p->png, NULL);
}

static void read_rows(struct png *p)
{
    for (size_t y = 0; y < p->rows->height; y++)
        png_read_row(p->png, p->rows->data + (ptrdiff_t)y * p->rows->dy, NULL);
}

static void read_interlaced(struct png *p)
{
    png_read_image(p->png, p->held_row);
    png_read_end(p->png, NULL);
}

/* Adam7 spreads a row over the whole file. */
static bool hold_interlaced(struct png *p, struct why *why)
{
    size_t height = p->picture.height, bytes = png_get_rowbytes(p->png, p->info);
    p->held = malloc(bytes * height);
    p->held_row = malloc(height * sizeof *p->held_row);
    if (!p->held || !p->held_row) {
        drop_held(p);
        return why_memory(why);
    }
    for (size_t y = 0; y < height; y++)
        p->held_row[y] = p->held + y * bytes;
    if (guard(p, read_interlaced, why))
        return true;
    drop_held(p);
    return false;
}

static bool png_read(void *reader, const struct rows *rows, struct why *why)
{
    struct png *p = reader;
    p->rows = rows;
    if (p->picture.replays) {
        if (!p->held && !hold_interlaced(p, why))
            return false;
        memcpy(rows->data, p->held_row[p->row], (size_t)rows->dy * rows->height);
    } else if (!guard(p, read_rows, why)) {
        return false;
    }
    p->row += rows->height;
    return p->picture.replays || p->row < p->picture.height || guard(p, read_end, why);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void *png_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct png *p = calloc(1, sizeof *p);
    if (!p) {
        why_memory(why);
        return NULL;
    }
    p->sink = sink;
    p->options = *options;
    return p;
}

static void png_abandon(void *writer)
{
    struct png *p = writer;
    if (p->png)
        png_destroy_write_struct(&p->png, &p->info);
    free(p);
}

/*
 * The default is made for speed: on photographs the filter Sub, with which zlib finds short matches quickly, and level 1
 * (see tests/bench). A level that was asked for gets libpng's own choice of filters.
 */
static void set_compression(struct png *p)
{
    bool fast = p->options.compression < 0;
    png_set_compression_level(p->png, fast ? 1 : p->options.compression);
    png_set_filter(p->png, PNG_FILTER_TYPE_BASE, fast ? PNG_FILTER_SUB : PNG_ALL_FILTERS);
    png_set_compression_buffer_size(p->png, 1 << 16);
}

static void write_header(struct png *p)
{
    static const int type[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};
    const struct picture_info *info = &p->picture;

    png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(p->png, p->info, (png_uint_32)info->width, (png_uint_32)info->height, info->sample == SAMPLE_U16 ? 16 : 8,
                 type[info->channels], PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    set_compression(p);
    png_write_info(p->png, p->info);
    if (info->sample == SAMPLE_U16)
        png_set_swap(p->png);
}

static bool png_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct png *p = writer;
    unsigned colours = picture_colours(info);

    if (info->sample == SAMPLE_F32)
        return why_set(why, "PNG holds 8 or 16 bits a sample: add --depth 8 or --depth 16");
    if ((colours != 1 && colours != 3) || info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "PNG holds grey or RGB with straight alpha, not these %u channels", info->channels);
    if (info->width > PNG_UINT_31_MAX || info->height > PNG_UINT_31_MAX)
        return why_set(why, "PNG holds at most 2147483647 pixels along an axis");
    p->picture = *info;
    p->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, p, on_error, on_warning);
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    if (!p->info)
        return why_memory(why);
    png_set_write_fn(p->png, p, on_write, on_flush);
    return guard(p, write_header, why);
}

static void write_rows(struct png *p)
{
    for (size_t y = 0; y < p->rows->height; y++)
        png_write_row(p->png, p->rows->data + (ptrdiff_t)y * p->rows->dy);
}

static bool png_write(void *writer, const struct rows *rows, struct why *why)
{
    struct png *p = writer;
    p->rows = rows;
    return guard(p, write_rows, why);
}

static void write_end(struct png *p)
{
    png_write_end(p->png, p->info);
}

static bool png_finish(void *writer, struct why *why)
{
    bool ok = guard(writer, write_end, why);
    png_abandon(writer);
    return ok;
}

static const char *png_library(void)
{
    static char text[32];
    if (!text[0])
        snprintf(text, sizeof text, "libpng %s", png_get_libpng_ver(NULL));
    return text;
}

const struct codec codec_png = {
    .name = "png",
    .extensions = " png ",
    .sniff = png_sniff,
    .open = png_open,
    .select = png_select,
    .read = png_read,
    .close = png_close,
    .create = png_create,
    .begin = png_begin,
    .write = png_write,
    .finish = png_finish,
    .abandon = png_abandon,
    .library = png_library,
};
