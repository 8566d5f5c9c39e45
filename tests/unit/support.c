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

void fill(float *x, size_t n, float value)
{
    for (size_t i = 0; i < n; i++)
        x[i] = value;
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
    if (offset != m->size && !sink->seekable) {
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
    if (offset > m->size)
        memset(m->bytes + m->size, 0xee, (size_t)offset - m->size);
    if (n > 0)
        memcpy(m->bytes + offset, from, n);
    m->written += n;
    m->size = end > m->size ? end : m->size;
    return true;
}

struct memory_sink memory_sink(bool seekable)
{
    return (struct memory_sink){.sink.write_at = memory_write, .sink.seekable = seekable, .room = SIZE_MAX};
}

/* ---- sRGB -------------------------------------------------------------------------------------------------------- */

double srgb_decoded(double v)
{
    double a = fabs(v);
    return copysign(a <= 0.04045 ? a / 12.92 : pow((a + 0.055) / 1.055, 2.4), v);
}

double srgb_encoded(double v)
{
    double a = fabs(v);
    return copysign(a <= 0.0031308 ? a * 12.92 : 1.055 * pow(a, 1 / 2.4) - 0.055, v);
}

/* ---- moments ---------------------------------------------------------------------------------------------------- */

static long double counts(const float *x, const float *weight, size_t i)
{
    if (!isfinite(x[i]) || (weight && !(weight[i] > 0)))
        return 0;
    return weight ? (long double)weight[i] : 1;
}

struct reference reference(const float *x, const float *weight, size_t n)
{
    struct reference r = {.min = (double)INFINITY, .max = (double)-INFINITY};
    for (size_t i = 0; i < n; i++) {
        long double w = counts(x, weight, i);
        r.skipped += isfinite(x[i]) ? 0 : 1;
        if (w == 0)
            continue;
        r.weight += w;
        r.mean += w * (long double)x[i];
        r.size += w * fabsl((long double)x[i]);
        r.min = (double)x[i] < r.min ? (double)x[i] : r.min;
        r.max = (double)x[i] > r.max ? (double)x[i] : r.max;
    }
    if (r.weight == 0)
        return r;
    r.mean /= r.weight;
    r.size /= r.weight;
    for (size_t i = 0; i < n; i++) {
        long double w = counts(x, weight, i);
        r.m2 += w == 0 ? 0 : w * ((long double)x[i] - r.mean) * ((long double)x[i] - r.mean);
    }
    return r;
}

void require_reference(const struct instnorm_moments *m, const struct reference *r)
{
    long double off = 1e-13L * r->size;
    REQUIRE_NEAR(m->weight, r->weight, 1e-14L);
    REQUIRE_CLOSE(m->mean, r->mean, off);
    REQUIRE_CLOSE(m->m2, r->m2, 1e-12L * r->m2 + r->weight * off * off);
    REQUIRE(m->min == r->min && m->max == r->max, "range %g..%g, not %g..%g", m->min, m->max, r->min, r->max);
    REQUIRE(m->skipped == r->skipped, "skipped %d, not %d", (int)m->skipped, (int)r->skipped);
}

void require_same_moments(const struct instnorm_moments *a, const struct instnorm_moments *b)
{
    REQUIRE(memcmp(a, b, sizeof *a) == 0, "moments differ: mean %.17g, m2 %.17g; mean %.17g, m2 %.17g", a->mean, a->m2,
            b->mean, b->m2);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

size_t image_bytes(const struct picture_info *info)
{
    return info->width * info->height * info->channels * sample_size(info->sample);
}

struct rows image_rows(const struct image *p, size_t y, size_t height)
{
    const struct picture_info *info = &p->info;
    struct rows all = (info->planar ? rows_planar : rows_interleaved)(p->samples, info->sample, info->channels, info->width,
                                                                      info->height);
    return rows_part(&all, y, height);
}

double image_rgba(const struct image *p, size_t i, unsigned c)
{
    unsigned colours = picture_colours(&p->info);
    if (c == 3 && p->info.alpha == ALPHA_NONE)
        return sample_unit(p->info.sample);
    unsigned channel = c == 3 ? colours : colours == 1 ? 0 : c;
    i = p->info.planar ? channel * p->info.width * p->info.height + i : i * p->info.channels + channel;
    return sample_value(p->samples + i * sample_size(p->info.sample), p->info.sample);
}

bool image_read(const struct codec *codec, void *reader, size_t bands, struct image *out, struct why *why)
{
    size_t height, left = out->info.height;
    out->samples = must_alloc(image_bytes(&out->info));
    for (size_t band = 0; left > 0; left -= height, band++) {
        height = bands ? 1 + band % bands : left;
        height = height < left ? height : left;
        struct rows rows = image_rows(out, out->info.height - left, height);
        if (!codec->read(reader, &rows, why)) {
            free(out->samples);
            return false;
        }
    }
    return true;
}

bool image_decode(struct source *source, uint64_t max_pixels, size_t bands, struct image *out, struct why *why)
{
    unsigned char head[16];
    const struct limits limits = {.max_pixels = max_pixels};
    const struct codec *codec = codec_sniff(head, source->read_at(source, head, sizeof head, 0));
    if (!codec)
        return why_set(why, "%s", source->why.text[0] ? source->why.text : "unknown format");
    void *reader = codec->open(source, &limits, why);
    if (!reader)
        return false;
    bool ok = codec->select(reader, 0, &out->info, why) == SELECT_OK && image_read(codec, reader, bands, out, why);
    codec->close(reader);
    return ok;
}

bool image_from(const unsigned char *bytes, size_t size, struct image *out, struct why *why)
{
    struct memory_source m = memory_source(bytes, size);
    return image_decode(&m.source, MAX_PIXELS, 0, out, why);
}

struct image must_decode(const char *name, const unsigned char *bytes, size_t size, size_t bands)
{
    struct memory_source m = memory_source(bytes, size);
    struct image p;
    struct why why = {""};
    REQUIRE(image_decode(&m.source, MAX_PIXELS, bands, &p, &why), "%s: %s", name, why.text);
    REQUIRE(why.text[0] == '\0', "%s: read, but says '%s'", name, why.text);
    return p;
}

void require_refusal(const struct refusal *file)
{
    struct image p;
    struct why why = {""};
    ck_assert(!image_from(file->bytes, file->size, &p, &why));
    ck_assert_msg(strstr(why.text, file->says) != NULL, "'%s', not '%s'", why.text, file->says);
}

void require_same_image(const struct image *got, const struct image *want, const char *what)
{
    const struct picture_info *a = &got->info, *b = &want->info;
    REQUIRE(a->width == b->width && a->height == b->height && a->channels == b->channels && a->sample == b->sample,
            "%s: the headers differ", what);
    REQUIRE(memcmp(got->samples, want->samples, image_bytes(a)) == 0, "%s: the samples differ", what);
}

void require_alike(const struct image *got, const struct image *want, int tolerance, const char *what)
{
    const struct picture_info *a = &got->info, *b = &want->info;
    REQUIRE(a->width == b->width && a->height == b->height, "%s: %zu x %zu, not %zu x %zu", what, a->width, a->height,
            b->width, b->height);
    REQUIRE(a->sample == b->sample, "%s: sample type", what);
    for (size_t i = 0; i < a->width * a->height; i++)
        for (unsigned c = 0; c < 4; c++) {
            double is = image_rgba(got, i, c), was = image_rgba(want, i, c);
            REQUIRE(fabs(is - was) <= tolerance, "%s, %zu x %zu: pixel %zu channel %u is %g, not %g", what, a->width,
                    a->height, i, c, is, was);
        }
}

/* ---- every codec and every kind of picture it writes ------------------------------------------------------------- */

const struct kind picture_kinds[PICTURE_KINDS] = {
    {1, SAMPLE_U8},  {2, SAMPLE_U8},  {3, SAMPLE_U8},  {4, SAMPLE_U8},  {1, SAMPLE_U16}, {2, SAMPLE_U16},  {3, SAMPLE_U16},
    {4, SAMPLE_U16}, {1, SAMPLE_F32}, {2, SAMPLE_F32}, {3, SAMPLE_F32}, {4, SAMPLE_F32}, {3, SAMPLE_BOOL}, {1, SAMPLE_I8},
    {3, SAMPLE_I8},  {1, SAMPLE_I16}, {4, SAMPLE_I16}, {1, SAMPLE_F16}, {3, SAMPLE_F16}, {1, SAMPLE_I32},  {3, SAMPLE_I32},
    {2, SAMPLE_U32}, {3, SAMPLE_U32}, {1, SAMPLE_F64}, {4, SAMPLE_F64},
};

const struct write_options best_quality = {.quality = 100, .compression = -1};

const unsigned char interlaced[INTERLACED] = {
    0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0x00, 0x00, 0x00, 0x0d, 0x49, 0x48, 0x44, 0x52, 0x00, 0x00,
    0x00, 0x08, 0x00, 0x00, 0x00, 0x08, 0x08, 0x00, 0x00, 0x00, 0x01, 0x96, 0x63, 0xd1, 0xc1, 0x00, 0x00, 0x00,
    0x56, 0x49, 0x44, 0x41, 0x54, 0x78, 0xda, 0x05, 0xc1, 0x87, 0x02, 0x42, 0x00, 0x00, 0x05, 0xc0, 0x67, 0xcf,
    0x64, 0x85, 0xec, 0xec, 0x96, 0x55, 0x29, 0x32, 0xfe, 0xff, 0xaf, 0xdc, 0x01, 0xa0, 0x11, 0x67, 0x20, 0x59,
    0x24, 0x05, 0x54, 0xdd, 0xb4, 0xd0, 0xf6, 0xef, 0x01, 0x04, 0xc5, 0x70, 0xd0, 0x8c, 0x93, 0x8d, 0x4b, 0x9a,
    0x97, 0xe8, 0x5e, 0x9f, 0x2f, 0x78, 0x41, 0x94, 0xe4, 0x83, 0x72, 0x84, 0x73, 0x76, 0x3d, 0x3f, 0x08, 0x23,
    0x54, 0xd7, 0xdb, 0xfd, 0xf1, 0xac, 0x1b, 0xfc, 0xc6, 0xe9, 0x3f, 0x2f, 0xeb, 0xb6, 0x03, 0xee, 0x63, 0x07,
    0xe1, 0x24, 0x5f, 0x6e, 0x8f, 0x00, 0x00, 0x00, 0x00, 0x49, 0x45, 0x4e, 0x44, 0xae, 0x42, 0x60, 0x82};

static struct picture_info describe(const struct codec *codec, const struct kind *kind, size_t width, size_t height)
{
    return (struct picture_info){.width = width,
                                 .height = height,
                                 .channels = kind->channels,
                                 .sample = kind->sample,
                                 .alpha = kind->channels % 2 || codec->tensor ? ALPHA_NONE : ALPHA_STRAIGHT,
                                 .planar = codec->tensor,
                                 .dimensions = codec->tensor ? kind->channels == 1 ? 2 : 3 : 0,
                                 .depth = (unsigned)(8 * sample_size(kind->sample)),
                                 .chroma_h = 1,
                                 .chroma_v = 1};
}

struct image make_image(const struct codec *codec, const struct kind *kind, size_t width, size_t height, bool smooth)
{
    struct image p = {.info = describe(codec, kind, width, height)};
    struct random r = {width * 1000 + height};
    size_t size = sample_size(kind->sample), row = width * kind->channels * size, bytes = image_bytes(&p.info);
    p.samples = must_alloc(bytes);
    for (size_t i = 0; i < bytes; i++) {
        size_t x = i % row / kind->channels, y = i / row, c = i % kind->channels;
        p.samples[i] = smooth ? (unsigned char)(20 + 2 * x + 3 * y + 30 * c) : (unsigned char)random_bits(&r);
    }
    if (kind->sample == SAMPLE_F32)
        random_floats(&r, 0, 1, (float *)(void *)p.samples, bytes / sizeof(float));
    for (size_t i = 0; kind->sample == SAMPLE_BOOL && i < bytes; i++)
        p.samples[i] &= 1;
    for (size_t i = 0; (kind->sample == SAMPLE_F16 || kind->sample == SAMPLE_F64) && i < bytes; i += size) {
        double value = random_normal(&r);
        samples_put(&value, 1, kind->sample, p.samples + i);
    }
    return p;
}

bool takes(const struct codec *codec, const struct kind *kind)
{
    struct memory_sink m = memory_sink(true);
    struct why why = {""};
    struct picture_info info = describe(codec, kind, 5, 4);
    void *writer = codec->create(&m.sink, &best_quality, &why);
    REQUIRE(writer, "%s: %s", codec->name, why.text);
    bool taken = codec->begin(writer, &info, &why);
    REQUIRE(taken == (why.text[0] == '\0'), "%s: taken %d, but says '%s'", codec->name, taken, why.text);
    codec->abandon(writer);
    free(m.bytes);
    return taken;
}

bool encode(const struct codec *codec, const struct image *p, size_t bands, struct memory_sink *m, struct why *why)
{
    void *writer = codec->create(&m->sink, &best_quality, why);
    if (!writer)
        return false;
    bool ok = codec->begin(writer, &p->info, why);
    for (size_t y = 0, band = 0, height; ok && y < p->info.height; y += height, band++) {
        height = bands ? 1 + band % bands : p->info.height;
        height = height < p->info.height - y ? height : p->info.height - y;
        struct rows rows = image_rows(p, y, height);
        ok = codec->write(writer, &rows, why);
    }
    if (ok)
        return codec->finish(writer, why);
    codec->abandon(writer);
    return false;
}

struct memory_sink must_encode(const struct codec *codec, const struct image *p, size_t bands, bool seekable)
{
    struct memory_sink m = memory_sink(seekable);
    struct why why = {""};
    REQUIRE(encode(codec, p, bands, &m, &why), "%s, %u channels: %s", codec->name, p->info.channels, why.text);
    REQUIRE(!m.misused && m.size > 0 && why.text[0] == '\0', "%s: sink misused", codec->name);
    REQUIRE(m.written >= m.size, "%s: %zu bytes written of %zu", codec->name, m.written, m.size);
    return m;
}

struct memory_sink sample_file(const struct codec *codec, const struct kind *kind, size_t width, size_t height)
{
    struct image p = make_image(codec, kind, width, height, codec->lossy);
    struct memory_sink m = must_encode(codec, &p, 0, true);
    free(p.samples);
    return m;
}

void each_kind(void (*check)(const struct codec *, const struct kind *))
{
    for (size_t i = 0; codecs[i]; i++)
        for (size_t k = 0; codecs[i]->create && k < PICTURE_KINDS; k++)
            if (takes(codecs[i], &picture_kinds[k]))
                check(codecs[i], &picture_kinds[k]);
}

void each_sample_file(size_t width, size_t height, void (*check)(const struct codec *, const unsigned char *, size_t))
{
    for (size_t i = 0; codecs[i]; i++)
        for (size_t k = 0; codecs[i]->create && k < PICTURE_KINDS; k++)
            if (takes(codecs[i], &picture_kinds[k])) {
                struct memory_sink m = sample_file(codecs[i], &picture_kinds[k], width, height);
                check(codecs[i], m.bytes, m.size);
                free(m.bytes);
            }
    if (codec_named("png"))
        check(codec_named("png"), interlaced, INTERLACED);
}
