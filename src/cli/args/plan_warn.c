/* Plan -> warnings: what may be, but is seldom meant. */
#include "cli/args/internal.h"

#include "base/quote.h"

#include <math.h>

/* A new folder with the name of a picture. */
static void warn_of_folder(struct plan *plan, const char *output)
{
    char quoted[160];
    if (plan->folder && path_codec(output) && !file_exists(output))
        notes_add(&plan->notes, NOTE_WARNING, NULL, "--output %s becomes a folder, because there are several inputs",
                  quote(quoted, sizeof quoted, output));
}

/* A single file where a folder may have been meant. */
static void warn_of_file(struct plan *plan)
{
    char folder[160], quoted[2][160];
    const char *path = plan->file;
    if (!path || plan->n > 1 || plan->stacked || path_is_standard(path) || *path_dot(path) || file_is_special(path) ||
        file_descriptor(path) >= 0)
        return;
    snprintf(folder, sizeof folder, "%s/", path);
    notes_add(&plan->notes, NOTE_WARNING, NULL, "--output %s is a file, because there is one input: %s would be a folder",
              quote(quoted[0], sizeof quoted[0], path), quote(quoted[1], sizeof quoted[1], folder));
}

/* A mean of rgb where one of the lightness is asked for, which goes from 0 to 100. */
static void warn_of_lightness(struct plan *plan)
{
    const struct request *r = &plan->request;
    bool percent = r->space->beta[0] > 1;
    if (percent && r->beta.n > 0 && !r->beta.item[0].keep && fabs(r->beta.item[0].value) <= 1)
        notes_add(&plan->notes, NOTE_WARNING, NULL, "--beta %g: the lightness of --space %s goes from 0 to 100",
                  r->beta.item[0].value, r->space->name);
}

/* A target of rgb that most pictures clip under. From 2 on it is refused, or of floats. */
static void warn_of_target(struct plan *plan)
{
    const struct list *gamma = &plan->request.gamma, *beta = &plan->request.beta;
    for (size_t i = 0; i < gamma->n; i++) {
        double value = gamma->item[i].value;
        if (value > 0.5 && value < 2) {
            notes_add(&plan->notes, NOTE_WARNING, NULL,
                      "--gamma %g: samples in 0..1 cannot have a deviation above 0.5, so they clip", value);
            return;
        }
    }
    for (size_t i = 0; i < beta->n; i++) {
        double value = beta->item[i].value;
        if (value < 0 || (value > 1 && value < 2)) {
            notes_add(&plan->notes, NOTE_WARNING, NULL, "--beta %g: samples in 0..1 cannot have that mean, so they clip",
                      value);
            return;
        }
    }
}

void plan_warn(struct plan *plan, const struct options *o)
{
    bool tensor = plan->job[0].writer && plan->job[0].writer->tensor;
    if (o->stats)
        return;
    if (o->output && !o->in_place) {
        warn_of_folder(plan, o->output);
        warn_of_file(plan);
    }
    if (o->dry_run) /* which maps nothing */
        return;
    if (o->lut && o->apply_mask.n > 0)
        notes_add(&plan->notes, NOTE_WARNING, NULL, "--lut: a table changes every pixel and cannot hold --apply-mask");
    if (plan->request.given || tensor)
        return;
    if (plan->request.space == instnorm_space_at(0))
        warn_of_target(plan);
    else
        warn_of_lightness(plan);
}
