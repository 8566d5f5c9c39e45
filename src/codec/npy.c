/*
 * NPY, the file format of NumPy arrays (numpy.lib.format, versions 1.0 to 3.0): tensors [H,W], [C,H,W] and [N,C,H,W] of
 * bool, integers and floats, of either byte order. Read and written plane by plane.
 *
 * Integers of 64 bits are read as float64. Files are written low bytes first, whatever the machine, so that they are the
 * same everywhere.
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
    enum channel_order order;
    enum integers { INTEGERS_NOT, INTEGERS_SIGNED, INTEGERS_UNSIGNED } integers; /* of 64 bits, which become float64 */
    bool swapped;
    struct metadata metadata; /* its notes */
};

/* By enum sample. */
static const char *const type_code[] = {[SAMPLE_NONE] = "",   [SAMPLE_U8] = "u1",  [SAMPLE_U16] = "u2", [SAMPLE_F32] = "f4",
                                        [SAMPLE_BOOL] = "b1", [SAMPLE_I8] = "i1",  [SAMPLE_I16] = "i2", [SAMPLE_F16] = "f2",
                                        [SAMPLE_I32] = "i4",  [SAMPLE_U32] = "u4", [SAMPLE_F64] = "f8"};

/* ---- samples ------------------------------------------------------------------------------------------------------ */

/* What NumPy takes for true becomes 1. */
static void make_bool(unsigned char *to, size_t n)
{
    for (size_t i = 0; i < n; i++)
        to[i] = to[i] != 0;
}

/* at <- the double that an integer there is. False from 2^53 on: double does not hold each of those. */
static bool make_double(unsigned char *at, enum integers integers, struct why *why)
{
    static const uint64_t most = (uint64_t)1 << 53;
    uint64_t bits;
    memcpy(&bits, at, sizeof bits);
    bool negative = integers == INTEGERS_SIGNED && bits >> 63;
    uint64_t magnitude = negative ? 0 - bits : bits;
    double value = negative ? -(double)magnitude : (double)magnitude;
    memcpy(at, &value, sizeof value);
    return magnitude < most ||
           why_set(why, "NPY: %s %s%llu, expected values below 2^53: save numpy.float64 of it, if rounding does no harm",
                   integers == INTEGERS_SIGNED ? "int64" : "uint64", negative ? "-" : "", (unsigned long long)magnitude);
}

static bool make_doubles(unsigned char *to, size_t n, enum integers integers, struct why *why)
{
    size_t i = 0;
    while (i < n && make_double(to + 8 * i, integers, why))
        i++;
    return i == n;
}

/* out <- samples of another type of floats. */
static void convert(const unsigned char *in, enum sample from, size_t n, enum sample to, unsigned char *out)
{
    size_t in_size = sample_size(from), out_size = sample_size(to);
    for (size_t i = 0; i < n; i++) {
        double value = sample_value(in + i * in_size, from);
        samples_put(&value, 1, to, out + i * out_size);
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
    const char *code = descr + 2;
    bool wide = strncmp(code, "i8'", 3) == 0, wide_unsigned = strncmp(code, "u8'", 3) == 0;
    f->swapped = descr[1] == (machine_is_little() ? '>' : '<');
    f->integers = wide ? INTEGERS_SIGNED : wide_unsigned ? INTEGERS_UNSIGNED : INTEGERS_NOT;
    f->info.sample = f->integers ? SAMPLE_F64 : SAMPLE_NONE;
    for (enum sample i = SAMPLE_U8; i <= SAMPLE_LAST; i++)
        if (strncmp(code, type_code[i], 2) == 0 && code[2] == '\'')
            f->info.sample = i;
    f->info.depth = (unsigned)(8 * sample_size(f->info.sample));
    return f->info.sample != SAMPLE_NONE ||
           why_set(why, "NPY: type %.*s, expected bool, an integer, float16, float32 or float64",
                   (int)(1 + strcspn(descr + 1, "'") + 1), descr);
}

/* Whether the order is that of an array of so many dimensions; one of [H,W] has any. */
static bool check_order(enum channel_order order, size_t dimensions, struct why *why)
{
    if (order == ORDER_HWC && dimensions == 4)
        return why_set(why, "NPY: 4 dimensions, expected [H,W,C]: for [N,H,W,C] use --layout nhwc");
    if (order == ORDER_NHWC && dimensions == 3)
        return why_set(why, "NPY: 3 dimensions, expected [N,H,W,C]: for [H,W,C] use --layout hwc");
    return true;
}

/* dim[n] -> the sizes of a picture. */
static bool take_shape(struct npy *f, const size_t dim[4], size_t n, struct why *why)
{
    bool last = n >= 3 && f->order != ORDER_CHW;
    size_t channels = n < 3 ? 1 : dim[last ? n - 1 : n - 3];
    f->info.width = dim[last ? n - 2 : n - 1];
    f->info.height = dim[last ? n - 3 : n - 2];
    f->info.planar = !last;
    f->info.channels_last = last;
    f->samples = n == 4 ? dim[0] : 1;
    if (channels > UINT32_MAX)
        return why_set(why, "NPY: %zu channels are too many", channels);
    f->info.channels = (unsigned)channels;
    f->info.dimensions = (unsigned)n;
    return check_order(f->order, n, why);
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
    return take_shape(f, dim, n, why);
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
    return source_get(f->source, &last, 1, f->data + samples * sample_size(info->sample) - 1, why);
}

/* Warns of a picture that another program saved as [H,W,C]: it is read as H channels of rows of 3 or 4 samples. */
static void note_shape(struct npy *f)
{
    const struct picture_info *info = &f->info;
    char n[32] = "";
    bool batch = info->dimensions == 4;
    f->info.metadata = &f->metadata;
    if (batch)
        snprintf(n, sizeof n, "%zu,", f->samples);
    if (!info->channels_last && (info->width == 3 || info->width == 4) && info->height >= 16 && info->channels >= 16)
        metadata_note(&f->metadata, NOTE_WARNING,
                      "[%s%u,%zu,%zu] is read as %u channels of %zu x %zu: if it is %s, add --layout %s", n, info->channels,
                      info->height, info->width, info->channels, info->width, info->height, batch ? "[N,H,W,C]" : "[H,W,C]",
                      batch ? "nhwc" : "hwc");
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
    struct npy *f = codec_new(sizeof *f, why);
    if (!f)
        return NULL;
    f->source = source;
    f->order = limits->channel_order; /* the others: see holds_all */
    f->info.unit = 1;
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

/* n samples at `offset` of the file, as they are in memory. */
static bool read_run(struct npy *f, uint64_t offset, size_t n, unsigned char *to, struct why *why)
{
    size_t size = sample_size(f->info.sample);
    if (!source_get(f->source, to, n * size, offset, why))
        return false;
    if (f->swapped)
        swap_bytes(to, n, size);
    if (f->info.sample == SAMPLE_BOOL)
        make_bool(to, n);
    return !f->integers || make_doubles(to, n, f->integers, why);
}

/* How many samples of a row adjoin, and how many runs of them a picture has: its planes, or one. */
static size_t row_samples(const struct npy *f)
{
    return f->info.width * (f->info.channels_last ? f->info.channels : 1);
}

static unsigned planes(const struct npy *f)
{
    return f->info.channels_last ? 1 : f->info.channels;
}

/* The offset of the next row of plane c. */
static uint64_t offset_of(const struct npy *f, size_t c)
{
    uint64_t plane = (uint64_t)f->picture * planes(f) + c;
    return f->data + (plane * f->info.height + f->row) * row_samples(f) * sample_size(f->info.sample);
}

static bool npy_read(void *reader, const struct rows *rows, struct why *why)
{
    struct npy *f = reader;
    for (unsigned c = 0; c < planes(f); c++)
        if (!read_run(f, offset_of(f, c), rows->height * row_samples(f), rows->data + (ptrdiff_t)c * rows->dc, why))
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

/* Whether samples of the picture go into a stack of the type: floats are converted. */
static bool fits(const struct picture_info *info, enum sample sample)
{
    return info->sample == sample || (sample_is_float(info->sample) && sample_is_float(sample));
}

static bool npy_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct npy *f = writer;
    if (f->samples == 0) {
        f->info = f->options.like ? *f->options.like : *info;
        f->info.sample = f->info.stack_type ? f->info.stack_type : f->info.sample;
        f->data = HEADER_BYTES;
    }
    metadata_drop(info->metadata, &f->options);
    if (info->width != f->info.width || info->height != f->info.height || info->channels != f->info.channels ||
        !fits(info, f->info.sample))
        return why_set(why,
                       "stacked pictures must be of one shape and type: expected %s [%u,%zu,%zu] as the first, not %s "
                       "[%u,%zu,%zu]",
                       type_code[f->info.sample], f->info.channels, f->info.height, f->info.width, type_code[info->sample],
                       info->channels, info->height, info->width);
    f->picture = f->samples++;
    f->row = 0;
    return true;
}

static bool put(struct npy *f, const void *from, size_t n, uint64_t offset, struct why *why)
{
    return f->sink->write_at(f->sink, from, n, offset) || why_set(why, "%s", f->sink->why.text);
}

/* n samples of the type `sample`, which may be other floats than those of the file. */
static bool write_run(struct npy *f, const unsigned char *from, enum sample sample, size_t n, uint64_t offset,
                      struct why *why)
{
    size_t size = sample_size(f->info.sample), from_size = sample_size(sample);
    if (sample == f->info.sample && (size == 1 || machine_is_little()))
        return put(f, from, n * size, offset, why);
    for (size_t done = 0; done < n; done += CHUNK) {
        unsigned char chunk[CHUNK * sizeof(double)];
        size_t m = n - done < CHUNK ? n - done : CHUNK;
        if (sample == f->info.sample)
            memcpy(chunk, from + done * size, m * size);
        else
            convert(from + done * from_size, sample, m, f->info.sample, chunk);
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
    for (unsigned c = 0; c < planes(f); c++)
        if (!write_run(f, rows->data + (ptrdiff_t)c * rows->dc, rows->sample, rows->height * row_samples(f),
                       offset_of(f, c), why))
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
    if (dimensions >= 3 && !info->channels_last)
        n += (size_t)snprintf(shape + n, sizeof shape - n, "%u, ", info->channels);
    n += (size_t)snprintf(shape + n, sizeof shape - n, "%zu, %zu", info->height, info->width);
    if (dimensions >= 3 && info->channels_last)
        snprintf(shape + n, sizeof shape - n, ", %u", info->channels);
    int used =
        snprintf(header, sizeof header, "%cNUMPY%c%c%c%c{'descr': '%c%s', 'fortran_order': False, 'shape': (%s), }", 0x93,
                 1, 0, HEADER_BYTES - 10, 0, sample_size(info->sample) == 1 ? '|' : '<', type_code[info->sample], shape);
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
    .samples = SAMPLES_ALL,
    .sniff = npy_sniff,
    .open = npy_open,
    .select = npy_select,
    .read = npy_read,
    .close = npy_close,
    .create = WRITER(npy_create),
    .begin = WRITER(npy_begin),
    .write = WRITER(npy_write),
    .finish = WRITER(npy_finish),
    .abandon = WRITER(npy_close),
    .library = npy_library,
};
