/* Bands of whole blocks, and a picture in memory read by them. */
#include "base/picture_rows.h"
#include "support.h"

START_TEST(bands_are_whole_blocks)
{
    for (size_t width = 1; width < 3 * INSTNORM_BLOCK; width += width < 70 ? 1 : width / 7) {
        struct picture_info info = {.width = width, .height = 1 << 20, .channels = 3, .sample = SAMPLE_U16};
        size_t row = width * 6, block = instnorm_block_rows(width);
        for (size_t bytes = 0; bytes < 1 << 18; bytes += 65537) {
            size_t band = picture_band(&info, bytes);
            REQUIRE(band > 0 && band % block == 0, "%zu rows of %zu: a block has %zu", band, width, block);
            REQUIRE(band * row > bytes && (band - block) * row <= bytes, "%zu rows of %zu for %zu bytes", band, width,
                    bytes);
        }
        info.height = block / 2 + 1;
        ck_assert_uint_eq(picture_band(&info, 1 << 18), info.height);
    }
}
END_TEST

START_TEST(a_picture_in_memory_is_read_twice)
{
    enum { WIDTH = 1000, HEIGHT = 11 };
    static unsigned char data[WIDTH * HEIGHT];
    struct picture_info info = {.width = WIDTH, .height = HEIGHT, .channels = 1, .sample = SAMPLE_U8, .unit = 255};
    struct rows all = rows_interleaved(data, SAMPLE_U8, 1, WIDTH, HEIGHT), band;
    struct memory_picture picture;
    struct why why = {0};
    memory_picture_open(&picture, &info, &all);
    ck_assert_uint_eq(picture.base.band, 4); /* 4096 / 1000 */
    for (unsigned pass = 0; pass < 2; pass++) {
        for (size_t y = 0; y < HEIGHT; y += 4) {
            ck_assert(picture.base.read(&picture.base, &band, &why));
            ck_assert_ptr_eq(band.data, data + y * WIDTH);
            ck_assert_uint_eq(band.height, HEIGHT - y < 4 ? HEIGHT - y : 4);
        }
        ck_assert(picture.base.rewind(&picture.base, &why));
    }
}
END_TEST

SUITE(picture_rows)
{
    TCase *rows = tcase_create("rows of a picture");
    tcase_add_test(rows, bands_are_whole_blocks);
    tcase_add_test(rows, a_picture_in_memory_is_read_twice);
    suite_add_tcase(suite, rows);
}
