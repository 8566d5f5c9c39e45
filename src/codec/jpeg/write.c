/* Writing JPEG: grey and colour, 8 bit, baseline. */
#include "codec/jpeg/internal.h"

#include <stdlib.h>

struct writer {
    struct jpegc_guard guard;
    struct jpeg_destination_mgr output;
    struct jpeg_compress_struct c;
    struct sink *sink;
    uint64_t offset;
    struct write_options options;
    struct picture_info picture;
    const struct rows *rows;
    struct metadata_walk walk; /* behind the blocks that are in the header */
    JOCTET buffer[JPEG_IO_BYTES];
};

static void flush(struct writer *w, size_t n)
{
    if (!w->sink->write_at(w->sink, w->buffer, n, w->offset))
        jpegc_fail(&w->guard, w->sink->why.text);
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

void *jpegc_write_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = codec_new(sizeof *w, why);
    if (!w)
        return NULL;
    w->sink = sink;
    w->options = *options;
    w->c.err = jpegc_guard_init(&w->guard);
    w->output = (struct jpeg_destination_mgr){
        .init_destination = on_start_output, .empty_output_buffer = on_full, .term_destination = on_end_output};
    if (jpegc_guard(&w->guard, create_compress, w, why))
        return w;
    free(w);
    return NULL;
}

void jpegc_write_abandon(void *writer)
{
    struct writer *w = writer;
    jpeg_destroy_compress(&w->c);
    free(w);
}

/* The input's quality, or a number with the input's sampling of chroma. */
static void set_quality(struct writer *w)
{
    const struct picture_info *info = &w->picture;
    if (w->options.quality <= 0 && jpegc_coding_keep(&w->c, info))
        return;
    jpeg_set_quality(&w->c, write_quality(&w->options), TRUE);
    if (info->channels == 3 && info->chroma_h > 0) {
        w->c.comp_info[0].h_samp_factor = (int)info->chroma_h;
        w->c.comp_info[0].v_samp_factor = (int)info->chroma_v;
    }
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
    set_quality(w);
    if (info->metadata)
        jpegc_marker_prepare(&w->c, info);
    jpeg_start_compress(&w->c, TRUE);
    w->walk = jpegc_marker_write(&w->c, info, &w->options);
}

bool jpegc_write_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    if (info->alpha != ALPHA_NONE)
        return why_set(why, "JPEG cannot hold an alpha channel: write PNG instead, or add --rgb");
    if (info->sample != SAMPLE_U8)
        return codec_refuse_sample(why, "JPEG holds 8 bits a sample", "8", info->sample);
    if (info->channels != 1 && info->channels != 3)
        return why_set(why, "JPEG holds grey or RGB, not %u channels", info->channels);
    if (info->width > JPEG_MAX_DIMENSION || info->height > JPEG_MAX_DIMENSION)
        return why_set(why, "JPEG holds at most %ld pixels along an axis: write PNG instead", JPEG_MAX_DIMENSION);
    w->picture = *info;
    return jpegc_guard(&w->guard, write_header, w, why);
}

static void write_rows(void *writer)
{
    struct writer *w = writer;
    for (size_t y = 0; y < w->rows->height; y++) {
        JSAMPROW row = w->rows->data + (ptrdiff_t)y * w->rows->dy;
        jpeg_write_scanlines(&w->c, &row, 1);
    }
}

bool jpegc_write_rows(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    w->rows = rows;
    return jpegc_guard(&w->guard, write_rows, w, why);
}

static void write_end(void *writer)
{
    struct writer *w = writer;
    jpeg_finish_compress(&w->c);
}

bool jpegc_write_finish(void *writer, struct why *why)
{
    struct writer *w = writer;
    bool ok = jpegc_guard(&w->guard, write_end, w, why);
    jpegc_marker_late(w->walk, &w->options);
    jpegc_write_abandon(w);
    return ok;
}
