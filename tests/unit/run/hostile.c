/* What a decoder that was taken over could send: the process of the batch refuses it, and takes no memory for it. */
#include "base/bytes.h"
#include "cli/run/sound.h"
#include "cli/run/wire.h"
#include "support.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JOB = 17, WIDTH = 5, HEIGHT = 4, CHANNELS = 3, MANY = 1 << 16 };

/* ---- a receiver that counts ---------------------------------------------------------------------------------------- */

struct counter {
    struct receiver base;
    unsigned results, pictures, bands;
};

static void count_result(struct receiver *to, struct result *result)
{
    ((struct counter *)to)->results++;
    result_free(result);
}

static bool count_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    (void)info, (void)notes, (void)why;
    ((struct counter *)to)->pictures++;
    return true;
}

static bool count_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    (void)rows, (void)why;
    ((struct counter *)to)->bands++;
    return true;
}

static struct counter counter;
static struct delivery delivery;

static void begin(void)
{
    counter =
        (struct counter){.base = {.take_result = count_result, .begin_picture = count_picture, .write_rows = count_rows}};
    delivery = (struct delivery){.why = {""}};
}

static void finish(void)
{
    delivery_free(&delivery);
}

/* Whether a frame of these bytes is taken. */
static bool deliver(enum wire_kind kind, const void *body, size_t n)
{
    bool ended;
    const struct frame frame = {.kind = kind, .body = body, .n = n};
    return wire_deliver(&delivery, &frame, JOB, &counter.base, &ended);
}

static bool deliver_result(enum wire_kind kind, const struct result *result)
{
    size_t n;
    unsigned char *bytes = result_pack(result, &n);
    ck_assert_ptr_nonnull(bytes);
    bool taken = deliver(kind, bytes, n);
    free(bytes);
    return taken;
}

static struct picture_info sound_picture(void)
{
    return (struct picture_info){
        .width = WIDTH, .height = HEIGHT, .channels = CHANNELS, .sample = SAMPLE_U8, .unit = 255, .depth = 8};
}

static bool deliver_picture(const struct picture_info *info)
{
    return deliver(WIRE_PICTURE, info, sizeof *info);
}

/* Rows as they are said to be, and `n` bytes of them. */
static bool deliver_rows(uint64_t rows, size_t n)
{
    unsigned char body[sizeof rows + 1000] = {0};
    memcpy(body, &rows, sizeof rows);
    return deliver(WIRE_ROWS, body, sizeof rows + n);
}

/* ---- frames -------------------------------------------------------------------------------------------------------- */

static void send_head(int socket, uint32_t kind, uint64_t bytes)
{
    const struct {
        uint32_t kind, rest;
        uint64_t bytes;
    } head = {kind, 0, bytes};
    ck_assert_int_eq(send(socket, &head, sizeof head, 0), sizeof head);
}

/* Noise behind a frame: the frame is taken, and then it is known that no other will come. */
START_TEST(noise_is_no_frame)
{
    static const struct {
        uint32_t kind;
        uint64_t bytes;
    } noise[] = {{FRAME_KIND_MAX + 1, 0}, {0xa5a5a5a5, 0}, {1, UINT64_MAX}, {1, ((uint64_t)1 << 31) + 1}};
    int ends[2];
    struct frame_reader reader = {0};
    struct frame frame;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    send_head(ends[1], 7, 0);
    send_head(ends[1], noise[_i].kind, noise[_i].bytes);
    while (reader.to < 32)
        ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
    ck_assert(!frame_is_broken(&reader));
    ck_assert(frame_next(&reader, &frame) && frame.kind == 7);
    ck_assert(!frame_next(&reader, &frame) && frame_is_broken(&reader));
    frame_reader_free(&reader);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

START_TEST(a_false_length_takes_no_memory)
{
    int ends[2];
    struct frame_reader reader = {0};
    struct frame frame;
    ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    send_head(ends[1], 1, (uint64_t)1 << 31);
    for (int i = 0; i < 100; i++) {
        ck_assert_int_eq(send(ends[1], "bytes", 5, 0), 5);
        ck_assert_int_eq(frame_read(&reader, ends[0], true), 1);
        ck_assert(!frame_next(&reader, &frame) && !frame_is_broken(&reader));
    }
    ck_assert_uint_le(reader.size, 1 << 20);
    frame_reader_free(&reader);
    close(ends[0]);
    close(ends[1]);
}
END_TEST

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

/* One member with other bytes than it can have. */
static const struct wrong {
    size_t offset, size;
    uint64_t value;
} wrongs[] = {
#define WRONG(member, value)                                                                                               \
    {                                                                                                                      \
        offsetof(struct picture_info, member), sizeof(((struct picture_info *)0)->member), value                           \
    }
    WRONG(width, 0),
    WRONG(width, UINT64_MAX),
    WRONG(width, (uint64_t)1 << 62),
    WRONG(height, 0),
    WRONG(height, UINT64_MAX / WIDTH),
    WRONG(channels, 0),
    WRONG(channels, UINT32_MAX),
    WRONG(sample, SAMPLE_LAST + 1),
    WRONG(sample, UINT32_MAX),
    WRONG(stack_type, SAMPLE_LAST + 1),
    WRONG(unit, 0),
    WRONG(unit, UINT64_C(0x7ff) << 52),  /* infinity */
    WRONG(unit, UINT64_C(0x7ff8) << 48), /* NaN */
    WRONG(unit, UINT64_C(0xbff) << 52),  /* -1 */
    WRONG(alpha, ALPHA_PREMULTIPLIED + 1),
    WRONG(planar, 2),
    WRONG(channels_last, 2),
    WRONG(has_nodata, 2),
    WRONG(dimensions, 5),
    WRONG(sample, SAMPLE_NONE),
    WRONG(depth, 65),
    WRONG(replays, 255),
    WRONG(lossless, 128),
    WRONG(converted, 2),
    WRONG(role, PAGE_COPIED + 1),
    WRONG(layout.primaries, 2),
    WRONG(layout.primaries, 4),
    WRONG(layout.planar, 2),
    WRONG(layout.big, 2),
    WRONG(coding.components, 4),
    WRONG(coding.components, UINT32_MAX),
    WRONG(coding.components, 1), /* without sampling */
    WRONG(coding.rgb, 2),
    WRONG(orientation, 9),
    WRONG(changes.colours, 2),
    WRONG(changes.type, 2),
    WRONG(changes.samples, 2),
    WRONG(changes.turned, 9),
#undef WRONG
};

START_TEST(a_picture_that_cannot_be_is_refused)
{
    const struct wrong *wrong = &wrongs[_i];
    struct picture_info info = sound_picture();
    unsigned char bytes[sizeof info];
    ck_assert(picture_is_sound(&info));
    memcpy(bytes, &info, sizeof info);
    size_t low = machine_is_little() ? 0 : sizeof wrong->value - wrong->size;
    memcpy(bytes + wrong->offset, (const char *)&wrong->value + low, wrong->size);
    begin();
    ck_assert(!deliver(WIRE_PICTURE, bytes, sizeof bytes));
    ck_assert(!deliver_rows(1, WIDTH * CHANNELS));
    ck_assert_uint_eq(counter.pictures + counter.bands, 0);
    finish();
}
END_TEST

/* libjpeg divides by what quantizes. */
START_TEST(a_coding_that_cannot_be_is_refused)
{
    struct picture_info info = sound_picture();
    info.coding = (struct jpeg_coding){.components = 1, .h = {1}, .v = {1}, .table = {3}};
    for (size_t k = 0; k < 64; k++) {
        ck_assert(!picture_is_sound(&info));
        info.coding.quantum[3][k] = 1;
    }
    ck_assert(picture_is_sound(&info));
    info.coding.table[0] = 4;
    ck_assert(!picture_is_sound(&info));
    info.coding.table[0] = 3;
    info.coding.h[0] = 5;
    ck_assert(!picture_is_sound(&info));
}
END_TEST

START_TEST(rows_are_of_the_picture)
{
    enum { ROW = WIDTH * CHANNELS };
    const struct picture_info info = sound_picture();
    const unsigned char none[64] = {0};
    const struct result mapped = {.status = RESULT_DONE, .job = JOB},
                        failed = {.status = RESULT_FAILED, .job = JOB, .why = {"truncated"}};
    begin();
    ck_assert_msg(!deliver_rows(1, ROW), "rows of no picture");
    ck_assert(deliver(WIRE_METADATA, none, 32));
    ck_assert(deliver_picture(&info));
    ck_assert_msg(!deliver_picture(&info), "a picture before the end of the one before");
    ck_assert_msg(!deliver(WIRE_METADATA, none, 32), "metadata for that of the picture, which its writer looks at");
    ck_assert(!deliver_rows(0, 0) && !deliver_rows(1, ROW - 1) && !deliver_rows(1, ROW + 1) && !deliver_rows(1, 0));
    ck_assert(!deliver_rows(UINT64_MAX / ROW + 1, ROW) && !deliver_rows(UINT64_MAX, 0));
    ck_assert(deliver_rows(3, 3 * ROW));
    ck_assert_msg(!deliver_rows(2, 2 * ROW), "a row too many");
    ck_assert_msg(!deliver_result(WIRE_RESULT, &mapped), "a job that ends well with a row missing");
    ck_assert(deliver_rows(1, ROW));
    ck_assert_msg(!deliver_rows(1, ROW), "a row behind the last");
    ck_assert(deliver_picture(&info) && deliver_rows(1, ROW));
    ck_assert_msg(deliver_result(WIRE_RESULT, &failed), "a job that fails between two rows");
    ck_assert_uint_eq(counter.pictures, 2);
    ck_assert_uint_eq(counter.bands, 3);
    ck_assert_uint_eq(counter.results, 1);
    finish();
}
END_TEST

/* ---- metadata and notes -------------------------------------------------------------------------------------------- */

/* Any bytes as the head of metadata or of a block: what is taken is of a kind that there is. */
START_TEST(metadata_has_kinds_that_there_are)
{
    struct random r = {3};
    for (int i = 0; i < MANY; i++) {
        uint64_t body[8];
        for (size_t k = 0; k < 8; k++)
            body[k] = random_below(&r, 2) ? random_bits(&r) : random_below(&r, 4);
        begin();
        for (size_t n = 0; n <= sizeof body; n += 4) {
            deliver(WIRE_METADATA, body, n);
            deliver(WIRE_BLOCK, body, n);
        }
        REQUIRE((unsigned)delivery.metadata.resolution_unit <= RESOLUTION_CENTIMETRE, "an unknown unit");
        for (size_t k = 0; k < delivery.metadata.n; k++)
            REQUIRE((unsigned)delivery.metadata.item[k].kind <= META_XMP, "a block of an unknown kind");
        finish();
    }
}
END_TEST

/* Each is small, and there are ever more. */
START_TEST(a_flood_is_refused)
{
#ifdef __SANITIZE_ADDRESS__
    printf("unit/run/hostile: a flood left out, each block copies all before it with this sanitizer\n");
    return;
#endif
    const struct picture_info info = sound_picture();
    const uint64_t block[4] = {0};
    struct result told = {.status = RESULT_DONE, .job = JOB};
    notes_add(&told.notes, NOTE_WARNING, NULL, "again");
    begin();
    ck_assert(deliver_picture(&info));
    int taken = 0;
    while (taken < 10000000 && deliver(WIRE_BLOCK, block, sizeof block))
        taken++;
    ck_assert_int_gt(taken, 100000);
    ck_assert_int_lt(taken, 2000000);
    for (taken = 0; taken < MANY && deliver_result(WIRE_NOTES, &told); taken++)
        continue;
    ck_assert_int_gt(taken, 100);
    ck_assert_int_lt(taken, MANY);
    notes_free(&told.notes);
    finish();
}
END_TEST

START_TEST(a_text_is_not_endless)
{
    struct result told = {.status = RESULT_DONE, .job = JOB};
    char *text = must_alloc(MANY + 2);
    notes_add(&told.notes, NOTE_WARNING, NULL, "short");
    free(told.notes.item[0].text);
    told.notes.item[0].text = text;
    memset(text, 'x', MANY + 1);
    text[MANY] = text[MANY + 1] = '\0';
    begin();
    ck_assert(deliver_result(WIRE_NOTES, &told));
    text[MANY] = 'x';
    ck_assert(!deliver_result(WIRE_NOTES, &told));
    notes_free(&told.notes);
    finish();
}
END_TEST

/* ---- results ------------------------------------------------------------------------------------------------------- */

START_TEST(results_are_of_the_job_and_of_a_format)
{
    struct result end = {.status = RESULT_DONE, .job = JOB + 1};
    begin();
    ck_assert_msg(!deliver_result(WIRE_RESULT, &end), "of another job");
    end.job = SIZE_MAX;
    ck_assert(!deliver_result(WIRE_RESULT, &end));
    end.job = JOB;
    end.status = RESULT_SKIPPED;
    ck_assert_msg(!deliver_result(WIRE_RESULT, &end), "of a job that was not given away");
    end.status = RESULT_DONE;
    snprintf(end.format, sizeof end.format, "\033[31mred");
    ck_assert_msg(!deliver_result(WIRE_RESULT, &end), "of no format");
    end = (struct result){.status = RESULT_FAILED, .job = JOB};
    ck_assert_msg(!deliver_result(WIRE_RESULT, &end), "a failure without a reason");
    end.status = RESULT_DONE;
    snprintf(end.format, sizeof end.format, "%s", codecs[0]->name);
    ck_assert(deliver_result(WIRE_RESULT, &end));
    ck_assert_uint_eq(counter.results, 1);
    finish();
}
END_TEST

/* What is seen of a picture is drawn: a place or a length that is no number is none in pixels. */
START_TEST(views_can_be_drawn)
{
    static const double wrong[] = {NAN, INFINITY, -INFINITY, -1};
    struct result r = {.status = RESULT_MEASURED, .job = JOB, .unit = 255, .space = instnorm_space_find("rgb")};
    struct why why = {""};
    ck_assert(result_reserve(&r, 1, &why) && view_reserve(&r.before, 1, &why) &&
              preview_reserve(&r.before.preview[VIEW_SMALL], 2, 2, &why));
    struct view_channel *c = r.before.channel;
    c->high = 1;
    begin();
    ck_assert(deliver_result(WIRE_RESULT, &r));
    double *const value[] = {&c->bin[7],
                             &c->moments.weight,
                             &c->moments.m2,
                             &c->moments.mean,
                             &c->low,
                             &c->high,
                             &r.before.preview[VIEW_SMALL].black,
                             &r.before.preview[VIEW_SMALL].white};
    for (size_t i = 0; i < sizeof value / sizeof *value; i++)
        for (size_t k = 0; k < 4; k++) {
            double was = *value[i];
            bool may_be = wrong[k] == -1 && i != 0 && i != 1 && i != 2 && i != 5;
            *value[i] = wrong[k];
            ck_assert_msg(deliver_result(WIRE_RESULT, &r) == may_be, "value %zu of %g", i, wrong[k]);
            *value[i] = was;
        }
    c->low = -1e308, c->high = 1e308;
    ck_assert_msg(!deliver_result(WIRE_RESULT, &r), "an axis that is too long");
    result_free(&r);
    finish();
}
END_TEST

/* Each byte of a result with each of its bits: refused, or handed on as a result of this job. */
START_TEST(any_bit_of_a_result_may_be_wrong)
{
    struct why why = {""};
    struct result r = {.status = RESULT_MAPPED, .job = JOB, .width = WIDTH, .height = HEIGHT, .unit = NAN};
    ck_assert(result_reserve(&r, 2, &why) && map_reserve(&r.map, 2, &why));
    r.space = instnorm_space_find("rgb");
    notes_add(&r.notes, NOTE_WARNING, "name", "text");
    size_t n;
    unsigned char *bytes = result_pack(&r, &n);
    ck_assert_ptr_nonnull(bytes);
    for (size_t bit = 0; bit < 8 * n; bit++) {
        begin();
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        bool taken = deliver(WIRE_RESULT, bytes, n);
        bytes[bit / 8] ^= (unsigned char)(1 << bit % 8);
        REQUIRE(counter.results == taken, "bit %zu: %u results", bit, counter.results);
        finish();
    }
    for (size_t cut = 0; cut < n; cut++) {
        begin();
        REQUIRE(!deliver(WIRE_RESULT, bytes, cut), "%zu of %zu bytes are taken", cut, n);
        finish();
    }
    free(bytes);
    result_free(&r);
}
END_TEST

SUITE(hostile)
{
    TCase *tcase = tcase_create("hostile");
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, noise_is_no_frame, 0, 4);
    tcase_add_test(tcase, a_false_length_takes_no_memory);
    ADD_EACH(tcase, a_picture_that_cannot_be_is_refused, wrongs);
    tcase_add_test(tcase, a_coding_that_cannot_be_is_refused);
    tcase_add_test(tcase, rows_are_of_the_picture);
    tcase_add_test(tcase, metadata_has_kinds_that_there_are);
    tcase_add_test(tcase, a_flood_is_refused);
    tcase_add_test(tcase, a_text_is_not_endless);
    tcase_add_test(tcase, results_are_of_the_job_and_of_a_format);
    tcase_add_test(tcase, views_can_be_drawn);
    tcase_add_test(tcase, any_bit_of_a_result_may_be_wrong);
    suite_add_tcase(suite, tcase);
}
