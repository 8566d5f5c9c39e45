/* Image data of PNG past libpng: filters, chunks of any length, streams that libpng has to judge. zlib makes the files. */
#include "codec/inflate.h"
#include "codec/png/internal.h"
#include "codec/png/unfilter.h"
#include "png_file.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>
#include <zlib.h>

/* ---- filters ------------------------------------------------------------------------------------------------------- */

/* PNG specification, 9.4. */
static int paeth(int a, int b, int c)
{
    int p = a + b - c, to_a = abs(p - a), to_b = abs(p - b), to_c = abs(p - c);
    return to_a <= to_b && to_a <= to_c ? a : to_b <= to_c ? b : c;
}

/* What the filter takes off byte i of a row. */
static int predicted(unsigned filter, const unsigned char *row, const unsigned char *above, size_t i, size_t pixel)
{
    int a = i < pixel ? 0 : row[i - pixel], b = above[i], c = i < pixel ? 0 : above[i - pixel];
    return filter == 0 ? 0 : filter == 1 ? a : filter == 2 ? b : filter == 3 ? (a + b) / 2 : paeth(a, b, c);
}

static void filter_row(unsigned filter, const unsigned char *row, const unsigned char *above, size_t n, size_t pixel,
                       unsigned char *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(row[i] - predicted(filter, row, above, i, pixel));
}

START_TEST(filters_are_undone)
{
    enum { MOST = 8 * 67 };
    static const size_t pixels[] = {1, 2, 3, 4, 6, 8};
    struct random r = {1};
    for (size_t k = 0; k < 6 * 5 * 67; k++) {
        size_t pixel = pixels[k % 6], n = pixel * (1 + k / 30);
        unsigned filter = (unsigned)(k / 6 % 5);
        unsigned char row[MOST], above[MOST], filtered[MOST], out[MOST + 1];
        for (size_t i = 0; i < n; i++) {
            row[i] = (unsigned char)random_bits(&r);
            above[i] = (unsigned char)(random_below(&r, 2) ? row[i] + random_below(&r, 9) : random_bits(&r));
        }
        out[n] = 99;
        filter_row(filter, row, above, n, pixel, filtered);
        REQUIRE(png_unfilter(filter, filtered, above, n, pixel, out) && memcmp(out, row, n) == 0 && out[n] == 99,
                "filter %u, %zu bytes, %zu a pixel", filter, n, pixel);
    }
}
END_TEST

/* Two pixels of a byte: the first one is a, beside b and c above. */
START_TEST(each_three_neighbours_are_predicted)
{
    for (int a = 0; a < 256; a++)
        for (int b = 0; b < 256; b += 3)
            for (int c = 0; c < 256; c++) {
                const unsigned char above[] = {(unsigned char)c, (unsigned char)b}, in[] = {(unsigned char)(a - c), 0};
                unsigned char out[2];
                REQUIRE(png_unfilter(4, in, above, 2, 1, out) && out[0] == a && out[1] == paeth(a, b, c), "%d %d %d", a, b,
                        c);
            }
}
END_TEST

START_TEST(there_are_five_filters)
{
    unsigned char byte = 7, above = 0, out;
    for (unsigned filter = 0; filter < 256; filter++)
        REQUIRE(png_unfilter(filter, &byte, &above, 1, 1, &out) == (filter < 5), "%u", filter);
}
END_TEST

/* ---- files --------------------------------------------------------------------------------------------------------- */

/* How a file is made, and what is wrong with it. */
struct making {
    unsigned type, depth;
    size_t width, height;
    int level, window;   /* of deflate */
    size_t piece;        /* bytes of an IDAT; an empty one follows each */
    size_t cut, more;    /* bytes of rows that are missing, or too many */
    size_t behind;       /* bytes behind the stream */
    uint32_t adler, crc; /* what the checksums of the stream and of the last IDAT differ by */
    unsigned filter;     /* of the last row, if it is not 0 */
    const char *between; /* a chunk within the image data */
};

/* One that is right. */
static struct making sound(unsigned type, unsigned depth, size_t width, size_t height, size_t piece)
{
    return (struct making){
        .type = type, .depth = depth, .width = width, .height = height, .level = 6, .window = 15, .piece = piece};
}

struct made {
    struct png_file file;
    unsigned char *samples; /* in the byte order of the file */
    size_t samples_n;
};

/* Rows with filters in turn. */
static unsigned char *filtered_rows(const struct making *m, struct made *f, size_t *n)
{
    static const size_t samples[] = {1, 0, 3, 0, 2, 0, 4};
    size_t pixel = samples[m->type] * m->depth / 8, bytes = pixel * m->width;
    unsigned char *rows = must_alloc((bytes + 1) * m->height + m->more), *none = calloc(1, bytes);
    struct random r = {m->type + m->depth};
    REQUIRE(none, "out of memory");
    f->samples_n = bytes * m->height;
    f->samples = must_alloc(f->samples_n);
    for (size_t i = 0; i < f->samples_n; i++) /* slopes and noise: literals and matches */
        f->samples[i] = (unsigned char)(i % bytes / 7 % 3 ? i / pixel : random_below(&r, 40) + i % pixel);
    for (size_t y = 0; y < m->height; y++) {
        const unsigned char *row = f->samples + y * bytes;
        unsigned filter = (unsigned)(y % 5);
        rows[y * (bytes + 1)] = (unsigned char)(y + 1 == m->height && m->filter ? m->filter : filter);
        filter_row(filter, row, y > 0 ? row - bytes : none, bytes, pixel, rows + y * (bytes + 1) + 1);
    }
    *n = (bytes + 1) * m->height - m->cut + m->more;
    memset(rows + (bytes + 1) * m->height, 0, m->more);
    free(none);
    return rows;
}

static unsigned char *deflated(const struct making *m, unsigned char *rows, size_t n, size_t *size)
{
    z_stream z = {.next_in = rows, .avail_in = (uInt)n};
    *size = n + n / 8 + 100;
    unsigned char *stream = calloc(1, *size + m->behind);
    REQUIRE(stream && deflateInit2(&z, m->level, Z_DEFLATED, m->window, 8, Z_DEFAULT_STRATEGY) == Z_OK, "out of memory");
    z.next_out = stream;
    z.avail_out = (uInt)*size;
    REQUIRE(deflate(&z, Z_FINISH) == Z_STREAM_END, "deflate");
    *size = z.total_out + m->behind;
    put_be32(stream + z.total_out - 4, get_be32(stream + z.total_out - 4) ^ m->adler);
    deflateEnd(&z);
    return stream;
}

static struct made make(const struct making *m)
{
    struct made f = {0};
    size_t n, size;
    unsigned char *rows = filtered_rows(m, &f, &n), *stream = deflated(m, rows, n, &size), head[13] = {0};
    put_be32(head, (uint32_t)m->width);
    put_be32(head + 4, (uint32_t)m->height);
    head[8] = (unsigned char)m->depth;
    head[9] = (unsigned char)m->type;
    png_put(&f.file, "\x89PNG\r\n\x1a\n", 8);
    png_chunk(&f.file, "IHDR", head, sizeof head, 0);
    png_chunk(&f.file, "tEXt", "before\0a", 8, 0);
    for (size_t at = 0, part; at < size; at += part) {
        part = m->piece < size - at ? m->piece : size - at;
        png_chunk(&f.file, "IDAT", stream + at, part, at + part == size ? m->crc : 0);
        if (at + part < size)
            png_chunk(&f.file, m->between ? m->between : "IDAT", NULL, 0, 0);
    }
    png_chunk(&f.file, "tEXt", "behind\0b", 8, 0);
    png_chunk(&f.file, "IEND", NULL, 0, 0);
    free(rows);
    free(stream);
    return f;
}

/* Reads the file in bands. *past <- whether libpng did not read its image data. */
static bool read_made(const struct made *f, size_t bands, struct image *p, bool *past, size_t *texts, struct why *why)
{
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    struct memory_source s = memory_source(f->file.bytes, f->file.size);
    struct png *reader = codec_png.open(&s.source, &limits, why);
    bool ok = reader && codec_png.select(reader, 0, &p->info, why) == SELECT_OK;
    REQUIRE(ok, "the header: %s", why->text);
    *past = reader->idat != NULL;
    ok = image_read(&codec_png, reader, bands, p, why);
    *past &= !reader->judged;
    *texts = reader->metadata.n;
    codec_png.close(reader);
    return ok;
}

/* The samples, in the byte order of the machine, are those that the file was made of. */
static void require_samples(const struct made *f, const struct image *p, unsigned depth)
{
    REQUIRE(image_bytes(&p->info) == f->samples_n, "%zu bytes", image_bytes(&p->info));
    for (size_t i = 0; i < f->samples_n; i += depth / 8) {
        uint16_t got, want = depth == 16 ? get_be16(f->samples + i) : f->samples[i];
        memcpy(&got, p->samples + i, depth / 8);
        got = depth == 16 ? got : p->samples[i];
        REQUIRE(got == want, "byte %zu: %u, not %u", i, got, want);
    }
}

/* past: whether libpng is not needed. */
static void require_read(const struct making *m, size_t bands, bool past)
{
    struct made f = make(m);
    struct why why = {""};
    struct image p;
    bool was_past;
    size_t texts;
    REQUIRE(read_made(&f, bands, &p, &was_past, &texts, &why), "type %u, %u bits, %zu x %zu, level %d: %s", m->type,
            m->depth, m->width, m->height, m->level, why.text);
    REQUIRE(was_past == past, "type %u, %u bits: by libpng %d", m->type, m->depth, !was_past);
    REQUIRE(texts == 2, "%zu texts", texts);
    require_samples(&f, &p, m->depth);
    free(p.samples);
    free(f.file.bytes);
    free(f.samples);
}

START_TEST(pictures_of_each_type_are_read)
{
    static const unsigned types[] = {0, 2, 4, 6};
    static const size_t sizes[][2] = {{1, 1}, {1, 23}, {37, 1}, {33, 17}, {5000, 7}, {301, 211}};
    static const size_t pieces[] = {1, 7, 8192, 1 << 30};
    for (size_t k = 0; k < 4 * 2 * 6 * 4; k++) {
        const size_t *size = sizes[k / 8 % 6];
        size_t piece = pieces[k / 48];
        if (piece == 1 && size[0] * size[1] > 10000)
            continue;
        struct making m = sound(types[k % 4], k / 4 % 2 ? 16 : 8, size[0], size[1], piece);
        m.level = (int)(k % 10);
        require_read(&m, k % 3, true);
    }
}
END_TEST

/* What is stored is longer than its rows. Of chunks up to 8 MiB that does not matter. */
START_TEST(long_chunks_are_judged)
{
    struct making m = sound(6, 16, 1024, 1024, 1 << 30);
    m.level = 0;
    require_read(&m, 0, false);
    m.height = 1023;
    require_read(&m, 0, true);
}
END_TEST

/* The window of 2^9 bytes is less than the rows: whether the stream goes farther, zlib knows. */
START_TEST(small_windows_are_judged)
{
    for (int window = 9; window <= 15; window++) {
        struct making small = sound(2, 8, 10, 10, 100), large = sound(2, 8, 200, 50, 100);
        small.window = large.window = window;
        require_read(&small, 2, true);
        require_read(&large, 2, window == 15 || 50 * 601 <= 1 << window);
    }
}
END_TEST

/* Rewound after a row: what is behind the picture was not seen before. */
START_TEST(chunks_behind_are_kept_after_a_rewind)
{
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    const struct making m = sound(2, 8, 30, 20, 100);
    struct made f = make(&m);
    for (int judged = 0; judged < 2; judged++) {
        struct memory_source s = memory_source(f.file.bytes, f.file.size);
        struct why why = {""};
        struct image p;
        struct png *reader = codec_png.open(&s.source, &limits, &why);
        REQUIRE(reader, "%s", why.text);
        reader->judged = judged;
        REQUIRE(codec_png.select(reader, 0, &p.info, &why) == SELECT_OK, "%s", why.text);
        p.samples = must_alloc(image_bytes(&p.info));
        const struct rows first = image_rows(&p, 0, 1);
        REQUIRE(codec_png.read(reader, &first, &why) && reader->metadata.n == 1, "%s", why.text);
        free(p.samples);
        REQUIRE(codec_png.select(reader, 0, &p.info, &why) == SELECT_OK && image_read(&codec_png, reader, 0, &p, &why),
                "%s", why.text);
        REQUIRE(reader->metadata.n == 2, "%zu texts", reader->metadata.n);
        require_samples(&f, &p, m.depth);
        free(p.samples);
        codec_png.close(reader);
    }
    free(f.file.bytes);
    free(f.samples);
}
END_TEST

/* ---- what is refused ----------------------------------------------------------------------------------------------- */

static void require_refused(struct making m, const char *says)
{
    struct why why = {""};
    struct image p;
    bool past;
    size_t texts;
    struct made f = make(&m);
    REQUIRE(!read_made(&f, 3, &p, &past, &texts, &why), "taken, not '%s'", says);
    REQUIRE(!past && strstr(why.text, says), "'%s', not '%s'", why.text, says);
    free(f.file.bytes);
    free(f.samples);
}

/* What is wrong with a file, and what libpng says of it. */
static const struct fault {
    struct making making; /* all but the fault is 0 */
    const char *says;
} faults[] = {
    {{.cut = 1}, "Not enough image data"},
    {{.more = 1}, "Too much image data"},
    {{.behind = 3}, "Extra compressed data"},
    {{.adler = 1}, "incorrect data check"},
    {{.crc = 1}, "CRC error"},
    {{.filter = 5}, "bad adaptive filter value"},
    {{.between = "tEXt"}, "Not enough image data"},
};

START_TEST(libpng_says_what_is_wrong)
{
    for (unsigned k = 0; k < 4; k++) {
        const struct making right = sound(k % 2 ? 6 : 2, k / 2 ? 16 : 8, 61, 67, k % 2 ? 1000 : 1 << 30);
        require_read(&right, 3, true);
        for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) {
            const struct making *wrong = &faults[i].making;
            struct making m = right;
            m.cut = wrong->cut;
            m.more = wrong->more;
            m.behind = wrong->behind;
            m.adler = wrong->adler;
            m.crc = wrong->crc;
            m.filter = wrong->filter;
            m.between = wrong->between;
            m.piece = m.between ? 100 : m.piece;
            require_refused(m, faults[i].says);
        }
    }
}
END_TEST

/* The file ends within the image data, or behind them. */
START_TEST(cut_files_are_refused)
{
    const struct making m = sound(2, 8, 21, 23, 200);
    struct made f = make(&m);
    for (size_t whole = f.file.size, cut = 1; cut < whole - 60; cut++) {
        struct why why = {""};
        struct image p;
        bool past;
        size_t texts;
        f.file.size = whole - cut;
        REQUIRE(!read_made(&f, 2, &p, &past, &texts, &why) && strstr(why.text, "truncated"), "%zu bytes cut off: '%s'", cut,
                why.text);
    }
    free(f.file.bytes);
    free(f.samples);
}
END_TEST

SUITE(png_idat)
{
    TCase *filters = tcase_create("filters"), *files = tcase_create("files");

    tcase_add_test(filters, filters_are_undone);
    tcase_add_test(filters, each_three_neighbours_are_predicted);
    tcase_add_test(filters, there_are_five_filters);
    if (inflate_is_there) {
        tcase_add_test(files, pictures_of_each_type_are_read);
        tcase_add_test(files, long_chunks_are_judged);
        tcase_add_test(files, small_windows_are_judged);
        tcase_add_test(files, chunks_behind_are_kept_after_a_rewind);
        tcase_add_test(files, libpng_says_what_is_wrong);
        tcase_add_test(files, cut_files_are_refused);
    }
    suite_add_tcase(suite, filters);
    suite_add_tcase(suite, files);
}
