#include "cli/report/html/entry.h"

#include "cli/files/names.h"

#include <math.h>
#include <stdlib.h>

/* More room for items of a size, twice as many as there are. NULL: out of memory, and nothing changes. */
static void *grow(void *items, size_t *room, size_t size, struct why *why)
{
    size_t wanted = *room ? 2 * *room : 16;
    void *more = reallocarray(items, wanted, size);
    if (more)
        *room = wanted;
    else
        why_memory(why);
    return more;
}

struct entry *entries_add(struct entries *e, struct why *why)
{
    if (e->n == e->room) {
        struct entry *more = grow(e->item, &e->room, sizeof *more, why);
        if (!more)
            return NULL;
        e->item = more;
    }
    e->item[e->n] = (struct entry){0};
    return &e->item[e->n++];
}

bool entries_fail_job(struct entries *e, const struct job *job)
{
    bool any = false;
    for (size_t i = e->n; i-- > 0 && e->item[i].job == job; any = true)
        e->item[i].failed = true;
    return any;
}

size_t entries_folder(const struct entries *e)
{
    const char *first = e->n > 0 ? e->item[0].job->input : "";
    size_t n = (size_t)(path_base(first) - first);
    for (size_t i = 1; i < e->n; i++) {
        const char *other = e->item[i].job->input;
        size_t same = 0;
        while (same < n && other[same] == first[same])
            same++;
        while (same > 0 && first[same - 1] != '/')
            same--;
        n = same;
    }
    return n;
}

void entries_free(struct entries *e)
{
    for (size_t i = 0; i < e->n; i++) {
        free(e->item[i].member);
        free(e->item[i].cells);
        free(e->item[i].card);
    }
    free(e->item);
    *e = (struct entries){0};
}

/* ---- the cards that are kept ---------------------------------------------------------------------------------------- */

/* Whether entry a goes before entry b. */
static bool goes_first(const struct entries *e, size_t a, size_t b)
{
    const struct entry *x = &e->item[a], *y = &e->item[b];
    if (x->failed != y->failed)
        return y->failed;
    if (x->clipped < y->clipped || x->clipped > y->clipped)
        return x->clipped < y->clipped;
    return a > b;
}

static void swap(size_t *heap, size_t i, size_t k)
{
    size_t kept = heap[i];
    heap[i] = heap[k];
    heap[k] = kept;
}

static void sink_down(struct cards *c, const struct entries *e, size_t i)
{
    for (;;) {
        size_t least = i;
        for (size_t child = 2 * i + 1; child <= 2 * i + 2 && child < c->n; child++)
            if (goes_first(e, c->heap[child], c->heap[least]))
                least = child;
        if (least == i)
            return;
        swap(c->heap, i, least);
        i = least;
    }
}

static void rise(struct cards *c, const struct entries *e, size_t i)
{
    for (; i > 0 && goes_first(e, c->heap[i], c->heap[(i - 1) / 2]); i = (i - 1) / 2)
        swap(c->heap, i, (i - 1) / 2);
}

static void drop_first(struct cards *c, struct entries *e)
{
    struct entry *entry = &e->item[c->heap[0]];
    c->bytes -= entry->card_bytes;
    free(entry->card);
    entry->card = NULL;
    entry->card_bytes = 0;
    c->left_out++;
    c->heap[0] = c->heap[--c->n];
    sink_down(c, e, 0);
}

bool cards_wants(struct cards *c, const struct entries *e)
{
    bool wants = c->left_out == 0 || (c->n > 0 && goes_first(e, c->heap[0], e->n - 1));
    c->left_out += !wants;
    return wants;
}

double cards_clipped_from(const struct cards *c, const struct entries *e)
{
    if (c->left_out == 0)
        return 0;
    const struct entry *next = c->n > 0 ? &e->item[c->heap[0]] : NULL;
    return next && !next->failed ? nextafter(next->clipped, INFINITY) : INFINITY;
}

bool cards_add(struct cards *c, struct entries *e, struct why *why)
{
    if (c->n == c->room) {
        size_t *more = grow(c->heap, &c->room, sizeof *more, why);
        if (!more)
            return false;
        c->heap = more;
    }
    c->heap[c->n++] = e->n - 1;
    c->bytes += e->item[e->n - 1].card_bytes;
    rise(c, e, c->n - 1);
    while (c->bytes > c->most && c->n > 0)
        drop_first(c, e);
    return true;
}

void cards_sort(struct cards *c, const struct entries *e)
{
    for (size_t i = c->n / 2; i-- > 0;)
        sink_down(c, e, i);
}

void cards_free(struct cards *c)
{
    free(c->heap);
    *c = (struct cards){0};
}
