/* Bytes outside a range, against a loop that goes sample by sample over dc, dy and dx. */
#include "base/outside.h"
#include "support.h"

#include <stdlib.h>

enum { MOST = 5 };

static void add_plain(const struct rows *rows, unsigned c, struct outside *o)
{
    for (size_t y = 0; y < rows->height; y++)
        for (size_t x = 0; x < rows->width; x++) {
            uint8_t v = rows->data[(ptrdiff_t)c * rows->dc + (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx];
            o->below += v < o->from;
            o->above += v > o->to;
            o->least = v < o->least ? v : o->least;
            o->most = v > o->most ? v : o->most;
        }
}

/* Interleaved, padded or in planes; all channels, and all but the last; sizes of no turn, some, and more than 8 bits count.
 */
START_TEST(outside_is_the_plain_loop)
{
    static const size_t width[] = {1, 63, 64, 65, 300, 60000}, height[] = {1, 2, 5};
    unsigned in = 1 + (unsigned)_i % MOST, layout = (unsigned)_i / MOST;
    struct random r = {(uint64_t)_i};
    for (unsigned channels = in > 1 ? in - 1 : 1; channels <= in; channels++) {
        struct outside counts[MOST], want[MOST];
        for (unsigned c = 0; c < channels; c++)
            want[c] = counts[c] = (struct outside){.from = (uint8_t)(40 * c), .to = (uint8_t)(255 - 50 * c), .least = 255};
        for (size_t i = 0; i < 6 * 3; i++) {
            size_t w = width[i % 6], h = height[i / 6], pad = layout == 2 ? 3 : 0, size = (w * in + pad) * h;
            struct rows rows = rows_tight(layout == 1, must_alloc(size), SAMPLE_U8, in, w, h);
            rows.dy += (ptrdiff_t)pad;
            uint64_t range = 1 + random_below(&r, 256);
            for (size_t k = 0; k < size; k++)
                rows.data[k] = (unsigned char)(i % 4 == 0 ? 255 : i % 4 == 1 ? 0 : 10 + random_bits(&r) % range);
            outside_add(&rows, channels, counts);
            for (unsigned c = 0; c < channels; c++) {
                add_plain(&rows, c, &want[c]);
                REQUIRE(counts[c].below == want[c].below && counts[c].above == want[c].above &&
                            counts[c].least == want[c].least && counts[c].most == want[c].most,
                        "channel %u of %u, %zu x %zu", c, in, w, h);
            }
            free(rows.data);
        }
    }
}
END_TEST

SUITE(outside)
{
    TCase *tcase = tcase_create("outside");
    tcase_add_loop_test(tcase, outside_is_the_plain_loop, 0, MOST * 3);
    suite_add_tcase(suite, tcase);
}
