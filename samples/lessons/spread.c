/* Mean and standard deviation of random batches, over their size. */
#include "lessons/lessons.h"

#include "lessons/axis.h"
#include "lessons/table.h"

#include <math.h>
#include <stdlib.h>

enum {
    LEFT = 88,
    RIGHT = 616,
    HIGH = 220,
    ABOVE = 44,
    BELOW = 62,
    KEY = 66,
    SIZES_MAX = 24,
    POINTS = 64,
    BATCH = 0,
    DRAW = 1,
    MEAN = 2,
    STD = 3
};

/* The statistics of one batch. */
struct draw {
    double size, number, x, statistic[2]; /* mean and standard deviation */
    size_t row;
};

/* The draws of one size. */
struct size {
    double size, mean[2], std[2]; /* of each statistic */
    size_t begin, end;
};

struct spread {
    struct draw *draw; /* [n], by size and number */
    size_t n, sizes;
    struct size size[SIZES_MAX];
};

/* ---- reading -------------------------------------------------------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    const struct draw *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return (a->number > b->number) - (a->number < b->number);
}

static bool read_draw(struct draw *draw, const struct table *table, size_t row, struct why *why)
{
    size_t size = 0, number = 0;
    *draw = (struct draw){.row = row};
    bool good = table_count(table, row, BATCH, 1, &size, why) && table_count(table, row, DRAW, 0, &number, why) &&
                table_number(table, row, MEAN, &draw->statistic[0], why) &&
                table_number(table, row, STD, &draw->statistic[1], why);
    draw->size = (double)size;
    draw->number = (double)number;
    return good && (draw->statistic[1] >= 0 || table_refuse(table, row, STD, "0 or more", why));
}

/* Of the draws [begin,end) of one size: the mean of each statistic, and its deviation. */
static struct size size_of(const struct draw *draw, size_t begin, size_t end)
{
    struct size size = {.size = draw[begin].size, .begin = begin, .end = end};
    double n = (double)(end - begin);
    for (int k = 0; k < 2; k++) {
        double squares = 0;
        for (size_t i = begin; i < end; i++)
            size.mean[k] += draw[i].statistic[k] / n;
        for (size_t i = begin; i < end; i++)
            squares += pow(draw[i].statistic[k] - size.mean[k], 2);
        size.std[k] = sqrt(squares / (n - 1));
    }
    return size;
}

/* The draws of a size are beside one another, in their order, so that each is seen. */
static void set_apart(struct draw *draw, size_t n)
{
    for (size_t i = 0; i < n; i++)
        draw[i].x = draw[i].size * pow(2, n > 1 ? 0.6 * ((double)i / (double)(n - 1) - 0.5) : 0);
}

static bool find_sizes(struct spread *spread, const struct table *table, struct why *why)
{
    struct draw *draw = spread->draw;
    for (size_t begin = 0, end; begin < spread->n; begin = end) {
        for (end = begin + 1; end < spread->n && draw[end].size == draw[begin].size; end++)
            if (draw[end].number == draw[end - 1].number)
                return table_refuse(table, draw[end].row, DRAW, "one row of each draw", why);
        if (end - begin < 2)
            return table_refuse(table, draw[begin].row, BATCH, "two draws or more of each size", why);
        if (spread->sizes == SIZES_MAX)
            return table_refuse(table, draw[begin].row, BATCH, "at most 24 sizes", why);
        set_apart(draw + begin, end - begin);
        spread->size[spread->sizes++] = size_of(draw, begin, end);
    }
    return spread->size[0].size == 1 || table_refuse(table, draw[0].row, BATCH, "draws of 1, which the band is of", why);
}

static bool read_spread(struct spread *spread, const struct table *table, struct why *why)
{
    *spread = (struct spread){.draw = calloc(table->rows, sizeof *spread->draw), .n = table->rows};
    if (!spread->draw)
        return why_memory(why);
    for (size_t row = 0; row < spread->n; row++)
        if (!read_draw(&spread->draw[row], table, row, why))
            return false;
    qsort(spread->draw, spread->n, sizeof *spread->draw, compare);
    return find_sizes(spread, table, why);
}

/* ---- drawing -------------------------------------------------------------------------------------------------------- */

/* What is expected of batches of independent samples. */
struct expected {
    double size, all, low, high;
};

/* At POINTS sizes, from 1 to the largest, that are evenly apart on the axis. */
static void expect(struct expected expected[POINTS], const struct spread *spread, int k)
{
    const struct size *largest = &spread->size[spread->sizes - 1];
    for (int i = 0; i < POINTS; i++) {
        double size = pow(largest->size, (double)i / (POINTS - 1)), around = spread->size[0].std[k] / sqrt(size);
        expected[i] = (struct expected){size, largest->mean[k], largest->mean[k] - around, largest->mean[k] + around};
    }
}

static struct values values_at(const double *first, size_t n, size_t bytes)
{
    return (struct values){first, n, bytes / sizeof(double)};
}

static struct axis axis_of_sizes(const struct spread *spread)
{
    struct axis axis = {.scale = {.from = 1 / 1.3, .to = spread->size[spread->sizes - 1].size * 1.3, .logarithmic = true}};
    for (size_t i = 0; i < spread->sizes; i++)
        axis.tick[axis.ticks++] = spread->size[i].size;
    return axis;
}

_Static_assert((int)SIZES_MAX <= (int)TICKS_MAX, "each size has a tick");

static void put_panel(struct growing *to, const struct spread *spread, int k, double top, const char *title)
{
    struct expected expected[POINTS];
    const struct draw *draw = spread->draw;
    struct values x = values_at(&draw->x, spread->n, sizeof *draw),
                  y = values_at(&draw->statistic[k], spread->n, sizeof *draw);
    struct range range = range_of(&y, 0, y.n);
    expect(expected, spread, k);
    range_add(&range, expected->low);
    range_add(&range, expected->high);
    struct panel panel = {LEFT, RIGHT, top, top + HIGH, .x = axis_of_sizes(spread), .y = axis_linear(range, true)};
    panel_place(&panel, 0);
    const struct axes axes = {panel.x.scale, panel.y.scale};
    const struct values at = values_at(&expected->size, POINTS, sizeof *expected);
    const struct values line = values_at(&expected->all, POINTS, sizeof *expected);
    const struct values low = values_at(&expected->low, POINTS, sizeof *expected);
    const struct values high = values_at(&expected->high, POINTS, sizeof *expected);
    figure_text(to, "s title", LEFT, top - 13, title);
    panel_put(to, &panel, "samples in the batch");
    plot_band(to, "all band", &axes, &at, &low, &high);
    plot_dots(to, "draws dots", &axes, &x, &y);
    plot_line(to, "all line", &axes, &at, &line);
    growing_put(to, "\n");
}

static void put_key(struct growing *to)
{
    double first = 28, second = first + FIGURE_LINE;
    growing_format(to, "<path class=\"draws dots\" d=\"M%d %.1fh0m9 -4h0m7 6h0\"/>", LEFT + 4, first - 6);
    figure_text(to, "s", LEFT + 32, first, "a batch");
    growing_format(to, "<path class=\"all line\" d=\"M%d %.1fh22\"/>", LEFT + 140, first - 6);
    figure_text(to, "s", LEFT + 172, first, "mean of the largest batches");
    growing_format(to, "<rect class=\"all band\" x=\"%d\" y=\"%.1f\" width=\"22\" height=\"14\"/>", LEFT, second - 13);
    figure_text(to, "s", LEFT + 32, second, "± deviation at 1 sample / √samples");
}

static void describe(struct growing *to, const struct spread *spread)
{
    static const char *const what[] = {"means", "standard deviations"};
    char number[TICK_BYTES];
    growing_put(to, "A dot for each batch.");
    for (int k = 0; k < 2; k++) {
        growing_format(to, " Deviation of the %s of batches, by their size:", what[k]);
        for (size_t i = 0; i < spread->sizes; i++)
            growing_format(to, "%s %.0f: %s", i > 0 ? "," : "", spread->size[i].size,
                           axis_number(number, spread->size[i].std[k], 3));
        growing_put(to, ".");
    }
}

static void draw_spread(struct growing *to, const struct spread *spread)
{
    struct growing description = {0};
    describe(&description, spread);
    figure_begin(to, KEY + 2 * (ABOVE + HIGH + BELOW), "Mean and standard deviation of random batches over their size",
                 &description);
    growing_free(&description);
    put_key(to);
    put_panel(to, spread, 0, KEY + ABOVE, "Mean of a channel in the batch");
    put_panel(to, spread, 1, KEY + 2 * ABOVE + HIGH + BELOW, "Standard deviation of a channel in the batch");
    figure_end(to);
}

bool spread_draw(struct growing *to, const char *path, struct why *why)
{
    struct table table;
    struct spread spread = {0};
    bool good = table_read(&table, path, "batch,draw,mean,std", why) && read_spread(&spread, &table, why);
    if (good)
        draw_spread(to, &spread);
    free(spread.draw);
    table_free(&table);
    return good;
}
