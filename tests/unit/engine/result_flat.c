/* The flat form of results: through a pipe, bit for bit; what is no result is refused. */
#include "flat_form.h"
#include "pools.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* ---- results ------------------------------------------------------------------------------------------------------- */

/* Any bits: NaN with payloads, infinities and denormals among them. */
static double any_double(struct random *r)
{
    uint64_t bits = random_bits(r);
    if (bits % 4 == 0)
        bits |= UINT64_C(0x7ff) << 52;
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static struct instnorm_moments any_moments(struct random *r)
{
    return (struct instnorm_moments){any_double(r), any_double(r), any_double(r),
                                     any_double(r), any_double(r), random_bits(r)};
}

static void fill_channel(struct result_channel *ch, struct random *r)
{
    ch->moments = any_moments(r);
    ch->touched = random_below(r, 2) == 1;
    ch->used = any_moments(r);
    ch->target =
        (struct instnorm_target){any_double(r), any_double(r), any_double(r), any_double(r), any_double(r), any_double(r)};
    ch->clip = (struct instnorm_clip){random_bits(r), random_bits(r), any_double(r), any_double(r)};
}

static void fill_map(struct map *map, unsigned colours, struct random *r)
{
    struct why why = {""};
    ck_assert(map_reserve(map, colours, &why));
    for (unsigned c = 0; c < colours; c++)
        map_set_members(map, c, (double[MAP_MEMBERS]){any_double(r), any_double(r)});
}

/* A mapped picture, with all that a result can have. */
static struct result mapped(unsigned colours, struct random *r)
{
    struct why why = {""};
    struct result result = {.status = RESULT_MAPPED,
                            .job = random_below(r, 1000),
                            .format = "tiff",
                            .index = random_below(r, 100),
                            .width = random_below(r, 100000),
                            .height = SIZE_MAX,
                            .channels = colours + 1,
                            .depth = 16,
                            .dimensions = 4,
                            .alpha = ALPHA_PREMULTIPLIED,
                            .role = PAGE_REDUCED,
                            .nothing = {"wholly transparent"},
                            .integer = true,
                            .most = any_double(r),
                            .pixels = random_bits(r),
                            .space = instnorm_space_find(colours == 3 ? "oklab" : "linear"),
                            .unit = 65535,
                            .pictures = random_bits(r),
                            .missing = random_bits(r)};
    ck_assert(result_reserve(&result, colours, &why));
    for (unsigned c = 0; c < colours; c++)
        fill_channel(&result.channel[c], r);
    fill_map(&result.map, colours, r);
    fill_pool(&result.pooled, colours, r);
    notes_add(&result.notes, NOTE_WARNING, "mask\n.png", "no pixel is left");
    notes_add(&result.notes, NOTE_VERBOSE, NULL, "%s", "");
    return result;
}

static struct result failed(void)
{
    struct result result = {.status = RESULT_FAILED, .job = 7, .why = {"no such file"}, .unread = true};
    result.notes.lacks = true;
    result.member = strdup("000001.jpg");
    return result;
}

static bool same_double(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static void require_same_notes(const struct notes *a, const struct notes *b)
{
    ck_assert_uint_eq(a->n, b->n);
    ck_assert(a->lacks == b->lacks);
    for (size_t i = 0; i < a->n; i++) {
        ck_assert_int_eq(a->item[i].level, b->item[i].level);
        ck_assert_pstr_eq(a->item[i].name, b->item[i].name);
        ck_assert_str_eq(a->item[i].text, b->item[i].text);
    }
}

static void require_same_map(const struct map *a, const struct map *b)
{
    REQUIRE(a->channels == b->channels, "%u channels of a map, not %u", b->channels, a->channels);
    for (unsigned c = 0; c < a->channels; c++) {
        struct map_member x[MAP_MEMBERS], y[MAP_MEMBERS];
        map_members(a, c, x);
        map_members(b, c, y);
        for (int i = 0; i < MAP_MEMBERS; i++)
            REQUIRE(same_double(x[i].value, y[i].value), "channel %u: %s", c, x[i].name);
    }
}

/* Channels are of calloc, so that what lies between their members is zero. */
static void require_same(const struct result *a, const struct result *b)
{
    ck_assert_int_eq(a->status, b->status);
    ck_assert_uint_eq(a->job, b->job);
    ck_assert_pstr_eq(a->member, b->member);
    ck_assert_str_eq(a->why.text, b->why.text);
    ck_assert(a->unread == b->unread);
    require_same_notes(&a->notes, &b->notes);
    ck_assert_str_eq(a->format, b->format);
    ck_assert(a->index == b->index && a->width == b->width && a->height == b->height && a->channels == b->channels);
    ck_assert(a->depth == b->depth && a->dimensions == b->dimensions);
    ck_assert(a->alpha == b->alpha && a->role == b->role && a->integer == b->integer);
    ck_assert_str_eq(a->nothing.text, b->nothing.text);
    ck_assert(same_double(a->most, b->most) && same_double(a->unit, b->unit));
    ck_assert(a->pixels == b->pixels && a->pictures == b->pictures && a->missing == b->missing && a->space == b->space);
    ck_assert_uint_eq(a->colours, b->colours);
    ck_assert(a->colours == 0 || memcmp(a->channel, b->channel, a->colours * sizeof *a->channel) == 0);
    require_same_map(&a->map, &b->map);
    require_same_pool(&a->pooled, &b->pooled);
}

/* ---- the flat form ------------------------------------------------------------------------------------------------- */

static void read_all(int from, unsigned char *to, size_t n)
{
    for (size_t at = 0; at < n;) {
        ssize_t got = read(from, to + at, n - at);
        REQUIRE(got > 0, "the pipe ends after %zu of %zu bytes", at, n);
        at += (size_t)got;
    }
}

static _Noreturn void send_packed(const struct result *result, int to)
{
    size_t n, at = 0;
    unsigned char *bytes = result_pack(result, &n);
    while (bytes && at < n) {
        ssize_t put = write(to, bytes + at, n - at);
        if (put <= 0)
            break;
        at += (size_t)put;
    }
    free(bytes);
    _exit(bytes && at == n ? 0 : 1);
}

/* received <- the result, by way of another process. */
static void send(const struct result *result, struct result *received)
{
    int ends[2], status;
    ck_assert_int_eq(pipe(ends), 0);
    pid_t child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0)
        send_packed(result, ends[1]);
    close(ends[1]);
    unsigned char head[RESULT_HEAD_BYTES];
    read_all(ends[0], head, sizeof head);
    uint64_t n = result_packed_bytes(head);
    ck_assert_uint_ge(n, sizeof head);
    unsigned char *bytes = must_alloc(n);
    memcpy(bytes, head, sizeof head);
    read_all(ends[0], bytes + sizeof head, n - sizeof head);
    unsigned char more;
    ck_assert_int_eq(read(ends[0], &more, 1), 0);
    close(ends[0]);
    ck_assert(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
    struct why why = {""};
    ck_assert_msg(result_unpack(received, bytes, n, &why), "%s", why.text);
    free(bytes);
}

static void require_kept(struct result *result)
{
    struct result received;
    send(result, &received);
    require_same(result, &received);
    result_free(&received);
    result_free(result);
}

START_TEST(a_pipe_keeps_every_bit)
{
    struct random r = {1};
    for (unsigned colours = 1; colours <= 5; colours++) {
        struct result result = mapped(colours, &r);
        require_kept(&result);
    }
    struct result result = failed();
    require_kept(&result);
    result = (struct result){.status = RESULT_DONE};
    require_kept(&result);
}
END_TEST

START_TEST(a_pipe_keeps_65535_channels)
{
    struct random r = {2};
    struct result result = mapped(65535, &r);
    require_kept(&result);
}
END_TEST

START_TEST(statistics_need_no_map)
{
    struct random r = {3};
    struct result result = mapped(3, &r);
    map_free(&result.map);
    for (unsigned c = 0; c < 3; c++)
        result.channel[c].touched = false;
    result.status = RESULT_STATISTICS;
    require_kept(&result);
}
END_TEST

/* Where the members of a result without texts, channels and notes lie. */
enum {
    AT_STATUS = 16,
    AT_JOB = 20,
    AT_MEMBER = 28,
    AT_WHY = 32,
    AT_UNREAD = 40,
    AT_NOTES = 48,
    AT_COLOURS = 168,
    AT_MAP = 172,
    AT_VIEWS = 176,
    EMPTY = 288
};

START_TEST(the_low_byte_comes_first)
{
    struct result result = {.status = RESULT_SKIPPED, .job = 0x102};
    unsigned char want[EMPTY] = "instres\7";
    size_t n;
    put(want + AT_LENGTH, 8, EMPTY);
    put(want + AT_STATUS, 4, RESULT_SKIPPED);
    put(want + AT_JOB, 2, 0x102);
    unsigned char *bytes = result_pack(&result, &n);
    ck_assert_uint_eq(n, EMPTY);
    ck_assert_mem_eq(bytes, want, EMPTY);
    free(bytes);
}
END_TEST

/* ---- what is no result --------------------------------------------------------------------------------------------- */

START_TEST(every_truncation_is_refused)
{
    struct random r = {4};
    struct result result = mapped(2, &r);
    require_truncations_refused(&result);
    result_free(&result);
}
END_TEST

START_TEST(any_byte_may_be_wrong)
{
    struct random r = {5};
    struct result result = mapped(1, &r);
    require_bits_matter(&result, 2000);
    result_free(&result);
}
END_TEST

/* Lengths that nobody has memory for are refused for what is not there. */
START_TEST(lengths_are_not_believed)
{
    static const struct {
        size_t at, bytes;
    } length[] = {{AT_WHY, 8}, {AT_NOTES, 8}, {AT_COLOURS, 4}, {AT_MAP, 4}};
    struct result result = {.status = RESULT_SKIPPED};
    size_t n;
    unsigned char *bytes = result_pack(&result, &n);
    for (size_t i = 0; i < sizeof length / sizeof *length; i++)
        for (unsigned shift = 0; shift < 8 * length[i].bytes; shift++) {
            uint64_t most = UINT64_MAX >> (64 - 8 * length[i].bytes);
            put(bytes + length[i].at, length[i].bytes, most >> shift);
            if (most >> shift > EMPTY)
                require_refused(bytes, n, "truncated");
            put(bytes + length[i].at, length[i].bytes, 0);
        }
    put(bytes + AT_STATUS, 4, RESULT_FAILED + 1);
    require_refused(bytes, n, "range");
    put(bytes + AT_STATUS, 4, RESULT_MEASURED); /* without channels */
    require_refused(bytes, n, "channels");
    free(bytes);
}
END_TEST

static void require_packed_refused(struct result *result, const char *reason)
{
    size_t n;
    unsigned char *bytes = result_pack(result, &n);
    require_refused(bytes, n, reason);
    free(bytes);
    result_free(result);
}

/* Names of three channels are not enough for four, and a picture that was mapped has a map. */
START_TEST(what_nobody_could_report_is_refused)
{
    struct random r = {6};
    struct result result = mapped(4, &r);
    result.space = instnorm_space_find("lab");
    require_packed_refused(&result, "channels");
    result = mapped(3, &r);
    map_free(&result.map);
    require_packed_refused(&result, "map");
    result = mapped(3, &r);
    result.space = NULL;
    require_packed_refused(&result, "missing");
    result = mapped(3, &r);
    result.status = RESULT_FAILED;
    require_packed_refused(&result, "too many");
    result = mapped(3, &r);
    result.status = RESULT_MEASURED; /* of which no channel has a map */
    result.channel[1].touched = true;
    map_free(&result.map);
    require_packed_refused(&result, "missing");
    for (int i = 0; i < 2; i++) { /* a unit twice, and units that do not ascend */
        result = mapped(3, &r);
        result.pooled.unit[1].unit = result.pooled.unit[0].unit - i;
        require_packed_refused(&result, "range");
    }
    result = mapped(3, &r);
    result.pooled.unit[1].channel[2].squares = (struct dyadic){.negative = true}; /* -0 */
    require_packed_refused(&result, "range");
}
END_TEST

SUITE(result_flat)
{
    TCase *cases = tcase_create("result_flat");
    tcase_add_test(cases, a_pipe_keeps_every_bit);
    tcase_add_test(cases, a_pipe_keeps_65535_channels);
    tcase_add_test(cases, statistics_need_no_map);
    tcase_add_test(cases, the_low_byte_comes_first);
    tcase_add_test(cases, every_truncation_is_refused);
    tcase_add_test(cases, any_byte_may_be_wrong);
    tcase_add_test(cases, lengths_are_not_believed);
    tcase_add_test(cases, what_nobody_could_report_is_refused);
    suite_add_tcase(suite, cases);
}
