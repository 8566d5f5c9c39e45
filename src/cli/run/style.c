#include "cli/run/style.h"

#include "cli/files/limits.h"
#include "cli/files/names.h"
#include "cli/report/stats_file.h"
#include "cli/run/inputs.h"
#include "cli/run/job_files.h"
#include "cli/run/receiver.h"
#include "engine/picture.h"

#include <stdlib.h>

bool style_request(const struct style_files *files, const struct request *request, struct request *to)
{
    bool robust = request->by != MEASURED_MEAN;
    *to = (struct request){.space = request->space,
                           .rgb = request->rgb,
                           .norm = INSTNORM_INSTANCE,
                           .by = request->by,
                           .range = {request->range[0], request->range[1]},
                           .histogram = robust,
                           .pooled = robust,
                           .fail_on_clip = -1};
    if (robust && !request->given && request->norm != INSTNORM_BATCH) {
        to->norm = request->norm;
        to->groups = request->groups;
    }
    to->mask.item = calloc(files->mask.n + request->mask.n + 1, sizeof *to->mask.item);
    for (size_t i = 0; to->mask.item && i < files->mask.n; i++)
        to->mask.item[to->mask.n++] = files->mask.item[i];
    for (size_t i = 0; to->mask.item && i < request->mask.n; i++)
        if (selector_is_threshold(&request->mask.item[i]))
            to->mask.item[to->mask.n++] = request->mask.item[i];
    return to->mask.item != NULL;
}

/* ---- a picture ------------------------------------------------------------------------------------------------------ */

/* Hands over what was measured of a picture, with all that there was to say so far. */
static void hand_over(const struct style_job *job, struct receiver *receiver, struct result *result, struct notes *notes)
{
    result->job = job->number;
    notes_move(&result->notes, notes);
    receiver->take_result(receiver, result);
}

/* The notes get what there is to say of a picture that is not handed over. */
static bool measure_picture(const struct style_job *job, struct picture *picture, struct inputs *inputs,
                            struct receiver *receiver, struct notes *notes, struct why *why)
{
    struct map page = {0};
    struct result result = {0};
    struct picture_task task = {.request = job->request, .page = &page};
    const struct picture_info *info = &inputs->in.pictures.rows.info;
    if (job->limited)
        limits_picture(timeout_of(job->timeout, (uint64_t)info->width * info->height));
    inputs_give(inputs, &task);
    bool ok = picture_begin(picture, &task, why), measures = ok && !picture_is_side_page(picture);
    if (measures)
        ok = picture_measure(picture, &result, why) && picture_pool(picture, &result, why);
    if (measures && ok && !result.nothing.text[0])
        inputs_note_profile(inputs, &picture->layout, &result.notes);
    if (ok)
        inputs_tell(inputs, &result.notes);
    notes_move(notes, &result.notes);
    if (measures && ok)
        hand_over(job, receiver, &result, notes);
    result_free(&result);
    return ok;
}

static bool measure_each(const struct style_job *job, struct picture *picture, struct inputs *inputs,
                         struct receiver *receiver, struct notes *notes, struct why *why)
{
    for (size_t i = 0;; i++) {
        bool again = job->request->by != MEASURED_MEAN;
        enum selected selected = pictures_select(&inputs->in.pictures, i, again, why);
        if (selected != SELECT_OK)
            return selected == SELECT_END && inputs_end(inputs, i, why);
        if (!measure_picture(job, picture, inputs, receiver, notes, why))
            return false;
    }
}

static bool measure_pictures(const struct style_job *job, struct job_files *files, struct receiver *receiver,
                             struct notes *notes, struct why *why)
{
    struct reading reading = *job->reading;
    struct inputs_buffers buffers = {0};
    struct inputs inputs = {0};
    const struct input_name name = {job->path, path_base(job->path)};
    struct picture picture = {0};
    reading.reported = false;
    bool ok = inputs_open(&inputs, INPUTS_STYLE, &name, NULL, job->request, &files->inputs, &reading, &buffers, why) &&
              measure_each(job, &picture, &inputs, receiver, notes, why);
    picture_free(&picture);
    inputs_close(&inputs);
    inputs_buffers_free(&buffers);
    return ok;
}

/* ---- a statistics file ---------------------------------------------------------------------------------------------- */

bool style_read_statistics(struct file_source *file, const struct request *request, struct pooled *into, struct why *why)
{
    return stats_file_read(file, request->space, into, why) && (!request->rgb || pooled_repeat_grey(into, why));
}

static bool read_statistics(const struct style_job *job, struct job_files *files, struct receiver *receiver,
                            struct notes *notes, struct why *why)
{
    struct file_source file;
    struct pooled pool = {0};
    struct result result = {0};
    char *path;
    bool open = opened_take(&files->inputs, job->path, &file, &path, why);
    bool ok =
        open && style_read_statistics(&file, job->request, &pool, why) && result_of_pool(&pool, job->request, &result, why);
    if (open)
        file_close(&file);
    if (ok)
        hand_over(job, receiver, &result, notes);
    result_free(&result);
    pooled_free(&pool);
    free(path);
    return ok;
}

bool style_measure(const struct style_job *job, struct job_files *files, struct receiver *receiver, struct notes *notes,
                   struct why *why)
{
    if (!job->is_statistics && !files->is_statistics)
        return measure_pictures(job, files, receiver, notes, why);
    if (!job->is_statistics && job->all->mask.n > 0)
        return why_set(why, "a statistics file has no pixels: expected a picture with --style-mask");
    return read_statistics(job, files, receiver, notes, why);
}
