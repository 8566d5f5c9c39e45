#include "cli/files/beside.h"

#include "cli/files/names.h"

static bool read_rows(struct picture_rows *from, struct rows *band, struct why *why)
{
    struct beside *b = (struct beside *)from;
    struct picture_rows *rows = &b->in.pictures.rows;
    struct why reason = {0};
    return rows->read(rows, band, &reason) || why_option(why, b->option, b->path, &reason);
}

/* Selects the picture anew: it is another one if the leader went on. */
static bool rewind_rows(struct picture_rows *from, struct why *why)
{
    struct beside *b = (struct beside *)from;
    struct why reason = {0};
    if (pictures_select_beside(&b->in.pictures, &b->leader->pictures, &reason)) {
        b->rows.info = b->in.pictures.rows.info;
        b->rows.band = b->in.pictures.rows.band;
        return true;
    }
    if (b->reduced && b->leader->pictures.rows.info.role == PAGE_REDUCED) {
        reason = (struct why){0};
        why_set(&reason, "%s", b->reduced);
    }
    return why_option(why, b->option, b->path, &reason);
}

bool beside_open(struct beside *b, const char *option, const char *path, const struct file_source *file,
                 const struct input *leader, const struct reading *how, struct picture_buffers *buffers, struct why *why)
{
    struct why reason = {0};
    struct reading whole = *how; /* the leader takes what is held here from its own budget */
    whole.memory += how->rest ? how->rest->bytes : 0;
    whole.rest = NULL;
    *b = (struct beside){
        .rows = {.read = read_rows, .rewind = rewind_rows}, .option = option, .path = path, .leader = leader};
    return (input_open(&b->in, &(struct input_name){path, path_base(path)}, file, &whole, buffers, &reason) &&
            pictures_look(&b->in.pictures, &reason)) ||
           why_option(why, option, path, &reason);
}

uint64_t beside_held(const struct beside *b)
{
    return b->in.pictures.rows.info.held;
}

bool beside_end(struct beside *b, size_t n, struct why *why)
{
    struct why reason = {0};
    return !b->in.open || pictures_end_beside(&b->in.pictures, n, &reason) || why_option(why, b->option, b->path, &reason);
}

void beside_tell(struct beside *b, struct notes *notes)
{
    input_tell(&b->in, b->path, notes);
}

void beside_close(struct beside *b)
{
    input_close(&b->in);
}
