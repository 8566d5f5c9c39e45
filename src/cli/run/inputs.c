#include "cli/run/inputs.h"

#include "cli/files/names.h"
#include "codec/icc.h"

#include <stdlib.h>

/* What is read beside the input has its part of the budget. */
static bool share_budget(struct inputs *k, struct why *why)
{
    struct pictures *in = &k->in.pictures;
    uint64_t beside = mask_files_held(&k->mask) + mask_files_held(&k->apply_mask) + beside_held(&k->fit);
    if (!pictures_raise_budget(in, beside))
        return why_set(why, "its masks and --fit take %.3g MiB of memory, more than the budget of %.3g MiB: see --memory",
                       (double)beside / 0x1p20, (double)pictures_most(in) / 0x1p20);
    in->budget -= beside;
    return true;
}

/* What a folder is good for, if it is an input. */
static void hint_at_recursion(const struct opened_files *opened, const char *name)
{
    struct opened *in = opened_find(opened, name);
    if (!in->open && file_is_folder(name)) {
        in->why = (struct why){0};
        why_set(&in->why, "is a directory, expected a picture: see --recursive");
    }
}

bool inputs_find(struct opened_files *opened, enum inputs_use use, const struct input_name *name,
                 const struct request *request)
{
    if (!opened_add(opened, name->path, name->path, NULL))
        return false;
    if (use != INPUTS_STYLE)
        hint_at_recursion(opened, name->path);
    if (!mask_files_find(opened, &request->mask, NULL, name->below))
        return false;
    return use != INPUTS_MAP || (mask_files_find(opened, &request->apply_mask, &request->mask, name->below) &&
                                 (!request->fit || opened_add(opened, request->fit, request->fit, NULL)));
}

static bool open_input(struct inputs *k, const struct input_name *name, const struct file_source *member,
                       struct opened_files *opened, const struct reading *how, struct inputs_buffers *buffers,
                       struct why *why)
{
    struct file_source file;
    char *path;
    if (member)
        return input_open(&k->in, name, member, how, &buffers->in, why);
    bool ok = opened_take(opened, name->path, &file, &path, why);
    free(path);
    return ok && input_open(&k->in, name, &file, how, &buffers->in, why);
}

static bool open_fit(struct inputs *k, const char *name, struct opened_files *opened, const struct reading *how,
                     struct inputs_buffers *buffers, struct why *why)
{
    struct file_source file;
    struct why reason = {0};
    char *path;
    bool ok = opened_take(opened, name, &file, &path, &reason);
    free(path);
    return ok ? beside_open(&k->fit, "--fit", name, &file, &k->in, how, &buffers->fit, why)
              : why_option(why, "--fit", name, &reason);
}

bool inputs_open(struct inputs *k, enum inputs_use use, const struct input_name *name, const struct file_source *member,
                 const struct request *request, struct opened_files *opened, const struct reading *how,
                 struct inputs_buffers *buffers, struct why *why)
{
    const char *mask_option = use == INPUTS_STYLE ? "--style-mask" : "--mask";
    bool has_output = use == INPUTS_MAP;
    *k = (struct inputs){0};
    if (!open_input(k, name, member, opened, how, buffers, why) ||
        !mask_files_open(&k->mask, mask_option, &request->mask, NULL, opened, &k->in, why))
        return false;
    if (has_output &&
        !mask_files_open(&k->apply_mask, "--apply-mask", &request->apply_mask, &request->mask, opened, &k->in, why))
        return false;
    if (has_output && request->fit && !open_fit(k, request->fit, opened, how, buffers, why))
        return false;
    return share_budget(k, why);
}

void inputs_give(struct inputs *k, struct picture_task *task)
{
    task->rows = &k->in.pictures.rows;
    task->fit = k->fit.in.open ? &k->fit.rows : NULL;
    task->mask = &k->mask.weights;
    task->apply_mask = &k->apply_mask.weights;
}

bool inputs_end(struct inputs *k, size_t n, struct why *why)
{
    return mask_files_end(&k->mask, n, why) && mask_files_end(&k->apply_mask, n, why) && beside_end(&k->fit, n, why);
}

void inputs_tell(struct inputs *k, struct notes *notes)
{
    input_tell(&k->in, NULL, notes);
    mask_files_tell(&k->mask, notes);
    mask_files_tell(&k->apply_mask, notes);
    beside_tell(&k->fit, notes);
}

void inputs_note_profile(const struct inputs *k, const struct layout *layout, struct notes *notes)
{
    const struct metadata *m = k->in.pictures.rows.info.metadata;
    const struct meta *icc = m ? metadata_find(m, META_ICC) : NULL;
    if (layout_converts(layout) && icc && !icc_is_srgb(icc->data, icc->size))
        notes_add(notes, NOTE_WARNING, NULL, "its ICC profile is not sRGB, but --space %s takes its samples for sRGB",
                  layout->space->name);
}

void inputs_close(struct inputs *k)
{
    mask_files_close(&k->mask);
    mask_files_close(&k->apply_mask);
    beside_close(&k->fit);
    input_close(&k->in);
}

static void trim(struct buffer *buffer, uint64_t most)
{
    if (buffer->size > most)
        buffer_free(buffer);
}

void inputs_buffers_trim(struct inputs_buffers *buffers, uint64_t most)
{
    trim(&buffers->in.kept, most);
    trim(&buffers->in.band, most);
    trim(&buffers->fit.kept, most);
    trim(&buffers->fit.band, most);
}

void inputs_buffers_free(struct inputs_buffers *buffers)
{
    picture_buffers_free(&buffers->in);
    picture_buffers_free(&buffers->fit);
}
