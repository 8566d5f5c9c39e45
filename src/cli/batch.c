#include "batch.h"

#include "file.h"
#include "job.h"
#include "msg.h"
#include "report.h"

#include <signal.h>

/* A target that most pictures clip under: said once, before any work. */
static void warn_of_target(const struct options *o)
{
    for (size_t i = 0; i < o->gamma.n; i++)
        if (o->gamma.item[i].value > 0.5) {
            msg_warning(NULL, "--gamma %g: samples in 0..1 cannot have a deviation above 0.5, so it clips",
                        o->gamma.item[i].value);
            return;
        }
    for (size_t i = 0; i < o->beta.n; i++)
        if (o->beta.item[i].value < 0 || o->beta.item[i].value > 1) {
            msg_warning(NULL, "--beta %g: samples in 0..1 cannot have that mean, so it clips", o->beta.item[i].value);
            return;
        }
}

bool batch_run(const struct plan *plan, const struct options *options)
{
    struct worker worker = {.options = options, .report = report_outcome};
    size_t count[JOB_FAILED + 1] = {0};

    struct why folder_why = {0};

    if (plan->folder && !file_make_folder(plan->folder, &folder_why)) {
        msg_error(NULL, "%s", folder_why.text);
        return false;
    }
    if (!options->stats)
        warn_of_target(options);
    for (size_t i = 0; i < plan->n && !file_interrupted(); i++) {
        struct why why = {0};
        msg_progress(i, plan->n, plan->job[i].input);
        enum job_result result = job_run(&worker, &plan->job[i], &why);
        count[result]++;
        if (result == JOB_FAILED && file_interrupted() != SIGPIPE)
            msg_error(plan->job[i].input, "%s", why.text);
    }
    worker_free(&worker);
    bool told = count[JOB_FAILED] > 0 || options->verbose || file_interrupted();
    if (plan->n > 1 && told && file_interrupted() != SIGPIPE)
        msg_error(NULL, "%zu done, %zu skipped, %zu failed", count[JOB_DONE], count[JOB_SKIPPED], count[JOB_FAILED]);
    return count[JOB_FAILED] == 0;
}
