/* --save-stats: the statistics of all inputs together, as a file. */
#include "cli/files/names.h"
#include "cli/report/reporter.h"
#include "cli/report/result_name.h"
#include "cli/report/same_map.h"
#include "cli/report/stats_file.h"
#include "codec/codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

extern const struct json_library jansson;

struct stats {
    const struct request *request;
    struct pooled pool;       /* of all pictures; of a first pass of two only their names */
    uint64_t named;           /* pictures whose names are in it */
    struct statistics target; /* with --fit: mean and deviation are those of the target */
    struct same_map same;
};

static const char *asked(const struct reporting *how)
{
    return how->save_stats;
}

static bool is_statistics(const unsigned char *head, size_t n)
{
    const struct foreign *foreign = foreign_sniff(head, n);
    return foreign && foreign->kind == FOREIGN_STATISTICS;
}

static void *begin(const struct report_context *context, struct why *why)
{
    struct stats *s = calloc(1, sizeof *s);
    if (s)
        s->request = context->request;
    else
        why_memory(why);
    return s;
}

/* A stream, or what a shell hands over as a descriptor, has no name that tells it from another one. */
static void name(struct stats *s, const struct result *r, const struct job *job)
{
    if (path_is_standard(job->input) || file_descriptor(job->input) >= 0) {
        s->pool.unnamed = true;
        return;
    }
    char whole[RESULT_NAME_BYTES];
    struct job listed = *job;
    listed.input = job->listed;
    pooled_name(&s->pool, result_name(r, &listed, whole), r->index);
    s->named++;
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    struct stats *s = state;
    if (!result_pool(r, &s->pool, why))
        return false;
    if (result_counts(r) && r->status != RESULT_STATISTICS)
        name(s, r, job);
    if (s->request->fit) {
        if (!result_merge(r, &s->target, why))
            return false;
        result_put_target(r, &s->target);
    }
    return same_map_add(&s->same, r, why);
}

static bool check_fit(const struct stats *s, struct why *why)
{
    if (s->same.pictures != 1 || s->same.differs)
        return why_set(why, "%zu pictures were fitted, but the file holds the target of one", s->same.pictures);
    for (unsigned c = 0; c < s->same.map.channels; c++)
        if (map_falls(&s->same.map, c))
            return why_set(why, "channel %u was fitted with a negative scale, which no standard deviation gives", c);
    return true;
}

/* Whether the file can be read again. */
static bool check_size(const struct statistics *all, struct why *why)
{
    for (unsigned c = 0; c < all->colours; c++) {
        const struct instnorm_moments *m = &all->channel[c];
        double range = isfinite(m->min) && isfinite(m->max) ? fmax(fabs(m->min), fabs(m->max)) : 0;
        if (!(fmax(fmax(range, m->weight), fabs(m->mean)) < STATS_NUMBER_MAX && instnorm_variance(m) < STATS_NUMBER_MAX))
            return why_set(why, "channel %u has a weight, a mean, a variance or samples of %g or more", c,
                           STATS_NUMBER_MAX);
    }
    return true;
}

/* What the file is of: the pool, or what the picture was fitted to. */
static bool find_pool(struct stats *s, const struct report_end *end, struct pooled *to, struct why *why)
{
    const struct statistics *target = &s->target;
    struct statistics all = {0};
    const struct pooled_part part = {
        .colours = target->colours, .unit = 1, .moments = target->channel, .pictures = target->pictures};
    bool ok = target->colours > 0 ? pooled_add(to, &part, why) : pooled_merge(to, end->all ? end->all : &s->pool, why);
    if (ok && to->colours == 0)
        return why_set(why, "nothing counts in any of the inputs");
    if (end->all)
        to->names = s->pool.names;
    to->unnamed |= s->pool.unnamed || target->colours > 0 || (end->all && end->all->pictures != s->named);
    to->missing += end->missing;
    ok = ok && pooled_statistics(to, &all, why) && statistics_check_counts(&all, why) && check_size(&all, why) &&
         (!s->request->fit || check_fit(s, why));
    statistics_free(&all);
    return ok;
}

static void abandon(void *state)
{
    struct stats *s = state;
    pooled_free(&s->pool);
    statistics_free(&s->target);
    map_free(&s->same.map);
    free(s);
}

static struct report_content finish(void *state, const struct report_end *end, struct why *why)
{
    struct stats *s = state;
    struct pooled pool = {0};
    char *text = NULL;
    if (find_pool(s, end, &pool, why) && !(text = jansson.format(s->request->space, &pool, same_map_find(&s->same))))
        why_memory(why);
    pooled_free(&pool);
    abandon(state);
    size_t n = text ? strlen(text) : 0;
    if (n <= STATS_FILE_BYTES_MAX)
        return (struct report_content){text, n};
    why_set(why, "more than %d bytes: expected fewer channels, or no histogram", (int)STATS_FILE_BYTES_MAX);
    free(text);
    return (struct report_content){NULL, 0};
}

const struct reporter stats_reporter = {.option = "--save-stats",
                                        .needs = {.moments = true, .pooled = true, .covariance = true, .channels = true},
                                        .asked = asked,
                                        .file = "statistics file",
                                        .guarded = true,
                                        .other = "is not a statistics file",
                                        .is_kind = is_statistics,
                                        .begin = begin,
                                        .add = add,
                                        .finish = finish,
                                        .abandon = abandon};
