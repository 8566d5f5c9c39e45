/*
 * The codec floor: what the same libraries take, with the same settings, to decode a picture whole into one buffer of
 * native samples and to encode pixels of its size - with no mathematics in between.
 *
 *     floor FOLDER INPUT PIXELS [INPUT PIXELS]...
 *
 * PIXELS is a picture that the tool wrote for INPUT: normalized pixels compress worse than the input's. It is decoded
 * before the clock starts, and encoded to FOLDER in its own format, a JPEG with its own tables and sampling: what --quality
 * made of them in the tool. Prints the seconds that all pairs took together.
 *
 *     floor --processes N FOLDER INPUT PIXELS [INPUT PIXELS]...
 *
 * The same by N processes side by side, each with its own run of the pairs. Prints the seconds until the last has ended.
 *
 *     floor --decode INPUT...
 *
 * Decodes each input and does nothing with it: the floor of statistics. Prints nothing, for its processor time is taken.
 *
 *     floor --level1 PNG...
 *
 * Prints how many bytes the pictures take when libpng writes them at level 1.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <isa-l/igzip_lib.h>
#include <jpeglib.h>
#include <png.h>

struct image {
    size_t width, height, channels, depth; /* depth: bytes a sample */
    int h, v;                              /* JPEG: sampling of luma, */
    int table[3];                          /* the table of each component, */
    UINT16 quantum[3][DCTSIZE2];           /* and what is in it */
    bool jpeg;
    unsigned char *data;
    size_t size;
};

static void die(const char *what, const char *name)
{
    fprintf(stderr, "floor: %s: %s\n", name, what);
    exit(1);
}

/* One buffer, kept from picture to picture, in huge pages: as cheap as memory gets. */
static void reserve(struct image *image)
{
    size_t size = image->width * image->height * image->channels * image->depth;
    if (size <= image->size)
        return;
    if (image->data)
        munmap(image->data, image->size);
    image->data = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (image->data == MAP_FAILED)
        die("out of memory", "image");
    image->size = size;
#ifdef MADV_POPULATE_WRITE
    madvise(image->data, size, MADV_HUGEPAGE);
    madvise(image->data, size, MADV_POPULATE_WRITE);
#endif
}

static void read_png(FILE *file, struct image *image, const char *name)
{
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png)))
        die("cannot be decoded", name);
    png_init_io(png, file);
    png_read_info(png, info);
    png_set_expand(png);
    if (png_get_bit_depth(png, info) == 16)
        png_set_swap(png);
    png_read_update_info(png, info);
    image->width = png_get_image_width(png, info);
    image->height = png_get_image_height(png, info);
    image->channels = png_get_channels(png, info);
    image->depth = png_get_bit_depth(png, info) / 8u;
    reserve(image);
    for (size_t y = 0; y < image->height; y++)
        png_read_row(png, image->data + y * image->width * image->channels * image->depth, NULL);
    png_read_end(png, NULL);
    png_destroy_read_struct(&png, &info, NULL);
}

/* Rows filtered with Sub, deflated by ISA-L at level 1, in IDAT chunks of 64 KiB. */
static void write_idat(png_structp png, const struct image *image)
{
    static unsigned char out[1 << 16];
    size_t pixel = image->channels * image->depth, bytes = image->width * pixel;
    unsigned char *row = malloc(bytes + 1), *level = malloc(ISAL_DEF_LVL1_DEFAULT);
    struct isal_zstream z;

    if (!row || !level)
        die("out of memory", "png");
    isal_deflate_init(&z);
    z.level = 1;
    z.level_buf = level;
    z.level_buf_size = ISAL_DEF_LVL1_DEFAULT;
    z.gzip_flag = IGZIP_ZLIB;
    z.next_out = out;
    z.avail_out = sizeof out;
    for (size_t y = 0; y < image->height; y++) {
        const unsigned char *in = image->data + y * bytes;
        row[0] = PNG_FILTER_VALUE_SUB;
        for (size_t i = 0; i < bytes; i++)
            row[i + 1] = (unsigned char)(in[i] - (i < pixel ? 0 : in[i - pixel]));
        z.next_in = row;
        z.avail_in = (uint32_t)bytes + 1;
        z.end_of_stream = y + 1 == image->height;
        do {
            isal_deflate(&z);
            if (z.avail_out > 0 && !(z.end_of_stream && z.internal_state.state == ZSTATE_END))
                continue;
            png_write_chunk(png, (png_const_bytep) "IDAT", out, sizeof out - z.avail_out);
            z.next_out = out;
            z.avail_out = sizeof out;
        } while (z.avail_in > 0 || (z.end_of_stream && z.internal_state.state != ZSTATE_END));
    }
    free(row);
    free(level);
}

static void write_png(FILE *file, const struct image *image)
{
    static const int type[] = {0, PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                               PNG_COLOR_TYPE_RGB_ALPHA};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    if (setjmp(png_jmpbuf(png)))
        die("cannot be encoded", "png");
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, (int)image->depth * 8,
                 type[image->channels], 0, 0, 0);
    png_write_info(png, info);
    write_idat(png, image);
    png_write_chunk(png, (png_const_bytep) "IEND", NULL, 0);
    png_destroy_write_struct(&png, &info);
}

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

static void read_jpeg(FILE *file, struct image *image)
{
    struct jpeg_decompress_struct d;
    struct jpeg_error_mgr error;
    d.err = jpeg_std_error(&error);
    jpeg_create_decompress(&d);
    jpeg_stdio_src(&d, file);
    jpeg_read_header(&d, TRUE);
    d.out_color_space = d.num_components == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_start_decompress(&d);
    image->width = d.output_width;
    image->height = d.output_height;
    image->channels = (size_t)d.output_components;
    image->depth = 1;
    image->h = d.comp_info[0].h_samp_factor;
    image->v = d.comp_info[0].v_samp_factor;
    note_tables(&d, image);
    reserve(image);
    while (d.output_scanline < d.output_height) {
        JSAMPROW row[16];
        for (unsigned i = 0; i < 16; i++)
            row[i] = image->data + (size_t)(d.output_scanline + i) * image->width * image->channels;
        jpeg_read_scanlines(&d, row, d.output_height - d.output_scanline < 16 ? d.output_height - d.output_scanline : 16);
    }
    jpeg_finish_decompress(&d);
    jpeg_destroy_decompress(&d);
}

static void write_jpeg(FILE *file, const struct image *image)
{
    struct jpeg_compress_struct c;
    struct jpeg_error_mgr error;
    c.err = jpeg_std_error(&error);
    jpeg_create_compress(&c);
    jpeg_stdio_dest(&c, file);
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
        JSAMPROW row = image->data + (size_t)c.next_scanline * image->width * image->channels;
        jpeg_write_scanlines(&c, &row, 1);
    }
    jpeg_finish_compress(&c);
    jpeg_destroy_compress(&c);
}

static void decode(const char *name, struct image *image)
{
    unsigned char head[2] = {0};
    FILE *file = fopen(name, "rb");
    if (!file || fread(head, 1, 2, file) != 2 || fseek(file, 0, SEEK_SET) != 0)
        die("cannot be read", name);
    setvbuf(file, NULL, _IOFBF, 1 << 16);
    image->jpeg = head[0] == 0xff;
    if (image->jpeg)
        read_jpeg(file, image);
    else
        read_png(file, image, name);
    fclose(file);
}

static void encode(const char *name, const struct image *image)
{
    FILE *file = fopen(name, "wb");
    if (!file)
        die("cannot be written", name);
    setvbuf(file, NULL, _IOFBF, 1 << 18);
    if (image->jpeg)
        write_jpeg(file, image);
    else
        write_png(file, image);
    if (fclose(file) != 0)
        die("cannot be written", name);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void count_bytes(png_structp png, png_bytep data, size_t n)
{
    (void)data;
    *(size_t *)png_get_io_ptr(png) += n;
}

static size_t level1_bytes(const struct image *image)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    size_t bytes = 0;
    if (setjmp(png_jmpbuf(png)))
        die("cannot be encoded", "png");
    png_set_write_fn(png, &bytes, count_bytes, NULL);
    png_set_IHDR(png, info, (png_uint_32)image->width, (png_uint_32)image->height, 8, PNG_COLOR_TYPE_RGB, 0, 0, 0);
    png_set_compression_level(png, 1);
    png_write_info(png, info);
    for (size_t y = 0; y < image->height; y++)
        png_write_row(png, image->data + y * image->width * 3);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return bytes;
}

static int count_level1(char **names)
{
    struct image image = {0};
    size_t bytes = 0;
    for (; *names; names++) {
        decode(*names, &image);
        bytes += level1_bytes(&image);
    }
    printf("%zu\n", bytes);
    return 0;
}

static int decode_all(char **names)
{
    struct image image = {0};
    for (; *names; names++)
        decode(*names, &image);
    return 0;
}

/* A picture to read, and the pixels to write for it. */
struct pair {
    const char *input;
    struct image pixels;
};

static struct pair *load(char **names, int n)
{
    struct pair *pair = calloc((size_t)n, sizeof *pair);
    if (!pair)
        die("out of memory", "arguments");
    for (int i = 0; i < n; i++) {
        pair[i].input = names[2 * i];
        decode(names[2 * i + 1], &pair[i].pixels);
    }
    return pair;
}

static void work(const char *folder, const struct pair *pair, int from, int to)
{
    struct image input = {0};
    for (int i = from; i < to; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%d", folder, i);
        decode(pair[i].input, &input);
        encode(name, &pair[i].pixels);
    }
}

static void work_side_by_side(const char *folder, const struct pair *pair, int n, int processes)
{
    for (int i = 0; i < processes; i++) {
        pid_t child = fork();
        if (child < 0)
            die("cannot be started", "process");
        if (child == 0) {
            work(folder, pair, n * i / processes, n * (i + 1) / processes);
            exit(0);
        }
    }
    for (int i = 0, status; i < processes; i++)
        if (wait(&status) < 0 || status != 0)
            die("failed", "process");
}

int main(int argc, char **argv)
{
    int processes = 0;
    if (argc > 2 && strcmp(argv[1], "--level1") == 0)
        return count_level1(argv + 2);
    if (argc > 2 && strcmp(argv[1], "--decode") == 0)
        return decode_all(argv + 2);
    if (argc > 2 && strcmp(argv[1], "--processes") == 0) {
        processes = atoi(argv[2]);
        argv += 2;
        argc -= 2;
    }
    if (argc < 4 || argc % 2 != 0 || processes < 0)
        die("usage: floor [--processes N] FOLDER INPUT PIXELS [INPUT PIXELS]...", "arguments");
    int n = (argc - 2) / 2;
    struct pair *pair = load(argv + 2, n);
    double start = now();
    if (processes > 0)
        work_side_by_side(argv[1], pair, n, processes);
    else
        work(argv[1], pair, 0, n);
    printf("%.6f\n", now() - start);
    free(pair);
    return 0;
}
