#include "cli/run/serve.h"

#include "cli/files/limits.h"
#include "cli/files/sandbox.h"
#include "cli/run/wire.h"

#include <stdlib.h>

/* The socket and, of a job that comes from nowhere, its files. */
enum { KEPT_MAX = 256 };

static bool confine(const struct service *s, const int *keep, size_t n)
{
    struct why why = {0};
    limits_start();
    limits_memory(s->memory);
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

bool serve_one(const struct service *s, int socket, size_t job)
{
    struct wire wire;
    struct job_files files;
    int keep[KEPT_MAX] = {socket};
    bool ok = s->open(s->to, job, &files);
    wire_open(&wire, socket, s->rest);
    if (ok) {
        job_files_make_spools(&files);
        size_t n = job_files_descriptors(&files, keep + 1, KEPT_MAX - 1);
        ok = n < KEPT_MAX && wire_send_made(&wire, &files, job);
        if (ok)
            give_up_names(&files);
        ok = ok && confine(s, keep, n + 1);
    }
    if (ok)
        s->work(s->to, job, &files, &wire.base, &wire.rest);
    job_files_free(&files);
    wire_close(&wire);
    return ok;
}
