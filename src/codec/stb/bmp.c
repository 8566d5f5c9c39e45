/* BMP through stb_image: up to 8 bits a sample, palettes, bit fields and alpha in; 8 bits a sample out. */
#include "codec/stb/picture.h"

#include <string.h>

#include <stb/stb_image_write.h>

static bool bmp_sniff(const unsigned char *head, size_t n)
{
    return n >= 2 && memcmp(head, "BM", 2) == 0;
}

static bool bmp_check(struct stb_reader *reader, struct why *why)
{
    if (!stb_check_bmp(reader->source, reader->limits, &reader->bmp, why))
        return false;
    reader->info = reader->bmp.info;
    reader->budget = reader->info.held;
    return true;
}

/* stb_image widens samples of less than 8 bits by repeating their bits, which is up to 1 off v x 255 / most, rounded. */
static void bmp_widen(unsigned char *pixels, const struct stb_bmp *bmp)
{
    unsigned channels = bmp->info.channels;
    size_t n = bmp->info.width * bmp->info.height * channels;

    for (unsigned c = 0; c < channels; c++) {
        unsigned most = bmp->most[c];
        if (most == 0 || most == 255)
            continue;
        for (size_t i = c; i < n; i += channels) {
            unsigned v = (pixels[i] * most + 127) / 255;
            pixels[i] = (unsigned char)((v * 255 + most / 2) / most);
        }
    }
}

static void *bmp_decode(struct stb_reader *reader, int got[3], struct why *why)
{
    const struct stb_bmp *bmp = &reader->bmp;

    if (!stb_check_bmp_indices(reader->source, bmp, why))
        return NULL;
    stb_feed_start(&reader->feed, reader->source, bmp->head, bmp->head_size, bmp->pixels);
    void *pixels = stb_decode_feed(reader, got, why);
    if (pixels)
        bmp_widen(pixels, bmp);
    return pixels;
}

static void *bmp_open(struct source *source, const struct limits *limits, struct why *why)
{
    return stb_reader_open(source, limits, bmp_check, bmp_decode, why);
}

static int bmp_encode(void *handle)
{
    struct stb_writer *w = handle;

    return stbi_write_bmp_to_func(stb_writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels,
                                  w->pixels);
}

static void *bmp_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return stb_writer_new(sink, options, bmp_encode, why);
}

static bool bmp_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct picture_info wide = *info;
    if (info->channels == 2)
        wide.channels = 4;
    return stb_writer_begin(writer, &wide, "BMP", 8, why);
}

/* Grey with alpha becomes colour: stb_image_write makes that of grey alone. */
static bool bmp_write(void *handle, const struct rows *rows, struct why *why)
{
    struct stb_writer *w = handle;
    if (rows->channels != 2)
        return stb_writer_write(w, rows, why);
    if (rows->height > w->info.height - w->row)
        return why_set(why, "too many rows");
    unsigned char *to = w->pixels + w->row * w->info.width * 4;
    const unsigned char *from = rows->data;
    for (size_t i = 0; i < rows->width * rows->height; i++, to += 4, from += 2) {
        memset(to, from[0], 3);
        to[3] = from[1];
    }
    w->row += rows->height;
    return true;
}

const struct codec codec_stb_bmp = {
    .name = "bmp",
    .extensions = " bmp dib ",
    .samples = SAMPLES_8,
    .keeps = 16,
    .sniff = bmp_sniff,
    .open = bmp_open,
    .select = stb_reader_select,
    .read = stb_reader_read,
    .close = stb_reader_close,
    .create = WRITER(bmp_create),
    .begin = WRITER(bmp_begin),
    .write = WRITER(bmp_write),
    .finish = WRITER(stb_writer_finish),
    .abandon = WRITER(stb_writer_abandon),
    .library = stb_library,
};
