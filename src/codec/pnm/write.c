/*
 * Writing PNM: PGM, PPM or, with alpha, PAM, raw, of 8 or 16 bits, as the picture is: the extension makes no difference.
 * One picture after another, as in a stream of video frames.
 */
#include "base/bytes.h"
#include "codec/pnm/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct writer {
    struct sink *sink;
    struct write_options options;
    struct picture_info info;
    uint64_t offset; /* where the next byte goes */
    unsigned char buffer[1 << 16];
};

void *pnm_write_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = codec_new(sizeof *w, why);
    if (!w)
        return NULL;
    w->sink = sink;
    w->options = *options;
    return w;
}

static bool put(struct writer *w, const void *from, size_t n, struct why *why)
{
    if (!w->sink->write_at(w->sink, from, n, w->offset))
        return why_set(why, "%s", w->sink->why.text);
    w->offset += n;
    return true;
}

static bool put_header(struct writer *w, struct why *why)
{
    char text[160];
    const struct picture_info *info = &w->info;
    unsigned maxval = info->sample == SAMPLE_U16 ? 65535 : 255;
    int n;
    if (info->alpha == ALPHA_NONE)
        n = snprintf(text, sizeof text, "P%c\n%zu %zu\n%u\n", info->channels == 1 ? '5' : '6', info->width, info->height,
                     maxval);
    else
        n = snprintf(text, sizeof text, "P7\nWIDTH %zu\nHEIGHT %zu\nDEPTH %u\nMAXVAL %u\nTUPLTYPE %s_ALPHA\nENDHDR\n",
                     info->width, info->height, info->channels, maxval, info->channels == 2 ? "GRAYSCALE" : "RGB");
    return put(w, text, (size_t)n, why);
}

bool pnm_write_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    unsigned colours = picture_colours(info);
    if (info->sample != SAMPLE_U8 && info->sample != SAMPLE_U16)
        return codec_refuse_sample(why, "PNM holds 8 or 16 bits a sample", "8 or --depth 16", info->sample);
    if ((colours != 1 && colours != 3) || info->alpha == ALPHA_PREMULTIPLIED)
        return why_set(why, "PNM holds grey or RGB with straight alpha, not these %u channels", info->channels);
    w->info = *info;
    metadata_drop(info->metadata, &w->options);
    return put_header(w, why);
}

bool pnm_write_rows(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    size_t bytes = rows->height * rows->width * rows->channels * sample_size(rows->sample);
    if (rows->sample == SAMPLE_U8)
        return put(w, rows->data, bytes, why);
    for (size_t done = 0; done < bytes; done += sizeof w->buffer) {
        size_t n = bytes - done < sizeof w->buffer ? bytes - done : sizeof w->buffer;
        memcpy(w->buffer, rows->data + done, n);
        if (machine_is_little())
            swap_bytes(w->buffer, n / sizeof(uint16_t), sizeof(uint16_t));
        if (!put(w, w->buffer, n, why))
            return false;
    }
    return true;
}

bool pnm_write_finish(void *writer, struct why *why)
{
    (void)why;
    free(writer);
    return true;
}

void pnm_write_abandon(void *writer)
{
    free(writer);
}
