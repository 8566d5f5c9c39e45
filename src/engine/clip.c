#include "engine/clip.h"

#include <math.h>

static const struct instnorm_affine identity = {1, 0};

/* Whether integers are made of what may leave their range, so that they may cut off what is not changed too. */
static bool cuts_all(const struct layout *layout)
{
    enum sample in = layout->in.sample, out = layout->out.sample;
    double scale = layout_conversion(layout).scale;
    bool inside = !sample_is_float(in) && sample_least(in) * scale >= sample_least(out) - 0.5 &&
                  sample_unit(in) * scale < sample_unit(out) + 0.5;
    return !sample_is_float(out) && !inside;
}

/* What is transparent, or stands for no data, is not counted where it is not measured either. */
static bool is_seen(const struct apply *a, const struct cursor *cursor, size_t i)
{
    return (!a->layout->alpha_counts || cursor->alpha[i] > 0) && (!a->data || a->data[i] > 0);
}

/* counted <- the samples that are seen, and changed or not; returns how many they are. */
static size_t select_counted(const struct apply *a, const struct cursor *cursor, struct run x, const double *amount,
                             bool changed, double *counted)
{
    size_t m = 0;
    for (size_t i = 0; i < cursor->n; i++)
        if (is_seen(a, cursor, i) && (!amount || (amount[i] > 0) == changed))
            counted[m++] = run_at(x, i);
    return m;
}

void clip_count(struct apply *a, const struct cursor *cursor, unsigned c, bool converted, struct run x, struct run straight,
                const double *amount)
{
    const struct layout *layout = a->layout;
    const struct instnorm_affine convert = layout_conversion(layout);
    enum sample sample = layout->out.sample;
    double selected[INSTNORM_BLOCK];
    struct run counted = {NULL, selected};
    if (!layout->count_clipped || a->within || c >= layout->colours)
        return;
    bool all = !cursor->alpha && !amount && !x.wide;
    size_t n = all ? cursor->n : select_counted(a, cursor, x, amount, true, selected);
    if (converted)
        run_count_clipped(all ? x : counted, n, &identity, sample, &a->clip[c]);
    else
        map_count_clipped(a->map, c, all ? x : counted, n, sample, &a->clip[c]);
    if (amount && cuts_all(layout)) {
        n = select_counted(a, cursor, straight, amount, false, selected);
        run_count_clipped(counted, n, &convert, sample, &a->clip[c]);
    }
}

uint64_t clip_pixels(const struct apply *a, const struct cursor *cursor, const double *amount)
{
    uint64_t counted = 0;
    bool all = !amount || cuts_all(a->layout);
    if (!cursor->alpha && !amount)
        return cursor->n;
    for (size_t i = 0; i < cursor->n; i++)
        counted += is_seen(a, cursor, i) && (all || amount[i] > 0);
    return counted;
}

/* What the smallest and the largest sample become is the range of what all become. */
void apply_know(struct apply *a, const struct instnorm_moments *measured)
{
    const struct layout *layout = a->layout;
    bool plain = layout->count_clipped && !layout_converts(layout) && !a->by && layout->in.alpha == ALPHA_NONE &&
                 !a->data && !apply_is_identity(layout, a->map);
    a->within = plain;
    for (unsigned c = 0; a->within && c < layout->colours; c++) {
        const struct instnorm_moments *m = &measured[layout_source(layout, c)];
        const double ends[] = {m->min, m->max};
        map_count_clipped(a->map, c, (struct run){NULL, ends}, 2, layout->out.sample, &a->clip[c]);
        a->within = m->weight > 0 && m->skipped == 0 && a->clip[c].low + a->clip[c].high == 0;
    }
    for (unsigned c = 0; plain && !a->within && c < layout->colours; c++)
        a->clip[c] = (struct instnorm_clip){0, 0, INFINITY, -INFINITY};
}
