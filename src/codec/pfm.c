/*
 * PFM, the portable float map (Debevec, as pfm(5) of Netpbm has it): PF is RGB, Pf grey, float32 of either byte order, rows
 * from the bottom to the top.
 *
 * The sign of the scale in the header is the byte order. Its size says what unit the samples are in, which no two programs
 * agree on: samples are read as they are stored, NaN and infinity too, and written with a scale of 1, low bytes first on
 * every machine.
 */
#include "base/bytes.h"
#include "codec/codec.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES_MAX = 256 };

struct pfm {
    struct source *source;
    struct sink *sink;
    struct write_options options;
    struct picture_info info;
    uint64_t data; /* offset of the first sample, which is of the last row */
    size_t row;
    bool swapped;
};

static size_t row_bytes(const struct pfm *f)
{
    return f->info.width * f->info.channels * sizeof(float);
}

/* The offset of the next `height` rows. */
static uint64_t offset_of(const struct pfm *f, size_t height)
{
    return f->data + (uint64_t)(f->info.height - f->row - height) * row_bytes(f);
}

/* ---- header ------------------------------------------------------------------------------------------------------- */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* The blanks, the word and the one blank behind it; NULL if that is not all there. */
static const char *next_word(const char *at, char word[32])
{
    size_t n = 0;
    while (is_blank(*at))
        at++;
    while (at[n] != '\0' && !is_blank(at[n]) && n < 31)
        n++;
    if (n == 0 || !is_blank(at[n]))
        return NULL;
    memcpy(word, at, n);
    word[n] = '\0';
    return at + n + 1;
}

static bool parse_size(const char *word, size_t *value, struct why *why)
{
    *value = 0;
    if (word[strspn(word, "0123456789")] != '\0')
        return why_set(why, "PFM: expected whole numbers for the size");
    for (const char *s = word; *s; s++) {
        *value = *value * 10 + (size_t)(*s - '0');
        if (*value > UINT32_MAX / 16)
            return why_set(why, "PFM: size %.12s... is too large", word);
    }
    return *value > 0 || why_set(why, "PFM: size 0: a picture has at least one pixel");
}

/* A decimal number that is not 0; read here, as strtod knows infinity, NaN and the locale. */
static bool parse_scale(struct pfm *f, const char *word, struct why *why)
{
    bool negative = *word == '-';
    const char *number = word + (negative || *word == '+');
    size_t whole = strspn(number, "0123456789"), fraction = 0;
    const char *end = number + whole;
    if (*end == '.') {
        fraction = strspn(end + 1, "0123456789");
        end += 1 + fraction;
    }
    bool zero = strspn(number, "0.") >= (size_t)(end - number);
    if ((*end == 'e' || *end == 'E') && end[1] != '\0') {
        end += end[1] == '-' || end[1] == '+' ? 2 : 1;
        end += strspn(end, "0123456789");
    }
    if (whole + fraction == 0 || zero || *end != '\0')
        return why_set(why, "PFM: expected a decimal number other than 0 for the scale");
    f->swapped = negative != machine_is_little();
    return true;
}

/* The file must be exactly as long as the header says: a header that ends in two characters would shift the samples. */
static bool check_length(struct pfm *f, struct why *why)
{
    unsigned char byte;
    if (f->info.width > SIZE_MAX / 64 / f->info.height)
        return why_set(why, "PFM: %zu x %zu pixels do not fit the address space", f->info.width, f->info.height);
    uint64_t end = f->data + (uint64_t)f->info.height * row_bytes(f);
    if (!source_get(f->source, &byte, 1, end - 1, why))
        return false;
    if (f->source->read_at(f->source, &byte, 1, end) == 1)
        return why_set(why, "PFM: more data than %zu x %zu pixels", f->info.width, f->info.height);
    return f->source->why.text[0] == '\0' || why_set(why, "%s", f->source->why.text);
}

static bool read_header(struct pfm *f, struct why *why)
{
    char text[HEADER_BYTES_MAX + 1] = "", width[32], height[32], scale[32];
    size_t n = f->source->read_at(f->source, text, HEADER_BYTES_MAX, 0);
    const char *at = text + 2;
    if (f->source->why.text[0])
        return why_set(why, "%s", f->source->why.text);
    if (!(at = next_word(at, width)) || !(at = next_word(at, height)) || !(at = next_word(at, scale)))
        return why_set(why, n < HEADER_BYTES_MAX ? "truncated" : "PFM: malformed header");
    f->info = (struct picture_info){.channels = text[1] == 'F' ? 3 : 1, .sample = SAMPLE_F32, .unit = 1, .depth = 32};
    f->data = (uint64_t)(at - text);
    return parse_size(width, &f->info.width, why) && parse_size(height, &f->info.height, why) &&
           parse_scale(f, scale, why) && check_length(f, why);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool pfm_sniff(const unsigned char *head, size_t n)
{
    return n >= 3 && head[0] == 'P' && (head[1] == 'F' || head[1] == 'f') && is_blank((char)head[2]);
}

static void *pfm_open(struct source *source, const struct limits *limits, struct why *why)
{
    (void)limits; /* the file itself holds the samples */
    struct pfm *f = codec_new(sizeof *f, why);
    if (!f)
        return NULL;
    f->source = source;
    if (read_header(f, why))
        return f;
    free(f);
    return NULL;
}

static void pfm_close(void *reader)
{
    free(reader);
}

static enum selected pfm_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct pfm *f = reader;
    (void)why;
    if (picture > 0)
        return SELECT_END;
    f->row = 0;
    *info = f->info;
    return SELECT_OK;
}

static void swap_rows(unsigned char *a, unsigned char *b, size_t n)
{
    unsigned char kept[4096];
    for (size_t done = 0; done < n; done += sizeof kept) {
        size_t m = n - done < sizeof kept ? n - done : sizeof kept;
        memcpy(kept, a + done, m);
        memcpy(a + done, b + done, m);
        memcpy(b + done, kept, m);
    }
}

/* The rows are neighbours in the file, in reverse. */
static bool pfm_read(void *reader, const struct rows *rows, struct why *why)
{
    struct pfm *f = reader;
    size_t bytes = row_bytes(f), height = rows->height;
    if (!source_get(f->source, rows->data, height * bytes, offset_of(f, height), why))
        return false;
    for (size_t y = 0; y < height / 2; y++)
        swap_rows(rows->data + y * bytes, rows->data + (height - 1 - y) * bytes, bytes);
    if (f->swapped)
        swap_bytes(rows->data, height * f->info.width * f->info.channels, sizeof(float));
    f->row += height;
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static void *pfm_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct pfm *f = codec_new(sizeof *f, why);
    if (!f)
        return NULL;
    f->sink = sink;
    f->options = *options;
    return f;
}

static bool put(struct pfm *f, const void *from, size_t n, uint64_t offset, struct why *why)
{
    return f->sink->write_at(f->sink, from, n, offset) || why_set(why, "%s", f->sink->why.text);
}

static bool pfm_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct pfm *f = writer;
    char text[HEADER_BYTES_MAX];
    if (info->sample != SAMPLE_F32)
        return codec_refuse_sample(why, "PFM holds floats", "float", info->sample);
    if (info->alpha != ALPHA_NONE || (info->channels != 1 && info->channels != 3))
        return why_set(why, "PFM holds grey or RGB without alpha, not these %u channels", info->channels);
    f->info = *info;
    metadata_drop(info->metadata, &f->options);
    int n = snprintf(text, sizeof text, "P%c\n%zu %zu\n-1.0\n", info->channels == 3 ? 'F' : 'f', info->width, info->height);
    f->data = (uint64_t)n;
    return put(f, text, (size_t)n, 0, why);
}

/* One row, swapped a piece at a time where the machine is not little-endian. */
static bool put_row(struct pfm *f, const unsigned char *row, uint64_t offset, struct why *why)
{
    unsigned char piece[4096];
    if (machine_is_little())
        return put(f, row, row_bytes(f), offset, why);
    for (size_t done = 0; done < row_bytes(f); done += sizeof piece) {
        size_t m = row_bytes(f) - done < sizeof piece ? row_bytes(f) - done : sizeof piece;
        memcpy(piece, row + done, m);
        swap_bytes(piece, m / sizeof(float), sizeof(float));
        if (!put(f, piece, m, offset + done, why))
            return false;
    }
    return true;
}

static bool pfm_write(void *writer, const struct rows *rows, struct why *why)
{
    struct pfm *f = writer;
    for (size_t y = 0; y < rows->height; y++, f->row++)
        if (!put_row(f, rows->data + (ptrdiff_t)y * rows->dy, offset_of(f, 1), why))
            return false;
    return true;
}

static bool pfm_finish(void *writer, struct why *why)
{
    (void)why;
    free(writer);
    return true;
}

static const char *pfm_library(void)
{
    return "built in";
}

const struct codec codec_pfm = {
    .name = "pfm",
    .extensions = " pfm ",
    .seeks = true,
    .raw = true,
    .samples = HOLDS(SAMPLE_F32),
    .sniff = pfm_sniff,
    .open = pfm_open,
    .select = pfm_select,
    .read = pfm_read,
    .close = pfm_close,
    .create = WRITER(pfm_create),
    .begin = WRITER(pfm_begin),
    .write = WRITER(pfm_write),
    .finish = WRITER(pfm_finish),
    .abandon = WRITER(pfm_close),
    .library = pfm_library,
};
