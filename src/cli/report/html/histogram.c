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

static struct curve curve_of(const struct view_channel *channel)
{
    struct curve curve = {{0}};
    double sum = 0;
    for (int i = 0; i < VIEW_BINS; i++)
        sum += channel->bin[i];
    for (int i = 0; sum > 0 && i < VIEW_BINS; i++)
        curve.height[i * POINTS / VIEW_BINS] += channel->bin[i] / sum;
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
    return fmin(fmax(a, b), 3 * fmin(a, b));
}

static int y_of(double height, double scale)
{
    double y = scale > 0 ? HEIGHT * height / scale : 0;
    return HEIGHT - (int)lround(fmin(y, HEIGHT));
}

/* A closed area, from point to point. A minus sign parts two numbers as a blank does. */
static void put_area(struct growing *to, const char *class, const struct curve *curve, double scale)
{
    int y = y_of(curve->height[0], scale), half = WIDTH / POINTS / 2;
    growing_format(to, "<path class=\"%s\" d=\"M0 %dV%dh%dl", class, HEIGHT, y, half);
    for (int i = 1; i < POINTS; i++) {
        int next = y_of(curve->height[i], scale);
        growing_format(to, "%s%d%s%d", i == 1 ? "" : " ", WIDTH / POINTS, next < y ? "" : " ", next - y);
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
    growing_format(to, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Histogram of ", hue, WIDTH,
                   HEIGHT + MARKS);
    markup_text(to, name);
    growing_put(to, after ? ", before and after\">" : "\">");
    put_area(to, "was", &was, scale);
    if (after)
        put_area(to, "is", &is, scale);
    put_marks(to, "was-at", before, HEIGHT + MARKS / 4);
    if (after)
        put_marks(to, "is-at", after, HEIGHT + 3 * MARKS / 4);
    growing_put(to, "</svg>");
}
