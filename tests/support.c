/* What the tests share. */
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *must_alloc(size_t n)
{
    void *p = malloc(n ? n : 1);
    if (!p)
        ck_abort_msg("out of memory");
    return p;
}

uint64_t random_bits(struct random *r)
{
    uint64_t z = r->state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

double random_unit(struct random *r)
{
    return (double)(random_bits(r) >> 11) * 0x1p-53;
}

size_t random_below(struct random *r, size_t limit)
{
    return (size_t)(random_bits(r) % limit);
}

double random_normal(struct random *r)
{
    double sum = -6;
    for (int i = 0; i < 12; i++)
        sum += random_unit(r);
    return sum;
}

void random_floats(struct random *r, double mean, double deviation, float *x, size_t n)
{
    for (size_t i = 0; i < n; i++)
        x[i] = (float)(mean + deviation * random_normal(r));
}

unsigned char *load_file(const char *path, size_t *size)
{
    FILE *f = fopen(path, "rb");
    unsigned char *bytes = NULL;
    long length;

    if (!f)
        return NULL;
    if (fseek(f, 0, SEEK_END) == 0 && (length = ftell(f)) >= 0 && fseek(f, 0, SEEK_SET) == 0) {
        *size = (size_t)length;
        bytes = must_alloc(*size);
        if (fread(bytes, 1, *size, f) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(f);
    return bytes;
}

static size_t memory_read(struct source *source, void *to, size_t n, uint64_t offset)
{
    struct memory_source *m = (struct memory_source *)source;

    if (offset >= m->size || n == 0)
        return 0;
    size_t left = m->size - (size_t)offset;
    if (n > left)
        n = left;
    if (offset + n > m->broken) {
        why_set(&source->why, "broken on purpose");
        n = m->broken > offset ? (size_t)(m->broken - offset) : 0;
    }
    memcpy(to, m->bytes + offset, n);
    return n;
}

struct memory_source memory_source(const unsigned char *bytes, size_t size)
{
    return (struct memory_source){.source.read_at = memory_read, .bytes = bytes, .size = size, .broken = UINT64_MAX};
}

static bool memory_write(struct sink *sink, const void *from, size_t n, uint64_t offset)
{
    struct memory_sink *m = (struct memory_sink *)sink;

    if (sink->why.text[0])
        return false;
    if (offset > m->size || (offset < m->size && !sink->seekable)) {
        m->misused = true;
        return why_set(&sink->why, "misused");
    }
    size_t end = (size_t)offset + n;
    if (end > m->room)
        return why_set(&sink->why, "full on purpose");
    if (end > m->capacity) {
        size_t capacity = end + m->capacity + 4096;
        unsigned char *bytes = realloc(m->bytes, capacity);
        if (!bytes)
            return why_memory(&sink->why);
        m->bytes = bytes;
        m->capacity = capacity;
    }
    if (n > 0)
        memcpy(m->bytes + offset, from, n);
    m->size = end > m->size ? end : m->size;
    return true;
}

struct memory_sink memory_sink(bool seekable)
{
    return (struct memory_sink){.sink.write_at = memory_write, .sink.seekable = seekable, .room = SIZE_MAX};
}

size_t picture_bytes(const struct picture_info *info)
{
    return info->width * info->height * info->channels * sample_size(info->sample);
}

struct rows picture_rows(const struct picture *p, size_t y, size_t height)
{
    struct rows all = rows_interleaved(p->samples, p->info.sample, p->info.channels, p->info.width, p->info.height);
    return rows_part(&all, y, height);
}

unsigned picture_rgba(const struct picture *p, size_t i, unsigned c)
{
    unsigned colours = picture_colours(&p->info), full = p->info.sample == SAMPLE_U16 ? 65535 : 255;
    uint16_t wide;

    if (c == 3 && p->info.alpha == ALPHA_NONE)
        return full;
    i = i * p->info.channels + (c == 3 ? colours : colours == 1 ? 0 : c);
    if (p->info.sample == SAMPLE_U8)
        return p->samples[i];
    memcpy(&wide, p->samples + i * sizeof wide, sizeof wide);
    return wide;
}

bool picture_read(const struct codec *codec, void *reader, size_t bands, struct picture *out, struct why *why)
{
    size_t height, left = out->info.height;
    out->samples = must_alloc(picture_bytes(&out->info));
    for (size_t band = 0; left > 0; left -= height, band++) {
        height = bands ? 1 + band % bands : left;
        height = height < left ? height : left;
        struct rows rows = picture_rows(out, out->info.height - left, height);
        if (!codec->read(reader, &rows, why)) {
            free(out->samples);
            return false;
        }
    }
    return true;
}

bool picture_decode(struct source *source, uint64_t max_pixels, size_t bands, struct picture *out, struct why *why)
{
    unsigned char head[16];
    const struct limits limits = {max_pixels};
    const struct codec *codec = codec_sniff(head, source->read_at(source, head, sizeof head, 0));
    if (!codec)
        return why_set(why, "%s", source->why.text[0] ? source->why.text : "unknown format");
    void *reader = codec->open(source, &limits, why);
    if (!reader)
        return false;
    bool ok = codec->select(reader, 0, &out->info, why) == SELECT_OK && picture_read(codec, reader, bands, out, why);
    codec->close(reader);
    return ok;
}

bool picture_from(const unsigned char *bytes, size_t size, struct picture *out, struct why *why)
{
    struct memory_source m = memory_source(bytes, size);
    return picture_decode(&m.source, 1 << 22, 0, out, why);
}
