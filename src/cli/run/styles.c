#include "cli/run/styles.h"

#include "cli/files/names.h"
#include "cli/files/process.h"
#include "cli/msg.h"
#include "cli/run/death.h"
#include "cli/run/pool.h"
#include "cli/run/serve.h"
#include "cli/run/wire.h"

#include <stdlib.h>

/* A file, and what came of it. */
struct loaded {
    const char *option; /* that names it */
    struct style_job job;
    const struct codec *codec; /* NULL: unknown */
    struct statistics statistics;
    struct pooled pool; /* with --measure: of all its pictures */
    bool single;        /* and `statistics` are what the only one has */
    bool measured;      /* wholly */
    struct why why;     /* why it cannot be used */
    struct why unlike;  /* why a picture could not be added to those before */
    struct why nothing; /* why nothing counts in the first picture that has nothing to give */
};

struct loading {
    struct receiver receiver; /* of what the files say */
    const struct plan *plan;
    struct request request;
    struct reading reading;
    struct loaded *file; /* [n]: that of --use-stats if there is one, then the styles */
    size_t n;
    size_t next; /* that is to be measured */
    bool failed; /* one of them was not */
};

/* ---- what came of a file ------------------------------------------------------------------------------------------- */

static struct loading *loading_of(struct receiver *receiver)
{
    return (struct loading *)receiver;
}

static bool is_style(const struct loaded *f)
{
    return !f->job.is_statistics;
}

/* With --measure the statistics are those that stand in for mean and deviation. */
static void add_robust(struct loaded *f, const struct result *r)
{
    if (!result_counts(r))
        return;
    f->single = f->pool.colours == 0 && r->status == RESULT_MEASURED;
    statistics_free(&f->statistics);
    if (!result_pool(r, &f->pool, &f->unlike) || !statistics_reserve(&f->statistics, r->colours, &f->unlike))
        return;
    f->statistics.pictures = f->pool.pictures;
    f->statistics.missing = f->pool.missing;
    for (unsigned c = 0; c < r->colours; c++)
        f->statistics.channel[c] = moments_scaled(&r->channel[c].used, 1 / r->unit);
}

/* After the last picture of a file that could be read: whether it has what is wanted. */
static bool check(struct loaded *f, const struct request *request, struct why *why)
{
    if (f->unlike.text[0])
        return why_set(why, "%s", f->unlike.text);
    if (f->statistics.colours == 0)
        return why_set(why, "%s", f->nothing.text[0] ? f->nothing.text : "no picture in it");
    bool robust = request->by != MEASURED_MEAN;
    if (robust && !f->single && !solve_pool_rough(&f->pool, f->job.request, &f->statistics, why))
        return false;
    return !is_style(f) ||
           (statistics_check_counts(&f->statistics, why) && (robust || solve_link_style(&f->statistics, request, why)));
}

static void end_file(struct loading *l, struct loaded *f, const struct result *end)
{
    const struct statistics *s = &f->statistics;
    if (end->status == RESULT_FAILED)
        why_set(&f->why, "%s", end->why.text);
    f->measured = end->status != RESULT_FAILED && check(f, &l->plan->request, &f->why);
    l->failed |= !f->measured;
    if (s->missing > 0)
        msg_verbose(f->job.path, "statistics without %llu input%s, which could not be read", (unsigned long long)s->missing,
                    s->missing == 1 ? "" : "s");
}

static void take_result(struct receiver *to, struct result *result)
{
    struct loading *l = loading_of(to);
    struct loaded *f = &l->file[result->job];
    msg_notes(&result->notes, f->job.path);
    if (result_is_end(result))
        end_file(l, f, result);
    else if (result->nothing.text[0])
        why_set(&f->nothing, "%s", result->nothing.text);
    else if (l->plan->request.by != MEASURED_MEAN)
        add_robust(f, result);
    else
        result_merge(result, &f->statistics, &f->unlike);
    result_free(result);
}

static void keep_output(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job)
{
    (void)made; /* there is none */
    loading_of(to)->file[job].codec = codec;
}

/* A style has no output, and its pictures go into none. */
static void take_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    (void)to;
    (void)job;
    file_discard(complete);
}

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    (void)to;
    (void)info;
    (void)notes;
    return why_set(why, "no output");
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    (void)to;
    (void)rows;
    return why_set(why, "no output");
}

/* ---- in a worker process ------------------------------------------------------------------------------------------- */

static void work(void *to, size_t i, struct job_files *files, struct receiver *receiver, struct budget_rest *rest)
{
    struct loading *l = to;
    struct result end = {.status = RESULT_FAILED, .job = i};
    struct style_job job = l->file[i].job;
    job.limited = rest != NULL;
    if (style_measure(&job, files, receiver, &end.notes, &end.why))
        end.status = RESULT_DONE;
    receiver->take_result(receiver, &end);
}

static bool open_files(struct loading *l, size_t i, struct job_files *files, bool never_waits)
{
    const struct style_job *job = &l->file[i].job;
    const struct input_name name = {job->path, path_base(job->path)};
    const struct request plain = {.space = l->request.space};
    return job_files_open_inputs(files, INPUTS_STYLE, &name, job->is_statistics ? &plain : &l->request, &l->reading,
                                 never_waits);
}

static bool open_all(void *to, size_t i, struct job_files *files)
{
    return open_files(to, i, files, false);
}

static bool serve(void *to, int socket, const size_t *own)
{
    struct loading *l = to;
    const struct service service = {
        .to = l, .work = work, .open = open_all, .memory = l->reading.memory, .confined = l->plan->sandbox};
    return own ? serve_one(&service, socket, *own) : serve_jobs(&service, socket);
}

/* ---- the pool ------------------------------------------------------------------------------------------------------- */

/* One after another: a file that cannot be used ends all. */
static bool next(void *to, const size_t *after, size_t *job)
{
    struct loading *l = to;
    if (after || l->failed || l->next == l->n || process_interrupted())
        return false;
    *job = l->next++;
    return true;
}

static bool accepts(void *to, size_t job)
{
    (void)to;
    (void)job;
    return true;
}

static bool tend(void *to)
{
    struct loading *l = to;
    return !l->failed;
}

static void died(void *to, size_t job, int status, struct why *why)
{
    struct loading *l = to;
    const struct codec *codec = l->file[job].codec;
    death_describe(status, codec ? codec->name : NULL, l->plan->timeout, why);
}

static enum pool_given give(void *to, size_t i, int socket, struct why *why)
{
    struct loading *l = to;
    struct job_files files;
    bool opened = open_files(l, i, &files, true) || why_memory(why);
    enum pool_given how = opened ? pool_give(&files, i, socket, why) : POOL_LATER;
    if (how == POOL_GIVEN)
        l->file[i].codec = job_files_codec(&files);
    job_files_free(&files);
    return how;
}

static void work_alone(void *to, size_t i, const struct why *why)
{
    struct loading *l = to;
    struct job_files files;
    (void)why; /* it is said when the inputs are read */
    if (open_files(l, i, &files, false)) {
        work(l, i, &files, &l->receiver, NULL);
    } else {
        why_memory(&l->file[i].why);
        l->failed = true;
    }
    job_files_free(&files);
}

static bool measure_all(struct loading *l, struct why *why)
{
    const struct pool_work pooled = {.to = l,
                                     .workers = 1,
                                     .memory = l->reading.memory,
                                     .next = next,
                                     .accepts = accepts,
                                     .died = died,
                                     .tend = tend,
                                     .give = give,
                                     .serve = serve,
                                     .work_alone = work_alone,
                                     .receiver = &l->receiver};
    if (!pool_run(&pooled, why))
        return false;
    for (size_t i = 0; i < l->n; i++) {
        struct loaded *f = &l->file[i];
        if (!f->measured && !f->why.text[0])
            why_set(&f->why, "interrupted");
        if (!f->measured)
            return why_option(why, f->option, f->job.path, &f->why);
    }
    return true;
}

/* ---- all together --------------------------------------------------------------------------------------------------- */

static bool check_same_channels(const struct loaded *style, size_t i, struct why *why)
{
    struct why reason = {0};
    unsigned colours = style[i].statistics.colours;
    if (colours == style[0].statistics.colours)
        return true;
    why_set(&reason, "%u colour channel%s: expected %u, as in the style before it", colours, colours == 1 ? "" : "s",
            style[0].statistics.colours);
    return why_option(why, "--style", style[i].job.path, &reason);
}

static bool blend(const struct loaded *style, const struct style_files *files, struct statistics *target, struct why *why)
{
    struct statistics *set = calloc(files->n, sizeof *set);
    double *weight = calloc(files->n, sizeof *weight);
    bool ok = (set && weight) || why_memory(why);
    for (size_t i = 0; ok && i < files->n; i++) {
        set[i] = style[i].statistics;
        weight[i] = files->style[i].weight;
        ok = check_same_channels(style, i, why);
    }
    ok = ok && statistics_blend(set, weight, files->n, target, why);
    free(set);
    free(weight);
    return ok;
}

static void add_file(struct loading *l, const char *option, const char *path, bool is_statistics)
{
    l->file[l->n] = (struct loaded){.option = option,
                                    .job = {.number = l->n,
                                            .path = path,
                                            .is_statistics = is_statistics,
                                            .all = &l->plan->styles,
                                            .request = &l->request,
                                            .reading = &l->reading,
                                            .timeout = l->plan->timeout}};
    l->n++;
}

static bool begin(struct loading *l, const struct plan *plan, struct why *why)
{
    const struct style_files *files = &plan->styles;
    *l = (struct loading){.receiver = {take_result, keep_output, take_output, begin_picture, write_rows},
                          .plan = plan,
                          .reading = plan->reading};
    l->file = calloc(files->n + 1, sizeof *l->file);
    if (!style_request(files, &plan->request, &l->request) || !l->file)
        return why_memory(why);
    if (files->use_stats)
        add_file(l, "--use-stats", files->use_stats, true);
    for (size_t i = 0; i < files->n; i++)
        add_file(l, "--style", files->style[i].path, false);
    return true;
}

static void end(struct loading *l)
{
    for (size_t i = 0; i < l->n; i++) {
        statistics_free(&l->file[i].statistics);
        pooled_free(&l->file[i].pool);
    }
    free(l->file);
    free(l->request.mask.item);
}

bool styles_load(const struct plan *plan, struct styles *styles, struct given *given, struct why *why)
{
    struct loading l;
    const struct style_files *files = &plan->styles;
    *styles = (struct styles){0};
    *given = (struct given){.measured = files->use_stats ? &styles->measured : NULL,
                            .measured_name = "--use-stats",
                            .target = files->n > 0 ? &styles->target : NULL,
                            .target_name = "--style"};
    if (files->n == 0 && !files->use_stats)
        return true;
    bool ok = begin(&l, plan, why) && measure_all(&l, why);
    if (ok && files->use_stats)
        ok = statistics_copy(&styles->measured, &l.file[0].statistics, 1, why);
    if (ok && files->n > 0)
        ok = blend(&l.file[l.n - files->n], files, &styles->target, why);
    end(&l);
    return ok;
}

void styles_free(struct styles *styles)
{
    statistics_free(&styles->measured);
    statistics_free(&styles->target);
}
