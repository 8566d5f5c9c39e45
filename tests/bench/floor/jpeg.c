/* JPEG by libjpeg-turbo, with the same calls and settings as the tool's, from memory to memory. */
#include "floor.h"

#include <stdio.h>
#include <string.h>

#include <jpeglib.h>

/* Rows that are handed over at once: what libjpeg makes of a row of blocks is at most that much. */
enum { ROWS = 16 };

static void note_tables(const struct jpeg_decompress_struct *d, struct image *image)
{
    for (int i = 0; i < d->num_components; i++) {
        image->table[i] = d->comp_info[i].quant_tbl_no;
        memcpy(image->quantum[i], d->quant_tbl_ptrs[image->table[i]]->quantval, sizeof image->quantum[i]);
    }
}

static void set_tables(struct jpeg_compress_struct *c, const struct image *image)
{
    for (int i = 0; i < c->num_components; i++) {
        JQUANT_TBL **table = &c->quant_tbl_ptrs[image->table[i]];
        if (!*table)
            *table = jpeg_alloc_quant_table((j_common_ptr)c);
        memcpy((*table)->quantval, image->quantum[i], sizeof image->quantum[i]);
        c->comp_info[i].quant_tbl_no = image->table[i];
    }
}

/* Pointers to rows from y on; how many. */
static JDIMENSION point(const struct image *image, JDIMENSION y, JSAMPROW row[ROWS])
{
    size_t left = image->height - y, n = left < ROWS ? left : ROWS;
    for (size_t i = 0; i < n; i++)
        row[i] = image->pixels.data + (y + i) * image->width * image->channels;
    return (JDIMENSION)n;
}

void read_jpeg(const unsigned char *file, size_t n, struct image *image, const char *name)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    JSAMPROW row[ROWS];
    d.err = jpeg_std_error(&error);
    jpeg_create_decompress(&d);
    jpeg_mem_src(&d, file, n);
    jpeg_read_header(&d, TRUE);
    if (d.num_components != 1 && d.num_components != 3)
        die("is neither grey nor of three components", name);
    d.out_color_space = d.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&d);
    image->width = d.output_width;
    image->height = d.output_height;
    image->channels = (size_t)d.output_components;
    image->depth = 1;
    image->h = d.comp_info[0].h_samp_factor;
    image->v = d.comp_info[0].v_samp_factor;
    note_tables(&d, image);
    reserve(&image->pixels, image->width * image->height * image->channels);
    while (d.output_scanline < d.output_height) {
        JDIMENSION rows = point(image, d.output_scanline, row);
        jpeg_read_scanlines(&d, row, rows);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

/* Bytes on their way to a file. */
struct output {
    struct jpeg_destination_mgr to;
    int file;
    JOCTET bytes[1 << 16];
};

static void begin(j_compress_ptr c)
{
    struct output *o = (struct output *)c->dest;
    o->to.next_output_byte = o->bytes;
    o->to.free_in_buffer = sizeof o->bytes;
}

static boolean put_full(j_compress_ptr c)
{
    struct output *o = (struct output *)c->dest;
    put_bytes(o->file, o->bytes, sizeof o->bytes);
    begin(c);
    return TRUE;
}

static void put_rest(j_compress_ptr c)
{
    struct output *o = (struct output *)c->dest;
    put_bytes(o->file, o->bytes, sizeof o->bytes - o->to.free_in_buffer);
}

void write_jpeg(const struct image *image, int file)
{
    static struct output output = {
        .to = {.init_destination = begin, .empty_output_buffer = put_full, .term_destination = put_rest}};
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr error;
    JSAMPROW row[ROWS];
    output.file = file;
    c.err = jpeg_std_error(&error);
    jpeg_create_compress(&c);
    c.dest = &output.to;
    c.image_width = (JDIMENSION)image->width;
    c.image_height = (JDIMENSION)image->height;
    c.input_components = (int)image->channels;
    c.in_color_space = image->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(&c);
    set_tables(&c, image);
    if (image->channels == 3) {
        c.comp_info[0].h_samp_factor = image->h;
        c.comp_info[0].v_samp_factor = image->v;
    }
    jpeg_start_compress(&c, TRUE);
    while (c.next_scanline < c.image_height) {
        JDIMENSION rows = point(image, c.next_scanline, row);
        jpeg_write_scanlines(&c, row, rows);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
}
