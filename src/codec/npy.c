/*
 * NPY, the file format of NumPy arrays (numpy.lib.format, versions 1.0 to 3.0): tensors [H,W], [C,H,W] and [N,C,H,W] of
 * float16, float32, float64, uint8 and uint16, of either byte order. Read and written plane by plane.
 *
 * float16 and float64 are float32 in memory: the first exactly, the second rounded. Files are written low bytes first,
 * whatever the machine, so that they are the same everywhere.
 */
#include "base/bytes.h"
#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEADER_BYTES = 128,       /* what we write; NumPy asks for a multiple of 64 */
    HEADER_BYTES_MAX = 65536, /* what we read */
    CHUNK = 4096              /* samples converted at a time */
};

struct npy {
    struct source *source;
    struct sink *sink;
    struct write_options options;
    uint64_t data; /* offset of the first sample */
    struct picture_info info;
    size_t samples; /* N: pictures in the file, or written so far */
    size_t picture, row;
    enum stored stored;
    bool swapped;
    struct metadata metadata; /* its notes */
};

static size_t stored_size(enum stored stored)
{
    static const unsigned char size[] = {
        [STORED_U8] = 1, [STORED_U16] = 2, [STORED_F16] = 2, [STORED_F32] = 4, [STORED_F64] = 8};
    return size[stored];
}

static const char *const type_code[] = {
    [STORED_U8] = "u1", [STORED_U16] = "u2", [STORED_F16] = "f2", [STORED_F32] = "f4", [STORED_F64] = "f8"};

/* ---- samples ------------------------------------------------------------------------------------------------------ */

/* IEEE 754 binary16: 1 sign, 5 exponent, 10 fraction bits. Exact. */
static float from_half(uint16_t half)
{
    uint32_t sign = (uint32_t)(half & 0x8000u) << 16, exponent = half >> 10 & 31u, fraction = half & 1023u, bits;
    float value;
    if (exponent == 0) {
        value = (float)fraction * 0x1p-24f;
        memcpy(&bits, &value, sizeof bits);
        bits |= sign;
    } else {
        bits = sign | (exponent == 31 ? 255u : exponent + 112u) << 23 | fraction << 13;
    }
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* Rounded half to even; beyond the range, infinity. */
static uint16_t to_half(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    if (magnitude > 0x7f800000u)
        return (uint16_t)(sign | 0x7e00u);
    if (magnitude >= 0x477ff000u) /* 65520: half way to the first number that is too large */
        return (uint16_t)(sign | 0x7c00u);
    if (magnitude < 0x38800000u) { /* below 2^-14 a step is 2^-24: adding 0.5 leaves the rounded count of them */
        float steps;
        memcpy(&steps, &magnitude, sizeof steps);
        steps += 0.5f;
        memcpy(&magnitude, &steps, sizeof magnitude);
        return (uint16_t)(sign | (magnitude - 0x3f000000u));
    }
    magnitude += 0xfffu + (magnitude >> 13 & 1u); /* half to even */
    return (uint16_t)(sign | (magnitude - 0x38000000u) >> 13);
}

static void widen(const unsigned char *in, size_t n, enum stored stored, float *out)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t half;
        double wide;
        if (stored == STORED_F16) {
            memcpy(&half, in + 2 * i, sizeof half);
            out[i] = from_half(half);
        } else {
            memcpy(&wide, in + 8 * i, sizeof wide);
            out[i] = (float)wide;
        }
    }
}

static void narrow(const float *in, size_t n, enum stored stored, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        uint16_t half = to_half(in[i]);
        double wide = (double)in[i];
        if (stored == STORED_F16)
            memcpy(out + 2 * i, &half, sizeof half);
        else
            memcpy(out + 8 * i, &wide, sizeof wide);
    }
}

/* ---- header ------------------------------------------------------------------------------------------------------- */

static const char *skip_blanks(const char *s)
{
    return s + strspn(s, " \n");
}

/* The text behind 'key': in the dictionary, NULL if the key is missing. */
static const char *value_of(const char *header, const char *key)
{
    const char *at = strstr(header, key);
    if (!at)
        return NULL;
    at = skip_blanks(at + strlen(key));
    return *at == ':' ? skip_blanks(at + 1) : NULL;
}

static bool parse_type(struct npy *f, const char *descr, struct why *why)
{
    if (!descr || *descr != '\'' || descr[1] == '\0' || !strchr("<>|=", descr[1]))
        return why_set(why, "NPY: expected an array of one number type");
    for (enum stored i = STORED_U8; i <= STORED_F64; i++)
        if (strncmp(descr + 2, type_code[i], 2) == 0 && descr[4] == '\'') {
            f->stored = i;
            f->info.sample = i == STORED_U8 ? SAMPLE_U8 : i == STORED_U16 ? SAMPLE_U16 : SAMPLE_F32;
            f->info.stored = f->stored;
            f->info.depth = (unsigned)(8 * stored_size(f->stored));
            f->swapped = descr[1] == (machine_is_little() ? '>' : '<');
            return true;
        }
    return why_set(why, "NPY: type %.*s, expected float16, float32, float64, uint8 or uint16",
                   (int)(1 + strcspn(descr + 1, "'") + 1), descr);
}

/* (2, 3, 4): at most four dimensions, none of them 0. */
static bool parse_shape(struct npy *f, const char *shape, struct why *why)
{
    size_t dim[4] = {0}, n = 0, total = 1;
    if (!shape || *shape != '(')
        return why_set(why, "NPY: header without a shape");
    for (shape = skip_blanks(shape + 1); *shape >= '0' && *shape <= '9'; n++) {
        char *end;
        unsigned long long value = strtoull(shape, &end, 10);
        if (n == 4)
            return why_set(why, "NPY: more than 4 dimensions, expected [H,W], [C,H,W] or [N,C,H,W]");
        if (value == 0 || value > SIZE_MAX / 16 / total)
            return why_set(why, "NPY: dimension %llu, expected one above 0 and an array that fits the address space",
                           value);
        dim[n] = (size_t)value;
        total *= dim[n];
        shape = skip_blanks(end);
        shape = skip_blanks(shape + (*shape == ','));
    }
    if (*shape != ')')
        return why_set(why, "NPY: malformed shape");
    if (n < 2)
        return why_set(why, "NPY: %zu dimension%s, expected [H,W], [C,H,W] or [N,C,H,W]", n, n == 1 ? "" : "s");
    f->info.width = dim[n - 1];
    f->info.height = dim[n - 2];
    f->samples = n == 4 ? dim[0] : 1;
    size_t channels = n >= 3 ? dim[n - 3] : 1;
    if (channels > UINT32_MAX)
        return why_set(why, "NPY: %zu channels are too many", channels);
    f->info.channels = (unsigned)channels;
    f->info.dimensions = (unsigned)n;
    return true;
}

static bool parse_header(struct npy *f, const char *header, struct why *why)
{
    const char *order = value_of(header, "'fortran_order'");
    if (!order || (strncmp(order, "False", 5) != 0 && strncmp(order, "True", 4) != 0))
        return why_set(why, "NPY: malformed header");
    if (*order == 'T')
        return why_set(why, "NPY: Fortran order is not supported: save numpy.ascontiguousarray of it");
    return parse_type(f, value_of(header, "'descr'"), why) && parse_shape(f, value_of(header, "'shape'"), why);
}

static bool read_header(struct npy *f, struct why *why)
{
    unsigned char head[12];
    if (!source_get(f->source, head, sizeof head, 0, why))
        return false;
    bool first = head[6] == 1;
    size_t start = first ? 10 : 12;
    size_t n = first ? get_le16(head + 8) : get_le32(head + 8);
    if (head[6] < 1 || head[6] > 3)
        return why_set(why, "NPY: version %d, expected 1 to 3", head[6]);
    if (n > HEADER_BYTES_MAX)
        return why_set(why, "NPY: header of %zu bytes, expected at most %d", n, HEADER_BYTES_MAX);
    char *text = calloc(n + 1, 1);
    if (!text)
        return why_memory(why);
    bool ok = source_get(f->source, text, n, start, why) && parse_header(f, text, why);
    free(text);
    f->data = start + n;
    return ok;
}

/* The file is the limit: nothing of the array's size is allocated unless its last byte is there. */
static bool holds_all(const struct npy *f, struct why *why)
{
    const struct picture_info *info = &f->info;
    uint64_t samples = (uint64_t)f->samples * info->channels * info->height * info->width;
    unsigned char last;
    return source_get(f->source, &last, 1, f->data + samples * stored_size(f->stored) - 1, why);
}

/* Warns of a picture that another program saved as [H,W,C]: it is read as H channels of rows of 3 or 4 samples. */
static void note_shape(struct npy *f)
{
    const struct picture_info *info = &f->info;
    f->info.metadata = &f->metadata;
    if ((info->width == 3 || info->width == 4) && info->height >= 16 && info->channels >= 16)
        metadata_note(&f->metadata, NOTE_WARNING,
                      "%u channels of %zu x %zu: if it is [H,W,C], save numpy.moveaxis(a, -1, -3)", info->channels,
                      info->width, info->height);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool npy_sniff(const unsigned char *head, size_t n)
{
    return n >= 8 && memcmp(head, "\x93NUMPY", 6) == 0;
}

static void npy_close(void *handle)
{
    struct npy *f = handle;
    metadata_clear(&f->metadata);
    free(f);
}

static void *npy_open(struct source *source, const struct limits *limits, struct why *why)
{
    (void)limits; /* see holds_all */
    struct npy *f = codec_new(sizeof *f, why);
    if (!f)
        return NULL;
    f->source = source;
    f->info.unit = 1;
    f->info.planar = true;
    if (read_header(f, why) && holds_all(f, why)) {
        note_shape(f);
        return f;
    }
    free(f);
    return NULL;
}

static enum selected npy_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct npy *f = reader;
    (void)why;
    if (picture >= f->samples)
        return SELECT_END;
    f->picture = picture;
    f->row = 0;
    *info = f->info;
    return SELECT_OK;
}

/* n samples at `offset` of the file, into the type they have in memory. */
static bool read_run(struct npy *f, uint64_t offset, size_t n, unsigned char *to, struct why *why)
{
    size_t size = stored_size(f->stored);
    if (f->stored != STORED_F16 && f->stored != STORED_F64) {
        if (!source_get(f->source, to, n * size, offset, why))
            return false;
        if (f->swapped)
            swap_bytes(to, n, size);
        return true;
    }
    for (size_t done = 0; done < n; done += CHUNK) {
        unsigned char chunk[CHUNK * 8];
        size_t m = n - done < CHUNK ? n - done : CHUNK;
        if (!source_get(f->source, chunk, m * size, offset + done * size, why))
            return false;
        if (f->swapped)
            swap_bytes(chunk, m, size);
        widen(chunk, m, f->stored, (float *)(void *)to + done);
    }
    return true;
}

/* The offset of the next row of channel c. */
static uint64_t offset_of(const struct npy *f, size_t c)
{
    uint64_t plane = (uint64_t)f->picture * f->info.channels + c;
    return f->data + (plane * f->info.height + f->row) * f->info.width * stored_size(f->stored);
}

static bool npy_read(void *reader, const struct rows *rows, struct why *why)
{
    struct npy *f = reader;
    for (unsigned c = 0; c < rows->channels; c++)
        if (!read_run(f, offset_of(f, c), rows->height * rows->width, rows->data + (ptrdiff_t)c * rows->dc, why))
            return false;
    f->row += rows->height;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void *npy_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct npy *f = codec_new(sizeof *f, why);
    if (!f)
        return NULL;
    f->sink = sink;
    f->options = *options;
    return f;
}

static enum stored stored_as(const struct picture_info *info)
{
    return info->sample == SAMPLE_U8 ? STORED_U8 : info->sample == SAMPLE_U16 ? STORED_U16 : info->stored;
}

static bool npy_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct npy *f = writer;
    enum stored stored = stored_as(info);
    if (f->samples == 0) {
        f->info = *info;
        f->stored = stored;
        f->data = HEADER_BYTES;
    }
    metadata_drop(info->metadata, &f->options);
    if (info->width != f->info.width || info->height != f->info.height || info->channels != f->info.channels ||
        stored != f->stored)
        return why_set(why,
                       "stacked pictures must be of one shape and type: expected %s [%u,%zu,%zu] as the first, not %s "
                       "[%u,%zu,%zu]",
                       type_code[f->stored], f->info.channels, f->info.height, f->info.width, type_code[stored],
                       info->channels, info->height, info->width);
    f->picture = f->samples++;
    f->row = 0;
    return true;
}

static bool put(struct npy *f, const void *from, size_t n, uint64_t offset, struct why *why)
{
    return f->sink->write_at(f->sink, from, n, offset) || why_set(why, "%s", f->sink->why.text);
}

static bool write_run(struct npy *f, const unsigned char *from, size_t n, uint64_t offset, struct why *why)
{
    size_t size = stored_size(f->stored);
    bool narrowed = f->stored == STORED_F16 || f->stored == STORED_F64;
    if (!narrowed && (size == 1 || machine_is_little()))
        return put(f, from, n * size, offset, why);
    for (size_t done = 0; done < n; done += CHUNK) {
        unsigned char chunk[CHUNK * 8];
        size_t m = n - done < CHUNK ? n - done : CHUNK;
        if (narrowed)
            narrow((const float *)(const void *)from + done, m, f->stored, chunk);
        else
            memcpy(chunk, from + done * size, m * size);
        if (!machine_is_little())
            swap_bytes(chunk, m, size);
        if (!put(f, chunk, m * size, offset + done * size, why))
            return false;
    }
    return true;
}

static bool npy_write(void *writer, const struct rows *rows, struct why *why)
{
    struct npy *f = writer;
    for (unsigned c = 0; c < rows->channels; c++)
        if (!write_run(f, rows->data + (ptrdiff_t)c * rows->dc, rows->height * rows->width, offset_of(f, c), why))
            return false;
    f->row += rows->height;
    return true;
}

/* The header says how many pictures there are, and so is written last. */
static bool write_header(struct npy *f, struct why *why)
{
    char header[HEADER_BYTES + 1], shape[96];
    const struct picture_info *info = &f->info;
    unsigned dimensions = f->samples > 1 ? 4 : info->dimensions;

    size_t n = 0;
    if (dimensions == 4)
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%zu, ", f->samples);
    if (dimensions >= 3)
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%u, ", info->channels);
    snprintf(shape + n, sizeof shape - n, "%zu, %zu", info->height, info->width);
    int used =
        snprintf(header, sizeof header, "%cNUMPY%c%c%c%c{'descr': '%c%s', 'fortran_order': False, 'shape': (%s), }", 0x93,
                 1, 0, HEADER_BYTES - 10, 0, stored_size(f->stored) == 1 ? '|' : '<', type_code[f->stored], shape);
    memset(header + used, ' ', (size_t)(HEADER_BYTES - used));
    header[HEADER_BYTES - 1] = '\n';
    return put(f, header, HEADER_BYTES, 0, why);
}

static bool npy_finish(void *writer, struct why *why)
{
    bool ok = write_header(writer, why);
    free(writer);
    return ok;
}

static const char *npy_library(void)
{
    return "built in";
}

const struct codec codec_npy = {
    .name = "npy",
    .extensions = " npy ",
    .many = true,
    .raw = true,
    .any_channels = true,
    .tensor = true,
    .seeks = true,
    .floats = true,
    .sniff = npy_sniff,
    .open = npy_open,
    .select = npy_select,
    .read = npy_read,
    .close = npy_close,
    .create = npy_create,
    .begin = npy_begin,
    .write = npy_write,
    .finish = npy_finish,
    .abandon = npy_close,
    .library = npy_library,
};
