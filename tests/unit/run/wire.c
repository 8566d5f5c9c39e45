/* What a worker process hands over arrives bit for bit: results, outputs, and pictures with metadata, however rows lie. */
#include "cli/run/wire.h"
#include "folder.h"

#include <sys/socket.h>
#include <sys/wait.h>

enum { WIDTH = 37, HEIGHT = 50, CHANNELS = 4, BAND = 7, JOB = 17, GAP = 24 };

/* How the rows of a picture lie. */
static const struct lying {
    bool planar, gaps, upwards;
    enum sample sample;
} lyings[] = {
    {false, false, false, SAMPLE_U8},  {false, true, false, SAMPLE_U16}, {false, true, true, SAMPLE_U8},
    {true, false, false, SAMPLE_F32},  {true, true, false, SAMPLE_U16},  {true, false, true, SAMPLE_F32},
    {false, false, false, SAMPLE_F32},
};

/* ---- the picture, which both processes make ---------------------------------------------------------------------- */

struct picture_at_hand {
    struct picture_info info;
    struct metadata metadata;
    struct rows rows;
    unsigned char *memory;
};

static void add_block(struct metadata *m, struct random *r, enum meta_kind kind, size_t n)
{
    unsigned char bytes[20000];
    for (size_t i = 0; i < n; i++)
        bytes[i] = (unsigned char)random_bits(r);
    REQUIRE(metadata_add(m, kind, (uint32_t)random_bits(r), (unsigned)random_below(r, 20), bytes, n), "no block");
    m->item[m->n - 1].mirrored = random_below(r, 2) == 1;
    m->item[m->n - 1].profile = random_below(r, 2) == 1;
}

/* Blocks that are there before the rows, or that come with them. */
static void add_blocks(struct metadata *m, bool late)
{
    struct random r = {late ? 5 : 4};
    add_block(m, &r, META_NATIVE, late ? 0 : 19999);
    add_block(m, &r, late ? META_XMP : META_ICC, 3000);
    add_block(m, &r, late ? META_NATIVE : META_EXIF, 70);
}

static void lay_rows(struct picture_at_hand *p, const struct lying *lying)
{
    size_t size = sample_size(lying->sample), row = WIDTH * size * (lying->planar ? 1 : CHANNELS) + (lying->gaps ? GAP : 0);
    size_t plane = row * HEIGHT + (lying->gaps ? GAP : 0), bytes = lying->planar ? plane * CHANNELS : plane;
    struct random r = {3};
    p->memory = must_alloc(bytes);
    for (size_t i = 0; i < bytes; i++)
        p->memory[i] = (unsigned char)random_bits(&r);
    p->rows = (struct rows){.data = p->memory + (lying->upwards ? row * (HEIGHT - 1) : 0),
                            .dc = (ptrdiff_t)(lying->planar ? plane : size),
                            .dy = lying->upwards ? -(ptrdiff_t)row : (ptrdiff_t)row,
                            .dx = (ptrdiff_t)(lying->planar ? size : size * CHANNELS),
                            .sample = lying->sample,
                            .channels = CHANNELS,
                            .width = WIDTH,
                            .height = HEIGHT};
}

static void make_picture(struct picture_at_hand *p, const struct lying *lying)
{
    *p = (struct picture_at_hand){.metadata = {.format = codecs[0]->name, /* of each build */
                                               .x_resolution = 1.0 / 3,
                                               .y_resolution = 300,
                                               .resolution_unit = RESOLUTION_CENTIMETRE,
                                               .jfif = true,
                                               .tells_rest = true}};
    p->info = (struct picture_info){.width = WIDTH,
                                    .height = HEIGHT,
                                    .channels = CHANNELS,
                                    .sample = lying->sample,
                                    .unit = 0.1,
                                    .alpha = ALPHA_STRAIGHT,
                                    .planar = lying->planar,
                                    .depth = 12,
                                    .layout = {.compression = 5, .tile_width = 16, .big = true},
                                    .coding = {.components = 1, .h = {2}, .v = {1}, .table = {1}},
                                    .orientation = 6,
                                    .metadata = &p->metadata,
                                    .changes = {.colours = true, .turned = 3}};
    for (size_t i = 0; i < 64; i++)
        p->info.coding.quantum[1][i] = (uint16_t)(i + 1);
    add_blocks(&p->metadata, false);
    lay_rows(p, lying);
}

static void free_picture(struct picture_at_hand *p)
{
    metadata_clear(&p->metadata);
    free(p->memory);
}

/* ---- the worker process ------------------------------------------------------------------------------------------ */

static void hand_over_picture(struct receiver *to, const struct lying *lying)
{
    struct picture_at_hand p;
    struct why why = {""};
    struct notes notes = {0};
    make_picture(&p, lying);
    notes_add(&notes, NOTE_WARNING, NULL, "before the rows");
    REQUIRE(to->begin_picture(to, &p.info, &notes, &why), "%s", why.text);
    for (size_t y = 0; y < HEIGHT; y += BAND) {
        struct rows band = rows_part(&p.rows, y, y + BAND < HEIGHT ? BAND : HEIGHT - y);
        if (y == 3 * BAND)
            add_blocks(&p.metadata, true);
        REQUIRE(to->write_rows(to, &band, &why), "%s", why.text);
    }
    free_picture(&p);
    struct result r = {.status = RESULT_MAPPED, .job = JOB, .index = 3, .width = WIDTH, .height = HEIGHT};
    REQUIRE(result_reserve(&r, 1, &why) && map_reserve(&r.map, 1, &why), "%s", why.text);
    r.channel[0].moments.mean = 1.0 / 7;
    r.space = instnorm_space_find("lab");
    notes_add(&r.notes, NOTE_VERBOSE, "name", "of the picture");
    to->take_result(to, &r);
}

static void hand_over_output(struct receiver *to, struct job_files *files)
{
    struct why why = {""};
    struct file_sink *f = &files->output;
    f->name = "out";
    REQUIRE(files->made && f->base.write_at(&f->base, "bytes", 5, 0) && file_flush(f, &why), "%s", why.text);
    to->take_output(to, f, JOB);
    files->made = false;
}

static void require_files(struct job_files *files)
{
    struct file_source in;
    struct why missing = {""}, why = {""};
    char *path, bytes[8];
    REQUIRE(opened_take(&files->inputs, "in", &in, &path, &why) && strcmp(path, "in") == 0, "%s", why.text);
    REQUIRE(in.base.read_at(&in.base, bytes, 8, 0) == 5 && memcmp(bytes, "input", 5) == 0, "another input");
    file_close(&in);
    free(path);
    REQUIRE(!opened_take(&files->inputs, "folder", &in, &path, &missing) && !path, "a mask that is not there");
    REQUIRE(strcmp(missing.text, "nothing found") == 0, "%s", missing.text);
    REQUIRE(!files->codec && files->is_statistics && strcmp(files->why.text, "no room") == 0, "other files");
    REQUIRE(files->notes.n == 1 && strcmp(files->notes.item[0].text, "left by 'a'") == 0, "other notes");
}

static void serve(int socket, const struct lying *lying)
{
    static struct wire wire;
    struct wire_job job;
    wire_open(&wire, socket, 1000);
    REQUIRE(wire_next_job(&wire, &job) && job.number == JOB, "another job");
    require_files(&job.files);
    REQUIRE(wire.rest.bytes == 1000 && wire.rest.take(&wire.rest, 300), "no memory");
    REQUIRE(!wire.rest.take(&wire.rest, 400), "memory that was not given");
    if (lying)
        hand_over_picture(&wire.base, lying);
    else
        hand_over_output(&wire.base, &job.files);
    job_files_free(&job.files);
    struct result end = {.status = RESULT_DONE, .job = JOB};
    notes_add(&end.notes, NOTE_WARNING, NULL, "at the end");
    wire.base.take_result(&wire.base, &end);
    REQUIRE(wire_next_job(&wire, &job) && job.number == JOB + 1 && !job.files.made, "no second job");
    job_files_free(&job.files);
    REQUIRE(!wire_next_job(&wire, &job), "a third job");
    wire_close(&wire);
}

/* ---- the process that receives ----------------------------------------------------------------------------------- */

struct taker {
    struct receiver base;
    const struct lying *lying;
    struct picture_info info;
    struct rows rows; /* that have come */
    unsigned pictures, results, ends, outputs;
    bool refuses; /* the rows */
    struct file_sink kept;
    struct result end;
};

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    struct taker *t = (struct taker *)to;
    t->info = *info;
    t->pictures++;
    t->rows = rows_interleaved(must_alloc((size_t)WIDTH * HEIGHT * CHANNELS * 4), info->sample, CHANNELS, WIDTH, 0);
    REQUIRE(notes->n == 1 && strcmp(notes->item[0].text, "before the rows") == 0, "other notes");
    REQUIRE(!why->text[0], "%s", why->text);
    notes_add(notes, NOTE_VERBOSE, NULL, "of the writer");
    return true;
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    struct taker *t = (struct taker *)to;
    REQUIRE(rows->width == WIDTH && rows->channels == CHANNELS && rows->sample == t->lying->sample, "other rows");
    if (t->refuses)
        return why_set(why, "refused on purpose");
    struct rows into = t->rows;
    into.data += (ptrdiff_t)t->rows.height * into.dy;
    into.height = rows->height;
    t->rows.height += rows->height;
    REQUIRE(t->rows.height <= HEIGHT, "too many rows");
    const struct block all = {.height = rows->height, .width = WIDTH};
    for (unsigned c = 0; c < CHANNELS; c++)
        rows_copy(rows, c, &all, &into, c);
    return true;
}

static void require_same_metadata(const struct metadata *got, const struct metadata *want)
{
    REQUIRE(got && strcmp(got->format, want->format) == 0 && metadata_is_of(got, codecs[0]->name), "another format");
    REQUIRE(got->x_resolution == want->x_resolution && got->y_resolution == want->y_resolution &&
                got->resolution_unit == want->resolution_unit,
            "another resolution");
    REQUIRE(got->jfif == want->jfif && got->tells_rest == want->tells_rest, "other flags");
    REQUIRE(got->n == want->n && got->bytes == want->bytes, "%zu blocks for %zu", got->n, want->n);
    for (size_t i = 0; i < want->n; i++) {
        const struct meta *a = &got->item[i], *b = &want->item[i];
        REQUIRE(a->kind == b->kind && a->tag == b->tag && a->type == b->type && a->mirrored == b->mirrored &&
                    a->profile == b->profile && a->size == b->size &&
                    (a->size == 0 || memcmp(a->data, b->data, a->size) == 0),
                "block %zu is another", i);
    }
}

static void require_same_picture(const struct taker *t)
{
    struct picture_at_hand p;
    make_picture(&p, t->lying);
    add_blocks(&p.metadata, true);
    require_same_metadata(t->info.metadata, &p.metadata);
    struct picture_info info = t->info;
    info.metadata = p.info.metadata;
    REQUIRE(memcmp(&info, &p.info, sizeof info) == 0, "another picture_info");
    REQUIRE(t->rows.height == HEIGHT, "%zu rows", t->rows.height);
    size_t size = sample_size(t->lying->sample);
    for (unsigned c = 0; c < CHANNELS; c++)
        for (ptrdiff_t y = 0; y < HEIGHT; y++)
            for (ptrdiff_t x = 0; x < WIDTH; x++)
                REQUIRE(memcmp(t->rows.data + c * t->rows.dc + y * t->rows.dy + x * t->rows.dx,
                               p.rows.data + c * p.rows.dc + y * p.rows.dy + x * p.rows.dx, size) == 0,
                        "sample %u, %td, %td", c, y, x);
    free_picture(&p);
}

static void take_result(struct receiver *to, struct result *result)
{
    struct taker *t = (struct taker *)to;
    REQUIRE(result->job == JOB, "of job %zu", result->job);
    if (!result_has_statistics(result)) {
        t->ends++;
        t->end = *result;
        *result = (struct result){0};
        return;
    }
    require_same_picture(t);
    t->results++;
    REQUIRE(result->index == 3 && result->channel[0].moments.mean == 1.0 / 7, "another result");
    REQUIRE(result->notes.n == 3 && strcmp(result->notes.item[1].text, "of the writer") == 0 &&
                strcmp(result->notes.item[2].text, "of the picture") == 0,
            "%zu notes in another order", result->notes.n);
    result_free(result);
}

static void keep_output(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job)
{
    struct taker *t = (struct taker *)to;
    REQUIRE(job == JOB && codec == codecs[0], "another job or codec");
    t->kept = *made;
}

static void take_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    struct taker *t = (struct taker *)to;
    struct why why = {""};
    REQUIRE(job == JOB && !complete->path && complete->fd < 0 && complete->position == 5, "another output");
    t->kept.name = "out";
    REQUIRE(file_seal(&t->kept, NULL, &why) && file_place(&t->kept, false, &why), "%s", why.text);
    t->outputs++;
}

/* Sends the job with an input, a mask that was not found and, if it has one, an output, which is kept. */
static void send_job(struct taker *t, int socket)
{
    static const struct file_rules rules = {.no_clobber = true};
    struct job_files files = {.is_statistics = true, .why = {"no room"}, .made = !t->lying};
    struct why why = {""};
    put_file("in", "input");
    notes_add(&files.notes, NOTE_VERBOSE, "a", "left by 'a'");
    REQUIRE(opened_add(&files.inputs, "in", "in", NULL) &&
                opened_add(&files.inputs, "folder", NULL, &(struct why){"nothing found"}),
            "out of memory");
    if (files.made)
        REQUIRE(file_create(&files.output, "out", &rules, NULL, &why), "%s", why.text);
    REQUIRE(wire_send_job(socket, &files, JOB, &why) == FRAME_SENT, "%s", why.text);
    t->kept = files.output;
    files.made = false;
    job_files_free(&files);
    REQUIRE(wire_send_job(socket, &files, JOB + 1, &why) == FRAME_SENT, "%s", why.text);
}

/* Receives what a job hands over, gives memory once, and returns when the worker process has ended. */
static void receive(struct taker *t, int socket)
{
    struct frame_reader reader = {0};
    struct delivery delivery = {.why = {""}};
    struct frame frame;
    bool ended = false;
    unsigned wants = 0;
    send_job(t, socket);
    while (!ended) {
        REQUIRE(frame_read(&reader, socket, true) == 1, "the stream ends before the job");
        while (!ended && frame_next(&reader, &frame))
            if (frame.kind == WIRE_WANTS)
                wire_send(socket, WIRE_MEMORY, wants++ == 0 ? wire_number(&frame) : 0);
            else
                REQUIRE(wire_deliver(&delivery, &frame, JOB, &t->base, &ended), "frame of kind %u", frame.kind);
    }
    ck_assert_uint_eq(wants, 2);
    delivery_free(&delivery);
    frame_reader_free(&reader);
}

static struct taker run(const struct lying *lying, bool refuses)
{
    struct taker t = {
        .base = {take_result, keep_output, take_output, begin_picture, write_rows}, .lying = lying, .refuses = refuses};
    int ends[2], status;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        serve(ends[1], lying);
        _exit(0);
    }
    close(ends[1]);
    receive(&t, ends[0]);
    close(ends[0]);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    free(t.rows.data);
    return t;
}

/* ---- tests ------------------------------------------------------------------------------------------------------- */

START_TEST(a_picture_arrives_bit_for_bit)
{
    struct taker t = run(&lyings[_i], false);
    ck_assert_uint_eq(t.pictures, 1);
    ck_assert_uint_eq(t.results, 1);
    ck_assert_uint_eq(t.ends, 1);
    ck_assert_int_eq(t.end.status, RESULT_DONE);
    ck_assert_uint_eq(t.end.notes.n, 1);
    result_free(&t.end);
}
END_TEST

/* The worker does not learn of it: its job has failed with what the receiver says, and its pictures are not told of. */
START_TEST(what_is_not_taken_fails_the_job)
{
    struct taker t = run(&lyings[_i], true);
    ck_assert_uint_eq(t.pictures, 1);
    ck_assert_uint_eq(t.results, 0);
    ck_assert_uint_eq(t.ends, 1);
    ck_assert_int_eq(t.end.status, RESULT_FAILED);
    ck_assert_str_eq(t.end.why.text, "refused on purpose");
    ck_assert_uint_eq(t.end.notes.n, 2);
    result_free(&t.end);
}
END_TEST

START_TEST(an_output_gets_its_name_in_the_other_process)
{
    struct taker t = run(NULL, false);
    ck_assert_uint_eq(t.outputs, 1);
    ck_assert_int_eq(t.end.status, RESULT_DONE);
    require_file("out", "bytes");
    ck_assert_uint_eq(count_names(), 2);
    result_free(&t.end);
}
END_TEST

static void take_nothing(struct receiver *to, struct result *result)
{
    (void)to;
    result_free(result);
}

static void take_no_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    (void)to;
    REQUIRE(job == JOB && !complete->path && complete->fd < 0, "an output with a name");
}

/* Frames of another program, or cut ones, are refused or do nothing: no result of another job passes. */
START_TEST(other_frames_are_refused)
{
    static uint64_t body[512];
    struct taker t = {.base = {take_nothing, keep_output, take_no_output, begin_picture, write_rows}, .lying = lyings};
    struct random r = {1};
    bool ended;
    for (uint32_t kind = 0; kind < 20; kind++)
        for (size_t n = 0; n < 300; n++) {
            struct delivery d = {.why = {"refused before"}};
            const struct frame frame = {.kind = kind, .body = (const unsigned char *)body, .n = n};
            for (size_t i = 0; i < n / 8 + 1; i++)
                body[i] = random_below(&r, 3) ? random_bits(&r) : random_below(&r, 5);
            bool known = wire_deliver(&d, &frame, JOB, &t.base, &ended);
            REQUIRE(!known ||
                        (kind != 0 && kind != WIRE_RESULT && kind != WIRE_NOTES && kind != WIRE_MADE && kind <= WIRE_ROWS),
                    "kind %u of %zu bytes is taken", kind, n);
            delivery_free(&d);
        }
}
END_TEST

SUITE(wire)
{
    TCase *tcase = tcase_create("wire");
    tcase_add_checked_fixture(tcase, enter_folder, leave_folder);
    ADD_EACH(tcase, a_picture_arrives_bit_for_bit, lyings);
    ADD_EACH(tcase, what_is_not_taken_fails_the_job, lyings);
    tcase_add_test(tcase, an_output_gets_its_name_in_the_other_process);
    tcase_add_test(tcase, other_frames_are_refused);
    suite_add_tcase(suite, tcase);
}
