#include "cli/report/html/thumbnail.h"

#include "cli/report/encode.h"
#include "cli/report/shrink.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- encoded ------------------------------------------------------------------------------------------------------- */

/* What pages show, the best first. PNG has no quality: there the size alone makes it fit. */
static const struct format {
    const char *codec, *type;
    bool lossy;
} formats[] = {{"jpg", "jpeg", true}, {"webp", "webp", true}, {"png", "png", false}, {"bmp", "bmp", false}};

static const struct codec *find_format(const struct format **format)
{
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const struct codec *codec = codec_for_extension(formats[i].codec);
        *format = &formats[i];
        if (codec)
            return codec;
    }
    return NULL;
}

static size_t base64_bytes(size_t n)
{
    return (n + 2) / 3 * 4;
}

static bool fits(const struct report_content *file)
{
    return base64_bytes(file->n) <= THUMBNAIL_BYTES;
}

static char *base64(char *to, const char *file, size_t n)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *from = (const unsigned char *)file;
    for (size_t i = 0; i < n; i += 3) {
        size_t left = n - i;
        unsigned bits =
            (unsigned)from[i] << 16 | (left > 1 ? (unsigned)from[i + 1] << 8 : 0) | (left > 2 ? from[i + 2] : 0);
        *to++ = digit[bits >> 18];
        *to++ = digit[bits >> 12 & 63];
        *to++ = left > 1 ? digit[bits >> 6 & 63] : '=';
        *to++ = left > 2 ? digit[bits & 63] : '=';
    }
    *to = '\0';
    return to;
}

/* The address of the file. */
static bool address(struct thumbnail *to, const struct report_content *file, const char *type, struct why *why)
{
    char head[40];
    size_t n = (size_t)snprintf(head, sizeof head, "data:image/%s;base64,", type);
    to->address = malloc(n + base64_bytes(file->n) + 1);
    if (!to->address)
        return why_memory(why);
    memcpy(to->address, head, n);
    base64(to->address + n, file->data, file->n);
    return true;
}

/* file <- the preview, in place of what it was. */
static bool encode(const struct preview *p, const struct codec *codec, int quality, struct report_content *file,
                   struct why *why)
{
    free(file->data);
    return encode_rgb(p->rgb, p->width, p->height, codec, quality, file, why);
}

/* The qualities that are tried, the best first. */
static const int qualities[] = {85, 78, 70, 62, 54, 46, 38, 30};

enum { QUALITIES = sizeof qualities / sizeof *qualities };

/*
 * file <- the preview at the best of the qualities at which it fits, or at the last. Searched by halves, for each try takes
 * as long as the writing of a picture.
 */
static bool encode_best(const struct preview *p, const struct codec *codec, bool lossy, struct report_content *file,
                        struct why *why)
{
    int begin = 0, end = lossy ? QUALITIES - 1 : 0, tried = -1;
    while (begin < end) {
        tried = (begin + end) / 2;
        if (!encode(p, codec, qualities[tried], file, why))
            return false;
        if (fits(file))
            end = tried;
        else
            begin = tried + 1;
    }
    return tried == end || encode(p, codec, qualities[end], file, why);
}

/* A side for a file that was too long: about as many bytes go to a pixel again. */
static size_t smaller(size_t side, size_t bytes)
{
    double by = sqrt(0.9 * THUMBNAIL_BYTES / (double)base64_bytes(bytes));
    size_t next = (size_t)((double)side * by);
    return next < side ? next : side - 1;
}

bool thumbnail_make(struct thumbnail *to, const struct preview *preview, struct why *why)
{
    const struct format *format;
    const struct codec *codec = find_format(&format);
    struct report_content file = {0};
    size_t longer = preview->width > preview->height ? preview->width : preview->height;
    size_t side = longer < THUMBNAIL_SIDE ? longer : THUMBNAIL_SIDE;
    bool ok = true, done = false;
    *to = (struct thumbnail){0};
    if (!codec || !preview->rgb)
        return true;
    while (ok && !done && side > 0) {
        struct preview small = {0};
        ok = longer == side || shrink(preview, side, &small, why);
        const struct preview *shown = longer == side ? preview : &small;
        ok = ok && encode_best(shown, codec, format->lossy, &file, why);
        done = ok && fits(&file);
        to->width = shown->width;
        to->height = shown->height;
        preview_free(&small);
        side = ok && !done ? smaller(side, file.n) : side;
    }
    ok = ok && (!done || address(to, &file, format->type, why));
    free(file.data);
    return ok;
}

void thumbnail_free(struct thumbnail *thumbnail)
{
    free(thumbnail->address);
    *thumbnail = (struct thumbnail){0};
}
