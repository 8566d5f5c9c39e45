#include "cli/report/html/histogram.h"

#include "cli/report/html/markup.h"
#include "engine/statistics.h"

#include <math.h>

/* What is drawn has fewer points than there are bins, so that it is calm. In units of the drawing. */
enum { POINTS = 64, WIDTH = 256, HEIGHT = 64, MARKS = 16 };

/* A histogram as heights: the share of all samples at each point. */
struct curve {
    double height[POINTS];
};

/*
 * Each point but the ends <- the mean of itself and its neighbours, 1 : 2 : 1. A map of integers leaves values out at equal
 * distances, and what is drawn would be a comb.
 */
static void smooth(struct curve *curve)
{
    double before = curve->height[1];
    for (int i = 2; i < POINTS - 2; i++) {
        double here = curve->height[i];
        curve->height[i] = (before + 2 * here + curve->height[i + 1]) / 4;
        before = here;
    }
}

static struct curve curve_of(const struct view_channel *channel)
{
    struct curve curve = {{0}};
    double sum = 0;
    for (int i = 0; i < VIEW_BINS; i++)
        sum += channel->bin[i];
    for (int i = 0; sum > 0 && i < VIEW_BINS; i++)
        curve.height[i * POINTS / VIEW_BINS] += channel->bin[i] / sum;
    smooth(&curve);
    return curve;
}

/* The highest point. The ends, where all that lies beyond is heaped up, count only if there is nothing between. */
static double peak_of(const struct curve *curve)
{
    double peak = 0;
    for (int i = 1; i < POINTS - 1; i++)
        peak = fmax(peak, curve->height[i]);
    return peak > 0 ? peak : fmax(curve->height[0], curve->height[POINTS - 1]);
}

/* The share that is drawn at full height: a narrow curve is cut off before a wide one becomes a line. */
static double scale_of(const struct curve *before, const struct curve *after)
{
    double a = peak_of(before), b = after ? peak_of(after) : a;
    double lower = fmin(a, b), higher = fmax(a, b);
    return lower > 0 ? fmin(higher, 3 * lower) : higher;
}

static int y_of(double height, double scale)
{
    double y = scale > 0 ? HEIGHT * height / scale : 0;
    return HEIGHT - (int)lround(fmin(y, HEIGHT));
}

/* "4 -12" without the blank that a minus sign makes needless. There are hundreds in a card: printf takes too long. */
static void put_step(struct growing *to, bool parted, int dy)
{
    char text[8], *at = text + sizeof text;
    unsigned up = (unsigned)(dy < 0 ? -dy : dy);
    do
        *--at = (char)('0' + up % 10);
    while ((up /= 10) > 0);
    *--at = dy < 0 ? '-' : ' ';
    *--at = '0' + WIDTH / POINTS;
    if (parted)
        *--at = ' ';
    growing_add(to, at, (size_t)(text + sizeof text - at));
}

_Static_assert(WIDTH / POINTS < 10 && HEIGHT < 1000, "a step has a digit across and three upwards");

/* A closed area, from point to point. A minus sign parts two numbers as a blank does. */
static void put_area(struct growing *to, const char *class, const struct curve *curve, double scale)
{
    int y = y_of(curve->height[0], scale), half = WIDTH / POINTS / 2;
    growing_format(to, "<path class=\"%s\" d=\"M0 %dV%dh%dl", class, HEIGHT, y, half);
    for (int i = 1; i < POINTS; i++) {
        int next = y_of(curve->height[i], scale);
        put_step(to, i > 1, next - y);
        y = next;
    }
    growing_format(to, "h%dV%dz\"/>", half, HEIGHT);
}

/* Where a value is between the edges, kept within them. */
static double x_of(const struct view_channel *channel, double value)
{
    double span = channel->high - channel->low;
    double x = span > 0 ? WIDTH * (value - channel->low) / span : WIDTH / 2.0;
    return fmin(fmax(x, 0), WIDTH);
}

/* A line at the mean, and below it one from a deviation beneath to a deviation above. */
static void put_marks(struct growing *to, const char *class, const struct view_channel *channel, int y)
{
    struct moments_numbers m = moments_in_units(&channel->moments, 1);
    if (!isfinite(m.mean) || !isfinite(m.std))
        return;
    growing_format(to, "<path class=\"%s\" d=\"M%.1f 0V%dM%.1f %dH%.1f\"/>", class, x_of(channel, m.mean), y,
                   x_of(channel, m.mean - m.std), y, x_of(channel, m.mean + m.std));
}

void histogram_put(struct growing *to, const char *name, const char *hue, const struct view_channel *before,
                   const struct view_channel *after)
{
    struct curve was = curve_of(before), is = after ? curve_of(after) : was;
    double scale = scale_of(&was, after ? &is : NULL);
    growing_format(
        to, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"Histogram of ",
        hue, WIDTH, HEIGHT + MARKS);
    markup_string(to, name);
    growing_put(to, after ? ", before and after\">" : "\">");
    put_area(to, after ? "was" : "is", &was, scale);
    if (after)
        put_area(to, "is", &is, scale);
    put_marks(to, after ? "was-at" : "is-at", before, HEIGHT + MARKS / 4);
    if (after)
        put_marks(to, "is-at", after, HEIGHT + 3 * MARKS / 4);
    growing_put(to, "</svg>");
}
