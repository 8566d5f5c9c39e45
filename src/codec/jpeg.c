/* JPEG through libjpeg-turbo: grey and colour, baseline and progressive, 8 bit. Decoded as Pillow and djpeg do. */
#include "codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>

#include <setjmp.h>

/* Each scan passes over the whole picture: a small file can ask for thousands. libjpeg-turbo's own tools fuzz with 100. */
enum { SCANS_MAX = 100, IO_BYTES = 1 << 16, DEFAULT_QUALITY = 90 };

struct guard {
    struct jpeg_error_mgr manager; /* first: libjpeg hands this back */
    jmp_buf jump;
    struct why *why; /* of the step under way */
};

struct reader {
    struct guard guard;
    struct jpeg_source_mgr input; /* its client is found by reader_of */
    struct jpeg_decompress_struct d;
    bool begun;
    struct source *source;
    uint64_t offset;
    struct limits limits;
    struct picture_info picture;
    const struct rows *rows; /* argument of the step under way */
    bool output;             /* rows are coming */
    JOCTET buffer[IO_BYTES];
};

struct writer {
    struct guard guard;
    struct jpeg_destination_mgr output;
    struct jpeg_compress_struct c;
    struct sink *sink;
    uint64_t offset;
    struct write_options options;
    struct picture_info picture;
    const struct rows *rows;
    JOCTET buffer[IO_BYTES];
};

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static void on_error(j_common_ptr info)
{
    struct guard *g = (struct guard *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    why_set(g->why, "%s", text);
    longjmp(g->jump, 1);
}

/* libjpeg warns where it makes up picture data: that is an error here. What remains says nothing about the samples. */
static void on_message(j_common_ptr info, int level)
{
    int code = info->err->msg_code;
    if (level < 0 && code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
        on_error(info);
}

static struct jpeg_error_mgr *guard_init(struct guard *g)
{
    jpeg_std_error(&g->manager);
    g->manager.error_exit = on_error;
    g->manager.emit_message = on_message;
    return &g->manager;
}

/* Runs one step on a reader or a writer; false if it ended in an error. The only setjmp. */
static bool guard(struct guard *g, void (*step)(void *), void *on, struct why *why)
{
    g->why = why;
    if (setjmp(g->jump))
        return false;
    step(on);
    return true;
}

static void fail(struct guard *g, const char *text)
{
    why_set(g->why, "%s", text);
    longjmp(g->jump, 1);
}

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static bool jpeg_sniff(const unsigned char *head, size_t n)
{
    return n >= 3 && head[0] == 0xff && head[1] == 0xd8 && head[2] == 0xff;
}

static void on_start_input(j_decompress_ptr d)
{
    (void)d;
}

static boolean on_fill(j_decompress_ptr d)
{
    struct reader *r = d->client_data;
    size_t n = r->source->read_at(r->source, r->buffer, sizeof r->buffer, r->offset);
    if (n == 0)
        fail(&r->guard, r->source->why.text[0] ? r->source->why.text : "truncated");
    r->offset += n;
    r->input.next_input_byte = r->buffer;
    r->input.bytes_in_buffer = n;
    return TRUE;
}

static void on_skip(j_decompress_ptr d, long count)
{
    struct reader *r = d->client_data;
    size_t n = count > 0 ? (size_t)count : 0;
    if (n <= r->input.bytes_in_buffer) {
        r->input.next_input_byte += n;
        r->input.bytes_in_buffer -= n;
        return;
    }
    r->offset += n - r->input.bytes_in_buffer;
    r->input.bytes_in_buffer = 0;
}

static void *jpeg_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *r = calloc(1, sizeof *r);
    if (!r) {
        why_memory(why);
        return NULL;
    }
    r->source = source;
    r->limits = *limits;
    r->d.err = guard_init(&r->guard);
    r->input = (struct jpeg_source_mgr){.init_source = on_start_input,
                                        .fill_input_buffer = on_fill,
                                        .skip_input_data = on_skip,
                                        .resync_to_restart = jpeg_resync_to_restart,
                                        .term_source = on_start_input};
    return r;
}

static void jpeg_close(void *reader)
{
    struct reader *r = reader;
    if (r->begun)
        jpeg_destroy_decompress(&r->d);
    free(r);
}

static void read_header(void *reader)
{
    struct reader *r = reader;
    jpeg_create_decompress(&r->d);
    r->begun = true;
    r->d.client_data = r;
    r->d.src = &r->input;
    jpeg_read_header(&r->d, TRUE);
    if (r->d.data_precision != 8)
        fail(&r->guard, "JPEG of more than 8 bits is not supported");
    if (r->d.jpeg_color_space == JCS_CMYK || r->d.jpeg_color_space == JCS_YCCK)
        fail(&r->guard, "CMYK JPEG is not supported");
    if (r->d.num_components != 1 && r->d.num_components != 3)
        fail(&r->guard, "JPEG with other than 1 or 3 components is not supported");
    r->d.out_color_space = r->d.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    r->d.dct_method = JDCT_ISLOW;
    r->d.buffered_image = jpeg_has_multiple_scans(&r->d);
    jpeg_calc_output_dimensions(&r->d);
}

/* How often the first component is sampled for each sample of the others; 0 where they differ. */
static void describe_chroma(const struct jpeg_decompress_struct *d, struct picture_info *info)
{
    const jpeg_component_info *c = d->comp_info;
    info->chroma_h = info->chroma_v = 0;
    if (d->num_components != 3 || c[1].h_samp_factor != c[2].h_samp_factor || c[1].v_samp_factor != c[2].v_samp_factor ||
        c[0].h_samp_factor % c[1].h_samp_factor != 0 || c[0].v_samp_factor % c[1].v_samp_factor != 0)
        return;
    info->chroma_h = (unsigned)(c[0].h_samp_factor / c[1].h_samp_factor);
    info->chroma_v = (unsigned)(c[0].v_samp_factor / c[1].v_samp_factor);
}

/* The coefficients of all components, two bytes each: what libjpeg keeps when a picture comes in several scans. */
static uint64_t coefficient_bytes(const struct jpeg_decompress_struct *d)
{
    uint64_t blocks = 0;
    for (int i = 0; i < d->num_components; i++)
        blocks += (uint64_t)d->comp_info[i].width_in_blocks * d->comp_info[i].height_in_blocks;
    return blocks * DCTSIZE2 * sizeof(JCOEF);
}

static bool start_read(struct reader *r, struct why *why)
{
    if (r->begun)
        jpeg_destroy_decompress(&r->d);
    r->begun = r->output = false;
    r->offset = 0;
    r->input.bytes_in_buffer = 0;
    if (!guard(&r->guard, read_header, r, why))
        return false;
    r->picture = (struct picture_info){.width = r->d.image_width,
                                       .height = r->d.image_height,
                                       .channels = (unsigned)r->d.num_components,
                                       .sample = SAMPLE_U8,
                                       .unit = sample_unit(SAMPLE_U8),
                                       .depth = 8,
                                       .held = r->d.buffered_image ? coefficient_bytes(&r->d) : 0};
    describe_chroma(&r->d, &r->picture);
    return limits_check(&r->limits, r->picture.width, r->picture.height, why);
}

/* A picture in several scans is decoded again from the coefficients, which are still there. */
static void end_output(void *reader)
{
    struct reader *r = reader;
    r->output = false;
    jpeg_finish_output(&r->d);
}

static enum selected jpeg_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct reader *r = reader;
    if (picture > 0)
        return SELECT_END;
    bool again = r->begun && r->output && r->d.buffered_image && r->d.output_scanline == r->d.output_height;
    if (again ? !guard(&r->guard, end_output, r, why) : !start_read(r, why))
        return SELECT_ERROR;
    *info = r->picture;
    return SELECT_OK;
}

static void start_output(void *reader)
{
    struct reader *r = reader;
    r->output = true;
    if (!r->d.buffered_image) {
        jpeg_start_decompress(&r->d);
        return;
    }
    if (!jpeg_input_complete(&r->d)) {
        jpeg_start_decompress(&r->d);
        while (jpeg_consume_input(&r->d) != JPEG_REACHED_EOI)
            if (r->d.input_scan_number > SCANS_MAX)
                fail(&r->guard, "too many scans");
    }
    jpeg_start_output(&r->d, r->d.input_scan_number);
}

static void read_rows(void *reader)
{
    struct reader *r = reader;
    const struct rows *rows = r->rows;
    for (size_t y = 0; y < rows->height;) {
        JSAMPROW row[16];
        size_t n = rows->height - y < 16 ? rows->height - y : 16;
        for (size_t i = 0; i < n; i++)
            row[i] = rows->data + (ptrdiff_t)(y + i) * rows->dy;
        y += jpeg_read_scanlines(&r->d, row, (JDIMENSION)n);
    }
}

/* What follows the last row is read up to the end marker: without one the file is truncated. */
static void read_end(void *reader)
{
    struct reader *r = reader;
    jpeg_finish_decompress(&r->d);
}

static bool jpeg_read(void *reader, const struct rows *rows, struct why *why)
{
    struct reader *r = reader;
    r->rows = rows;
    if (!r->output && !guard(&r->guard, start_output, r, why))
        return false;
    if (!guard(&r->guard, read_rows, r, why))
        return false;
    return r->d.buffered_image || r->d.output_scanline < r->d.output_height || guard(&r->guard, read_end, r, why);
}

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static void flush(struct writer *w, size_t n)
{
    if (!w->sink->write_at(w->sink, w->buffer, n, w->offset))
        fail(&w->guard, w->sink->why.text);
    w->offset += n;
    w->output.next_output_byte = w->buffer;
    w->output.free_in_buffer = sizeof w->buffer;
}

static void on_start_output(j_compress_ptr c)
{
    struct writer *w = c->client_data;
    w->output.next_output_byte = w->buffer;
    w->output.free_in_buffer = sizeof w->buffer;
}

static boolean on_full(j_compress_ptr c)
{
    struct writer *w = c->client_data;
    flush(w, sizeof w->buffer);
    return TRUE;
}

static void on_end_output(j_compress_ptr c)
{
    struct writer *w = c->client_data;
    flush(w, sizeof w->buffer - w->output.free_in_buffer);
}

static void create_compress(void *writer)
{
    struct writer *w = writer;
    jpeg_create_compress(&w->c);
    w->c.client_data = w;
    w->c.dest = &w->output;
}

static void *jpeg_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w) {
        why_memory(why);
        return NULL;
    }
    w->sink = sink;
    w->options = *options;
    w->c.err = guard_init(&w->guard);
    w->output = (struct jpeg_destination_mgr){
        .init_destination = on_start_output, .empty_output_buffer = on_full, .term_destination = on_end_output};
    if (guard(&w->guard, create_compress, w, why))
        return w;
    free(w);
    return NULL;
}

static void jpeg_abandon(void *writer)
{
    struct writer *w = writer;
    jpeg_destroy_compress(&w->c);
    free(w);
}

static void write_header(void *writer)
{
    struct writer *w = writer;
    const struct picture_info *info = &w->picture;
    w->c.image_width = (JDIMENSION)info->width;
    w->c.image_height = (JDIMENSION)info->height;
    w->c.input_components = (int)info->channels;
    w->c.in_color_space = info->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&w->c);
    jpeg_set_quality(&w->c, w->options.quality > 0 ? w->options.quality : DEFAULT_QUALITY, TRUE);
    if (info->channels == 3 && info->chroma_h > 0) {
        w->c.comp_info[0].h_samp_factor = (int)info->chroma_h;
        w->c.comp_info[0].v_samp_factor = (int)info->chroma_v;
    }
    jpeg_start_compress(&w->c, TRUE);
}

static bool jpeg_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    if (info->alpha != ALPHA_NONE)
        return why_set(why, "JPEG cannot hold an alpha channel: write PNG instead");
    if (info->sample != SAMPLE_U8)
        return why_set(why, "JPEG holds 8 bits a sample: add --depth 8");
    if (info->channels != 1 && info->channels != 3)
        return why_set(why, "JPEG holds grey or RGB, not %u channels", info->channels);
    if (info->width > JPEG_MAX_DIMENSION || info->height > JPEG_MAX_DIMENSION)
        return why_set(why, "JPEG holds at most %ld pixels along an axis: write PNG instead", JPEG_MAX_DIMENSION);
    w->picture = *info;
    return guard(&w->guard, write_header, w, why);
}

static void write_rows(void *writer)
{
    struct writer *w = writer;
    for (size_t y = 0; y < w->rows->height; y++) {
        JSAMPROW row = w->rows->data + (ptrdiff_t)y * w->rows->dy;
        jpeg_write_scanlines(&w->c, &row, 1);
    }
}

static bool jpeg_write(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    w->rows = rows;
    return guard(&w->guard, write_rows, w, why);
}

static void write_end(void *writer)
{
    struct writer *w = writer;
    jpeg_finish_compress(&w->c);
}

static bool jpeg_finish(void *writer, struct why *why)
{
    struct writer *w = writer;
    bool ok = guard(&w->guard, write_end, w, why);
    jpeg_abandon(w);
    return ok;
}

#define TEXT_(x) #x
#define TEXT(x)  TEXT_(x)

static const char *jpeg_library(void)
{
    return "libjpeg-turbo " TEXT(LIBJPEG_TURBO_VERSION);
}

const struct codec codec_jpeg = {
    .name = "jpeg",
    .extensions = " jpg jpeg jpe jfif ",
    .sniff = jpeg_sniff,
    .open = jpeg_open,
    .select = jpeg_select,
    .read = jpeg_read,
    .close = jpeg_close,
    .create = jpeg_create,
    .begin = jpeg_begin,
    .write = jpeg_write,
    .finish = jpeg_finish,
    .abandon = jpeg_abandon,
    .library = jpeg_library,
};
