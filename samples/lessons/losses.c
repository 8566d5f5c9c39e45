/* Curves of the held-out loss: over the steps of a training, and over its learning rate. */
#include "lessons/lessons.h"

#include "lessons/axis.h"
#include "lessons/curves.h"
#include "lessons/labels.h"

#include <math.h>
#include <stdio.h>

enum { LEFT = 102, RIGHT = 512, HIGH = 260, ABOVE = 44, BELOW = 62, BATCHES_MAX = 6, CROSS = 5 };

/* What tells the two figures apart. */
struct lesson {
    const char *title, *panel, *x_name, *ending;
    bool logarithmic; /* x */
    bool dotted;      /* few points, each of them marked */
};

/* The curves of one size of batches, and their panel. */
struct part {
    const struct curve *curve;
    size_t n;
    struct panel panel;
    int strips; /* rows above the panel, for the curves that diverged */
};

static struct values values_of(const struct curve *curve, const double *first)
{
    return (struct values){first, curve->n, sizeof(struct point) / sizeof(double)};
}

/* The first point where a seed diverged, or NULL. */
static const struct point *first_diverged(const struct curve *curve)
{
    for (size_t i = 0; i < curve->n; i++)
        if (curve->point[i].diverged > 0)
            return &curve->point[i];
    return NULL;
}

/* ---- what is to be seen, in words ----------------------------------------------------------------------------------- */

static const struct point *last_of(const struct curve *curve)
{
    return &curve->point[curve->n - 1];
}

static const struct point *best_of(const struct curve *curve)
{
    const struct point *best = NULL;
    for (size_t i = 0; i < curve->n; i++)
        if (isfinite(curve->point[i].mean) && (!best || curve->point[i].mean < best->mean))
            best = &curve->point[i];
    return best;
}

static void describe_curve(struct growing *to, const struct lesson *lesson, const struct curve *curve)
{
    const struct point *point = lesson->dotted ? best_of(curve) : last_of(curve), *diverged = first_diverged(curve);
    char name[KIND_BYTES], x[TICK_BYTES], mean[TICK_BYTES], low[TICK_BYTES], high[TICK_BYTES];
    growing_format(to, " %s", kind_name(name, &curve->kind));
    if (point && isfinite(point->mean))
        growing_format(to, " %s (%s to %s) at %s %s", axis_number(mean, point->mean, 3), axis_number(low, point->low, 3),
                       axis_number(high, point->high, 3), lesson->x_name, axis_number(x, point->x, 6));
    if (diverged)
        growing_format(to, "%s diverged at %s %s", point && isfinite(point->mean) ? " and" : "", lesson->x_name,
                       axis_number(x, diverged->x, 6));
}

static void describe(struct growing *to, const struct lesson *lesson, const struct part *part, size_t parts)
{
    growing_format(to, "Mean over the seeds, and from the least to the largest, %s.", lesson->ending);
    for (size_t i = 0; i < parts; i++) {
        growing_format(to, " Batches of %zu:", part[i].curve->batch);
        for (size_t k = 0; k < part[i].n; k++) {
            describe_curve(to, lesson, &part[i].curve[k]);
            growing_put(to, k + 1 < part[i].n ? "," : ".");
        }
    }
}

/* ---- panels --------------------------------------------------------------------------------------------------------- */

static struct range range_upwards(const struct part *part)
{
    struct range range = RANGE_OF_NONE;
    for (size_t i = 0; i < part->n; i++) {
        const struct curve *curve = &part->curve[i];
        struct values low = values_of(curve, &curve->point->low), high = values_of(curve, &curve->point->high);
        range_add(&range, range_of(&low, 0, low.n).low);
        range_add(&range, range_of(&high, 0, high.n).high);
    }
    return range.low <= range.high ? range : (struct range){0, 1};
}

static struct range range_across(const struct curves *curves)
{
    struct range range = RANGE_OF_NONE;
    for (size_t i = 0; i < curves->n; i++) {
        range_add(&range, curves->curve[i].point->x);
        range_add(&range, last_of(&curves->curve[i])->x);
    }
    return range;
}

/* part <- the curves of each size of batches, from the top to the bottom. Returns the height of the figure. */
static int place_parts(struct part *part, size_t *parts, const struct curves *curves, const struct lesson *lesson)
{
    struct range x = range_across(curves);
    int top = 0;
    for (size_t begin = 0, end; begin < curves->n; begin = end) {
        struct part *p = &part[(*parts)++];
        end = curves_end(curves, begin);
        *p = (struct part){.curve = &curves->curve[begin], .n = end - begin};
        for (size_t i = 0; i < p->n; i++)
            p->strips += first_diverged(&p->curve[i]) != NULL;
        struct range y = range_upwards(p);
        top += ABOVE + p->strips * FIGURE_LINE;
        p->panel = (struct panel){LEFT, RIGHT, top, top + HIGH,
                                  .y = axis_wants_logarithm(y) ? axis_logarithmic(y, true) : axis_linear(y, true)};
        p->panel.x = lesson->logarithmic ? axis_logarithmic(x, false) : axis_linear(x, false);
        panel_place(&p->panel, lesson->dotted ? 14 : 0);
        top += HIGH + BELOW;
    }
    return top;
}

static void put_cross(struct growing *to, const char *class, double x, double y)
{
    growing_format(to, "<path class=\"%s cross\" d=\"M%.1f %.1fl%d %dm0 -%dl-%d %d\"/>", class, x - CROSS, y - CROSS,
                   2 * CROSS, 2 * CROSS, 2 * CROSS, 2 * CROSS, 2 * CROSS);
}

/* Crosses in the row of the curve, where it diverged: at each dot, or where it begins to; and lines that lead there. */
static void put_diverged(struct growing *to, const struct lesson *lesson, const struct curve *curve,
                         const struct panel *panel, double row, struct label *label)
{
    const char *class = kind_class(&curve->kind);
    bool ends_here = isnan(last_of(curve)->mean);
    for (size_t i = 0; i < curve->n; i++) {
        const struct point *point = &curve->point[i];
        bool before = i > 0 && point[-1].diverged > 0;
        double x = scale_place(&panel->x.scale, point->x);
        if (point->diverged == 0 || (before && !lesson->dotted))
            continue;
        put_cross(to, class, x, row);
        if (i > 0 && !before)
            growing_format(to, "<path class=\"%s line\" d=\"M%.1f %.1fL%.1f %.1f\"/>", class,
                           scale_place(&panel->x.scale, point[-1].x), scale_place(&panel->y.scale, point[-1].mean), x, row);
        if (ends_here) {
            label->x = x + CROSS;
            label->y = row;
        }
    }
}

static void put_curve(struct growing *to, const struct lesson *lesson, const struct curve *curve, const struct panel *panel)
{
    char class[KIND_BYTES + 8];
    const struct axes axes = {panel->x.scale, panel->y.scale};
    struct values x = values_of(curve, &curve->point->x), mean = values_of(curve, &curve->point->mean);
    snprintf(class, sizeof class, "%s line", kind_class(&curve->kind));
    plot_line(to, class, &axes, &x, &mean);
    snprintf(class, sizeof class, "%s dots", kind_class(&curve->kind));
    if (lesson->dotted)
        plot_dots(to, class, &axes, &x, &mean);
    growing_put(to, "\n");
}

static void put_band(struct growing *to, const struct curve *curve, const struct panel *panel)
{
    char class[KIND_BYTES + 8];
    const struct axes axes = {panel->x.scale, panel->y.scale};
    struct values x = values_of(curve, &curve->point->x);
    struct values low = values_of(curve, &curve->point->low), high = values_of(curve, &curve->point->high);
    snprintf(class, sizeof class, "%s band", kind_class(&curve->kind));
    plot_band(to, class, &axes, &x, &low, &high);
}

_Static_assert((int)KIND_BYTES <= (int)LABEL_BYTES && (int)NORM_BATCH < (int)LABELS_MAX,
               "a part has a curve of each kind, and its label");

static void put_part(struct growing *to, const struct lesson *lesson, const struct part *part)
{
    struct panel frame = part->panel;
    struct labels labels = {.n = 0};
    char title[80];
    double strips = frame.top - part->strips * FIGURE_LINE;
    snprintf(title, sizeof title, "%s, batches of %zu", lesson->panel, part->curve->batch);
    if (part->strips > 0) {
        growing_format(to, "<rect class=\"strip\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", frame.left,
                       strips, frame.right - frame.left, frame.top - strips);
        figure_text(to, "e quiet", frame.left - 8, (strips + frame.top) / 2 + 6, "diverged");
    }
    figure_text(to, "s title", frame.left, strips - 13, title);
    panel_put(to, &part->panel, lesson->x_name);
    for (size_t i = 0; i < part->n; i++)
        put_band(to, &part->curve[i], &part->panel);
    int row = 0;
    for (size_t i = 0; i < part->n; i++) {
        const struct curve *curve = &part->curve[i];
        struct label *label = &labels.label[labels.n++];
        *label = (struct label){.class = kind_class(&curve->kind), .x = scale_place(&frame.x.scale, last_of(curve)->x)};
        label->y = scale_place(&frame.y.scale, last_of(curve)->mean);
        kind_name(label->text, &curve->kind);
        put_curve(to, lesson, curve, &part->panel);
        if (first_diverged(curve))
            put_diverged(to, lesson, curve, &part->panel, strips + (row++ + 0.5) * FIGURE_LINE, label);
    }
    labels_put(to, &labels, RIGHT + 18, strips + 6, frame.bottom - 6);
}

static void draw_parts(struct growing *to, const struct lesson *lesson, const struct curves *curves)
{
    struct part part[BATCHES_MAX];
    struct growing description = {0};
    size_t parts = 0;
    int height = place_parts(part, &parts, curves, lesson);
    describe(&description, lesson, part, parts);
    figure_begin(to, height, lesson->title, &description);
    growing_free(&description);
    for (size_t i = 0; i < parts; i++)
        put_part(to, lesson, &part[i]);
    figure_end(to);
}

static bool draw(struct growing *to, const struct lesson *lesson, const struct table *table, const struct columns *columns,
                 struct why *why)
{
    struct curves curves;
    size_t batches = 0;
    bool good = curves_read(&curves, table, columns, why);
    for (size_t begin = 0; good && begin < curves.n; begin = curves_end(&curves, begin))
        good = ++batches <= BATCHES_MAX ||
               table_refuse(table, curves.curve[begin].row, columns->batch, "at most 6 sizes of batches", why);
    if (good)
        draw_parts(to, lesson, &curves);
    curves_free(&curves);
    return good;
}

static bool draw_steps(struct growing *to, const char *title, const char *path, struct why *why)
{
    const struct lesson lesson = {
        .title = title,
        .panel = "Held-out loss",
        .x_name = "step",
        .ending = "at the end of the training",
    };
    static const struct columns columns = {.kind = 0, .batch = 1, .seed = 2, .x = 3, .y = 5, .sparse = true};
    struct table table;
    bool good =
        table_read(&table, path, "norm,batch,seed,step,loss,held_out", why) && draw(to, &lesson, &table, &columns, why);
    table_free(&table);
    return good;
}

bool losses_draw(struct growing *to, const char *path, struct why *why)
{
    return draw_steps(to,
                      "Loss over the steps of a training in uneven light, by kind of normalization and size of the batches",
                      path, why);
}

bool even_draw(struct growing *to, const char *path, struct why *why)
{
    return draw_steps(
        to, "Loss over the steps of a training in even light, by kind of normalization and size of the batches", path, why);
}

bool rates_draw(struct growing *to, const char *path, struct why *why)
{
    static const struct lesson lesson = {
        .title = "Held-out loss after a short training over its learning rate, by kind of normalization and size of the "
                 "batches",
        .panel = "Held-out loss",
        .x_name = "learning rate",
        .ending = "at the best learning rate",
        .logarithmic = true,
        .dotted = true,
    };
    static const struct columns columns = {.kind = 0, .batch = 1, .x = 2, .seed = 3, .y = 4, .positive = true};
    struct table table;
    bool good = table_read(&table, path, "norm,batch,rate,seed,held_out", why) && draw(to, &lesson, &table, &columns, why);
    table_free(&table);
    return good;
}
