/* Options -> what is asked of each picture, and how files are read, written and reported. */
#include "cli/args/internal.h"

/* What the options ask of each picture. */
static struct request make_request(const struct options *o, const struct report_needs *needs)
{
    struct request r = request_default();
    r.space = o->space;
    r.norm = o->norm;
    r.groups = o->groups;
    r.mean = o->mean;
    r.std = o->std;
    r.given = o->mean.n > 0 || o->use_stats;
    r.mask = o->mask;
    r.by = o->measure;
    r.range[0] = o->range[0];
    r.range[1] = o->range[1];
    r.quantiles = o->quantiles;
    r.gamma = o->gamma;
    r.beta = o->beta;
    r.fit = o->fit;
    r.style = o->n_styles > 0;
    r.strength = o->strength;
    r.eps = o->eps;
    r.channels = o->channels;
    r.apply_mask = o->apply_mask;
    r.depth = o->depth;
    r.channels_last = o->layout != ORDER_CHW;
    r.batched = o->layout == ORDER_NHWC;
    r.rgb = o->rgb;
    r.dither = o->dither;
    r.count_clipped = o->fail_on_clip >= 0 || needs->clipping;
    r.pooled = needs->pooled || o->norm == INSTNORM_BATCH || o->deflicker > 0;
    r.covariance = needs->covariance && (o->stats || o->total || o->save_stats);
    r.histogram = o->histogram || request_quantiles(&r).n > 0;
    r.view = needs->view;
    r.fail_on_clip = o->fail_on_clip;
    return r;
}

static struct reading make_reading(const struct options *o, const struct report_needs *needs)
{
    return (struct reading){.memory = o->memory,
                            .max_pixels = o->max_pixels,
                            .auto_orient = o->auto_orient,
                            .alpha_as_data = o->alpha_as_data,
                            .channel_order = o->layout,
                            .reported = needs->channels};
}

static struct writing make_writing(const struct options *o)
{
    return (struct writing){.codec = o->write,
                            .strip = o->strip,
                            .no_clobber = o->no_clobber,
                            .force = o->force,
                            .in_place = o->in_place,
                            .keep_times = o->preserve,
                            .make_folders = o->pairs || o->recursive,
                            .may_fail = o->fail_on_clip >= 0};
}

struct reporting make_reporting(const struct options *o)
{
    return (struct reporting){.stats = o->stats,
                              .total = o->total,
                              .alone = o->total,
                              .json = o->json,
                              .verbose = o->verbose,
                              .force = o->force,
                              .series = o->deflicker > 0,
                              .save_stats = o->save_stats,
                              .expect = o->expect,
                              .lut = o->lut,
                              .page = o->report,
                              .compare = o->compare};
}

struct plan plan_begin(const struct options *o)
{
    bool given = o->mean.n > 0 || o->use_stats;
    const struct reporting reporting = make_reporting(o);
    const struct report_needs needs = reports_needs(&reporting);
    return (struct plan){.request = make_request(o, &needs),
                         .styles = {o->style, o->n_styles, o->style_mask, o->use_stats},
                         .deflicker = o->deflicker,
                         .pooled = !o->stats && !given && (o->norm == INSTNORM_BATCH || o->deflicker > 0),
                         .reading = make_reading(o, &needs),
                         .writing = make_writing(o),
                         .reporting = reporting,
                         .sandbox = !o->no_sandbox,
                         .timeout = o->timeout,
                         .cut = {.samples = o->per_file, .end = o->null ? NAME_END_NUL : NAME_END_LINE},
                         .skip_failed = o->skip_failed,
                         .dry_run = o->dry_run};
}
