/* What each kind of normalization pools: blocks of samples by channels, in which each pool has a colour and a number. */
#include "lessons/lessons.h"

#include "lessons/figure.h"

#include <stdio.h>

enum { SAMPLES = 3, CHANNELS = 4, PIXELS = 4, HUES = 6 };
enum { CELL = 58, INNER = 50, ACROSS = 320, DOWN = 312, LEFT = 56, TOP = 78 };

struct block {
    const char *title, *values, *pools;
    int samples, channels; /* of one pool */
};

static const struct block blocks[] = {
    {"instance", "M = H W", "N C", 1, 1},
    {"layer", "M = C H W", "N", 1, CHANNELS},
    {"group:2", "M = (C / G) H W", "N G", 1, CHANNELS / 2},
    {"batch", "M = N H W", "C", SAMPLES, 1},
};

/* A cell is a plane of a picture: its pixels are more and less opaque. */
static void put_cell(struct growing *to)
{
    growing_put(to, "<defs><g id=\"cell\">");
    for (int y = 0; y < PIXELS; y++)
        for (int x = 0; x < PIXELS; x++)
            growing_format(to, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" opacity=\"0.%d\"/>",
                           x * INNER * 1.0 / PIXELS, y * INNER * 1.0 / PIXELS, INNER * 1.0 / PIXELS - 1,
                           INNER * 1.0 / PIXELS - 1, 3 + (x * 5 + y * 3 + x * y) % 5);
    growing_put(to, "</g></defs>\n");
}

static void put_pool(struct growing *to, const struct block *block, int sample, int channel, int number)
{
    double x = LEFT + channel * CELL, y = TOP + sample * CELL, gap = CELL - INNER;
    char class[16], text[16];
    snprintf(class, sizeof class, "hue%d", number % HUES);
    growing_format(to, "<g class=\"%s\">", class);
    for (int n = 0; n < block->samples; n++)
        for (int c = 0; c < block->channels; c++)
            growing_format(to, "<use class=\"cell\" href=\"#cell\" x=\"%.1f\" y=\"%.1f\"/>", x + c * CELL, y + n * CELL);
    growing_format(to, "<rect class=\"pool\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" rx=\"4\"/>", x - 2.5,
                   y - 2.5, block->channels * CELL - gap + 4, block->samples * CELL - gap + 4);
    snprintf(text, sizeof text, "%d", number + 1);
    figure_text(to, "m number", x + (block->channels * CELL - gap) / 2, y + (block->samples * CELL - gap) / 2 + 6, text);
    growing_put(to, "</g>\n");
}

static int count(const struct block *block)
{
    return SAMPLES / block->samples * (CHANNELS / block->channels);
}

static void put_block(struct growing *to, const struct block *block, int x, int y)
{
    char text[80];
    int number = 0;
    double bottom = TOP + SAMPLES * CELL;
    growing_format(to, "<g transform=\"translate(%d %d)\">\n", x, y);
    figure_text(to, "s title", LEFT, 30, block->title);
    figure_text(to, "s quiet", LEFT, TOP - 12, "C channels of H × W →");
    growing_format(to, "<g transform=\"translate(%d %d) rotate(-90)\">", LEFT - 14, (int)bottom - CELL + INNER);
    figure_text(to, "e quiet", SAMPLES * CELL, 0, "← N samples");
    growing_put(to, "</g>\n");
    for (int n = 0; n < SAMPLES; n += block->samples)
        for (int c = 0; c < CHANNELS; c += block->channels)
            put_pool(to, block, n, c, number++);
    figure_text(to, "s", LEFT, bottom + 18, block->values);
    snprintf(text, sizeof text, "%s pools, here %d", block->pools, count(block));
    figure_text(to, "s", LEFT, bottom + 18 + FIGURE_LINE, text);
    growing_put(to, "</g>\n");
}

bool pools_draw(struct growing *to, const char *path, struct why *why)
{
    (void)path;
    (void)why;
    struct growing description = {0};
    growing_format(
        &description,
        "A block [N, C, H x W] of %d samples by %d channels as cells, four times. M is how many values a pool has.",
        SAMPLES, CHANNELS);
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++)
        growing_format(&description, " %s: %s, %s pools, here %d of %d by %d cells.", blocks[i].title, blocks[i].values,
                       blocks[i].pools, count(&blocks[i]), blocks[i].samples, blocks[i].channels);
    figure_begin(to, 2 * DOWN, "What instance, layer, group and batch normalization pool", &description);
    growing_free(&description);
    put_cell(to);
    for (int i = 0; i < 4; i++)
        put_block(to, &blocks[i], i % 2 * ACROSS, i / 2 * DOWN);
    figure_end(to);
    return true;
}
