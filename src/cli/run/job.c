#include "cli/run/job.h"

#include "cli/files/limits.h"
#include "cli/run/job_views.h"
#include "cli/run/style.h"

#include <stdio.h>

/* A job under work. */
struct work {
    struct picture_sink sink; /* what the engine writes to */
    struct worker *worker;
    const struct job *job;
    struct job_files *files;
    const struct shared *shared;
    struct inputs inputs;
    struct output output; /* of its own */
    struct output_format format;
    struct result result; /* of the last picture, until it is taken */
    bool has_result;
    struct series series; /* of its own pictures, if it has the first pass to itself */
    struct map page;      /* of the last picture of its own */
    size_t full;          /* pictures before this one, side pages left out */
    unsigned orientation; /* how the last picture lies, as EXIF numbers it */
};

/* ---- opening ------------------------------------------------------------------------------------------------------- */

static bool open_inputs(struct work *w, struct why *why)
{
    struct worker *k = w->worker;
    if (w->job->unreadable)
        return why_set(why, "%s", w->job->unreadable);
    enum inputs_use use = w->job->output ? INPUTS_MAP : INPUTS_MEASURE;
    const struct input_name name = {w->job->input, w->job->below};
    return inputs_open(&w->inputs, use, &name, k->request, &w->files->inputs, k->reading, &k->buffers, why);
}

static const struct codec *writer_of(const struct work *w)
{
    return w->job->writer ? w->job->writer : w->inputs.in.pictures.codec;
}

/* When the first header was read. */
static bool open_output(struct work *w, struct why *why)
{
    if (!w->job->output || w->shared->stacked || w->output.open)
        return true;
    notes_move(&w->result.notes, &w->files->notes);
    if (!w->files->made)
        return why_set(why, "%s", w->files->why.text);
    w->files->output.name = w->job->output;
    output_open(&w->output, &w->files->output, writer_of(w), w->worker->writing);
    w->files->made = false;
    return true;
}

/* ---- what is said -------------------------------------------------------------------------------------------------- */

/* Hands over the last picture. Not before the next one was found, or the output is complete: it may still fail. */
static void hand_over(struct work *w)
{
    if (w->has_result)
        w->worker->receiver->take_result(w->worker->receiver, &w->result);
    w->has_result = false;
}

/* What tells how the picture lies goes lost. */
static void note_orientation(struct work *w)
{
    struct input *in = &w->inputs.in;
    bool strip = w->worker->writing->strip;
    char text[160];
    if (in->pictures.rows.info.changes.turned || pictures_orientation(&in->pictures) <= 1 ||
        (writer_of(w)->orients && !strip))
        return;
    if (strip)
        snprintf(text, sizeof text, "--strip drops its EXIF orientation: add --auto-orient to turn the samples");
    else
        snprintf(text, sizeof text, "%s cannot hold its EXIF orientation: add --auto-orient to turn the samples",
                 writer_of(w)->name);
    input_note(in, NOTE_WARNING, text, NULL, &w->result.notes);
}

/* ---- the output ---------------------------------------------------------------------------------------------------- */

static bool begin_rows(struct picture_sink *sink, const struct picture_info *info, struct why *why)
{
    struct work *w = (struct work *)sink;
    struct receiver *receiver = w->worker->receiver;
    return w->shared->stacked ? receiver->begin_picture(receiver, info, &w->result.notes, why)
                              : output_begin(&w->output, info, &w->result.notes, why);
}

static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct work *w = (struct work *)sink;
    struct receiver *receiver = w->worker->receiver;
    return w->shared->stacked ? receiver->write_rows(receiver, rows, why) : output_write(&w->output, rows, why);
}

/* ---- a picture ----------------------------------------------------------------------------------------------------- */

/* Whether the pictures must be read before they can be mapped. */
static bool must_measure(const struct work *w)
{
    return !w->job->output || w->shared->careful || w->worker->request->view.histograms ||
           (!w->shared->series && (!w->worker->request->given || w->worker->measures));
}

/* Whether a picture by itself may have to be read again for quantiles. */
static bool finds_quantiles(const struct work *w)
{
    const struct request *request = w->worker->request;
    return request_quantiles(request).n > 0 && request->norm != INSTNORM_BATCH;
}

static bool is_read_twice(const struct work *w)
{
    return w->job->output ? must_measure(w) : w->worker->request->view.histograms || finds_quantiles(w);
}

/* What a picture may take of time and memory: before its rows are read. A writer that keeps it whole has memory for that.
 */
static void limit_picture(const struct work *w, const struct codec *writer)
{
    const struct picture_info *info = &w->inputs.in.pictures.rows.info;
    uint64_t pixels = (uint64_t)info->width * info->height;
    limits_picture(timeout_of(w->worker->timeout, pixels));
    limits_writer(w->job->output && writer->keeps ? pixels * writer->keeps : 0);
}

/*
 * The task says what is wanted, and gets the rest. A first pass begins each picture too, so that an output that cannot take
 * one is refused before any output is begun.
 */
static bool begin_picture(struct work *w, struct picture_task *task, struct why *why)
{
    struct inputs *k = &w->inputs;
    const struct codec *writer = writer_of(w);
    if (w->worker->limited)
        limit_picture(w, writer);
    if (w->job->output && w->worker->writing->in_place && k->in.pictures.rows.info.converted)
        return why_set(why, "CMYK is read as RGB, and --in-place would lose the inks: write another file");
    w->format = (struct output_format){writer->tensor, writer->premultiplied, w->shared->stacked};
    task->request = w->worker->request;
    task->format = w->job->output ? &w->format : NULL;
    task->page = &w->page;
    inputs_give(k, task);
    return picture_begin(&w->worker->picture, task, why);
}

static bool measure_picture(struct work *w, struct why *why)
{
    struct picture *p = &w->worker->picture;
    if (!picture_measure(p, &w->result, why))
        return false;
    if (!w->result.nothing.text[0])
        inputs_note_profile(&w->inputs, &p->layout, &w->result.notes);
    return true;
}

static bool map_picture(struct work *w, struct why *why)
{
    struct given given = w->shared->given;
    given.series = w->series.n > 0 ? &w->series : w->shared->series;
    given.place = w->job->first + w->full;
    given.average = w->worker->deflicker;
    return picture_map(&w->worker->picture, &given, &w->sink, &w->result, why);
}

/* Which picture the result is of. */
static void name_result(const struct work *w, struct result *result)
{
    result->job = w->job->number;
    result->index = w->inputs.in.pictures.index;
    snprintf(result->format, sizeof result->format, "%s", w->inputs.in.pictures.codec->name);
}

static bool run_full_page(struct work *w, struct why *why)
{
    if (!measure_picture(w, why) || (w->job->output && !map_picture(w, why)))
        return false;
    if (w->job->output)
        note_orientation(w);
    const struct pictures *pictures = &w->inputs.in.pictures;
    w->orientation = pictures->rows.info.changes.turned ? 1 : pictures_orientation(pictures);
    if (!views_turn(&w->result, w->orientation, why))
        return false;
    name_result(w, &w->result);
    w->has_result = true;
    w->full++;
    return true;
}

/* Measures the selected picture if need be and, if there is an output, writes it there. */
static bool run_picture(struct work *w, struct why *why)
{
    struct picture_task task = {.look = !must_measure(w), .views = true, .views_from = w->files->views_from};
    bool ok = begin_picture(w, &task, why);
    if (ok && !picture_is_side_page(&w->worker->picture))
        ok = run_full_page(w, why);
    else if (ok && w->job->output)
        ok = picture_map_side(&w->worker->picture, &w->sink, &w->result, why);
    return ok;
}

/* ---- its pictures -------------------------------------------------------------------------------------------------- */

static bool complete(struct work *w, size_t pictures, struct why *why)
{
    struct receiver *receiver = w->worker->receiver;
    struct file_sink output;
    if (!inputs_end(&w->inputs, pictures, why))
        return false;
    if (!w->job->output || w->shared->stacked)
        return true;
    if (!output_complete(&w->output, &output, &w->result.notes, why))
        return false;
    if (!views_decode(&w->result, &output, writer_of(w), w->orientation, w->worker->reading, why)) {
        file_discard(&output);
        return false;
    }
    if (output.named)
        receiver->take_output(receiver, &output, w->job->number);
    return true;
}

static bool run_pictures(struct work *w, struct why *why)
{
    for (size_t i = 0;; i++) {
        enum selected selected = pictures_select(&w->inputs.in.pictures, i, is_read_twice(w), why);
        if (selected == SELECT_ERROR || (selected == SELECT_END && !complete(w, i, why)))
            return false;
        hand_over(w);
        if (selected == SELECT_END)
            return true;
        if (!open_output(w, why) || !run_picture(w, why))
            return false;
        inputs_tell(&w->inputs, &w->result.notes);
    }
}

/* A picture of the first pass: the receiver takes it and, if there is one, the series of the job. */
static bool gather_picture(struct work *w, struct series *series, struct why *why)
{
    struct picture *p = &w->worker->picture;
    struct result result = {0};
    const struct search *search = series ? series_search(series) : w->worker->search;
    bool ok = search ? picture_search(p, search, &result, why)
                     : picture_measure(p, &result, why) && picture_pool(p, &result, why);
    ok = ok && (!series || result_gather(&result, series, why));
    name_result(w, &result);
    if (search)
        notes_free(&result.notes); /* the same was said when it was measured */
    else if (series)
        notes_move(&w->result.notes, &result.notes);
    if (ok && !(series && search))
        w->worker->receiver->take_result(w->worker->receiver, &result);
    notes_move(&w->result.notes, &result.notes);
    result_free(&result);
    return ok;
}

/* The first pass. What readers note is not said: the second one reads the same. */
static bool gather_pictures(struct work *w, struct series *series, struct why *why)
{
    for (size_t i = 0;; i++) {
        struct picture_task task = {0};
        bool again = finds_quantiles(w) && !w->worker->search;
        enum selected selected = pictures_select(&w->inputs.in.pictures, i, again, why);
        if (selected != SELECT_OK)
            return selected == SELECT_END && inputs_end(&w->inputs, i, why);
        if (!begin_picture(w, &task, why))
            return false;
        if (w->worker->picture.layout.in.role == PAGE_FULL && !gather_picture(w, series, why))
            return false;
    }
}

/* ---- jobs ---------------------------------------------------------------------------------------------------------- */

/* What became of the input, by whether the work on it was done. */
static void end_work(struct work *w, bool ok, struct result *end)
{
    if (ok)
        end->status = RESULT_DONE;
    notes_move(&end->notes, &w->result.notes);
    output_discard(&w->output);
    result_free(&w->result);
    series_free(&w->series);
    map_free(&w->page);
    inputs_close(&w->inputs);
    inputs_buffers_trim(&w->worker->buffers, w->worker->reading->memory);
}

/* Whether the file is the one that a pass before this one has read. */
static bool check_mark(const struct work *w, struct why *why)
{
    struct fingerprint mark = fingerprint_of(&w->inputs.in.file.stat);
    return fingerprint_same(&mark, &w->job->mark) || why_set(why, "changed since it was measured");
}

void job_measure(struct worker *worker, const struct job *job, struct job_files *files, struct result *end)
{
    static const struct shared alone = {.stacked = false};
    struct work w = {.worker = worker, .job = job, .files = files, .shared = &alone};
    *end = (struct result){.status = RESULT_FAILED, .job = job->number};
    end_work(&w,
             open_inputs(&w, &end->why) && (!worker->search || check_mark(&w, &end->why)) &&
                 gather_pictures(&w, NULL, &end->why),
             end);
}

/* The first pass of a file whose pictures are all that there is: it needs no second opening. */
static bool gather_alone(struct work *w, struct why *why)
{
    struct series *series = &w->series;
    series->request = w->worker->request;
    if (!gather_pictures(w, series, why) || !series_check(series, why))
        return false;
    while (series_search(series))
        if (!gather_pictures(w, series, why) || !series_narrow(series, why))
            return false;
    return true;
}

static bool run(struct work *w, struct why *why)
{
    const struct series *series = w->shared->series;
    if (!open_inputs(w, why))
        return false;
    if (series && series->n > 0 && !check_mark(w, why))
        return false;
    w->series.averages = series && series->averages;
    if (series && series->n == 0 && !gather_alone(w, why))
        return false;
    return run_pictures(w, why);
}

void job_run(struct worker *worker, const struct job *job, struct job_files *files, const struct shared *shared,
             struct result *end)
{
    struct work w = {.sink = {begin_rows, write_rows}, .worker = worker, .job = job, .files = files, .shared = shared};
    *end = (struct result){.status = RESULT_FAILED, .job = job->number};
    end_work(&w, run(&w, &end->why), end);
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
