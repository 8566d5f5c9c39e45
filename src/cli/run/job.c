/* One picture file, from its opening to its output in place. */
#include "base/quote.h"
#include "cli/run/job.h"

#include "cli/msg.h"
#include "cli/run/work.h"

#include <stdlib.h>

/* ---- opening ------------------------------------------------------------------------------------------------------ */

/* The picture to fit is opened beside the input. */
static bool open_fit(struct work *w)
{
    return !w->request->fit || !w->job->output ||
           beside_open(&w->fit, "--fit", w->request->fit, &w->in, w->reading, &w->worker->fit_input, w->why);
}

static bool open_masks(struct work *w)
{
    const struct request *request = w->request;
    const char *option = w->worker->mask_option ? w->worker->mask_option : "--mask";
    return mask_files_open(&w->mask, option, &request->mask, NULL, &w->in, w->why) &&
           (!w->job->output ||
            mask_files_open(&w->changed, "--apply-mask", &request->apply_mask, &request->mask, &w->in, w->why));
}

/* The input, and what is read beside it, which has its part of the budget. */
static bool open_inputs(struct work *w)
{
    if (!input_open(&w->in, w->job->input, w->reading, &w->worker->input, w->why) || !open_masks(w) || !open_fit(w))
        return false;
    uint64_t beside = mask_files_held(&w->mask) + mask_files_held(&w->changed) + beside_held(&w->fit);
    if (beside > w->in.pictures.budget)
        return why_set(w->why,
                       "its masks and --fit take %.3g MiB of memory, more than the budget of %.3g MiB: see --memory",
                       (double)beside / 0x1p20, (double)w->in.pictures.budget / 0x1p20);
    w->in.pictures.budget -= beside;
    return true;
}

static void close_inputs(struct work *w)
{
    statistics_free(&w->average);
    mask_files_close(&w->mask);
    mask_files_close(&w->changed);
    beside_close(&w->fit);
    input_close(&w->in);
}

static bool open_output(struct work *w)
{
    struct output *stack = w->shared->stack;
    if (!w->job->output)
        return true;
    w->to = stack ? stack : &w->own;
    return w->to->open || output_open(w->to, w->job->output, w->job->writer ? w->job->writer : w->in.pictures.codec,
                                      &w->in.file.stat, w->worker->writing, w->why);
}

/* ---- its pictures ------------------------------------------------------------------------------------------------- */

/* Tells of the last picture. Not before the next one was found, or the output is complete: it may still fail. */
static void report(struct work *w)
{
    if (w->has_result && w->worker->take)
        w->worker->take(w->worker->take_to, &w->result);
    w->has_result = false;
}

/* What the readers have noted of what they read. Not in a first pass: the second one reads the same. */
static void tell(struct work *w)
{
    struct notes notes = {0};
    input_tell(&w->in, NULL, &notes);
    mask_files_tell(&w->mask, &notes);
    mask_files_tell(&w->changed, &notes);
    beside_tell(&w->fit, &notes);
    msg_notes(&notes, w->job->input);
    notes_free(&notes);
}

/* After the last picture: what is read beside the input has no more either. */
static bool end_inputs(struct work *w, size_t pictures)
{
    return mask_files_end(&w->mask, pictures, w->why) && mask_files_end(&w->changed, pictures, w->why) &&
           beside_end(&w->fit, pictures, w->why);
}

/* Picture after picture, until the file has no more. The output is opened when the first header was read. */
static bool run_pictures(struct work *w)
{
    for (size_t i = 0;; i++) {
        enum selected selected = pictures_select(&w->in.pictures, i, w->job->output && picture_must_measure(w), w->why);
        if (selected == SELECT_END && end_inputs(w, i) &&
            (w->shared->stack || !w->to || output_commit(w->to, w->shared->group, w->job->number, w->why))) {
            report(w);
            return true;
        }
        if (selected != SELECT_OK)
            return false;
        report(w);
        if ((!w->to && !open_output(w)) || !picture_run(w))
            return false;
        tell(w);
    }
}

static bool gather_picture(struct work *w, struct gathered *gathered)
{
    unsigned n = w->band.colours;
    struct instnorm_moments *own = calloc(2 * (size_t)n, sizeof *own), *pooled = own + n;
    double unit = band_unit(&w->band);
    if (!own)
        return why_memory(w->why);
    for (unsigned c = 0; c < n; c++) {
        own[c] = moments_scaled(&w->band.channel[c].moments, 1 / unit);
        pooled[c] = moments_scaled(&w->band.channel[c].pooled, 1 / unit);
    }
    bool ok = gather(gathered, own, pooled, n, w->why);
    free(own);
    return ok;
}

static bool measure_pictures(struct work *w, struct gathered *gathered)
{
    for (size_t i = 0;; i++) {
        enum selected selected = pictures_select(&w->in.pictures, i, false, w->why);
        if (selected != SELECT_OK)
            return selected == SELECT_END && end_inputs(w, i);
        if (!picture_measure(w) || (w->band.in.role == PAGE_FULL && !gather_picture(w, gathered)))
            return false;
    }
}

/* ---- jobs --------------------------------------------------------------------------------------------------------- */

bool job_measure(struct worker *worker, struct job *job, struct gathered *gathered, struct why *why)
{
    struct work w = {.worker = worker, .request = worker->request, .reading = worker->reading, .job = job, .why = why};
    job->first = gathered->n;
    bool ok = open_inputs(&w) && measure_pictures(&w, gathered);
    job->mark = file_mark_of(&w.in.file.stat);
    close_inputs(&w);
    return ok;
}

bool job_run(struct worker *worker, const struct job *job, const struct shared *shared, struct why *why)
{
    struct work w = {
        .worker = worker, .request = worker->request, .reading = worker->reading, .job = job, .shared = shared, .why = why};
    bool ok = open_inputs(&w);
    struct file_mark mark = file_mark_of(&w.in.file.stat);
    if (ok && shared->gathered && shared->gathered->n > 0 && !file_mark_same(&mark, &job->mark))
        ok = why_set(why, "changed since it was measured");
    if (ok && shared->gathered && shared->gathered->n == 0) /* of one file: it needs no second opening */
        ok = measure_pictures(&w, shared->gathered) && gathered_check(shared->gathered, why);
    ok = ok && run_pictures(&w);
    output_discard(&w.own);
    result_free(&w.result);
    close_inputs(&w);
    return ok;
}

void worker_free(struct worker *k)
{
    struct buffer *buffers[] = {&k->band_out,    &k->tile,  &k->scratch, &k->fit_tile,
                                &k->fit_scratch, &k->table, &k->channel, &k->maps};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++)
        buffer_free(buffers[i]);
    picture_buffers_free(&k->input);
    picture_buffers_free(&k->fit_input);
}
