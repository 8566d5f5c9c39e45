#include "cli/run/serve.h"

#include "cli/files/limits.h"
#include "cli/files/sandbox.h"
#include "cli/run/behind.h"
#include "cli/run/crew.h"
#include "cli/run/wire.h"

#include <stdlib.h>

static bool enter_nothing(struct why *why)
{
    (void)why;
    return true;
}

static bool confine(const struct service *s, const int *keep, size_t n)
{
    bool (*enter)(struct why * why) = s->confined ? sandbox_enter_thread : enter_nothing;
    struct why why = {0};
    limits_start();
    limits_memory(s->memory);
    if (s->spare > 0) {
        *s->behind = behind_start(enter);
        *s->crew = crew_start(s->spare + 1, enter); /* the processor of those who wait for it is free too */
    }
    return sandbox_enter(keep, n, s->confined, &why);
}

bool serve_jobs(const struct service *s, int socket)
{
    struct wire wire;
    struct wire_job job;
    if (!confine(s, &socket, 1))
        return false;
    wire_open(&wire, socket, s->rest);
    while (wire_next_job(&wire, &job)) {
        limits_memory(s->memory);
        s->work(s->to, job.number, &job.files, &wire.base, &wire.rest);
        job_files_free(&job.files);
    }
    wire_close(&wire);
    return true;
}

/* The output is the parent's now, which knows its name: this process only writes it. */
static void give_up_names(struct job_files *files)
{
    free(files->output.path);
    free(files->output.temporary);
    files->output.path = files->output.temporary = NULL;
}

/* The socket and the files stay open, and nothing is opened from now on. */
static bool confine_with(const struct service *s, int socket, const struct job_files *files)
{
    size_t most = job_files_most_descriptors(files);
    int *keep = calloc(1 + most, sizeof *keep);
    if (!keep)
        return false;
    keep[0] = socket;
    bool ok = confine(s, keep, 1 + job_files_descriptors(files, keep + 1, most));
    free(keep);
    return ok;
}

/* There is too little memory to open the files. */
static void fail(struct wire *wire, size_t job)
{
    struct result end = {.status = RESULT_FAILED, .job = job};
    why_memory(&end.why);
    wire->base.take_result(&wire->base, &end);
}

bool serve_one(const struct service *s, int socket, size_t job)
{
    struct wire wire;
    struct job_files files;
    bool ok = true;
    wire_open(&wire, socket, s->rest);
    if (!s->open(s->to, job, &files)) {
        fail(&wire, job);
    } else {
        job_files_prepare(&files);
        ok = wire_send_made(&wire, &files, job);
        if (ok)
            give_up_names(&files);
        ok = ok && confine_with(s, socket, &files);
        if (ok)
            s->work(s->to, job, &files, &wire.base, &wire.rest);
    }
    job_files_free(&files);
    wire_close(&wire);
    return ok;
}
