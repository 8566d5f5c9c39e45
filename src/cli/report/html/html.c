/* --report: a page of all pictures, before and after, with their histograms and numbers. */
#include "cli/report/html/card.h"
#include "cli/report/html/page.h"
#include "cli/report/html/numbers.h"
#include "cli/report/html/thumbnail.h"
#include "cli/report/reporter.h"

#include <stdlib.h>
#include <string.h>

static const char *asked(const struct reporting *how)
{
    return how->page;
}

static void *begin(const struct report_context *context, struct why *why)
{
    struct page *p = calloc(1, sizeof *p);
    if (!p) {
        why_memory(why);
        return NULL;
    }
    p->command = context->how->command ? context->how->command : "instnorm-cli";
    p->series = context->how->series;
    p->space = context->request->space;
    p->mapped = !context->how->stats;
    p->cards.most = CARDS_BYTES;
    return p;
}

static void abandon(void *state)
{
    struct page *p = state;
    entries_free(&p->entries);
    cards_free(&p->cards);
    chart_free(&p->chart);
    statistics_free(&p->before);
    statistics_free(&p->after);
    free(p);
}

/* ---- a picture ------------------------------------------------------------------------------------------------------ */

/* Adds it to the numbers of all pictures, if these have the same channels. */
static bool add_to_all(struct page *p, const struct result *r, struct why *why)
{
    if (!result_counts(r) || p->mixed)
        return true;
    p->mixed = p->before.colours > 0 && p->before.colours != r->colours;
    if (p->mixed)
        return true;
    if (!result_merge(r, &p->before, why))
        return false;
    if (r->status != RESULT_MAPPED)
        return true;
    struct instnorm_moments *after = calloc(r->colours, sizeof *after);
    bool ok = after || why_memory(why);
    for (unsigned c = 0; ok && c < r->colours; c++)
        after[c] = r->channel[c].after;
    ok = ok && statistics_merge(&p->after, after, r->colours, r->pictures, why);
    free(after);
    return ok;
}

static bool take(struct growing *from, char **to, struct why *why)
{
    *to = growing_take(from, why);
    return *to != NULL;
}

static bool give_card(struct page *p, struct entry *e, const struct result *r, struct why *why)
{
    struct growing card = {0};
    bool is_picture = r->status != RESULT_STATISTICS;
    if (!is_picture || !cards_wants(&p->cards, &p->entries) ||
        (!r->before.preview[VIEW_SMALL].rgb && r->before.channels == 0))
        return true;
    if (!card_put(&card, r, why)) {
        growing_free(&card);
        return false;
    }
    e->card_bytes = card.n;
    return take(&card, &e->card, why) && cards_add(&p->cards, &p->entries, why);
}

static bool add_picture(struct page *p, struct entry *e, const struct result *r, struct why *why)
{
    struct growing cells = {0};
    p->pictures++;
    e->one_of_many = result_is_one_of_many(r);
    e->index = r->index;
    e->clipped = result_clipped(r);
    numbers_put_cells(&cells, r, p->mapped);
    return take(&cells, &e->cells, why) && give_card(p, e, r, why) && add_to_all(p, r, why) &&
           (!p->series || chart_add(&p->chart, r, why));
}

/* ---- an input that has ended ----------------------------------------------------------------------------------------- */

static bool add_end(struct page *p, struct entry *e, const struct result *r, struct why *why)
{
    bool failed = r->status != RESULT_SKIPPED;
    e->given_up = r->given_up;
    p->failed += failed && !r->given_up;
    p->given_up += r->given_up;
    p->skipped += !failed;
    if (!failed)
        return true;
    e->cells = strdup(r->why.text);
    return e->cells || why_memory(why);
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    struct page *p = state;
    if (r->status == RESULT_DONE)
        return true;
    if (r->status == RESULT_FAILED && entries_fail_job(&p->entries, job))
        cards_sort(&p->cards, &p->entries);
    struct entry *e = entries_add(&p->entries, why);
    if (!e)
        return false;
    e->job = job;
    e->status = r->status;
    e->failed = r->status == RESULT_FAILED;
    e->member = r->member ? strdup(r->member) : NULL;
    if (r->member && !e->member)
        return why_memory(why);
    return (result_has_statistics(r) ? add_picture : add_end)(p, e, r, why);
}

static double views_from(const void *state)
{
    const struct page *p = state;
    return cards_clipped_from(&p->cards, &p->entries);
}

static struct report_content finish(void *state, const struct report_end *end, struct why *why)
{
    struct page *page = state;
    struct growing to = {0};
    (void)end;
    page->folder = entries_folder(&page->entries);
    page_write(&to, page);
    abandon(state);
    size_t n = to.n;
    return (struct report_content){growing_take(&to, why), n};
}

const struct reporter html_reporter = {.option = "--report",
                                       .needs = {.clipping = true,
                                                 .moments = true,
                                                 .channels = true,
                                                 .view = {.histograms = true, .side = {[VIEW_SMALL] = THUMBNAIL_SIDE}}},
                                       .asked = asked,
                                       .file = "report",
                                       .partial = true,
                                       .other = "is not a report",
                                       .is_kind = page_begins,
                                       .begin = begin,
                                       .add = add,
                                       .views_from = views_from,
                                       .finish = finish,
                                       .abandon = abandon};
