#include "cli/run/job_views.h"

#include "codec/orient.h"

/* ---- upright ------------------------------------------------------------------------------------------------------- */

static bool turn(struct preview *preview, unsigned orientation, struct why *why)
{
    struct preview upright = {.black = preview->black, .white = preview->white};
    if (!preview->rgb || orientation <= 1)
        return true;
    struct rows stored = rows_interleaved(preview->rgb, SAMPLE_U8, 3, preview->width, preview->height);
    struct rows from = orient_rows(&stored, orientation);
    if (!preview_reserve(&upright, from.width, from.height, why))
        return false;
    struct rows to = rows_interleaved(upright.rgb, SAMPLE_U8, 3, from.width, from.height);
    orient_copy(&from, &to);
    preview_free(preview);
    *preview = upright;
    return true;
}

bool views_turn(struct result *result, unsigned orientation, struct why *why)
{
    bool ok = true;
    for (int i = 0; ok && i < VIEW_SIZES; i++)
        ok = turn(&result->before.preview[i], orientation, why) && turn(&result->after.preview[i], orientation, why);
    return ok;
}

/* ---- as it is decoded ---------------------------------------------------------------------------------------------- */

/* An output, which can be read. */
struct written {
    struct source base;
    struct file_sink *sink;
};

static size_t read_at(struct source *source, void *to, size_t n, uint64_t offset)
{
    return file_read_back(((const struct written *)source)->sink, to, n, offset);
}

/* True if the preview is complete. */
static bool decode(struct preview *to, struct pictures *pictures, unsigned side, struct why *why)
{
    struct preview_maker maker = {0};
    struct rows band;
    size_t y = 0, height = pictures->rows.info.height;
    bool ok = preview_begin(&maker, to, &pictures->rows.info, side, why);
    for (; ok && y < height; y += band.height) {
        ok = pictures->rows.read(&pictures->rows, &band, why);
        if (ok)
            preview_add(&maker, &band);
    }
    preview_maker_free(&maker);
    return ok;
}

bool views_decode(struct result *result, struct file_sink *output, const struct codec *codec, unsigned orientation,
                  const struct reading *how, struct why *why)
{
    struct preview *after = &result->after.preview[VIEW_LARGE];
    unsigned side = (unsigned)(after->width > after->height ? after->width : after->height);
    struct written written = {{.read_at = read_at}, output};
    uint64_t kept = (uint64_t)result->width * result->height * codec->keeps; /* by the writer, which has freed it */
    struct reading plain = *how;
    struct picture_buffers buffers = {0};
    struct pictures pictures;
    struct preview again = {.black = after->black, .white = after->white};
    struct why reason = {0};
    if (!after->rgb || codec->many || !(output->named || output->held))
        return true;
    plain.auto_orient = false;
    plain.memory = kept < UINT64_MAX - plain.memory ? plain.memory + kept : UINT64_MAX;
    bool ok = pictures_open(&pictures, &written.base, &plain, &buffers, &reason) &&
              pictures_select(&pictures, 0, false, &reason) == SELECT_OK && decode(&again, &pictures, side, &reason);
    pictures_close(&pictures);
    picture_buffers_free(&buffers);
    if (ok) {
        preview_free(after);
        *after = again;
        return turn(after, orientation, why);
    }
    preview_free(&again);
    return why_set(why, "its output cannot be read again, to be shown: %s", reason.text);
}
