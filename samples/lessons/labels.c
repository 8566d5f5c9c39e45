#include "lessons/labels.h"

#include <math.h>
#include <stdio.h>

enum { LEAD = 4 };

/* The labels from the highest to the lowest. */
static void sort(const struct label *sorted[], const struct labels *labels)
{
    for (size_t i = 0; i < labels->n; i++) {
        size_t at = i;
        for (; at > 0 && sorted[at - 1]->y > labels->label[i].y; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = &labels->label[i];
    }
}

void labels_put(struct growing *to, const struct labels *labels, double x, double top, double bottom)
{
    const struct label *sorted[LABELS_MAX] = {NULL};
    double y[LABELS_MAX];
    size_t n = labels->n;
    sort(sorted, labels);
    for (size_t i = 0; i < n; i++)
        y[i] = fmax(sorted[i]->y, i > 0 ? y[i - 1] + FIGURE_LINE : top);
    for (size_t i = n; i-- > 0;)
        y[i] = fmin(y[i], i + 1 < n ? y[i + 1] - FIGURE_LINE : bottom);
    for (size_t i = 0; i < n; i++) {
        const struct label *label = sorted[i];
        char class[2 * LABEL_BYTES];
        growing_format(to, "<path class=\"%s lead\" d=\"M%.1f %.1fL%.1f %.1f\"/>", label->class, label->x + LEAD, label->y,
                       x - LEAD, y[i]);
        snprintf(class, sizeof class, "s label %s", label->class);
        figure_text(to, class, x, y[i] + 6, label->text);
    }
}
