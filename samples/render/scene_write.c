/* PNG and JPEG writers of the sample scenes. */
#include <errno.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>

#include "scene.h"

static int complain(const char *path, const char *what)
{
    fprintf(stderr, "scenes: %s: %s\n", path, what);
    return -1;
}

/* Closes the file and removes it when failed, or when the close fails. */
static int finish(FILE *file, const char *path, int failed)
{
    if (fclose(file) != 0 && !failed)
        failed = complain(path, strerror(errno));
    if (failed)
        remove(path);
    return failed ? -1 : 0;
}

static unsigned char to_8bit(uint16_t v)
{
    return (unsigned char)((v + 128u) / 257u);
}

/* Bytes of row y: big-endian pairs at depth 16, as PNG wants them. */
static void pack_row(unsigned char *row, const struct picture *in, int y, int depth)
{
    size_t samples = (size_t)in->width * 3;
    const uint16_t *from = in->rgb + (size_t)y * samples;

    for (size_t i = 0; i < samples; i++) {
        if (depth == 8) {
            row[i] = to_8bit(from[i]);
        } else {
            row[2 * i] = (unsigned char)(from[i] >> 8);
            row[2 * i + 1] = (unsigned char)(from[i] & 255);
        }
    }
}

static void png_failed(png_structp png, png_const_charp what)
{
    complain(png_get_error_ptr(png), what);
    longjmp(png_jmpbuf(png), 1);
}

static int encode_png(png_structp png, png_infop info, FILE *file, const struct picture *in, int depth, unsigned char *row)
{
    if (setjmp(png_jmpbuf(png)))
        return -1;
    png_init_io(png, file);
    png_set_compression_level(png, 9);
    png_set_filter(png, 0, PNG_ALL_FILTERS);
    png_set_IHDR(png, info, (png_uint_32)in->width, (png_uint_32)in->height, depth, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE,
                 PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_set_sRGB(png, info, PNG_sRGB_INTENT_PERCEPTUAL);
    png_write_info(png, info);
    for (int y = 0; y < in->height; y++) {
        pack_row(row, in, y, depth);
        png_write_row(png, row);
    }
    png_write_end(png, info);
    return 0;
}

int write_png(const char *path, const struct picture *in, int depth)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return complain(path, strerror(errno));

    unsigned char *row = malloc((size_t)in->width * 3 * (size_t)depth / 8);
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, (void *)path, png_failed, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int failed = row && info ? encode_png(png, info, file, in, depth, row) : complain(path, "out of memory");

    png_destroy_write_struct(&png, &info);
    free(row);
    return finish(file, path, failed);
}

struct jpeg_failure {
    struct jpeg_error_mgr manager; /* first, for the cast from cinfo->err */
    jmp_buf back;
    const char *path;
};

static void jpeg_failed(j_common_ptr cinfo)
{
    struct jpeg_failure *failure = (struct jpeg_failure *)cinfo->err;
    char what[JMSG_LENGTH_MAX];

    failure->manager.format_message(cinfo, what);
    complain(failure->path, what);
    longjmp(failure->back, 1);
}

static int encode_jpeg(struct jpeg_compress_struct *jpeg, struct jpeg_failure *failure, FILE *file,
                       const struct picture *in, unsigned char *row)
{
    if (setjmp(failure->back))
        return -1;
    jpeg_create_compress(jpeg);
    jpeg_stdio_dest(jpeg, file);
    jpeg->image_width = (JDIMENSION)in->width;
    jpeg->image_height = (JDIMENSION)in->height;
    jpeg->input_components = 3;
    jpeg->in_color_space = JCS_RGB;
    jpeg_set_defaults(jpeg); /* YCbCr, 4:2:0 */
    jpeg_set_quality(jpeg, 90, TRUE);
    jpeg->optimize_coding = TRUE;
    jpeg_start_compress(jpeg, TRUE);
    for (int y = 0; y < in->height; y++) {
        pack_row(row, in, y, 8);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return 0;
}

int write_jpeg(const char *path, const struct picture *in)
{
    FILE *file = fopen(path, "wb");
    if (!file)
        return complain(path, strerror(errno));

    struct jpeg_compress_struct jpeg = {0};
    struct jpeg_failure failure = {.path = path};
    unsigned char *row = malloc((size_t)in->width * 3);

    jpeg.err = jpeg_std_error(&failure.manager);
    failure.manager.error_exit = jpeg_failed;
    int failed = row ? encode_jpeg(&jpeg, &failure, file, in, row) : complain(path, "out of memory");

    jpeg_destroy_compress(&jpeg);
    free(row);
    return finish(file, path, failed);
}
