/* JPEG through stb_image, where libjpeg is left out. */
#include "codec/stb/picture.h"

#include <string.h>

#include <stb/stb_image_write.h>

static bool jpeg_sniff(const unsigned char *head, size_t n)
{
    return n >= 2 && memcmp(head, "\xff\xd8", 2) == 0 && (n < 3 || head[2] == 0xff);
}

/* stb_image holds planes padded to blocks of up to 32 x 32, with 2-byte coefficients if progressive, and the picture. */
static bool jpeg_check(struct stb_reader *reader, struct why *why)
{
    struct picture_info *info = &reader->info;

    stb_feed_start(&reader->feed, reader->source, NULL, 0, 0);
    if (!stb_check_jpeg(&reader->feed, reader->limits, false, info, why))
        return false;
    reader->budget = (uint64_t)4 * (info->width + 32) * (info->height + 32) * info->channels;
    return true;
}

static void *jpeg_decode(struct stb_reader *reader, int got[3], struct why *why)
{
    struct picture_info info;

    stb_feed_start(&reader->feed, reader->source, NULL, 0, 0);
    if (!stb_check_jpeg(&reader->feed, reader->limits, true, &info, why))
        return NULL;
    stb_feed_start(&reader->feed, reader->source, NULL, 0, 0);
    return stb_decode_feed(reader, got, why);
}

static void *jpeg_open(struct source *source, const struct limits *limits, struct why *why)
{
    return stb_reader_open(source, limits, jpeg_check, jpeg_decode, why);
}

static int jpeg_encode(void *handle)
{
    struct stb_writer *w = handle;

    return stbi_write_jpg_to_func(stb_writer_put, w, (int)w->info.width, (int)w->info.height, (int)w->info.channels,
                                  w->pixels, write_quality(&w->options));
}

static void *jpeg_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    return stb_writer_new(sink, options, jpeg_encode, why);
}

static bool jpeg_begin(void *writer, const struct picture_info *info, struct why *why)
{
    if (info->alpha != ALPHA_NONE)
        return why_set(why, "JPEG cannot hold an alpha channel: write PNG instead, or add --rgb");
    if (info->width > 65535 || info->height > 65535)
        return why_set(why, "%zu x %zu pixels: the limit of JPEG is 65535 along an axis", info->width, info->height);
    return stb_writer_begin(writer, info, "JPEG", 8, why);
}

const struct codec codec_stb_jpeg = {
    .name = "jpeg",
    .extensions = " jpg jpeg ",
    .samples = SAMPLES_8,
    .lossy = true,
    .keeps = 16,
    .sniff = jpeg_sniff,
    .open = jpeg_open,
    .select = stb_reader_select,
    .read = stb_reader_read,
    .close = stb_reader_close,
    .create = WRITER(jpeg_create),
    .begin = WRITER(jpeg_begin),
    .write = WRITER(stb_writer_write),
    .finish = WRITER(stb_writer_finish),
    .abandon = WRITER(stb_writer_abandon),
    .library = stb_library,
};
