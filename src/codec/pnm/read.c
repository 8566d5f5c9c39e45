/*
 * PNM, the formats of Netpbm: PBM, PGM and PPM, plain (P1 to P3) and raw (P4 to P6), and PAM (P7), as pbm(5), pgm(5),
 * ppm(5) and pam(5) have them and libnetpbm reads them. Pictures may follow one another, as in a stream of video frames.
 *
 * Samples are scaled from 0..maxval to 0..255, or to 0..65535 where maxval is above 255. A header can only claim as many
 * samples as the file is long, so that nothing else limits the size.
 */
#include "base/bytes.h"
#include "codec/pnm/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINE_BYTES = 128, END = -1 };

struct pnm {
    struct source *source;
    struct picture_info info;
    char kind; /* the digit behind the P */
    unsigned maxval;
    size_t picture, row; /* the picture selected, if any, and its next row */
    bool selected;       /* `picture` and what is said of it hold */
    uint64_t data;       /* where its raster is */
    uint64_t offset;     /* of what follows the buffer */
    size_t next, n;      /* the bytes in the buffer that were not taken yet */
    unsigned char buffer[1 << 16];
};

/* ---- bytes -------------------------------------------------------------------------------------------------------- */

static void seek(struct pnm *f, uint64_t to)
{
    f->offset = to;
    f->next = f->n = 0;
}

static uint64_t position(const struct pnm *f)
{
    return f->offset - (f->n - f->next);
}

/* The next byte; END at the end of the file, and where the source fails. */
static int get(struct pnm *f)
{
    if (f->next == f->n) {
        f->n = f->source->read_at(f->source, f->buffer, sizeof f->buffer, f->offset);
        f->next = 0;
        f->offset += f->n;
    }
    return f->next < f->n ? f->buffer[f->next++] : END;
}

/* A comment counts as the end of its line. */
static int get_beside_comments(struct pnm *f)
{
    int c = get(f);
    if (c == '#')
        while (c != '\n' && c != '\r' && c != END)
            c = get(f);
    return c;
}

static bool is_blank(int c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(int c)
{
    return c >= '0' && c <= '9';
}

static bool cut_short(const struct pnm *f, struct why *why)
{
    return why_set(why, "%s", f->source->why.text[0] ? f->source->why.text : "truncated");
}

static bool malformed(const struct pnm *f, int c, const char *expected, struct why *why)
{
    return c == END ? cut_short(f, why) : why_set(why, "PNM: expected %s, not the character %d", expected, c);
}

/* A number of at most `most`, which is no more than 32 bits, and the blank behind it: without one it could be cut short. */
static bool get_number(struct pnm *f, const char *what, uint64_t most, uint64_t *value, struct why *why)
{
    int c = get_beside_comments(f);
    while (is_blank(c))
        c = get_beside_comments(f);
    if (!is_digit(c))
        return malformed(f, c, what, why);
    for (*value = 0; is_digit(c); c = get_beside_comments(f)) {
        *value = *value * 10 + (uint64_t)(c - '0');
        if (*value > most)
            return why_set(why, "PNM: %s above %llu", what, (unsigned long long)most);
    }
    return is_blank(c) || malformed(f, c, "a blank after a number", why);
}

/* ---- headers ------------------------------------------------------------------------------------------------------ */

struct header {
    uint64_t width, height, channels, maxval; /* 0 = not known yet */
    bool ended;
    char tuple[LINE_BYTES];
};

static bool pnm_sniff(const unsigned char *head, size_t n)
{
    return n >= 3 && head[0] == 'P' && head[1] >= '1' && head[1] <= '7' && (is_blank(head[2]) || head[2] == '#');
}

static bool get_old_header(struct pnm *f, struct header *h, struct why *why)
{
    bool bits = f->kind == '1' || f->kind == '4';
    h->channels = f->kind == '3' || f->kind == '6' ? 3 : 1;
    h->maxval = 1;
    return get_number(f, "a width", UINT32_MAX, &h->width, why) && get_number(f, "a height", UINT32_MAX, &h->height, why) &&
           (bits || get_number(f, "a maxval", 65535, &h->maxval, why));
}

/* A line of PAM's header without what ends it. Those that begin with # are comments of any length, and come out empty. */
static bool get_line(struct pnm *f, char line[LINE_BYTES], struct why *why)
{
    size_t n = 0;
    int c = get(f);
    bool comment = c == '#';
    for (; c != '\n'; c = get(f)) {
        if (c == END)
            return cut_short(f, why);
        if (!comment && n + 1 == LINE_BYTES)
            return why_set(why, "PAM: line of more than %d characters in the header", LINE_BYTES - 1);
        if (!comment)
            line[n++] = (char)c;
    }
    line[n] = '\0';
    return true;
}

static bool parse_number(const char *text, uint64_t *value)
{
    *value = 0;
    for (; is_digit(*text) && *value <= UINT32_MAX; text++)
        *value = *value * 10 + (uint64_t)(*text - '0');
    return *text == '\0' && *value > 0 && *value <= UINT32_MAX;
}

/* Of several TUPLTYPE lines, which make up one name, none is known: the depth tells. */
static bool parse_line(struct header *h, char *line, struct why *why)
{
    struct {
        const char *name;
        uint64_t *value;
    } fields[] = {{"WIDTH", &h->width}, {"HEIGHT", &h->height}, {"DEPTH", &h->channels}, {"MAXVAL", &h->maxval}};
    static const char blanks[] = " \t\r\v\f";
    char *save, *name = strtok_r(line, blanks, &save), *value = name ? strtok_r(NULL, blanks, &save) : NULL;
    h->ended = name && strcmp(name, "ENDHDR") == 0;
    if (!name || h->ended)
        return true;
    if (strcmp(name, "TUPLTYPE") == 0) {
        snprintf(h->tuple, sizeof h->tuple, "%s", h->tuple[0] || !value ? "?" : value);
        return true;
    }
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        if (strcmp(name, fields[i].name) == 0) {
            if (*fields[i].value != 0)
                return why_set(why, "PAM: %s twice", name);
            if (!value || !parse_number(value, fields[i].value) || strtok_r(NULL, blanks, &save))
                return why_set(why, "PAM: %s: expected a whole number above 0", name);
            return true;
        }
    return why_set(why, "PAM: unknown line in the header");
}

static bool check_tuple(const struct header *h, struct why *why)
{
    static const struct {
        const char *name;
        unsigned channels;
    } known[] = {{"BLACKANDWHITE", 1},       {"GRAYSCALE", 1},       {"RGB", 3},
                 {"BLACKANDWHITE_ALPHA", 2}, {"GRAYSCALE_ALPHA", 2}, {"RGB_ALPHA", 4}};
    if (h->channels > 4)
        return why_set(why, "PAM: depth %llu, expected 1 to 4", (unsigned long long)h->channels);
    if (strncmp(h->tuple, "CMYK", 4) == 0)
        return why_set(why, "CMYK PAM is not supported");
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(h->tuple, known[i].name) == 0 && h->channels != known[i].channels)
            return why_set(why, "PAM: depth %llu does not fit %s", (unsigned long long)h->channels, h->tuple);
    return true;
}

static bool get_pam_header(struct pnm *f, struct header *h, struct why *why)
{
    char line[LINE_BYTES];
    while (!h->ended)
        if (!get_line(f, line, why) || !parse_line(h, line, why))
            return false;
    if (h->width == 0 || h->height == 0 || h->channels == 0 || h->maxval == 0)
        return why_set(why, "PAM: header without WIDTH, HEIGHT, DEPTH or MAXVAL");
    return check_tuple(h, why);
}

static uint64_t row_bytes(const struct pnm *f)
{
    uint64_t samples = (uint64_t)f->info.width * f->info.channels;
    return f->kind == '4' ? (samples + 7) / 8 : samples * sample_size(f->info.sample);
}

static bool is_plain(const struct pnm *f)
{
    return f->kind <= '3';
}

/* The bytes of the raster; in a plain one, where a sample is at least a digit and, but for bits, a blank, no fewer. */
static uint64_t raster_bytes(const struct pnm *f)
{
    uint64_t samples = (uint64_t)f->info.height * f->info.width * f->info.channels;
    return is_plain(f) ? samples * (f->kind == '1' ? 1 : 2) : f->info.height * row_bytes(f);
}

static bool describe(struct pnm *f, const struct header *h, struct why *why)
{
    unsigned long long width = h->width, height = h->height, maxval = h->maxval;
    if (width == 0 || height == 0)
        return why_set(why, "%llu x %llu pixels: a picture has at least one", width, height);
    if (width > SIZE_MAX / 64 / height)
        return why_set(why, "%llu x %llu pixels do not fit the address space", width, height);
    if (maxval == 0 || maxval > 65535)
        return why_set(why, "PNM: maxval %llu, expected 1 to 65535", maxval);
    f->maxval = (unsigned)maxval;
    f->info = (struct picture_info){.width = (size_t)width,
                                    .height = (size_t)height,
                                    .channels = (unsigned)h->channels,
                                    .sample = maxval > 255 ? SAMPLE_U16 : SAMPLE_U8,
                                    .alpha = h->channels % 2 == 0 ? ALPHA_STRAIGHT : ALPHA_NONE};
    f->info.unit = sample_unit(f->info.sample);
    for (; maxval > 0; maxval /= 2)
        f->info.depth++;
    return true;
}

/* The header at the current position. The samples that it claims must be in the file. */
static bool get_header(struct pnm *f, struct why *why)
{
    struct header h = {0};
    unsigned char magic[3], last;
    for (size_t i = 0; i < 2; i++) {
        int c = get(f);
        if (c == END)
            return cut_short(f, why);
        magic[i] = (unsigned char)c;
    }
    magic[2] = ' '; /* a comment may follow */
    if (!pnm_sniff(magic, sizeof magic))
        return why_set(why, "PNM: expected another picture or the end of the file after a picture");
    f->kind = (char)magic[1];
    int c = f->kind == '7' ? get(f) : get_beside_comments(f);
    if (f->kind == '7' ? c != '\n' : !is_blank(c))
        return malformed(f, c, "the end of the line", why);
    if (!(f->kind == '7' ? get_pam_header : get_old_header)(f, &h, why) || !describe(f, &h, why))
        return false;
    f->data = position(f);
    return source_get(f->source, &last, 1, f->data + raster_bytes(f) - 1, why);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static void *pnm_open(struct source *source, const struct limits *limits, struct why *why)
{
    (void)limits; /* see above */
    struct pnm *f = codec_new(sizeof *f, why);
    if (f)
        f->source = source;
    return f;
}

static void pnm_close(void *reader)
{
    free(reader);
}

/* 0..maxval to 0..255 or 0..65535, rounded to nearest. At most 65534 * 65535 + 32767: it fits. */
static uint32_t scale(const struct pnm *f, uint32_t v)
{
    uint32_t full = f->maxval > 255 ? 65535 : 255;
    return f->maxval == full ? v : (v * full + f->maxval / 2) / f->maxval;
}

/* Sample i of native ones at data. */
static void store(const struct pnm *f, unsigned char *data, size_t i, uint32_t v)
{
    uint16_t wide = (uint16_t)v;
    if (f->info.sample == SAMPLE_U8)
        data[i] = (unsigned char)v;
    else
        memcpy(data + i * sizeof wide, &wide, sizeof wide);
}

/* In PBM 1 is black, and digits need no blanks between them. */
static bool get_sample(struct pnm *f, uint32_t *v, struct why *why)
{
    uint64_t value;
    if (f->kind != '1') {
        bool ok = get_number(f, "a sample", f->maxval, &value, why);
        *v = ok ? scale(f, (uint32_t)value) : 0;
        return ok;
    }
    int c = get_beside_comments(f);
    while (is_blank(c))
        c = get_beside_comments(f);
    *v = c == '0' ? 255 : 0;
    return c == '0' || c == '1' || malformed(f, c, "0 or 1", why);
}

static bool read_plain(struct pnm *f, unsigned char *data, size_t rows, struct why *why)
{
    size_t n = rows * f->info.width * f->info.channels;
    uint32_t v;
    for (size_t i = 0; i < n; i++) {
        if (!get_sample(f, &v, why))
            return false;
        if (data)
            store(f, data, i, v);
    }
    return true;
}

static bool read_bits(struct pnm *f, unsigned char *data, size_t rows, struct why *why)
{
    for (size_t y = 0; y < rows; y++, data += f->info.width) {
        uint64_t offset = f->data + (f->row + y) * row_bytes(f);
        for (size_t x = 0; x < f->info.width; x += 8 * sizeof f->buffer) {
            size_t left = f->info.width - x, n = left < 8 * sizeof f->buffer ? left : 8 * sizeof f->buffer;
            if (!source_get(f->source, f->buffer, (n + 7) / 8, offset + x / 8, why))
                return false;
            for (size_t i = 0; i < n; i++)
                data[x + i] = f->buffer[i / 8] >> (7 - i % 8) & 1 ? 0 : 255;
        }
    }
    return true;
}

static bool read_raw(struct pnm *f, unsigned char *data, size_t rows, struct why *why)
{
    bool wide = f->info.sample == SAMPLE_U16;
    size_t n = rows * f->info.width * f->info.channels;
    if (!source_get(f->source, data, rows * (size_t)row_bytes(f), f->data + f->row * row_bytes(f), why))
        return false;
    if (f->maxval == 255)
        return true;
    if (f->maxval == 65535) {
        if (machine_is_little())
            swap_bytes(data, n, sizeof(uint16_t));
        return true;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t v = wide ? get_be16(data + 2 * i) : data[i];
        if (v > f->maxval)
            return why_set(why, "PNM: a sample above %u", f->maxval);
        store(f, data, i, scale(f, v));
    }
    return true;
}

static bool pnm_read(void *reader, const struct rows *rows, struct why *why)
{
    struct pnm *f = reader;
    bool ok = (is_plain(f) ? read_plain : f->kind == '4' ? read_bits : read_raw)(f, rows->data, rows->height, why);
    f->row += rows->height;
    f->selected = ok;
    return ok;
}

/* Selects the picture behind the selected one. */
static enum selected select_next(struct pnm *f, struct why *why)
{
    int c;
    if (!is_plain(f))
        seek(f, f->data + raster_bytes(f));
    else if (!read_plain(f, NULL, f->info.height - f->row, why))
        return SELECT_ERROR;
    do
        c = get(f);
    while (is_blank(c));
    if (c == END && !f->source->why.text[0])
        return SELECT_END;
    f->next -= c != END;
    f->picture++;
    f->row = 0;
    return get_header(f, why) ? SELECT_OK : SELECT_ERROR;
}

/* A picture begins where the one before it ends: going back starts with the first. */
static enum selected pnm_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct pnm *f = reader;
    enum selected selected = SELECT_OK;
    if (!f->selected || picture < f->picture) {
        f->selected = false;
        f->picture = f->row = 0;
        seek(f, 0);
        if (!get_header(f, why))
            return SELECT_ERROR;
    }
    while (selected == SELECT_OK && f->picture < picture)
        selected = select_next(f, why);
    f->selected = selected == SELECT_OK;
    f->row = 0;
    seek(f, f->data);
    *info = f->info;
    return selected;
}

static const char *pnm_library(void)
{
    return "built in";
}

const struct codec codec_pnm = {
    .name = "pnm",
    .extensions = " pnm ppm pgm pam ",
    .samples = SAMPLES_16,
    .many = true,
    .raw = true,
    .sniff = pnm_sniff,
    .open = pnm_open,
    .select = pnm_select,
    .read = pnm_read,
    .close = pnm_close,
    .create = WRITER(pnm_write_create),
    .begin = WRITER(pnm_write_begin),
    .write = WRITER(pnm_write_rows),
    .finish = WRITER(pnm_write_finish),
    .abandon = WRITER(pnm_write_abandon),
    .library = pnm_library,
};
