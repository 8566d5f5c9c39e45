/* What a writer gets of metadata, against the lists that the contract of metadata_next gives by hand. */
#include "codec/codec.h"
#include "support.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char rgb_profile[] = "0123456789abcdefRGB XYZ ", grey_profile[] = "0123456789abcdefGRAYXYZ ";

static void note(void *context, const char *what)
{
    char *said = context;
    size_t n = strlen(said);
    snprintf(said + n, 200 - n, "%s; ", what);
}

static void add(struct metadata *m, enum meta_kind kind, uint32_t tag, const char *text)
{
    ck_assert(metadata_add(m, kind, tag, 0, text, strlen(text)));
}

/* Two native blocks, one of them the profile, and each common form; the packet twice. */
static struct metadata make(const char *format, const char *profile)
{
    struct metadata m = {.format = format, .tells_rest = true};
    add(&m, META_NATIVE, 1, "own");
    add(&m, META_NATIVE, 2, "own profile");
    m.item[1].profile = m.item[1].mirrored = true;
    add(&m, META_ICC, 0, profile);
    add(&m, META_XMP, 0, "first");
    add(&m, META_EXIF, 0, "exif");
    add(&m, META_XMP, 0, "second");
    return m;
}

/* The blocks that are left, as "text text ". */
static void list(struct metadata_walk *walk, char blocks[200])
{
    blocks[0] = '\0';
    for (const struct meta *item; (item = metadata_next(walk));) {
        size_t n = strlen(blocks);
        snprintf(blocks + n, 200 - n, "%.*s ", item->kind == META_ICC ? 3 : (int)item->size,
                 item->kind == META_ICC ? "icc" : (const char *)item->data);
    }
}

START_TEST(a_writer_gets_native_blocks_or_common_forms)
{
    static const struct {
        const char *format, *profile;
        bool other_colours, rgb, taken;
        const char *blocks, *said;
    } cases[] = {
        {"png", rgb_profile, false, false, false, "own own profile ", ""},
        {"png", grey_profile, false, true, false, "own own profile ", ""},
        {"png", rgb_profile, true, false, false, "own ", "the ICC profile, which is for other channels; "},
        {"png", rgb_profile, false, false, true, "own ", ""},
        {"png", rgb_profile, true, false, true, "own ", ""},
        {"jpeg", rgb_profile, false, false, false, "icc first exif ", ""},
        {"jpeg", rgb_profile, true, false, false, "first exif ", "the ICC profile, which is for other channels; "},
        {"jpeg", grey_profile, false, false, false, "icc first exif ", ""},
        {"jpeg", grey_profile, false, true, false, "first exif ", "the ICC profile, which is for other channels; "},
        {"jpeg", rgb_profile, false, true, false, "icc first exif ", ""},
        {"jpeg", rgb_profile, false, false, true, "first exif ", ""},
        {NULL, rgb_profile, false, false, false, "icc first exif ", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char said[200] = "", blocks[200], unsaid[200];
        const struct write_options options = {-1, -1, {said, note, NULL}, NULL, NULL};
        struct metadata m = make(cases[i].format, cases[i].profile);
        const struct picture_info info = {.metadata = &m, .changes.colours = cases[i].other_colours};
        if (cases[i].taken)
            metadata_remove(&m, META_ICC);
        struct metadata_walk walk = metadata_walk(&info, "png", &options), silent = metadata_walk(&info, "png", NULL);
        walk.rgb = silent.rgb = cases[i].rgb;
        list(&walk, blocks);
        list(&silent, unsaid);
        REQUIRE(strcmp(blocks, cases[i].blocks) == 0 && strcmp(unsaid, blocks) == 0, "%zu: '%s', '%s'", i, blocks, unsaid);
        REQUIRE(strcmp(said, cases[i].said) == 0, "%zu: said '%s'", i, said);
        metadata_clear(&m);
    }
}
END_TEST

START_TEST(blocks_that_come_later_come_behind)
{
    struct metadata m = {.format = "webp"};
    const struct picture_info info = {.metadata = &m};
    struct metadata_walk walk = metadata_walk(&info, "png", NULL);
    char blocks[200];
    ck_assert_ptr_null(metadata_next(&walk));
    add(&m, META_NATIVE, 1, "own");
    add(&m, META_XMP, 0, "packet");
    list(&walk, blocks);
    ck_assert_str_eq(blocks, "packet ");
    add(&m, META_EXIF, 0, "exif");
    add(&m, META_XMP, 0, "again");
    list(&walk, blocks);
    ck_assert_str_eq(blocks, "exif ");
    metadata_clear(&m);
}
END_TEST

START_TEST(a_profile_in_parts_is_told_of_once)
{
    char said[200] = "", blocks[200];
    const struct write_options options = {-1, -1, {said, note, NULL}, NULL, NULL};
    struct metadata m = make("jpeg", rgb_profile);
    const struct picture_info info = {.metadata = &m, .changes.colours = true};
    add(&m, META_NATIVE, 2, "more of the profile");
    m.item[m.n - 1].profile = m.item[m.n - 1].mirrored = true;
    struct metadata_walk walk = metadata_walk(&info, "jpeg", &options);
    list(&walk, blocks);
    ck_assert_str_eq(blocks, "own ");
    ck_assert_str_eq(said, "the ICC profile, which is for other channels; ");
    metadata_clear(&m);
}
END_TEST

START_TEST(what_is_lost_is_told)
{
    char said[200] = "";
    const struct write_options options = {-1, -1, {said, note, NULL}, NULL, NULL};
    struct metadata m = make("jpeg", rgb_profile);
    struct picture_info info = {.metadata = &m};
    metadata_tell_lost(&info, "jpeg", &options);
    ck_assert_str_eq(said, "");
    info.changes.colours = true;
    metadata_tell_lost(&info, "png", &options);
    ck_assert_str_eq(said, "the ICC profile, which is for other channels; other metadata of jpeg; ");
    said[0] = '\0';
    m.x_resolution = 72;
    metadata_drop(&m, &options);
    ck_assert_str_eq(said, "the ICC profile; the EXIF data; the XMP packet; the resolution; other metadata of jpeg; ");
    said[0] = '\0';
    info.metadata = NULL;
    metadata_tell_lost(&info, "png", &options);
    metadata_drop(NULL, &options);
    ck_assert_str_eq(said, "");
    ck_assert(!metadata_is_of(NULL, "png") && metadata_is_of(&m, "jpeg") && !metadata_is_of(&m, "png"));
    metadata_clear(&m);
}
END_TEST

SUITE(metadata)
{
    TCase *cases = tcase_create("metadata");

    tcase_add_test(cases, a_writer_gets_native_blocks_or_common_forms);
    tcase_add_test(cases, blocks_that_come_later_come_behind);
    tcase_add_test(cases, a_profile_in_parts_is_told_of_once);
    tcase_add_test(cases, what_is_lost_is_told);
    suite_add_tcase(suite, cases);
}
