#include "cli/run/work.h"

#include "cli/files/limits.h"
#include "cli/run/job_views.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- opening ------------------------------------------------------------------------------------------------------- */

bool work_open(struct work *w, const struct file_source *member, struct why *why)
{
    struct worker *k = w->worker;
    enum inputs_use use = w->job->output ? INPUTS_MAP : INPUTS_MEASURE;
    const struct input_name name = {w->job->input, w->job->below};
    return inputs_open(&w->inputs, use, &name, member, k->request, &w->files->inputs, k->reading, &k->buffers, why);
}

static const struct codec *writer_of(const struct work *w)
{
    return w->job->writer ? w->job->writer : w->inputs.in.pictures.codec;
}

static void open_writer(struct work *w, const struct file_sink *sink)
{
    output_open(&w->output, sink, writer_of(w), w->worker->writing);
    w->output.how.crew = w->worker->crew;
}

/* What holds the output of a member until it is complete. */
static bool hold_output(struct work *w, struct why *why)
{
    struct file_sink held;
    const struct job_spool *spool = &w->files->spool[SPOOL_OUTPUT];
    if (!writer_of(w)->create)
        return why_set(why, "%s cannot be written", writer_of(w)->name);
    file_hold(&held, output_hold_most(w->worker->reading->memory), spool->fd, &spool->why);
    held.name = w->job->output;
    open_writer(w, &held);
    return true;
}

/* When the first header was read. */
static bool open_output(struct work *w, struct why *why)
{
    struct job_files *files = w->files;
    if (!w->job->output || w->shared->stacked || w->output.open)
        return true;
    notes_move(&w->result.notes, &files->notes);
    if (w->apart)
        return hold_output(w, why);
    if (!files->made)
        return why_set(why, "%s", files->why.text);
    files->output.name = w->job->output;
    open_writer(w, &files->output);
    files->made = false;
    return true;
}

/* ---- what is said -------------------------------------------------------------------------------------------------- */

static bool hold(struct held_results *held, struct result *result)
{
    if (held->n == held->room) {
        size_t room = held->room ? 2 * held->room : 4;
        struct result *more = realloc(held->item, room * sizeof *more);
        if (!more)
            return false;
        held->item = more;
        held->room = room;
    }
    held->item[held->n++] = *result;
    *result = (struct result){0};
    return true;
}

void work_hand_over(struct work *w)
{
    if (w->has_result && !(w->holds && hold(&w->held, &w->result)))
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
    w->begun = !w->apart;
    w->rows_left = info->height;
    return w->shared->stacked ? receiver->begin_picture(receiver, info, &w->result.notes, why)
                              : output_begin(&w->output, info, &w->result.notes, why);
}

static bool write_output(void *output, const struct rows *rows, struct why *why)
{
    return output_write(output, rows, why);
}

/* Waits for the rows that are written behind. What they failed for came first, before what the picture did. */
static bool end_behind(struct work *w, bool ok, struct why *why)
{
    struct why first = {0};
    if (!w->is_behind)
        return ok;
    w->is_behind = false;
    if (behind_end(w->worker->behind, &first))
        return ok;
    *why = first;
    return false;
}

/* The last band is never written behind: writers read metadata then, and tell what goes lost. */
static bool write_rows(struct picture_sink *sink, const struct rows *rows, struct why *why)
{
    struct work *w = (struct work *)sink;
    struct receiver *receiver = w->worker->receiver;
    unsigned lag = picture_lag(&w->worker->picture);
    w->rows_left -= rows->height;
    if (w->shared->stacked)
        return receiver->write_rows(receiver, rows, why);
    if (lag > 0 && w->rows_left > 0) {
        w->is_behind = true;
        return behind_put(w->worker->behind, write_output, &w->output, rows, lag, why);
    }
    return end_behind(w, true, why) && output_write(&w->output, rows, why);
}

void work_begin(struct work *w)
{
    w->sink = (struct picture_sink){begin_rows, write_rows};
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

/* A pipe may be long in taking the rows: the first thread waits for it, which signals reach. */
static bool writes_behind(const struct work *w)
{
    _Static_assert((int)PICTURE_LAG_MAX <= (int)BEHIND_MOST, "there is a place for each");
    return w->worker->behind && w->output.open && !w->apart && w->output.sink.base.seekable;
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
    task->lags = writes_behind(w);
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

/* Which picture the result is of. False: out of memory. */
static bool name_result(const struct work *w, struct result *result, struct why *why)
{
    result->job = w->job->number;
    result->index = w->inputs.in.pictures.index;
    snprintf(result->format, sizeof result->format, "%s", w->inputs.in.pictures.codec->name);
    if (w->member)
        result->member = strdup(w->member);
    return !w->member || result->member || why_memory(why);
}

static bool run_full_page(struct work *w, struct why *why)
{
    if (!measure_picture(w, why) || (w->job->output && !map_picture(w, why)))
        return false;
    if (w->job->output)
        note_orientation(w);
    const struct pictures *pictures = &w->inputs.in.pictures;
    w->orientation = pictures->rows.info.changes.turned ? 1 : pictures_orientation(pictures);
    if (!views_turn(&w->result, w->orientation, why) || !name_result(w, &w->result, why))
        return false;
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
    return end_behind(w, ok, why);
}

/* ---- its pictures -------------------------------------------------------------------------------------------------- */

bool work_run(struct work *w, struct why *why)
{
    for (size_t i = 0;; i++) {
        enum selected selected = pictures_select(&w->inputs.in.pictures, i, is_read_twice(w), why);
        if (selected != SELECT_OK)
            return selected == SELECT_END && inputs_end(&w->inputs, i, why);
        work_hand_over(w);
        if (!open_output(w, why) || !run_picture(w, why))
            return false;
        inputs_tell(&w->inputs, &w->result.notes);
    }
}

bool work_view(struct work *w, struct file_sink *output, struct why *why)
{
    return views_decode(&w->result, output, writer_of(w), w->orientation, w->worker->reading, why);
}

/* The receiver takes a picture of the first pass and, if there is one, the series. What a search found is of the series
 * alone. */
static bool pool_result(struct work *w, struct result *result, struct series *series, struct why *why)
{
    bool searched = series && series_search(series);
    if (series && !result_gather(result, series, why))
        return false;
    if (!searched)
        w->worker->receiver->take_result(w->worker->receiver, result);
    return true;
}

/* A picture of the first pass. */
static bool gather_picture(struct work *w, struct series *series, struct why *why)
{
    struct picture *p = &w->worker->picture;
    struct result result = {0};
    const struct search *search = series ? series_search(series) : w->worker->search;
    bool ok = search ? picture_search(p, search, &result, why)
                     : picture_measure(p, &result, why) && picture_pool(p, &result, why);
    ok = ok && name_result(w, &result, why);
    if (search)
        notes_free(&result.notes); /* the same was said when it was measured */
    else if (series)
        notes_move(&w->result.notes, &result.notes);
    if (ok && w->holds)
        ok = hold(&w->held, &result) || why_memory(why);
    else if (ok)
        ok = pool_result(w, &result, series, why);
    notes_move(&w->result.notes, &result.notes);
    result_free(&result);
    return ok;
}

bool work_gather(struct work *w, struct series *series, struct why *why)
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

/* ---- a member that may be left out ----------------------------------------------------------------------------------- */

bool work_release(struct work *w, struct series *series, struct why *why)
{
    bool ok = true;
    for (size_t i = 0; ok && i < w->held.n; i++)
        ok = pool_result(w, &w->held.item[i], series, why);
    work_forget(w);
    return ok;
}

void work_forget(struct work *w)
{
    for (size_t i = 0; i < w->held.n; i++)
        result_free(&w->held.item[i]);
    w->held.n = 0;
    w->has_result = false;
    result_free(&w->result);
}

/* ---- the end --------------------------------------------------------------------------------------------------------- */

void work_close(struct work *w)
{
    if (w->apart)
        output_discard(&w->output);
    map_free(&w->page);
    inputs_close(&w->inputs);
}

void work_end(struct work *w, bool ok, struct result *end)
{
    if (ok)
        end->status = RESULT_DONE;
    else if (w->member)
        end->member = strdup(w->member); /* without it the reason is of the archive */
    notes_move(&end->notes, &w->result.notes);
    output_discard(&w->output);
    work_forget(w);
    free(w->held.item);
    work_close(w);
    series_free(&w->series);
    inputs_buffers_trim(&w->worker->buffers, w->worker->reading->memory);
}
