/* PNG through libpng: 1 to 16 bit, grey, palette, tRNS, alpha, interlaced. Writing is in write.c. */
#include "codec/png/internal.h"

#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- libpng's callbacks ------------------------------------------------------------------------------------------ */

void pngc_on_error(png_structp png, png_const_charp message)
{
    struct png *p = png_get_error_ptr(png);
    why_set(p->why, "%s", message);
    png_longjmp(png, 1);
}

/*
 * libpng only warns of image data that is wrong behind the last row, and of transparency that it leaves out. A chunk of
 * metadata with a wrong checksum comes to pngc_chunk_listen's function right behind the warning.
 */
void pngc_on_warning(png_structp png, png_const_charp message)
{
    struct png *p = png_get_error_ptr(png);
    bool image = strncmp(message, "IDAT: ", 6) == 0, transparency = strncmp(message, "tRNS: ", 6) == 0;
    if (image || (transparency && !strstr(message, "alpha channel"))) /* beside which tRNS says nothing */
        pngc_on_error(png, message);
    p->damaged = strstr(message, ": CRC error") != NULL;
}

/* What image data may still bring once all rows are there: the end of the deflate stream, and its checksum. */
enum { TAIL_BYTES = 64 };

static bool is_behind_rows(const struct png *p)
{
    return png_get_io_chunk_type(p->png) == PNG_IDAT && (png_get_io_state(p->png) & PNG_IO_CHUNK_DATA) &&
           (png_get_current_pass_number(p->png) > 6 ||
            png_get_current_row_number(p->png) >= png_get_image_height(p->png, p->info));
}

/* libpng would inflate all that follows the last row, which may be a thousand times what it reads. */
static void on_read(png_structp png, png_bytep to, size_t n)
{
    struct png *p = png_get_io_ptr(png);
    if (p->stand_in_left >= n && n > 0) {
        memcpy(to, p->stand_in, n);
        p->stand_in += n;
        p->stand_in_left -= n;
        return;
    }
    p->tail += is_behind_rows(p) ? n : 0;
    if (p->tail > TAIL_BYTES)
        png_error(png, "more image data than the rows need");
    if (!source_get(p->source, to, n, p->offset, p->why))
        png_longjmp(png, 1);
    p->offset += n;
    if (p->in_header && png_get_io_state(png) == (PNG_IO_READING | PNG_IO_CHUNK_HDR))
        pngc_idat_begin(p, to);
}

bool pngc_guard(struct png *p, void (*step)(struct png *), struct why *why)
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
    struct png *p = codec_new(sizeof *p, why);
    if (!p)
        return NULL;
    p->source = source;
    p->limits = *limits;
    p->metadata.format = codec_png.name;
    return p;
}

static void close_read(struct png *p)
{
    pngc_idat_free(p);
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
    metadata_clear(&p->metadata);
    free(p);
}

static void read_header(struct png *p)
{
    png_set_user_limits(p->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* ours are checked below */
    png_set_chunk_malloc_max(p->png, PNG_CHUNK_MAX);
    pngc_chunk_listen(p);
    png_read_info(p->png, p->info);
    p->in_header = false;
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
    info->metadata = &p->metadata;
    info->orientation = metadata_orientation(&p->metadata);
    info->alpha = info->channels % 2 == 0 ? ALPHA_STRAIGHT : ALPHA_NONE;
    bool interlaced = png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE;
    info->replays = interlaced;
    info->held = interlaced ? (png_get_rowbytes(p->png, p->info) + sizeof(png_bytep)) * (uint64_t)info->height : 0;
}

static bool start_read(struct png *p, struct why *why)
{
    close_read(p);
    p->chunks = 0;
    p->offset = 0;
    p->tail = 0;
    p->in_header = true;
    p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, p, pngc_on_error, pngc_on_warning);
    p->info = p->png ? png_create_info_struct(p->png) : NULL;
    if (!p->info)
        return why_memory(why);
    png_set_read_fn(p->png, p, on_read);
    if (!pngc_guard(p, read_header, why) ||
        !limits_check(&p->limits, png_get_image_width(p->png, p->info), png_get_image_height(p->png, p->info), why) ||
        !pngc_guard(p, start_rows, why))
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

/* With the info: without one libpng skips the chunks behind the picture unseen. */
static void read_end(struct png *p)
{
    png_read_end(p->png, p->info);
}

static void read_rows(struct png *p)
{
    for (size_t y = 0; y < p->rows->height; y++)
        png_read_row(p->png, p->rows->data + (ptrdiff_t)y * p->rows->dy, NULL);
}

/* Rows that were read already, over those that come next. */
static void skip_rows(struct png *p)
{
    for (size_t y = 0; y < p->row; y++)
        png_read_row(p->png, p->rows->data, NULL);
}

/* libpng, from the start. */
static bool judge(struct png *p, struct why *why)
{
    p->judged = true;
    return start_read(p, why) && pngc_guard(p, skip_rows, why) && pngc_guard(p, read_rows, why);
}

static void read_interlaced(struct png *p)
{
    png_read_image(p->png, p->held_row);
    png_read_end(p->png, p->info);
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
    if (pngc_guard(p, read_interlaced, why))
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
    } else if (p->idat ? !pngc_idat_read(p, rows) && !judge(p, why) : !pngc_guard(p, read_rows, why)) {
        return false;
    }
    p->row += rows->height;
    return p->picture.replays || p->row < p->picture.height || pngc_guard(p, read_end, why);
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
    .samples = SAMPLES_16,
    .orients = true,
    .sniff = png_sniff,
    .open = png_open,
    .select = png_select,
    .read = png_read,
    .close = png_close,
    .create = pngc_write_create,
    .begin = pngc_write_begin,
    .write = pngc_write_rows_of,
    .finish = pngc_write_finish,
    .abandon = pngc_write_abandon,
    .library = png_library,
};
