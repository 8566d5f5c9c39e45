#include "engine/histogram.h"

#include <stdlib.h>

static bool is_before(const struct counts *a, const struct counts *b)
{
    return a->sample != b->sample ? a->sample < b->sample : a->unit < b->unit;
}

/* The place of those that are alike, made if there are none. NULL: memory is short. */
static struct counts *find(struct histogram *h, const struct counts *like, struct why *why)
{
    size_t at = 0;
    struct counts new;
    while (at < h->kinds && is_before(&h->kind[at], like))
        at++;
    if (at < h->kinds && !is_before(like, &h->kind[at]))
        return &h->kind[at];
    if (h->kinds == HISTOGRAM_KINDS) {
        why_set(why, "samples of more than %d types or units", (int)HISTOGRAM_KINDS);
        return NULL;
    }
    if (!counts_begin(&new, like->sample, like->unit, like->channels, why))
        return NULL;
    struct counts *more = realloc(h->kind, (h->kinds + 1) * sizeof *more);
    if (!more) {
        counts_free(&new);
        why_memory(why);
        return NULL;
    }
    h->kind = more;
    for (size_t i = h->kinds++; i > at; i--)
        more[i] = more[i - 1];
    more[at] = new;
    return &more[at];
}

bool histogram_add(struct histogram *h, const struct counts *counts, struct why *why)
{
    struct counts *to = find(h, counts, why);
    return to && (to->channels == counts->channels || why_set(why, "histograms of other channels")) &&
           counts_merge(to, counts, why);
}

bool histogram_merge(struct histogram *to, const struct histogram *from, struct why *why)
{
    bool ok = true;
    for (size_t i = 0; ok && i < from->kinds; i++)
        ok = histogram_add(to, &from->kind[i], why);
    return ok;
}

static bool repeat(struct histogram *to, const struct counts *grey, struct why *why)
{
    struct counts three = *grey;
    if (!counts_begin(&three, grey->sample, grey->unit, 3, why))
        return false;
    three.in_parts = grey->in_parts;
    three.fine = grey->fine;
    for (size_t i = 0; i < counts_bins(grey->sample); i++)
        three.bin[i] = grey->bin[i];
    counts_copy_channel(&three, 0, 1);
    counts_copy_channel(&three, 0, 2);
    bool ok = histogram_add(to, &three, why);
    counts_free(&three);
    return ok;
}

bool histogram_repeat_grey(struct histogram *h, struct why *why)
{
    struct histogram three = {0};
    bool ok = true;
    for (size_t i = 0; ok && i < h->kinds && h->kind[i].channels == 1; i++)
        ok = repeat(&three, &h->kind[i], why);
    if (!ok || three.kinds == 0) {
        histogram_free(&three);
        return ok;
    }
    histogram_free(h);
    *h = three;
    return true;
}

struct histogram histogram_of(struct counts *counts)
{
    return (struct histogram){counts->bin ? 1 : 0, counts};
}

void histogram_free(struct histogram *h)
{
    for (size_t i = 0; i < h->kinds; i++)
        counts_free(&h->kind[i]);
    free(h->kind);
    *h = (struct histogram){0};
}
