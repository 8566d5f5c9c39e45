#include "cli/report/encode.h"

#include <stdlib.h>
#include <string.h>

struct memory_file {
    struct sink base;
    struct report_content content;
    size_t room;
};

static bool reserve(struct memory_file *m, size_t size)
{
    size_t room = m->room > 0 ? m->room : 4096;
    while (room < size)
        room *= 2;
    char *data = room > m->room ? realloc(m->content.data, room) : m->content.data;
    if (!data)
        return why_memory(&m->base.why);
    m->content.data = data;
    m->room = room;
    return true;
}

/* A gap is filled later. */
static bool write_at(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct memory_file *m = (struct memory_file *)sink;
    size_t end = (size_t)offset + n;
    if (!reserve(m, end))
        return false;
    if (n > 0)
        memcpy(m->content.data + offset, from, n);
    if (end > m->content.n)
        m->content.n = end;
    return true;
}

static bool encode(struct memory_file *to, const struct codec *codec, const struct write_options *options,
                   const struct picture_info *info, const struct rows *rows, struct why *why)
{
    void *writer = codec->create(&to->base, options, why);
    if (!writer)
        return false;
    if (codec->begin(writer, info, why) && codec->write(writer, rows, why))
        return codec->finish(writer, why);
    codec->abandon(writer);
    return false;
}

bool encode_rgb(const unsigned char *rgb, size_t width, size_t height, const struct codec *codec, int quality,
                struct report_content *to, struct why *why)
{
    struct memory_file file = {.base = {.write_at = write_at, .seekable = true}};
    const struct write_options options = {.quality = quality, .compression = -1};
    const struct picture_info info = {
        .width = width, .height = height, .channels = 3, .sample = SAMPLE_U8, .unit = 255, .depth = 8};
    const struct rows rows = rows_interleaved((unsigned char *)rgb, SAMPLE_U8, 3, width, height);
    bool ok = encode(&file, codec, &options, &info, &rows, why);
    if (!ok)
        free(file.content.data);
    *to = ok ? file.content : (struct report_content){0};
    return ok;
}
