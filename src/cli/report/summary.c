#include "base/quote.h"
#include "cli/report/summary.h"

#include "cli/report/lut.h"
#include "cli/report/stats_file.h"
#include "cli/msg.h"

#include <math.h>
#include <stdlib.h>

static const char *const option[] = {[SUMMARY_STATS] = "--save-stats", [SUMMARY_LUT] = "--lut"};

/* The mean and the deviation that a fit gives stand for what it measured. */
static void set_fitted(struct summary *s, const struct result *r)
{
    for (unsigned c = 0; c < r->colours; c++) {
        const struct instnorm_target *t = &r->channel[c].target;
        struct instnorm_moments *m = &s->measured.channel[c];
        double weight = m->weight;
        if (!r->channel[c].touched)
            continue;
        instnorm_moments_given(t->beta, t->gamma * t->gamma, m);
        m->m2 *= weight;
        m->weight = weight;
    }
}

static bool add_statistics(struct summary *s, const struct result *r, const struct job *job, struct why *why)
{
    struct why reason = {0};
    char name[160];
    if (!result_merge(r, &s->measured, &reason))
        return why_set(why, "--save-stats: %s: %s", quote(name, sizeof name, job->input), reason.text);
    if (s->request->fit)
        set_fitted(s, r);
    return true;
}

static bool add_map(struct summary *s, const struct result *r, struct why *why)
{
    if (s->pictures++ == 0)
        return map_copy(&s->map, &r->map, why);
    s->differs |= !map_agrees(&r->map, &s->map);
    return true;
}

bool summary_add(struct summary *s, const struct result *r, const struct job *job, struct why *why)
{
    if ((!s->how->save_stats && !s->how->lut) || !result_counts(r))
        return true;
    return (!s->how->save_stats || add_statistics(s, r, job, why)) && (r->status != RESULT_MAPPED || add_map(s, r, why));
}

static bool check_stats(const struct summary *s, const struct statistics *statistics, struct why *why)
{
    if (statistics->colours == 0)
        return why_set(why, "nothing counts in any of the inputs");
    for (unsigned c = 0; c < statistics->colours; c++)
        if (!(statistics->channel[c].weight > 0))
            return why_set(why, "channel %u has no sample that counts", c);
    if (s->request->fit && (s->pictures != 1 || s->differs))
        return why_set(why, "%zu pictures were fitted, and the file takes the target of one", s->pictures);
    for (unsigned c = 0; s->request->fit && c < s->map.channels; c++)
        if (map_falls(&s->map, c))
            return why_set(why, "channel %u falls where the target rises, which no deviation can say", c);
    return true;
}

static bool check_lut(const struct summary *s, struct why *why)
{
    if (s->pictures == 0)
        return why_set(why, "no picture was mapped, for nothing counts in any of the inputs");
    if (s->differs)
        return why_set(why, "the pictures got different maps: expected one picture, or --norm batch");
    return s->map.channels == 1 || s->map.channels == 3 ||
           why_set(why, "%u colour channels: expected 1 or 3", s->map.channels);
}

static bool is_statistics(const unsigned char *head, size_t n)
{
    const struct foreign *foreign = foreign_sniff(head, n);
    return foreign && foreign->kind == FOREIGN_STATISTICS;
}

static bool is_cube(const unsigned char *head, size_t n)
{
    const struct foreign *foreign = foreign_sniff(head, n);
    return foreign && foreign->kind == FOREIGN_CUBE;
}

bool summary_open(struct summary *s, const struct request *request, const struct reporting *how, struct why *why)
{
    s->request = request;
    s->how = how;
    const char *path[] = {[SUMMARY_STATS] = s->how->save_stats, [SUMMARY_LUT] = s->how->lut};
    struct file_rules rules[] = {[SUMMARY_STATS] = {.kind = "is no statistics file", .is_kind = is_statistics},
                                 [SUMMARY_LUT] = {.kind = "is no .cube file", .is_kind = is_cube}};
    struct why reason = {0};
    for (size_t i = 0; i < SUMMARY_FILES; i++) {
        if (s->how->force)
            rules[i].is_kind = NULL;
        if (path[i] && !(s->open[i] = file_create(&s->file[i], path[i], &rules[i], &reason)))
            return why_set(why, "%s: %s", option[i], reason.text);
    }
    return true;
}

static bool commit(struct summary *s, size_t i, const char *text, struct why *why)
{
    if (!s->open[i])
        return true;
    struct why reason = {0};
    s->open[i] = false;
    return file_commit_text(&s->file[i], text, &reason) || why_set(why, "%s: %s", option[i], reason.text);
}

bool summary_write(struct summary *s, const struct statistics *all, struct why *why)
{
    struct why reason = {0};
    const struct statistics *statistics = all ? all : &s->measured;
    if (s->how->save_stats && !check_stats(s, statistics, &reason))
        return why_set(why, "--save-stats: %s", reason.text);
    if (s->how->lut && !check_lut(s, &reason))
        return why_set(why, "--lut: %s", reason.text);
    const struct map *map = s->pictures > 0 && !s->differs ? &s->map : NULL;
    char *stats = s->how->save_stats ? stats_file_format(s->request->space, statistics, map) : NULL;
    char *lut = s->how->lut ? lut_format(s->request->space, &s->map, &reason) : NULL;
    bool ok = (stats || !s->how->save_stats || why_memory(why)) &&
              (lut || !s->how->lut || why_set(why, "--lut: %s", reason.text));
    ok = ok && commit(s, SUMMARY_STATS, stats, why) && commit(s, SUMMARY_LUT, lut, why);
    free(stats);
    free(lut);
    return ok;
}

void summary_free(struct summary *s)
{
    for (size_t i = 0; i < SUMMARY_FILES; i++)
        if (s->open[i])
            file_discard(&s->file[i]);
    statistics_free(&s->measured);
    map_free(&s->map);
    *s = (struct summary){0};
}
