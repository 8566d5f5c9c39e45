#include "cli/run/wire.h"

#include "cli/files/limits.h"
#include "cli/files/process.h"
#include "cli/files/sink_flat.h"
#include "cli/run/sound.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a WIRE_METADATA begins with; the name of the format follows. */
struct metadata_head {
    double x_resolution, y_resolution;
    enum resolution_unit resolution_unit;
    unsigned char jfif, tells_rest, none; /* 0 or 1 */
};

/* What a WIRE_BLOCK begins with; its bytes follow. */
struct block_head {
    enum meta_kind kind;
    uint32_t tag;
    unsigned type;
    unsigned char mirrored, profile; /* 0 or 1 */
};

/* ---- in the worker process ------------------------------------------------------------------------------------------ */

static struct wire *wire_of(struct receiver *receiver)
{
    return (struct wire *)receiver;
}

static bool send_parts(struct wire *w, enum wire_kind kind, const struct frame_part *part, size_t parts)
{
    return frame_write(&w->writer, kind, part, parts);
}

static bool send_result(struct wire *w, enum wire_kind kind, const struct result *result)
{
    size_t n;
    unsigned char *bytes = result_pack(result, &n);
    bool ok = bytes && send_parts(w, kind, &(struct frame_part){bytes, n}, 1);
    free(bytes);
    return ok;
}

/* Where memory is too short for a result, a WIRE_LOST goes: whether it was the job's end. */
static void take_result(struct receiver *to, struct result *result)
{
    struct wire *w = wire_of(to);
    const uint64_t ends = result_is_end(result);
    if (!send_result(w, WIRE_RESULT, result))
        send_parts(w, WIRE_LOST, &(struct frame_part){&ends, sizeof ends}, 1);
    if (ends)
        frame_flush(&w->writer);
    result_free(result);
}

static void take_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    (void)job;
    send_parts(wire_of(to), WIRE_OUTPUT, &(struct frame_part){&complete->position, sizeof complete->position}, 1);
    sink_forget(complete);
}

static bool send_blocks(struct wire *w)
{
    const struct metadata *m = w->info.metadata;
    bool ok = true;
    for (; ok && m && w->blocks < m->n; w->blocks++) {
        const struct meta *item = &m->item[w->blocks];
        struct block_head head = {item->kind, item->tag, item->type, item->mirrored, item->profile};
        const struct frame_part part[] = {{&head, sizeof head}, {item->data, item->size}};
        ok = send_parts(w, WIRE_BLOCK, part, 2);
    }
    return ok;
}

static bool send_metadata(struct wire *w)
{
    static const struct metadata empty = {.format = ""};
    const struct metadata *m = w->info.metadata ? w->info.metadata : &empty;
    struct metadata_head head = {m->x_resolution, m->y_resolution, m->resolution_unit,
                                 m->jfif,         m->tells_rest,   !w->info.metadata};
    const char *format = m->format ? m->format : "";
    const struct frame_part part[] = {{&head, sizeof head}, {format, strlen(format)}};
    w->blocks = 0;
    return send_parts(w, WIRE_METADATA, part, 2) && send_blocks(w);
}

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    struct wire *w = wire_of(to);
    struct result told = {.status = RESULT_DONE, .job = w->job, .notes = *notes};
    w->info = *info;
    bool ok = send_metadata(w) && send_result(w, WIRE_NOTES, &told) &&
              send_parts(w, WIRE_PICTURE, &(struct frame_part){info, sizeof *info}, 1);
    notes_free(notes);
    return ok || why_memory(why);
}

/* Neighbouring rows without gaps: as they are, or copied. NULL: out of memory. */
static const void *adjoin(struct wire *w, const struct rows *rows, size_t *n)
{
    size_t row = rows->width * rows->channels * sample_size(rows->sample);
    struct rows tight = rows_tight(w->info.planar, rows->data, rows->sample, rows->channels, rows->width, rows->height);
    *n = row * rows->height;
    if (tight.dc == rows->dc && tight.dy == rows->dy && tight.dx == rows->dx)
        return rows->data;
    if (!buffer_reserve(&w->packed, *n))
        return NULL;
    tight.data = w->packed.data;
    const struct block all = {.height = rows->height, .width = rows->width};
    for (unsigned c = 0; c < rows->channels; c++)
        rows_copy(rows, c, &all, &tight, c);
    return tight.data;
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    struct wire *w = wire_of(to);
    size_t n;
    const uint64_t height = rows->height;
    const void *data = adjoin(w, rows, &n);
    const struct frame_part part[] = {{&height, sizeof height}, {data, n}};
    return (data && send_blocks(w) && send_parts(w, WIRE_ROWS, part, 2) && frame_flush(&w->writer)) || why_memory(why);
}

/* ---- its jobs and its memory ---------------------------------------------------------------------------------------- */

static bool add_job(struct wire *w, const struct frame *frame)
{
    struct wire_job *job = &w->pending[w->jobs];
    job->number = job_files_number(frame);
    if (!job_files_unpack(&job->files, frame))
        return false;
    w->jobs++;
    return true;
}

/* Waits for a frame of the kind; jobs that come before it stay for later. False: none will come. */
static bool wait_for(struct wire *w, enum wire_kind kind, uint64_t *number)
{
    struct frame frame;
    for (;;) {
        while (w->jobs < WIRE_JOBS_MAX && frame_next(&w->reader, &frame)) {
            if (frame.kind == WIRE_JOB && !add_job(w, &frame))
                return false;
            if (frame.kind != WIRE_JOB && frame.kind == kind) {
                *number = wire_number(&frame);
                return true;
            }
        }
        if (kind == WIRE_JOB && w->jobs > 0)
            return true;
        if (process_interrupted() || frame_read(&w->reader, w->socket, true) < 0)
            return false;
    }
}

static bool take_memory(struct budget_rest *rest, uint64_t bytes)
{
    struct wire *w = (struct wire *)((char *)rest - offsetof(struct wire, rest));
    uint64_t given = 0;
    bool ok = send_parts(w, WIRE_WANTS, &(struct frame_part){&bytes, sizeof bytes}, 1) && frame_flush(&w->writer) &&
              wait_for(w, WIRE_MEMORY, &given) && given >= bytes;
    if (ok)
        limits_memory(given);
    return ok;
}

void wire_open(struct wire *w, int socket, uint64_t rest)
{
    *w = (struct wire){.base = {.take_result = take_result,
                                .take_output = take_output,
                                .begin_picture = begin_picture,
                                .write_rows = write_rows},
                       .socket = socket,
                       .most = rest,
                       .rest = {.bytes = rest, .take = take_memory},
                       .reader = {.takes_fds = true}};
    frame_writer_open(&w->writer, socket);
}

bool wire_send_made(struct wire *w, const struct job_files *files, size_t job)
{
    char codec[16] = "";
    size_t n = 0;
    const struct codec *reader = job_files_codec(files);
    bool named = files->made && files->output.named;
    unsigned char *bytes = named ? sink_pack(&files->output, &n) : NULL;
    const struct frame_part part[] = {{codec, sizeof codec}, {bytes, n}};
    enum frame_sent sent = FRAME_UNREAD;
    w->job = job;
    snprintf(codec, sizeof codec, "%s", reader ? reader->name : "");
    if (bytes || !named)
        sent = frame_send(w->socket, WIRE_MADE, part, 2, &files->output.fd, named);
    free(bytes);
    return sent == FRAME_SENT;
}

bool wire_next_job(struct wire *w, struct wire_job *job)
{
    uint64_t none;
    if (w->writer.failed || process_interrupted() || !wait_for(w, WIRE_JOB, &none))
        return false;
    *job = w->pending[0];
    memmove(w->pending, w->pending + 1, --w->jobs * sizeof *w->pending);
    w->job = job->number;
    w->rest.bytes = w->most;
    return true;
}

void wire_close(struct wire *w)
{
    for (size_t i = 0; i < w->jobs; i++)
        job_files_free(&w->pending[i].files);
    frame_reader_free(&w->reader);
    buffer_free(&w->packed);
}

/* ---- in the process of the batch ------------------------------------------------------------------------------------- */

bool wire_send(int socket, enum wire_kind kind, uint64_t number)
{
    return frame_send(socket, kind, &(struct frame_part){&number, sizeof number}, 1, NULL, 0) == FRAME_SENT;
}

enum frame_sent wire_send_job(int socket, struct job_files *files, size_t job, struct why *why)
{
    int fd[FRAME_FDS_MAX];
    unsigned fds;
    size_t n;
    unsigned char *bytes = job_files_pack(files, job, &n, fd, &fds);
    if (!bytes)
        return (why_memory(why), FRAME_LATER);
    enum frame_sent sent = frame_send(socket, WIRE_JOB, &(struct frame_part){bytes, n}, 1, fd, fds);
    free(bytes);
    if (sent == FRAME_LATER)
        why_set(why, "%s", strerror(ETOOMANYREFS));
    return sent;
}

uint64_t wire_number(const struct frame *frame)
{
    uint64_t number = 0;
    if (frame->n == sizeof number)
        memcpy(&number, frame->body, sizeof number);
    return number;
}

/* The job has failed: what it has to say after that is not said, but for the member that it failed with. */
static void deliver_to_failed(struct delivery *d, struct result *result, struct receiver *to)
{
    struct result end = {.status = RESULT_FAILED, .job = result->job, .why = d->why};
    bool ends = result_is_end(result);
    if (!d->member) {
        d->member = result->member;
        result->member = NULL;
    }
    result_free(result);
    if (!ends)
        return;
    end.member = d->member;
    d->member = NULL;
    notes_move(&end.notes, &d->notes);
    to->take_result(to, &end);
}

static bool deliver_result(struct delivery *d, const struct frame *frame, size_t job, struct receiver *to, bool *ended)
{
    struct result result;
    struct why why = {0};
    if (!result_unpack(&result, frame->body, frame->n, &why))
        return false;
    if (result.job != job || !result_is_sound(&result) || (d->rows > 0 && result.status != RESULT_FAILED)) {
        result_free(&result);
        return false;
    }
    *ended = result_is_end(&result);
    if (d->why.text[0]) {
        deliver_to_failed(d, &result, to);
        return true;
    }
    notes_move(&d->notes, &result.notes); /* behind those that came before */
    notes_move(&result.notes, &d->notes);
    to->take_result(to, &result);
    return true;
}

static void deliver_lost(struct delivery *d, const struct frame *frame, size_t job, struct receiver *to, bool *ended)
{
    struct result end = {.status = RESULT_FAILED, .job = job};
    why_memory(&d->why);
    *ended = wire_number(frame) == 1;
    if (*ended)
        deliver_to_failed(d, &end, to);
}

static bool deliver_made(struct delivery *d, const struct frame *frame, size_t job, struct receiver *to)
{
    struct file_sink made;
    char codec[16];
    if (!d->may_make || frame->n < sizeof codec || frame->body[sizeof codec - 1] != '\0')
        return false;
    d->may_make = false;
    memcpy(codec, frame->body, sizeof codec);
    bool has_output = frame->n > sizeof codec;
    if (has_output && !sink_unpack(&made, frame->body + sizeof codec, frame->n - sizeof codec,
                                   frame->fds > 0 ? frame->fd[0] : -1, &d->why))
        return true;
    to->keep_output(to, has_output ? &made : NULL, codec_named(codec), job);
    return true;
}

static void deliver_output(const struct delivery *d, const struct frame *frame, size_t job, struct receiver *to)
{
    struct file_sink complete = {.fd = -1, .target = -1, .position = wire_number(frame)};
    if (!d->why.text[0])
        to->take_output(to, &complete, job);
}

static bool deliver_metadata(struct delivery *d, const struct frame *frame)
{
    struct metadata_head head;
    char name[16] = "";
    if (frame->n < sizeof head || frame->n - sizeof head >= sizeof name)
        return false;
    memcpy(&head, frame->body, sizeof head);
    if (d->rows > 0 || (unsigned)head.resolution_unit > RESOLUTION_CENTIMETRE)
        return false;
    memcpy(name, frame->body + sizeof head, frame->n - sizeof head);
    metadata_clear(&d->metadata);
    const struct codec *codec = codec_for_extension(name);
    d->metadata = (struct metadata){.format = codec ? codec->name : NULL,
                                    .x_resolution = head.x_resolution,
                                    .y_resolution = head.y_resolution,
                                    .resolution_unit = head.resolution_unit,
                                    .jfif = head.jfif != 0,
                                    .tells_rest = head.tells_rest != 0};
    d->info.metadata = head.none ? NULL : &d->metadata;
    return true;
}

/* More of them comes from nobody but a process that floods this one. */
enum { BLOCKS_MAX = 1 << 20, NOTES_MAX = 1 << 12 };

static bool deliver_block(struct delivery *d, const struct frame *frame)
{
    struct block_head head;
    if (frame->n < sizeof head)
        return false;
    memcpy(&head, frame->body, sizeof head);
    if ((unsigned)head.kind > META_XMP || d->metadata.n >= BLOCKS_MAX)
        return false;
    if (!metadata_add(&d->metadata, head.kind, head.tag, head.type, frame->body + sizeof head, frame->n - sizeof head))
        return why_memory(&d->why) || true;
    struct meta *item = &d->metadata.item[d->metadata.n - 1];
    item->mirrored = head.mirrored != 0;
    item->profile = head.profile != 0;
    return true;
}

static bool deliver_picture(struct delivery *d, const struct frame *frame, struct receiver *to)
{
    const struct metadata *metadata = d->info.metadata;
    if (frame->n != sizeof d->info || d->rows > 0)
        return false;
    memcpy(&d->info, frame->body, sizeof d->info);
    d->info.metadata = metadata;
    if (!picture_is_sound(&d->info))
        return false;
    d->rows = d->info.height;
    if (!d->why.text[0])
        to->begin_picture(to, &d->info, &d->notes, &d->why);
    return true;
}

static bool deliver_rows(struct delivery *d, const struct frame *frame, struct receiver *to)
{
    const struct picture_info *info = &d->info;
    uint64_t height;
    if (frame->n < sizeof height)
        return false;
    memcpy(&height, frame->body, sizeof height);
    if (height == 0 || height > d->rows) /* only a picture that is sound has rows */
        return false;
    uint64_t row = (uint64_t)info->width * info->channels * sample_size(info->sample);
    if (height != (frame->n - sizeof height) / row || height * row != frame->n - sizeof height)
        return false;
    d->rows -= (size_t)height;
    struct rows rows = rows_tight(info->planar, (void *)(frame->body + sizeof height), info->sample, info->channels,
                                  info->width, (size_t)height);
    if (!d->why.text[0])
        to->write_rows(to, &rows, &d->why);
    return true;
}

static bool deliver_notes(struct delivery *d, const struct frame *frame)
{
    struct result told;
    struct why why = {0};
    if (!result_unpack(&told, frame->body, frame->n, &why))
        return false;
    bool sound = d->notes.n < NOTES_MAX && result_is_sound(&told);
    if (sound && !d->why.text[0])
        notes_move(&d->notes, &told.notes);
    result_free(&told);
    return sound;
}

bool wire_deliver(struct delivery *d, const struct frame *frame, size_t job, struct receiver *to, bool *ended)
{
    *ended = false;
    switch (frame->kind) {
    case WIRE_RESULT:
        return deliver_result(d, frame, job, to, ended);
    case WIRE_LOST:
        deliver_lost(d, frame, job, to, ended);
        return true;
    case WIRE_MADE:
        return deliver_made(d, frame, job, to);
    case WIRE_OUTPUT:
        deliver_output(d, frame, job, to);
        return true;
    case WIRE_NOTES:
        return deliver_notes(d, frame);
    case WIRE_METADATA:
        return deliver_metadata(d, frame);
    case WIRE_BLOCK:
        return deliver_block(d, frame);
    case WIRE_PICTURE:
        return deliver_picture(d, frame, to);
    case WIRE_ROWS:
        return deliver_rows(d, frame, to);
    default:
        return false;
    }
}

void delivery_free(struct delivery *d)
{
    notes_free(&d->notes);
    metadata_clear(&d->metadata);
    free(d->member);
    *d = (struct delivery){0};
}
