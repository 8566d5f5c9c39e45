/* What is known of the output before the first row is mapped. */
#include "engine/apply.h"

#include <math.h>

/* What the smallest and the largest sample become is the range of what all become. */
void apply_know(struct apply *a, const struct instnorm_moments *measured)
{
    const struct layout *layout = a->layout;
    double most = sample_unit(layout->out.sample);
    bool plain = layout->count_clipped && !layout_converts(layout) && !a->by && layout->in.alpha == ALPHA_NONE &&
                 !apply_is_identity(layout, a->map);
    a->within = plain;
    for (unsigned c = 0; a->within && c < layout->colours; c++) {
        const struct instnorm_moments *m = &measured[layout_source(layout, c)];
        const double ends[] = {m->min, m->max};
        map_count_clipped(a->map, c, (struct run){NULL, ends}, 2, most, &a->clip[c]);
        a->within = m->weight > 0 && m->skipped == 0 && a->clip[c].low + a->clip[c].high == 0;
    }
    for (unsigned c = 0; plain && !a->within && c < layout->colours; c++)
        a->clip[c] = (struct instnorm_clip){0, 0, INFINITY, -INFINITY};
}
