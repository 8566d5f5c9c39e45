/* frames FOLDER: writes the seeds of target_frames.c: what a worker process sends of jobs that end in different ways. */
#include "memory.h"

#include "cli/run/wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void see(struct view *view, unsigned colours)
{
    struct why why = {0};
    must(view_reserve(view, colours, &why) && preview_reserve(&view->preview[VIEW_SMALL], 2, 1, &why), "there is memory");
    view->preview[VIEW_SMALL].white = 1;
    for (unsigned c = 0; c < colours; c++) {
        view->channel[c] = (struct view_channel){.moments = {8, 0.25, 0.1, 0, 0.5, 0}, .low = 0, .high = 1};
        view->channel[c].bin[64] = 8;
    }
}

/* What it adds to a pool: its moments, and the same between all channels. */
static void pool(struct result *r)
{
    struct instnorm_moments moments[3];
    struct instnorm_comoments between[3];
    struct why why = {0};
    for (unsigned c = 0; c < r->colours; c++) {
        const struct instnorm_moments *m = &r->channel[c].moments;
        moments[c] = *m;
        between[c] = (struct instnorm_comoments){
            .weight = m->weight, .mean_x = m->mean, .mean_y = m->mean, .m2_x = m->m2, .c_xy = m->m2};
    }
    const struct pooled_part part = {
        .colours = r->colours, .unit = r->unit, .moments = moments, .between = between, .pictures = 1};
    must(pooled_add(&r->pooled, &part, &why), "there is memory");
}

static struct result picture(enum result_status status, const char *space, unsigned colours)
{
    struct why why = {0};
    struct result r = {.status = status,
                       .format = "png",
                       .width = 4,
                       .height = 2,
                       .channels = colours,
                       .depth = 8,
                       .integer = true,
                       .most = 255,
                       .pixels = 8,
                       .space = instnorm_space_find(space),
                       .unit = 255,
                       .pictures = 1};
    must(result_reserve(&r, colours, &why), "there is memory");
    must(status != RESULT_MAPPED || map_reserve(&r.map, colours, &why), "there is memory");
    for (unsigned c = 0; c < colours; c++) {
        struct result_channel *ch = &r.channel[c];
        ch->moments = ch->used = (struct instnorm_moments){8, 64, 8 * 4000, 0, 127, 0};
        ch->touched = status == RESULT_MAPPED;
        ch->target = (struct instnorm_target){0.5, 0.5, 0, 1, 255, 255};
        ch->clip = (struct instnorm_clip){0, 2, -25, 510};
        if (status == RESULT_MAPPED)
            map_set_members(&r.map, c, (const double[]){2, 0.25});
    }
    pool(&r);
    see(&r.before, colours);
    if (status == RESULT_MAPPED)
        see(&r.after, colours);
    notes_add(&r.notes, NOTE_WARNING, "name", "a note");
    return r;
}

static void end(struct receiver *to, enum result_status status)
{
    struct result r = {.status = status};
    if (status == RESULT_FAILED)
        why_set(&r.why, "truncated");
    to->take_result(to, &r);
}

static void send_mapped(struct receiver *to)
{
    struct result r = picture(RESULT_MAPPED, "rgb", 3);
    struct file_sink complete = {.fd = -1, .target = -1, .position = 100};
    to->take_result(to, &r);
    to->take_output(to, &complete, 0);
    end(to, RESULT_DONE);
}

static void send_measured(struct receiver *to)
{
    struct result grey = picture(RESULT_MEASURED, "rgb", 1), lab = picture(RESULT_MEASURED, "lab", 3);
    to->take_result(to, &grey);
    to->take_result(to, &lab);
    end(to, RESULT_DONE);
}

static void send_statistics(struct receiver *to)
{
    struct result r = picture(RESULT_STATISTICS, "oklab", 3);
    to->take_result(to, &r);
    end(to, RESULT_DONE);
}

static void send_failed(struct receiver *to)
{
    end(to, RESULT_FAILED);
}

/* Of an archive: a member that counts, and one that is left out. */
static void send_members(struct receiver *to)
{
    struct result r = picture(RESULT_MAPPED, "rgb", 3), left_out = {.status = RESULT_LEFT_OUT};
    r.member = strdup("000001.png");
    left_out.member = strdup("000002.png");
    must(r.member && left_out.member, "there is memory");
    why_set(&left_out.why, "truncated");
    to->take_result(to, &r);
    to->take_result(to, &left_out);
    end(to, RESULT_DONE);
}

static void send_skipped(struct receiver *to)
{
    end(to, RESULT_SKIPPED);
}

/* A picture for a stack, with metadata. */
static void send_rows(struct receiver *to)
{
    float samples[2][2 * 3] = {{1, 2, 3, 4, 5, 6}};
    struct metadata metadata = {.format = "png", .x_resolution = 72, .y_resolution = 72};
    struct picture_info info = {.width = 3,
                                .height = 2,
                                .channels = 2,
                                .sample = SAMPLE_F32,
                                .unit = 1,
                                .planar = true,
                                .dimensions = 3,
                                .depth = 32,
                                .metadata = &metadata};
    const struct rows rows = rows_planar(samples, SAMPLE_F32, 2, 3, 2);
    struct notes notes = {0};
    struct why why = {0};
    must(metadata_add(&metadata, META_ICC, 0, 0, "profile", 7), "there is memory");
    must(to->begin_picture(to, &info, &notes, &why), "the picture is sent");
    for (size_t y = 0; y < 2; y++) {
        const struct rows row = rows_part(&rows, y, 1);
        must(to->write_rows(to, &row, &why), "the rows are sent");
    }
    metadata_clear(&metadata);
    send_mapped(to);
}

static const struct {
    const char *name;
    void (*send)(struct receiver *to);
} jobs[] = {{"mapped", send_mapped},  {"measured", send_measured}, {"statistics", send_statistics},
            {"failed", send_failed},  {"skipped", send_skipped},   {"rows", send_rows},
            {"members", send_members}};

/* The byte that chooses, and what came through the socket. */
static void write_seed(const char *folder, size_t i, unsigned choice)
{
    static struct wire wire;
    unsigned char bytes[1 << 15] = {(unsigned char)choice};
    char path[4096];
    int pair[2];
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "there is a socket");
    wire_open(&wire, pair[1], 0);
    jobs[i].send(&wire.base);
    must(frame_flush(&wire.writer), "the frames are sent");
    wire_close(&wire);
    close(pair[1]);
    ssize_t n = recv(pair[0], bytes + 1, sizeof bytes - 1, MSG_WAITALL);
    close(pair[0]);
    snprintf(path, sizeof path, "%s/%s-%u", folder, jobs[i].name, choice);
    FILE *file = n > 0 ? fopen(path, "wb") : NULL;
    must(file && fwrite(bytes, 1, (size_t)n + 1, file) == (size_t)n + 1 && fclose(file) == 0, "the seed is written");
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: frames FOLDER\n");
        return 2;
    }
    for (size_t i = 0; i < sizeof jobs / sizeof *jobs; i++)
        for (unsigned choice = 0; choice < 64; choice += 5)
            write_seed(argv[1], i, choice);
    return 0;
}
