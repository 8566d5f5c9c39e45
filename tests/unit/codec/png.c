/* PNG files put together by hand: damaged transparency, image data beyond the rows, broken chunks of metadata. */
#include "codec/codec.h"
#include "png_file.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* ---- files ------------------------------------------------------------------------------------------------------ */

static struct png_file begin(uint32_t width, uint32_t height, unsigned char type)
{
    struct png_file f = {0}, head = {0};
    const unsigned char rest[5] = {8, type};
    png_put32(&head, width);
    png_put32(&head, height);
    png_put(&head, rest, 5);
    png_put(&f, "\x89PNG\r\n\x1a\n", 8);
    png_chunk(&f, "IHDR", head.bytes, head.size, 0);
    free(head.bytes);
    return f;
}

/* Image data in one stored block, without the compression that another library would have to do. */
static void image(struct png_file *f, const void *rows, size_t n)
{
    struct png_file z = {0};
    const unsigned char *p = rows, head[7] = {0x78, 0x01, 1, (unsigned char)n, 0, (unsigned char)~n, 0xff};
    uint32_t a = 1, b = 0;
    for (size_t i = 0; i < n; i++)
        b += a += p[i]; /* of so few bytes neither reaches 65521 */
    png_put(&z, head, 7);
    png_put(&z, rows, n);
    png_put32(&z, b << 16 | a);
    png_chunk(f, "IDAT", z.bytes, z.size, 0);
    free(z.bytes);
}

static bool taken(struct png_file *f, struct image *p, struct why *why)
{
    png_chunk(f, "IEND", NULL, 0, 0);
    *why = (struct why){""};
    bool ok = image_from(f->bytes, f->size, p, why);
    free(f->bytes);
    return ok;
}

/* ---- transparency ----------------------------------------------------------------------------------------------- */

static const unsigned char palette[] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, indices[] = {0, 0, 1, 0, 2, 0};
static const unsigned char alphas[] = {0, 128, 7, 9, 11}, grey[] = {0, 10, 20, 0, 30, 40}, rgb[] = {0, 1, 2, 3, 4, 5, 6};

/* Two by two pixels of the palette, with the chunks named: P, T, I; t and i are damaged, n is the length of tRNS. */
static bool palette_taken(const char *chunks, size_t n, struct image *p, struct why *why)
{
    struct png_file f = begin(2, 2, 3);
    for (; *chunks; chunks++)
        if (*chunks == 'P' || *chunks == 'p')
            png_chunk(&f, "PLTE", palette, sizeof palette, *chunks == 'p');
        else if (*chunks == 'T' || *chunks == 't')
            png_chunk(&f, "tRNS", alphas, n, *chunks == 't');
        else
            image(&f, indices, sizeof indices);
    return taken(&f, p, why);
}

START_TEST(transparency_of_a_palette_is_read)
{
    static const unsigned char want[] = {1, 2, 3, 0, 4, 5, 6, 128, 7, 8, 9, 255, 1, 2, 3, 0};
    struct image p;
    struct why why;
    REQUIRE(palette_taken("PTI", 2, &p, &why), "%s", why.text);
    ck_assert_uint_eq(p.info.channels, 4);
    ck_assert_mem_eq(p.samples, want, sizeof want);
    free(p.samples);
}
END_TEST

START_TEST(damaged_transparency_is_an_error)
{
    static const struct {
        const char *chunks;
        size_t n;
    } wrong[] = {{"PtI", 2}, {"PIT", 2}, {"TPI", 2}, {"PTI", 4}, {"PTI", 0}, {"PTTI", 2}, {"pTI", 2}, {"TI", 2}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        struct image p;
        struct why why;
        REQUIRE(!palette_taken(wrong[i].chunks, wrong[i].n, &p, &why), "%s, %zu: taken", wrong[i].chunks, wrong[i].n);
        REQUIRE(strstr(why.text, "tRNS") || strstr(why.text, "PLTE"), "%s: '%s'", wrong[i].chunks, why.text);
    }
}
END_TEST

/* A picture of one row, with tRNS of n bytes between header and rows. */
static bool row_taken(unsigned char type, uint32_t width, const void *row, size_t bytes, size_t n, uint32_t wrong)
{
    static const unsigned char value[7] = {0};
    struct png_file f = begin(width, 1, type);
    struct image p;
    struct why why;
    png_chunk(&f, "tRNS", value, n, wrong);
    image(&f, row, bytes);
    bool ok = taken(&f, &p, &why);
    if (ok)
        free(p.samples);
    REQUIRE(ok || strstr(why.text, "tRNS"), "'%s'", why.text);
    return ok;
}

START_TEST(damaged_transparency_of_other_types_is_an_error)
{
    ck_assert(row_taken(0, 2, grey, 3, 2, 0));
    ck_assert(!row_taken(0, 2, grey, 3, 2, 1));
    ck_assert(!row_taken(0, 2, grey, 3, 3, 0));
    ck_assert(row_taken(2, 2, rgb, 7, 6, 0));
    ck_assert(!row_taken(2, 2, rgb, 7, 6, 1));
    ck_assert(!row_taken(2, 2, rgb, 7, 5, 0));
    ck_assert(row_taken(4, 1, grey, 3, 2, 0)); /* has alpha: there is nothing that could be lost */
}
END_TEST

/* ---- image data beyond the rows --------------------------------------------------------------------------------- */

START_TEST(image_data_ends_with_the_rows)
{
    struct image p;
    struct why why;
    for (size_t more = 0; more < 3; more++) {
        struct png_file f = begin(2, 2, 0);
        unsigned char rows[8] = {0, 10, 20, 0, 30, 40};
        image(&f, rows, 6 + more);
        bool ok = taken(&f, &p, &why);
        REQUIRE(ok == (more == 0), "%zu bytes more: %s", more, why.text);
        if (!ok)
            continue;
        ck_assert_mem_eq(p.samples, ((unsigned char[]){10, 20, 30, 40}), 4);
        free(p.samples);
    }
}
END_TEST

/* data[0..n) <- zeros by fixed Huffman codes (RFC 1951, 3.2.6): a literal, then matches of 258 at distance 1. */
static void fill_with_zeros(unsigned char *data, size_t n)
{
    static const char start[] = "11000110000", match[] = "1100010100000";
    memset(data, 0, n);
    data[0] = 0x78;
    data[1] = 0x01;
    for (size_t i = 0; i < 8 * (n - 2); i++) {
        char bit = i < sizeof start - 1 ? start[i] : match[(i - (sizeof start - 1)) % (sizeof match - 1)];
        data[2 + i / 8] |= (unsigned char)((bit == '1') << (i % 8));
    }
}

/* A megabyte that would inflate to 166 of them, for one pixel. Who reads on meets the end of the source. */
static void check_bomb(bool adam7)
{
    enum { BYTES = 1 << 20, READ_AHEAD = 20000 };
    struct png_file f = begin(1, 1, 0);
    unsigned char *data = must_alloc(BYTES);
    struct image p;
    struct why why = {""};
    if (adam7) {
        f.bytes[28] = 1;
        f.size = 29;
        png_put32(&f, png_crc(f.bytes + 12, 17));
    }
    fill_with_zeros(data, BYTES);
    png_chunk(&f, "IDAT", data, BYTES, 0);
    png_chunk(&f, "IEND", NULL, 0, 0);
    struct memory_source s = memory_source(f.bytes, f.size);
    if (strncmp(codec_named("png")->library(), "libpng", 6) == 0) /* stb_image has the file whole first */
        s.broken = READ_AHEAD;
    REQUIRE(!image_decode(&s.source, MAX_PIXELS, 0, &p, &why), "interlaced %d: taken", adam7);
    REQUIRE(strstr(why.text, "than the rows need"), "'%s'", why.text);
    free(data);
    free(f.bytes);
}

START_TEST(a_bomb_is_not_inflated)
{
    check_bomb(false);
    check_bomb(true);
}
END_TEST

/* ---- metadata --------------------------------------------------------------------------------------------------- */

/* What the reader kept of a picture with that chunk: blocks as stored, and notes. */
static void read_chunk(const char *name, const void *data, size_t n, uint32_t wrong, size_t *kept, size_t *notes)
{
    const struct limits limits = {.max_pixels = MAX_PIXELS};
    const struct codec *codec = codec_named("png");
    struct png_file f = begin(2, 2, 0);
    struct why why = {""};
    struct image p;

    png_chunk(&f, name, data, n, wrong);
    image(&f, grey, sizeof grey);
    png_chunk(&f, "IEND", NULL, 0, 0);
    struct memory_source s = memory_source(f.bytes, f.size);
    void *reader = codec->open(&s.source, &limits, &why);
    REQUIRE(reader && codec->select(reader, 0, &p.info, &why) == SELECT_OK && image_read(codec, reader, 0, &p, &why),
            "%s, %zu: %s", name, n, why.text);
    const struct metadata *m = p.info.metadata;
    *notes = m->notes.n;
    REQUIRE(m->notes.n == 0 || strstr(m->notes.item[0].text, name), "'%s'", m->notes.item[0].text);
    *kept = m->n;
    for (size_t i = 0; i < m->n; i++)
        REQUIRE(m->item[i].kind != META_NATIVE || (m->item[i].size == n && memcmp(m->item[i].data, data, n) == 0), "%s",
                name);
    REQUIRE(m->n > 0 || (m->x_resolution == 0 && m->resolution_unit == RESOLUTION_ASPECT), "%s: a resolution", name);
    free(p.samples);
    free(f.bytes);
    codec->close(reader);
}

/* Nothing of libpng looks at these, for they are passed on as they are. */
START_TEST(broken_chunks_are_left_out)
{
    static const struct {
        const char *name;
        size_t n; /* a sound one has n bytes; 0: a keyword comes first */
    } kind[] = {{"cHRM", 32}, {"gAMA", 4}, {"sRGB", 1}, {"cICP", 4}, {"pHYs", 9}, {"oFFs", 9},
                {"tIME", 7},  {"iCCP", 0}, {"tEXt", 0}, {"zTXt", 0}, {"iTXt", 0}, {"sPLT", 0}};
    unsigned char data[128] = "Some words";
    memset(data + 11, 'x', sizeof data - 11);
    for (size_t i = 0; i < sizeof kind / sizeof *kind; i++)
        for (size_t n = 0; n < 40; n++) {
            size_t kept, notes;
            bool sound = kind[i].n ? n == kind[i].n : n > 10;
            read_chunk(kind[i].name, data, n, 0, &kept, &notes);
            REQUIRE((kept > 0) == sound && notes == !sound, "%s, %zu: %zu kept, %zu notes", kind[i].name, n, kept, notes);
            read_chunk(kind[i].name, data, n, 1, &kept, &notes);
            REQUIRE(kept == 0 && notes == 1, "%s, %zu, damaged: %zu kept, %zu notes", kind[i].name, n, kept, notes);
        }
}
END_TEST

START_TEST(keywords_are_of_1_to_79_bytes)
{
    unsigned char data[128];
    memset(data, 'k', sizeof data);
    for (size_t at = 0; at < 100; at++) {
        size_t kept, notes;
        data[at] = 0;
        read_chunk("tEXt", data, sizeof data, 0, &kept, &notes);
        REQUIRE(kept == (at >= 1 && at <= 79) && notes == !kept, "%zu: %zu kept, %zu notes", at, kept, notes);
        data[at] = 'k';
    }
}
END_TEST

SUITE(png)
{
    TCase *transparency = tcase_create("transparency"), *data = tcase_create("image data"),
          *metadata = tcase_create("metadata");

    if (!codec_named("png"))
        return;
    tcase_add_test(transparency, transparency_of_a_palette_is_read);
    tcase_add_test(transparency, damaged_transparency_is_an_error);
    tcase_add_test(transparency, damaged_transparency_of_other_types_is_an_error);
    tcase_add_test(data, image_data_ends_with_the_rows);
    tcase_add_test(data, a_bomb_is_not_inflated);
    if (strncmp(codec_named("png")->library(), "libpng", 6) == 0) { /* stb_image knows no metadata */
        tcase_add_test(metadata, broken_chunks_are_left_out);
        tcase_add_test(metadata, keywords_are_of_1_to_79_bytes);
    }
    suite_add_tcase(suite, metadata);
    suite_add_tcase(suite, transparency);
    suite_add_tcase(suite, data);
}
