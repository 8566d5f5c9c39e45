/*
 * JPEG through libjpeg-turbo: grey, colour and inks, baseline and progressive, 8 bit. Decoded as Pillow and djpeg do.
 * Writing is in write.c.
 */
#include "codec/cmyk.h"
#include "codec/jpeg/internal.h"

#include <stdlib.h>
#include <string.h>

#include <jerror.h>

/* Each scan passes over the whole picture: a small file can ask for thousands. libjpeg-turbo's own tools fuzz with 100. */
enum { SCANS_MAX = 100 };

/* Rows that are asked for at once. */
enum { ROWS_MAX = 16 };

struct reader {
    struct jpegc_guard guard;
    struct jpeg_source_mgr input;
    struct jpeg_decompress_struct d;
    bool begun;
    struct source *source;
    uint64_t offset;
    struct limits limits;
    struct picture_info picture;
    struct metadata metadata;
    bool noted;              /* the metadata is complete */
    const struct rows *rows; /* argument of the step under way */
    bool output;             /* rows are coming */
    struct cmyk cmyk;        /* of a picture of four components */
    unsigned char *inks;     /* ROWS_MAX rows of it; in libjpeg's memory for a picture */
    JOCTET buffer[JPEG_IO_BYTES];
};

/* ---- errors ------------------------------------------------------------------------------------------------------ */

static void on_error(j_common_ptr info)
{
    struct jpegc_guard *g = (struct jpegc_guard *)info->err;
    char text[JMSG_LENGTH_MAX];
    info->err->format_message(info, text);
    why_set(g->why, "%s", text);
    longjmp(g->jump, 1);
}

/* libjpeg warns where it makes up picture data: that is an error here. What remains says nothing about the samples. */
static void on_message(j_common_ptr info, int level)
{
    struct jpegc_guard *g = (struct jpegc_guard *)info->err;
    int code = g->manager.msg_code;
    if (level >= 0)
        return;
    if (code == JWRN_NOT_SEQUENTIAL)
        metadata_note(g->metadata, NOTE_VERBOSE, "its scan header is not that of a sequential JPEG, but it is read as one");
    else if (code != JWRN_EXTRANEOUS_DATA && code != JWRN_JFIF_MAJOR && code != JWRN_ADOBE_XFORM)
        on_error(info);
}

struct jpeg_error_mgr *jpegc_guard_init(struct jpegc_guard *g)
{
    jpeg_std_error(&g->manager);
    g->manager.error_exit = on_error;
    g->manager.emit_message = on_message;
    return &g->manager;
}

bool jpegc_guard(struct jpegc_guard *g, void (*step)(void *), void *on, struct why *why)
{
    g->why = why;
    if (setjmp(g->jump))
        return false;
    step(on);
    return true;
}

void jpegc_fail(struct jpegc_guard *g, const char *text)
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
        jpegc_fail(&r->guard, r->source->why.text[0] ? r->source->why.text : "truncated");
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
    struct reader *r = codec_new(sizeof *r, why);
    if (!r)
        return NULL;
    r->source = source;
    r->limits = *limits;
    r->metadata.format = codec_jpeg.name;
    r->d.err = jpegc_guard_init(&r->guard);
    r->guard.metadata = &r->metadata;
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
    cmyk_end(&r->cmyk);
    metadata_clear(&r->metadata);
    free(r);
}

static bool is_cmyk(const struct reader *r)
{
    return r->d.num_components == 4;
}

/* Adobe's programs, and all that write its marker, store 0 for full ink. */
static void begin_cmyk(struct reader *r)
{
    bool adobe = r->d.saw_Adobe_marker;
    struct why why = {""};
    if (!cmyk_begin(&r->cmyk, SAMPLE_U8, adobe, &r->metadata, &why))
        jpegc_fail(&r->guard, why.text);
    if (!adobe)
        metadata_note(&r->metadata, NOTE_WARNING,
                      "CMYK JPEG without an Adobe marker: 255 is taken for full ink, though most programs mean none");
}

static void read_header(void *reader)
{
    struct reader *r = reader;
    jpeg_create_decompress(&r->d);
    r->begun = true;
    r->d.client_data = r;
    r->d.src = &r->input;
    if (!r->noted)
        jpegc_marker_listen(&r->d);
    jpeg_read_header(&r->d, TRUE);
    if (r->d.data_precision != 8)
        jpegc_fail(&r->guard, "JPEG of more than 8 bits is not supported");
    if (r->d.num_components == 2 || r->d.num_components > 4)
        jpegc_fail(&r->guard, "JPEG with other than 1, 3 or 4 components is not supported");
    r->d.out_color_space = is_cmyk(r) ? JCS_CMYK : r->d.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    r->d.dct_method = JDCT_ISLOW;
    r->d.buffered_image = jpeg_has_multiple_scans(&r->d);
    jpeg_calc_output_dimensions(&r->d);
    if (!r->noted)
        jpegc_marker_note(&r->d);
    if (!r->noted && is_cmyk(r))
        begin_cmyk(r);
    r->noted = true;
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
    r->inks = NULL;
    r->offset = 0;
    r->input.bytes_in_buffer = 0;
    if (!jpegc_guard(&r->guard, read_header, r, why))
        return false;
    r->picture = (struct picture_info){.width = r->d.image_width,
                                       .height = r->d.image_height,
                                       .channels = r->d.num_components == 1 ? 1 : 3,
                                       .sample = SAMPLE_U8,
                                       .unit = sample_unit(SAMPLE_U8),
                                       .depth = 8,
                                       .converted = is_cmyk(r),
                                       .metadata = &r->metadata,
                                       .held = r->d.buffered_image ? coefficient_bytes(&r->d) : 0};
    r->picture.orientation = metadata_orientation(&r->metadata);
    describe_chroma(&r->d, &r->picture);
    jpegc_coding_note(&r->d, &r->picture.coding);
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
    if (again ? !jpegc_guard(&r->guard, end_output, r, why) : !start_read(r, why))
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
                jpegc_fail(&r->guard, "too many scans");
    }
    jpeg_start_output(&r->d, r->d.input_scan_number);
}

static void read_scanlines(struct reader *r, const struct rows *rows)
{
    JSAMPROW row[ROWS_MAX];
    for (size_t y = 0, n; y < rows->height; y += n) {
        for (n = 0; n < ROWS_MAX && y + n < rows->height; n++)
            row[n] = rows->data + (ptrdiff_t)(y + n) * rows->dy;
        n = jpeg_read_scanlines(&r->d, row, (JDIMENSION)n);
    }
}

static void read_cmyk(struct reader *r, const struct rows *rows)
{
    j_common_ptr d = (j_common_ptr)&r->d;
    if (!r->inks)
        r->inks = d->mem->alloc_large(d, JPOOL_IMAGE, 4 * rows->width * ROWS_MAX);
    for (size_t y = 0; y < rows->height; y += ROWS_MAX) {
        size_t n = rows->height - y < ROWS_MAX ? rows->height - y : ROWS_MAX;
        struct rows inks = rows_interleaved(r->inks, SAMPLE_U8, 4, rows->width, n), part = rows_part(rows, y, n);
        read_scanlines(r, &inks);
        cmyk_convert(&r->cmyk, &inks, &part);
    }
}

static void read_rows(void *reader)
{
    struct reader *r = reader;
    (is_cmyk(r) ? read_cmyk : read_scanlines)(r, r->rows);
}

/* Reads up to the end marker: a file without one is truncated. */
static void read_end(void *reader)
{
    struct reader *r = reader;
    jpeg_finish_decompress(&r->d);
}

static bool jpeg_read(void *reader, const struct rows *rows, struct why *why)
{
    struct reader *r = reader;
    r->rows = rows;
    if (!r->output && !jpegc_guard(&r->guard, start_output, r, why))
        return false;
    if (!jpegc_guard(&r->guard, read_rows, r, why))
        return false;
    return r->d.buffered_image || r->d.output_scanline < r->d.output_height || jpegc_guard(&r->guard, read_end, r, why);
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
    .samples = SAMPLES_8,
    .orients = true,
    .lossy = true,
    .sniff = jpeg_sniff,
    .open = jpeg_open,
    .select = jpeg_select,
    .read = jpeg_read,
    .close = jpeg_close,
    .create = jpegc_write_create,
    .begin = jpegc_write_begin,
    .write = jpegc_write_rows,
    .finish = jpegc_write_finish,
    .abandon = jpegc_write_abandon,
    .library = jpeg_library,
};
