#include "cli/run/job.h"

#include "cli/run/shard.h"
#include "cli/run/style.h"
#include "cli/run/work.h"

/* A job that is done: its file, or its archive of files. */
struct doing {
    struct work work;
    struct shard shard; /* of an archive */
    bool is_archive;
};

/* ---- its input ----------------------------------------------------------------------------------------------------- */

/* `again`: the input is read in a pass of its own before. */
static bool open_input(struct doing *d, bool again, struct why *why)
{
    const struct job *job = d->work.job;
    d->is_archive = d->work.files->is_archive;
    if (job->unreadable)
        return why_set(why, "%s", job->unreadable);
    if (d->is_archive)
        return shard_open(&d->shard, &d->work, again, why);
    return work_open(&d->work, NULL, why) && /* what is no picture says what it is, such as gzip */
           (!job->to_archive || why_set(why, "is no tar archive, but its output is to be one"));
}

/* Whether the file is the one that a pass before this one has read. */
static bool check_mark(const struct doing *d, struct why *why)
{
    const struct file_source *file = d->is_archive ? &d->shard.file : &d->work.inputs.in.file;
    struct fingerprint mark = fingerprint_of(&file->stat);
    return fingerprint_same(&mark, &d->work.job->mark) || why_set(why, "changed since it was measured");
}

static bool gather(struct doing *d, struct series *series, struct why *why)
{
    return d->is_archive ? shard_gather(&d->shard, series, why) : work_gather(&d->work, series, why);
}

/* The first pass of a file whose pictures are all that there is: it needs no second opening. */
static bool gather_alone(struct doing *d, struct why *why)
{
    struct series *series = &d->work.series;
    series->request = d->work.worker->request;
    if (!gather(d, series, why) || !series_check(series, why))
        return false;
    while (series_search(series))
        if (!gather(d, series, why) || !series_narrow(series, why))
            return false;
    return true;
}

/* ---- its output ---------------------------------------------------------------------------------------------------- */

/* *output <- the complete file, or one that is not named: there is none, or it needs no name. */
static bool complete(struct doing *d, struct file_sink *output, struct why *why)
{
    struct work *w = &d->work;
    *output = (struct file_sink){.fd = -1, .target = -1};
    if (!w->job->output || w->shared->stacked)
        return true;
    if (w->apart)
        return shard_complete(&d->shard, output, why);
    if (!output_complete(&w->output, output, &w->result.notes, why))
        return false;
    if (work_view(w, output, why))
        return true;
    file_discard(output);
    return false;
}

static bool run_all(struct doing *d, struct why *why)
{
    struct work *w = &d->work;
    struct file_sink output;
    if (!(d->is_archive ? shard_run(&d->shard, why) : work_run(w, why)) || !complete(d, &output, why))
        return false;
    if (output.named)
        w->worker->receiver->take_output(w->worker->receiver, &output, w->job->number);
    work_hand_over(w);
    return true;
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------- */

static void end_doing(struct doing *d, bool ok, struct result *end)
{
    work_end(&d->work, ok, end);
    shard_close(&d->shard);
}

void job_measure(struct worker *worker, const struct job *job, struct job_files *files, struct result *end)
{
    static const struct shared alone = {.stacked = false};
    struct doing d = {.work = {.worker = worker, .job = job, .files = files, .shared = &alone}};
    *end = (struct result){.status = RESULT_FAILED, .job = job->number};
    end_doing(&d,
              open_input(&d, false, &end->why) && (!worker->search || check_mark(&d, &end->why)) &&
                  gather(&d, NULL, &end->why),
              end);
}

static bool run(struct doing *d, struct why *why)
{
    const struct series *series = d->work.shared->series;
    bool alone = series && series->n == 0;
    if (!open_input(d, alone, why))
        return false;
    if (series && !alone && !check_mark(d, why))
        return false;
    d->work.series.averages = series && series->averages;
    return (!alone || gather_alone(d, why)) && run_all(d, why);
}

void job_run(struct worker *worker, const struct job *job, struct job_files *files, const struct shared *shared,
             struct result *end)
{
    struct doing d = {.work = {.worker = worker, .job = job, .files = files, .shared = shared}};
    work_begin(&d.work);
    *end = (struct result){.status = RESULT_FAILED, .job = job->number};
    end_doing(&d, run(&d, &end->why), end);
}

static bool read_statistics(struct worker *worker, const struct job *job, struct job_files *files, struct result *r,
                            struct why *why)
{
    struct pooled pool = {0};
    struct file_source *file = &opened_find(&files->inputs, job->input)->file;
    bool ok = style_read_statistics(file, worker->request, &pool, why) && result_of_pool(&pool, worker->request, r, why);
    r->job = job->number;
    pooled_free(&pool);
    return ok;
}

void job_read_statistics(struct worker *worker, const struct job *job, struct job_files *files, struct result *end)
{
    struct result r = {0};
    *end = (struct result){.status = RESULT_FAILED, .job = job->number};
    if (read_statistics(worker, job, files, &r, &end->why)) {
        worker->receiver->take_result(worker->receiver, &r);
        end->status = RESULT_DONE;
    }
    result_free(&r);
}

void worker_free(struct worker *worker)
{
    inputs_buffers_free(&worker->buffers);
    picture_free(&worker->picture);
}
