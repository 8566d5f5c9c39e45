#include "cli/run/queue.h"

#include <stdlib.h>

/* Results that wait for an output are put off no longer than that; those that wait for another job make it urgent. */
enum { RESULTS_DUE = 4 * FILE_GROUP_MAX, RESULTS_FULL = 4 * QUEUE_JOBS, CHANNELS_DUE = 1 << 12, CHANNELS_FULL = 1 << 16 };

struct queued_result {
    struct result result;
    struct queued_result *next;
};

static struct queue_job *job_of(struct queue *q, size_t job)
{
    q->end = job < q->end ? q->end : job + 1;
    return &q->job[job % QUEUE_JOBS];
}

/* Its channels; a histogram counts as so many with views as have its size, and so does what a search found. */
static size_t channels_of(const struct result *r)
{
    enum { CHANNEL_COUNTS = 16 * 1024 / sizeof(uint64_t) };
    size_t counts = r->founds;
    for (size_t i = 0; i < r->pooled.histogram.kinds; i++)
        counts += r->colours * counts_bins(r->pooled.histogram.kind[i].sample);
    return r->colours + counts / CHANNEL_COUNTS;
}

/* Takes the first result of a picture off its job. */
static struct queued_result *unlink_first(struct queue *q, struct queue_job *job)
{
    struct queued_result *first = job->first;
    job->first = first->next;
    q->results--;
    q->channels -= channels_of(&first->result);
    return first;
}

static void free_queued(struct queued_result *queued)
{
    result_free(&queued->result);
    free(queued);
}

/* The pictures of the job are not passed on. What there was to say of them is said of the job. */
static void drop_pictures(struct queue *q, struct queue_job *job)
{
    struct notes notes = {0};
    while (job->first) {
        struct queued_result *queued = unlink_first(q, job);
        notes_move(&notes, &queued->result.notes);
        free_queued(queued);
    }
    notes_move(&notes, &job->end.notes);
    job->end.notes = notes;
}

static void pass_on_first(struct queue *q, struct queue_job *job)
{
    struct queued_result *queued = unlink_first(q, job);
    q->pass_on(q->to, &queued->result);
    free_queued(queued);
}

/* Passes on what is left of a job that has ended, and does not wait. If its output failed, its last picture has too. */
static void pass_on_rest(struct queue *q, struct queue_job *job)
{
    bool failed_late = job->why.text[0] && job->end.status == RESULT_DONE;
    if (failed_late) {
        job->end.status = RESULT_FAILED;
        job->end.why = job->why;
    }
    bool failed = job->end.status == RESULT_FAILED;
    while (job->first && !(failed && q->whole) && !(failed_late && !job->first->next))
        pass_on_first(q, job);
    drop_pictures(q, job);
    q->pass_on(q->to, &job->end);
    result_free(&job->end);
    *job = (struct queue_job){0};
}

/* Passes on all that can be. */
static void advance(struct queue *q)
{
    for (;; q->next++) {
        struct queue_job *job = job_of(q, q->next);
        while (!q->whole && job->first && job->first->next)
            pass_on_first(q, job);
        if (!job->ended || job->waits)
            return;
        pass_on_rest(q, job);
    }
}

/* Its output is not put in place: it, or its worker, was lost behind it. */
static void drop_output(struct queue *q, struct queue_job *job, size_t number)
{
    if (job->waits)
        file_group_discard(&q->group, number);
    if (job->made)
        file_discard(&job->output);
    job->waits = job->made = false;
}

/* The job fails, although its worker does not know. */
static void lose_picture(struct queue *q, struct queue_job *job, struct result *result)
{
    why_memory(&job->why);
    drop_output(q, job, result->job);
    result_free(result);
}

static void add_picture(struct queue *q, struct queue_job *job, struct result *result)
{
    struct queued_result *queued = malloc(sizeof *queued);
    if (!queued) {
        lose_picture(q, job, result);
        return;
    }
    *queued = (struct queued_result){.result = *result};
    *(job->first ? &job->last->next : &job->first) = queued;
    job->last = queued;
    q->results++;
    q->channels += channels_of(&queued->result);
    *result = (struct result){0};
}

void queue_begin(struct queue *q, void (*pass_on)(void *to, struct result *result), void *to)
{
    q->pass_on = pass_on;
    q->to = to;
    q->next = q->end = 0;
}

void queue_take_result(struct queue *q, struct result *result)
{
    struct queue_job *job = job_of(q, result->job);
    notes_move(&result->notes, &job->notes);
    if (!result_is_end(result)) {
        add_picture(q, job, result);
    } else {
        if (result->status == RESULT_DONE && job->made)
            why_set(&job->why, "no output came from its worker process");
        if (result->status == RESULT_FAILED || job->made)
            drop_output(q, job, result->job);
        job->end = *result;
        job->ended = true;
        *result = (struct result){0};
    }
    advance(q);
}

void queue_keep_output(struct queue *q, struct file_sink *made, size_t number)
{
    struct queue_job *job = job_of(q, number);
    if (job->made) /* of a process that died before it began the job */
        file_discard(&job->output);
    job->output = *made;
    job->made = true;
}

void queue_take_output(struct queue *q, struct file_sink *complete, size_t number)
{
    struct queue_job *job = job_of(q, number);
    struct file_sink output = *complete;
    if (!complete->path && !job->made)
        return; /* a worker said so twice, or of a job that has none */
    if (!complete->path) {
        output = job->output;
        output.position = complete->position;
    } else if (job->made) {
        file_discard(&job->output); /* of a process that died before it began the job */
    }
    job->made = false;
    if (file_group_due(&q->group))
        queue_settle(q);
    if (job->why.text[0]) {
        file_discard(&output);
    } else if (file_seal(&output, &job->notes, &job->why)) {
        job->waits = true;
        file_group_add(&q->group, &output, number);
    }
}

const struct codec **queue_codec(struct queue *q, size_t job)
{
    return &job_of(q, job)->codec;
}

bool queue_is_due(const struct queue *q)
{
    return file_group_due(&q->group) || (q->group.n > 0 && (q->results > RESULTS_DUE || q->channels > CHANNELS_DUE));
}

bool queue_is_full(const struct queue *q)
{
    return q->results > RESULTS_FULL || q->channels > CHANNELS_FULL;
}

void queue_settle(struct queue *q)
{
    struct why why[FILE_GROUP_MAX] = {0};
    size_t job[FILE_GROUP_MAX], n = q->group.n;
    for (size_t i = 0; i < n; i++)
        job[i] = q->group.job[i];
    file_group_commit(&q->group, why);
    for (size_t i = 0; i < n; i++) {
        job_of(q, job[i])->waits = false;
        if (why[i].text[0])
            why_set(&job_of(q, job[i])->why, "%s", why[i].text);
    }
    advance(q);
}

void queue_end(struct queue *q)
{
    queue_settle(q);
    for (; q->next < q->end; q->next++) {
        struct queue_job *job = job_of(q, q->next);
        if (job->ended) {
            pass_on_rest(q, job);
        } else {
            drop_output(q, job, q->next);
            drop_pictures(q, job);
            notes_free(&job->notes);
            notes_free(&job->end.notes);
            *job = (struct queue_job){0};
        }
    }
}
