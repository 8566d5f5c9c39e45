/*
 * Decoding and normalizing real files: PngSuite, BMP Suite, libjpeg-turbo's test images, photographs with EXIF, and the
 * vectors of ONNX. CORPUS names their folder, ../shared/corpus if it is not set. What no compiled codec reads is named.
 */
#include "codec/codec.h"
#include "instnorm.h"
#include "support.h"

#include <dirent.h>
#include <fnmatch.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- files ------------------------------------------------------------------------------------------------------ */

static const char *corpus(void)
{
    const char *folder = getenv("CORPUS");
    return folder ? folder : "../shared/corpus";
}

struct file {
    char path[1024];
    unsigned char *bytes;
    size_t size;
};

/* Reads the file of the corpus that the format names, or fails. */
__attribute__((format(printf, 1, 2))) static struct file must_load(const char *format, ...)
{
    char name[512];
    struct file f;
    va_list args;

    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    snprintf(f.path, sizeof f.path, "%s/%s", corpus(), name);
    f.bytes = load_file(f.path, &f.size);
    REQUIRE(f.bytes, "cannot read %s: is CORPUS the folder of the corpus?", f.path);
    return f;
}

/* Calls check with the name, without its ending, of each file of the folder that fits the pattern; how many there were. */
static int each_file(const char *folder, const char *pattern, void (*check)(const char *folder, const char *name))
{
    char path[1024];
    struct dirent **entry;
    int files = 0;

    snprintf(path, sizeof path, "%s/%s", corpus(), folder);
    int n = scandir(path, &entry, NULL, alphasort);
    REQUIRE(n >= 0, "cannot read %s: is CORPUS the folder of the corpus?", path);
    for (int i = 0; i < n; i++) {
        if (fnmatch(pattern, entry[i]->d_name, 0) == 0) {
            *strrchr(entry[i]->d_name, '.') = '\0';
            files++;
            check(folder, entry[i]->d_name);
        }
        free(entry[i]);
    }
    free(entry);
    return files;
}

static bool have(const char *name)
{
    for (size_t i = 0; codecs[i]; i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return true;
    printf("not compiled in, not tested: %s\n", name);
    return false;
}

/* The picture in the file, and below the JSON in it. Both free the file's bytes. */
static struct image decode_file(struct file f)
{
    struct image p = must_decode(f.path, f.bytes, f.size, 0);
    free(f.bytes);
    return p;
}

static json_t *parse_file(struct file f)
{
    json_error_t error;
    json_t *json = json_loadb((const char *)f.bytes, f.size, 0, &error);
    REQUIRE(json, "%s: %s", f.path, error.text);
    free(f.bytes);
    return json;
}

/* Whether the file is read; if not there must be a reason. */
static bool decodes(const struct file *f, struct why *why)
{
    struct image p;
    *why = (struct why){""};
    bool ok = image_from(f->bytes, f->size, &p, why);
    REQUIRE(ok == (why->text[0] == '\0'), "%s: ok %d, but says '%s'", f->path, ok, why->text);
    if (ok)
        free(p.samples);
    return ok;
}

/* ---- PngSuite --------------------------------------------------------------------------------------------------- */

#define GOOD_PNG "[!x]*.png"

/* The JSON is an array of RGBA samples, row by row, of 16 bits where the file has 16. */
static void require_json(const struct image *p, struct file f)
{
    json_t *want = parse_file(f);
    size_t n = json_array_size(want);
    REQUIRE(n == p->info.width * p->info.height * 4, "%s: %zu samples, not %zu x %zu x 4", f.path, n, p->info.width,
            p->info.height);
    for (size_t i = 0; i < n; i++) {
        json_int_t value = json_integer_value(json_array_get(want, i));
        unsigned got = (unsigned)image_rgba(p, i / 4, i % 4);
        REQUIRE(got == value, "%s: sample %zu is %u, not %d", f.path, i, got, (int)value);
    }
    json_decref(want);
}

static void check_png(const char *folder, const char *name)
{
    struct image p = decode_file(must_load("%s/%s.png", folder, name));
    unsigned depth = (unsigned)strtoul(name + strlen(name) - 2, NULL, 10); /* basn2c16 */
    REQUIRE(p.info.depth == depth, "%s: depth %u", name, p.info.depth);
    REQUIRE((p.info.sample == SAMPLE_U16) == (depth == 16), "%s: sample type", name);
    require_json(&p, must_load("pngsuite/json/%s.json", name));
    free(p.samples);
}

START_TEST(pngsuite_is_exact)
{
    ck_assert_int_eq(each_file("pngsuite/png", GOOD_PNG, check_png), 161);
}
END_TEST

static void check_corrupt_png(const char *folder, const char *name)
{
    struct why why;
    struct file f = must_load("%s/%s.png", folder, name);
    REQUIRE(!decodes(&f, &why), "%s is taken for a picture", name);
    free(f.bytes);
}

START_TEST(corrupt_pngs_are_refused)
{
    ck_assert_int_eq(each_file("pngsuite/png", "x*.png", check_corrupt_png), 14);
}
END_TEST

/* Every prefix of the small files, some of the others. */
static void check_png_prefixes(const char *folder, const char *name)
{
    struct why why;
    struct file f = must_load("%s/%s.png", folder, name);
    size_t whole = f.size, step = whole < 300 ? 1 : 1 + whole / 100;
    for (size_t cut = 1; cut <= whole; cut += step) {
        f.size = whole - cut;
        REQUIRE(!decodes(&f, &why), "%s: the first %zu of %zu bytes are taken for a picture", name, f.size, whole);
    }
    free(f.bytes);
}

START_TEST(cut_pngs_are_refused)
{
    ck_assert_int_eq(each_file("pngsuite/png", GOOD_PNG, check_png_prefixes), 161);
}
END_TEST

/* ---- BMP -------------------------------------------------------------------------------------------------------- */

#define BMPSUITE "bmpsuite/bmp/bmpsuite"

/* The good files and their pictures. */
static const char *const bmp[][2] = {
    {"pal1", "pal1"},           {"pal1bg", "pal1bg"},
    {"pal1wb", "pal1"},         {"pal4", "pal4"},
    {"pal4gs", "pal4gs"},       {"pal4rle", "pal4"},
    {"pal8-0", "pal8"},         {"pal8", "pal8"},
    {"pal8gs", "pal8gs"},       {"pal8nonsquare", "pal8nonsquare-e"},
    {"pal8os2", "pal8"},        {"pal8rle", "pal8"},
    {"pal8topdown", "pal8"},    {"pal8v4", "pal8"},
    {"pal8v5", "pal8"},         {"pal8w124", "pal8w124"},
    {"pal8w125", "pal8w125"},   {"pal8w126", "pal8w126"},
    {"rgb16-565", "rgb16-565"}, {"rgb16-565pal", "rgb16-565"},
    {"rgb16", "rgb16"},         {"rgb16bfdef", "rgb16"},
    {"rgb24", "rgb24"},         {"rgb24pal", "rgb24"},
    {"rgb32", "rgb24"},         {"rgb32bf", "rgb24"},
    {"rgb32bfdef", "rgb24"},
};
enum { GOOD = sizeof bmp / sizeof *bmp, GOOD_MIN = 23 };

/* What is read must be right to the bit; a few good files (run-length encoded) may be refused. */
START_TEST(good_bmps_are_right_or_refused)
{
    int exact = 0;
    for (size_t i = 0; i < GOOD; i++) {
        struct file f = must_load(BMPSUITE "/g/%s.bmp", bmp[i][0]);
        struct image p, want = decode_file(must_load("bmpsuite/html/%s.png", bmp[i][1]));
        struct why why = {""};
        if (image_from(f.bytes, f.size, &p, &why)) {
            require_alike(&p, &want, 0, bmp[i][0]);
            free(p.samples);
            exact++;
        } else {
            ck_assert_msg(why.text[0] != '\0', "%s is refused without a word", bmp[i][0]);
            printf("bmpsuite: %s: %s\n", bmp[i][0], why.text);
        }
        free(want.samples);
        free(f.bytes);
    }
    printf("bmpsuite: of %d good files %d are read, and exact\n", GOOD, exact);
    ck_assert_int_ge(exact, GOOD_MIN);
}
END_TEST

static void check_survives(const char *folder, const char *name)
{
    struct why first, second;
    struct file f = must_load("%s/%s.bmp", folder, name);
    bool ok = decodes(&f, &first);
    REQUIRE(ok == decodes(&f, &second) && strcmp(first.text, second.text) == 0, "%s: not twice the same", name);
    free(f.bytes);
}

START_TEST(bad_bmps_are_survived)
{
    ck_assert_int_eq(each_file(BMPSUITE "/b", "*.bmp", check_survives), 20);
    ck_assert_int_eq(each_file(BMPSUITE "/q", "*.bmp", check_survives), 40);
    ck_assert_int_eq(each_file(BMPSUITE "/x", "*.bmp", check_survives), 1);
}
END_TEST

static int compared;

/*
 * PngSuite's pictures, converted. Those of 16 bits are compared with the JSON of 8 bits, which four of them lack; in a
 * fifth what is transparent has lost its colour.
 */
static void check_png_as_bmp(const char *folder, const char *name)
{
    static const char *const other[] = {"basi4a16", "basi6a16", "basn4a16", "basn6a16", "tbbn0g04"};
    bool wide = strcmp(name + strlen(name) - 2, "16") == 0;
    for (int i = 0; i < 5; i++)
        if (strcmp(name, other[i]) == 0)
            return;
    struct image p = decode_file(must_load("%s/%s.bmp", folder, name));
    require_json(&p, must_load("pngsuite/json/%s%s.json", name, wide ? "_to8" : ""));
    compared++;
    free(p.samples);
}

START_TEST(pngsuite_as_bmp_is_exact)
{
    ck_assert_int_eq(each_file("pngsuite/bmp", "*.bmp", check_png_as_bmp), 161);
    ck_assert_int_eq(compared, 161 - 5);
}
END_TEST

/* ---- JPEG ------------------------------------------------------------------------------------------------------- */

static void check_jpeg(const char *folder, const char *name)
{
    struct image p = decode_file(must_load("%s/%s.jpg", folder, name));
    bool wide = name[0] == 'L', turned = name[strlen(name) - 1] > '4';
    REQUIRE(p.info.channels == 3 && p.info.sample == SAMPLE_U8, "%s: channels", name);
    REQUIRE((p.info.width > p.info.height) == (wide != turned), "%s: %zu x %zu", name, p.info.width, p.info.height);
    free(p.samples);
}

/* The orientation is a tag: samples come as they are stored. */
START_TEST(photographs_with_exif_are_read_as_stored)
{
    ck_assert_int_eq(each_file("exif-orientation", "*.jpg", check_jpeg), 18);
}
END_TEST

#define TESTIMAGES "libjpeg-turbo-testimages/testimages"

/* A plain PPM or PGM of 8 bits: "P6\n227 149\n255\n" and the samples. */
static struct image read_ppm(struct file f)
{
    struct image p = {.info = {.channels = 3, .sample = SAMPLE_U8}};
    int head = 0;
    REQUIRE(sscanf((const char *)f.bytes, "P6 %zu %zu 255%n", &p.info.width, &p.info.height, &head) == 2 && head > 0,
            "%s: no PPM of 8 bits", f.path);
    size_t n = image_bytes(&p.info);
    REQUIRE(f.size == (size_t)head + 1 + n, "%s: size", f.path);
    p.samples = memcpy(must_alloc(n), f.bytes + head + 1, n);
    free(f.bytes);
    return p;
}

/* testorig.ppm is testorig.jpg as a libjpeg decoded it: decoders may differ by 3. */
START_TEST(jpegs_of_libjpeg_turbo_are_right)
{
    struct image p = decode_file(must_load(TESTIMAGES "/testorig.jpg"));
    struct image q = decode_file(must_load(TESTIMAGES "/testimgint.jpg"));
    struct image want = read_ppm(must_load(TESTIMAGES "/testorig.ppm"));
    ck_assert(p.info.channels == 3 && q.info.channels == 3);
    ck_assert(q.info.width == want.info.width && q.info.height == want.info.height);
    require_alike(&p, &want, 3, "testorig");
    free(p.samples);
    free(q.samples);
    free(want.samples);
}
END_TEST

START_TEST(jpegs_of_12_bits_are_refused)
{
    struct file f = must_load(TESTIMAGES "/monkey12.jpg");
    struct why why;
    ck_assert(!decodes(&f, &why));
    printf("monkey12: %s\n", why.text);
    free(f.bytes);
}
END_TEST

START_TEST(arithmetic_jpegs_are_read_or_refused)
{
    struct file f = must_load(TESTIMAGES "/testimgari.jpg");
    struct why why;
    printf("testimgari: %s\n", decodes(&f, &why) ? "read" : why.text);
    free(f.bytes);
}
END_TEST

/* ---- ONNX ------------------------------------------------------------------------------------------------------- */

/* The values of the tensor called key, freed by free(); the dimensions, 1 where there are fewer than 4, in dims. */
static float *must_get_tensor(json_t *test, const char *key, size_t dims[4], size_t *size)
{
    json_t *tensor = json_object_get(test, key), *shape = json_object_get(tensor, "dims");
    json_t *values = json_object_get(tensor, "values");
    size_t n = 1, rank = json_array_size(shape);
    REQUIRE(tensor && rank > 0 && rank <= 4, "no tensor %s", key);
    for (size_t i = 0; i < 4; i++) {
        dims[i] = i < rank ? (size_t)json_integer_value(json_array_get(shape, i)) : 1;
        n *= dims[i];
    }
    REQUIRE(n > 0 && n == json_array_size(values), "%s: %zu values, not %zu", key, json_array_size(values), n);
    float *x = must_alloc(n * sizeof *x);
    for (size_t i = 0; i < n; i++) {
        REQUIRE(json_is_number(json_array_get(values, i)), "%s: value %zu", key, i);
        x[i] = (float)json_number_value(json_array_get(values, i));
    }
    *size = n;
    return x;
}

static void require_onnx(const char *name, double eps)
{
    json_t *test = parse_file(must_load("onnx-node/%s.decoded.json", name));
    size_t d[4], channels[4], size, n;
    float *x = must_get_tensor(test, "input_0", d, &size), *gamma = must_get_tensor(test, "input_1", channels, &n);
    ck_assert_uint_eq(n, d[1]);
    float *beta = must_get_tensor(test, "input_2", channels, &n);
    ck_assert_uint_eq(n, d[1]);
    float *want = must_get_tensor(test, "output_0", channels, &n);
    ck_assert_uint_eq(n, size);
    struct instnorm_shape shape = {.n = d[0], .c = d[1], .h = d[2], .w = d[3]};
    ck_assert_int_eq(instnorm_forward(INSTNORM_INSTANCE, 0, &shape, x, gamma, beta, eps, x, NULL, NULL), INSTNORM_OK);
    for (size_t i = 0; i < n; i++)
        REQUIRE_CLOSE(x[i], want[i], 1e-6L);
    free(x);
    free(gamma);
    free(beta);
    free(want);
    json_decref(test);
}

START_TEST(onnx_instancenorm_is_met)
{
    require_onnx("test_instancenorm_example", 1e-5);
    require_onnx("test_instancenorm_epsilon", 0.01);
}
END_TEST

/* ----------------------------------------------------------------------------------------------------------------- */

static TCase *add_case(Suite *suite, const char *name)
{
    TCase *tests = tcase_create(name);
    tcase_set_timeout(tests, 300);
    suite_add_tcase(suite, tests);
    return tests;
}

static Suite *corpus_suite(void)
{
    Suite *suite = suite_create("corpus");
    TCase *onnx = add_case(suite, "onnx");
    tcase_add_test(onnx, onnx_instancenorm_is_met);
    bool png = have("png"), jpeg = have("jpeg");
    if (png) {
        TCase *tests = add_case(suite, "png");
        tcase_add_test(tests, pngsuite_is_exact);
        tcase_add_test(tests, corrupt_pngs_are_refused);
        tcase_add_test(tests, cut_pngs_are_refused);
    }
    if (have("bmp") && png) {
        TCase *tests = add_case(suite, "bmp");
        tcase_add_test(tests, good_bmps_are_right_or_refused);
        tcase_add_test(tests, bad_bmps_are_survived);
        tcase_add_test(tests, pngsuite_as_bmp_is_exact);
    }
    if (jpeg) {
        TCase *tests = add_case(suite, "jpeg");
        tcase_add_test(tests, photographs_with_exif_are_read_as_stored);
        tcase_add_test(tests, jpegs_of_libjpeg_turbo_are_right);
        tcase_add_test(tests, jpegs_of_12_bits_are_refused);
        tcase_add_test(tests, arithmetic_jpegs_are_read_or_refused);
    }
    return suite;
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0); /* lest a test that is forked off prints again what was still in the buffer */
    SRunner *runner = srunner_create(corpus_suite());
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner), run = srunner_ntests_run(runner);
    srunner_free(runner);
    return failed == 0 && run > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
