#include "lessons/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { INTERVALS = 5, DECADES = 6 };

/* ---- ticks ---------------------------------------------------------------------------------------------------------- */

/* 1, 2 or 5 times a power of ten, so that the span has about INTERVALS of them. */
static double step_of(double span)
{
    double power = pow(10, floor(log10(span / INTERVALS))), many = span / INTERVALS / power;
    return power * (many < 1.4 ? 1 : many < 3.2 ? 2 : many < 7.1 ? 5 : 10);
}

static void add_tick(struct axis *axis, double value)
{
    if (axis->ticks < TICKS_MAX)
        axis->tick[axis->ticks++] = value;
}

static void drop_first(struct axis *axis)
{
    axis->ticks--;
    memmove(axis->tick, axis->tick + 1, axis->ticks * sizeof *axis->tick);
}

/* The ticks begin below the range and end above it. Leaves those that are needed, and sets the ends of the scale. */
static void fit(struct axis *axis, struct range range, bool rounded)
{
    double slack = 1e-9 * fabs(axis->tick[1] - axis->tick[0]);
    while (axis->ticks > 2 && axis->tick[1] <= range.low + slack)
        drop_first(axis);
    while (axis->ticks > 2 && axis->tick[axis->ticks - 2] >= range.high - slack)
        axis->ticks--;
    if (rounded)
        range = (struct range){axis->tick[0], axis->tick[axis->ticks - 1]};
    while (axis->ticks > 0 && axis->tick[0] < range.low - slack)
        drop_first(axis);
    while (axis->ticks > 0 && axis->tick[axis->ticks - 1] > range.high + slack)
        axis->ticks--;
    if (axis->ticks == 0) {
        add_tick(axis, range.low);
        add_tick(axis, range.high);
    }
    axis->scale.from = range.low;
    axis->scale.to = range.high;
}

struct axis axis_linear(struct range range, bool rounded)
{
    if (range.high == range.low) {
        double around = range.low != 0 ? fabs(range.low) / 2 : 1;
        range = (struct range){range.low - around, range.high + around};
    }
    struct axis axis = {.ticks = 0};
    double step = step_of(range.high - range.low);
    for (double i = floor(range.low / step); i <= ceil(range.high / step); i++)
        add_tick(&axis, i * step);
    fit(&axis, range, rounded);
    return axis;
}

/* 1, 2 and 5 times the powers of ten, or these alone if there are many, or each second of them and so on. */
struct axis axis_logarithmic(struct range range, bool rounded)
{
    if (range.high == range.low)
        range = (struct range){range.low / 2, range.high * 2};
    struct axis axis = {.scale = {.logarithmic = true}};
    double first = floor(log10(range.low)), decades = fmax(ceil(log10(range.high)) - first, 1),
           every = ceil(decades / DECADES);
    bool few = range.high <= 100 * range.low;
    for (double power = 0; power < decades; power += every) {
        add_tick(&axis, pow(10, first + power));
        if (few)
            add_tick(&axis, 2 * pow(10, first + power));
        if (few)
            add_tick(&axis, 5 * pow(10, first + power));
    }
    add_tick(&axis, pow(10, first + every * ceil(decades / every)));
    fit(&axis, range, rounded);
    return axis;
}

bool axis_wants_logarithm(struct range range)
{
    return range.low > 0 && range.high > 10 * range.low;
}

/* ---- numbers -------------------------------------------------------------------------------------------------------- */

static void put_power(char *text, size_t size, int power)
{
    static const char *const digits[] = {"⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"};
    char plain[16];
    snprintf(plain, sizeof plain, "%d", power);
    size_t n = (size_t)snprintf(text, size, "10");
    for (const char *at = plain; *at && n < size; at++)
        n += (size_t)snprintf(text + n, size - n, "%s", *at == '-' ? "⁻" : digits[*at - '0']);
}

/* Without the zeros behind the point. */
static void cut_zeros(char *digits)
{
    if (!strchr(digits, '.'))
        return;
    size_t n = strlen(digits);
    while (digits[n - 1] == '0')
        n--;
    digits[digits[n - 1] == '.' ? n - 1 : n] = '\0';
}

const char *axis_number(char text[TICK_BYTES], double value, int digits)
{
    char number[24], power[24] = "";
    const char *sign = value < 0 ? "−" : "";
    value = fabs(value);
    int exponent = value > 0 ? (int)floor(log10(value) + 1e-9) : 0;
    if (value == 0 || (exponent >= -4 && exponent <= 5)) {
        snprintf(number, sizeof number, "%.*f", digits > exponent + 1 ? digits - exponent - 1 : 0, value);
    } else {
        snprintf(number, sizeof number, "%.*f", digits - 1, value / pow(10, exponent));
        put_power(power, sizeof power, exponent);
    }
    cut_zeros(number);
    if (power[0] && strcmp(number, "1") == 0)
        snprintf(text, TICK_BYTES, "%s%s", sign, power);
    else
        snprintf(text, TICK_BYTES, "%s%s%s%s", sign, number, power[0] ? "·" : "", power);
    return text;
}

/* ---- panels --------------------------------------------------------------------------------------------------------- */

void panel_place(struct panel *panel, double inset)
{
    panel->x.scale.begin = panel->left + inset;
    panel->x.scale.end = panel->right - inset;
    panel->y.scale.begin = panel->bottom;
    panel->y.scale.end = panel->top;
}

/* The digits that tell each tick from the next. */
static int digits_of(const struct axis *axis)
{
    double largest = 0, step = INFINITY;
    for (size_t i = 0; i < axis->ticks; i++) {
        largest = fmax(largest, fabs(axis->tick[i]));
        step = i > 0 ? fmin(step, axis->tick[i] - axis->tick[i - 1]) : step;
    }
    if (axis->scale.logarithmic || axis->ticks < 2)
        return 3;
    return (int)fmin(fmax(floor(log10(largest) + 1e-9) - floor(log10(step) + 1e-9) + 1, 1), 15);
}

void panel_put(struct growing *to, const struct panel *panel, const char *x_name)
{
    char text[TICK_BYTES];
    int digits = digits_of(&panel->y);
    for (size_t i = 0; i < panel->y.ticks; i++) {
        double y = scale_place(&panel->y.scale, panel->y.tick[i]);
        growing_format(to, "<path class=\"grid\" d=\"M%.1f %.1fH%.1f\"/>", panel->left, y, panel->right);
        figure_text(to, "e quiet", panel->left - 8, y + 6, axis_number(text, panel->y.tick[i], digits));
    }
    growing_format(to, "<path class=\"axis\" d=\"M%.1f %.1fH%.1f\"/>\n", panel->left, panel->bottom, panel->right);
    digits = digits_of(&panel->x);
    for (size_t i = 0; i < panel->x.ticks; i++) {
        double x = scale_place(&panel->x.scale, panel->x.tick[i]);
        growing_format(to, "<path class=\"axis\" d=\"M%.1f %.1fv5\"/>", x, panel->bottom);
        figure_text(to, "m quiet", x, panel->bottom + FIGURE_LINE, axis_number(text, panel->x.tick[i], digits));
    }
    figure_text(to, "m", (panel->left + panel->right) / 2, panel->bottom + 2 * FIGURE_LINE, x_name);
}
