#include "cli/run/shard.h"

#include "cli/files/limits.h"
#include "cli/files/names.h"
#include "cli/report/result_name.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { COPY_BYTES = 1 << 16, SNIFF_BYTES = 16 };

/* ---- opening ------------------------------------------------------------------------------------------------------- */

bool shard_open(struct shard *s, struct work *w, bool again, struct why *why)
{
    char *path;
    *s = (struct shard){.work = w, .once = !again};
    s->open = opened_take(&w->files->inputs, w->job->input, &s->file, &path, why);
    free(path);
    if (!s->open)
        return false;
    w->holds = w->worker->skips;
    w->apart = w->job->output && !w->job->writer && !w->shared->stacked;
    return opened_lend(&w->files->inputs, why);
}

/* ---- a member ------------------------------------------------------------------------------------------------------ */

static bool is_text(const unsigned char *head, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!isprint(head[i]) && !isspace(head[i]))
            return false;
    return n > 0;
}

/*
 * By its content or, where it begins as a text may, which is how PNM does, by its name too. What has the name of a picture
 * is tried as one.
 */
static bool is_picture(const char *name, const unsigned char *head, size_t n)
{
    const char *dot = path_dot(name);
    bool named = *dot && codec_reads_extension(dot + 1);
    return named || (codec_sniff(head, n) && !is_text(head, n < SNIFF_BYTES ? n : SNIFF_BYTES));
}

/* What is odd about a header is told of its member, once. */
static void tell_odd(struct shard *s, struct notes *odd)
{
    char name[RESULT_NAME_BYTES];
    const struct result of = {.member = s->name};
    for (size_t i = 0; !s->gathers && i < odd->n; i++)
        notes_add(&s->work->result.notes, odd->item[i].level, result_name(&of, s->work->job, name), "%s",
                  odd->item[i].text);
    notes_free(odd);
}

/* A picture that is not read goes as it is, which may not be what was meant. */
static void warn_of_foreign(struct shard *s, const unsigned char *head, size_t n)
{
    struct work *w = s->work;
    const struct foreign *foreign = foreign_sniff(head, n);
    char name[RESULT_NAME_BYTES];
    struct result of = {.member = s->name};
    if (foreign && foreign->kind == FOREIGN_PICTURE)
        notes_add(&w->result.notes, NOTE_WARNING, result_name(&of, w->job, name), "%s is not read: it stays as it is",
                  foreign->name);
}

/* A member that is no picture goes as it is. */
static bool copy_content(struct shard *s, struct file_source *content, struct why *why)
{
    unsigned char bytes[COPY_BYTES];
    for (;;) {
        ssize_t n = file_pass(content, bytes, sizeof bytes);
        if (n <= 0)
            return n == 0 || why_set(why, "%s", content->base.why.text);
        if (!tar_write(s->writer, bytes, (size_t)n, why))
            return false;
    }
}

static bool copy_member(struct shard *s, const struct tar_member *member, struct file_source *content, struct why *why)
{
    if (s->work->worker->limited)
        limits_picture(timeout_of(s->work->worker->timeout, member->size));
    return !s->writer || (tar_begin_copy(s->writer, s->reader, why) && (!member->is_file || copy_content(s, content, why)));
}

/* ---- a picture ----------------------------------------------------------------------------------------------------- */

static bool put_bytes(struct shard *s, struct file_sink *from, struct why *why)
{
    unsigned char bytes[COPY_BYTES];
    for (uint64_t at = 0; at < from->end;) {
        size_t n = file_read_back(from, bytes, sizeof bytes, at);
        if (n == 0)
            return file_spool_failed(why);
        if (!tar_write(s->writer, bytes, n, why))
            return false;
        at += n;
    }
    return true;
}

/* Its output is complete: into the archive with it. */
static bool put_picture(struct shard *s, struct why *why)
{
    struct work *w = s->work;
    if (!output_finish(&w->output, &w->result.notes, why) || !work_view(w, &w->output.sink, why))
        return false;
    s->broken = true;
    if (!tar_begin_other(s->writer, s->reader, w->output.sink.end, why) || !put_bytes(s, &w->output.sink, why))
        return false;
    s->broken = false;
    return true;
}

static bool run_picture(struct shard *s, struct why *why)
{
    if (!work_run(s->work, why) || (s->work->apart && !put_picture(s, why)))
        return false;
    work_hand_over(s->work);
    return true;
}

/* Whether the archive is as good without a picture that failed. In place of the archive it would be lost. */
static bool may_leave_out(const struct shard *s)
{
    const struct work *w = s->work;
    return w->worker->skips && (s->gathers || !w->worker->writing->in_place) && !s->broken && !w->begun &&
           !w->inputs.in.file.base.why.text[0];
}

/* In the last pass it is told. */
static bool tell_left_out(struct work *w, struct why *why)
{
    struct result result = {.status = RESULT_LEFT_OUT, .job = w->job->number, .why = *why, .member = strdup(w->member)};
    if (!result.member)
        return why_memory(why);
    notes_move(&result.notes, &w->result.notes);
    w->worker->receiver->take_result(w->worker->receiver, &result);
    return true;
}

/*
 * How many places a member that fails now has in the series: the first pass may have measured it, when there was no output
 * to fail. Its content, as far as it was read, is read again.
 */
static size_t count_places(struct shard *s)
{
    struct work *w = s->work;
    const struct series *series = w->shared->series;
    struct file_source content = w->inputs.in.file;
    struct why why = {0};
    if (s->gathers || !series || !series->averages || !w->inputs.in.open)
        return 0;
    w->inputs.in.file = (struct file_source){.fd = -1, .spool_fd = -1};
    work_close(w);
    size_t n = work_open(w, &content, &why) && work_gather(w, NULL, &why) ? w->held.n : 0;
    work_forget(w);
    return n;
}

/* A member that is a picture; its content is taken over. */
static bool do_picture(struct shard *s, const struct file_source *content, struct why *why)
{
    struct work *w = s->work;
    size_t full = w->full;
    s->pictures++;
    w->begun = false;
    bool ok = work_open(w, content, why) && (s->gathers ? work_gather(w, s->series, why) : run_picture(s, why));
    s->broken |= ok; /* what follows is no fault of the member */
    ok = ok && work_release(w, s->series, why);
    if (!ok && may_leave_out(s)) {
        ok = s->gathers || tell_left_out(w, why);
        work_forget(w);
        w->full = full + count_places(s);
        *why = (struct why){0};
    }
    s->broken = !ok;
    work_close(w);
    return ok;
}

/* ---- all members --------------------------------------------------------------------------------------------------- */

static bool do_member(struct shard *s, struct tar_member *member, struct notes *odd, struct why *why)
{
    const struct job_spool *spool = &s->work->files->spool[SPOOL_INPUT];
    struct file_source content;
    unsigned char head[FOREIGN_HEAD];
    size_t most = input_spool_max(s->work->worker->reading) / (s->once ? 1 : 2);
    file_stream(&content, &member->content, member->size, most, spool->fd, &spool->why);
    size_t n = member->is_file ? file_head(&content, head, sizeof head) : 0;
    bool picture = member->is_file && is_picture(member->name, head, n), ok = true;
    snprintf(s->name, sizeof s->name, "%s", member->name);
    s->work->member = s->name;
    tell_odd(s, odd);
    if (picture) {
        ok = do_picture(s, &content, why);
    } else {
        if (!s->gathers && member->is_file)
            warn_of_foreign(s, head, n);
        ok = s->gathers || copy_member(s, member, &content, why);
        file_close(&content);
    }
    return ok;
}

static bool do_members(struct shard *s, struct why *why)
{
    struct tar_member *member;
    struct notes odd = {0};
    enum selected selected;
    s->reader = tar_open(&s->file, s->once, why);
    s->broken = false;
    s->pictures = 0;
    if (!s->reader)
        return false;
    do {
        s->work->member = NULL;
        selected = tar_next(s->reader, &member, &odd, why);
    } while (selected == SELECT_OK && do_member(s, member, &odd, why));
    tar_close(s->reader);
    s->reader = NULL;
    return selected == SELECT_END && (!s->file.base.unchanged || s->file.base.unchanged(&s->file.base, why));
}

bool shard_gather(struct shard *s, struct series *series, struct why *why)
{
    s->gathers = true;
    s->series = series;
    bool ok = do_members(s, why);
    s->gathers = false;
    s->series = NULL;
    return ok;
}

static bool begin_output(struct shard *s, struct why *why)
{
    struct job_files *files = s->work->files;
    notes_move(&s->work->result.notes, &files->notes);
    if (!files->made)
        return why_set(why, "%s", files->why.text);
    files->output.name = s->work->job->output;
    s->writer = tar_create(&files->output.base, why);
    return s->writer != NULL;
}

bool shard_run(struct shard *s, struct why *why)
{
    struct work *w = s->work;
    if ((w->apart && !begin_output(s, why)) || !do_members(s, why))
        return false;
    if (s->pictures == 0)
        notes_add(&w->result.notes, NOTE_WARNING, NULL, "no member is a picture");
    return true;
}

bool shard_complete(struct shard *s, struct file_sink *complete, struct why *why)
{
    struct job_files *files = s->work->files;
    struct tar_writer *writer = s->writer;
    s->writer = NULL;
    if (!tar_finish(writer, why))
        return false;
    files->made = false;
    if (!file_flush(&files->output, why))
        return false;
    if (!files->output.named)
        return file_place(&files->output, false, why);
    *complete = files->output;
    return true;
}

void shard_close(struct shard *s)
{
    tar_abandon(s->writer);
    if (s->open)
        file_close(&s->file);
    *s = (struct shard){0};
}
