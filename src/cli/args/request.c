/* Options -> what is asked of each picture, and how files are read, written and reported. */
#include "cli/args/internal.h"

/* What the options ask of each picture. */
static struct request make_request(const struct options *o)
{
    return (struct request){.space = o->space,
                            .norm = o->norm,
                            .groups = o->groups,
                            .mean = o->mean,
                            .std = o->std,
                            .given = o->mean.n > 0 || o->use_stats,
                            .mask = o->mask,
                            .gamma = o->gamma,
                            .beta = o->beta,
                            .fit = o->fit,
                            .style = o->n_styles > 0,
                            .strength = o->strength,
                            .eps = o->eps,
                            .channels = o->channels,
                            .apply_mask = o->apply_mask,
                            .depth = o->depth,
                            .rgb = o->rgb,
                            .dither = o->dither,
                            .count_clipped = o->fail_on_clip >= 0,
                            .fail_on_clip = o->fail_on_clip};
}

struct plan plan_begin(const struct options *o)
{
    struct plan plan = {.request = make_request(o),
                        .styles = {o->style, o->n_styles, o->style_mask, o->use_stats},
                        .deflicker = o->deflicker,
                        .reading = {.memory = o->memory,
                                    .max_pixels = o->max_pixels,
                                    .auto_orient = o->auto_orient,
                                    .alpha_as_data = o->alpha_as_data},
                        .writing = {.codec = o->write,
                                    .strip = o->strip,
                                    .no_clobber = o->no_clobber,
                                    .force = o->force,
                                    .in_place = o->in_place,
                                    .may_fail = o->fail_on_clip >= 0},
                        .reporting = {.stats = o->stats,
                                      .json = o->json,
                                      .verbose = o->verbose,
                                      .force = o->force,
                                      .save_stats = o->save_stats,
                                      .lut = o->lut},
                        .dry_run = o->dry_run};
    struct report_needs needs = reports_needs(&plan.reporting);
    plan.request.count_clipped |= needs.clipping;
    plan.reading.reported = needs.channels;
    plan.pooled = !o->stats && !plan.request.given && (o->norm == INSTNORM_BATCH || o->deflicker);
    return plan;
}
