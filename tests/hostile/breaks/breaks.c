/*
 * A codec that breaks on command: it stands for a decoder with a fault, or for one that a hostile file has taken over. It
 * is linked into build/instnorm-breaks alone. Its files are text:
 *
 *     breaks WIDTH HEIGHT CHANNELS SEED
 *     EVENT COMMAND
 *
 * The picture has 8 bits a sample and follows from the first line alone. There may be more lines with an event and a
 * command. Events of a reader: open, select, row:N (before row N is decoded), again:N (the same once the picture was
 * rewound), close. Events of a writer of this format, which gets the text as metadata: begin, write:N, finish. The file
 * that it writes is a line and the samples, and cannot be read.
 */
#include "hostile/breaks/internal.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TEXT_BYTES = 1024, EAT_BYTES = 16 << 20, EAT_MOST = 256 /* times so much: a limit must come before */ };

/* ---- commands ----------------------------------------------------------------------------------------------------- */

/* False, with `why`, if the step that the command is in fails. */
typedef bool command(const struct place *place, const char *argument, struct why *why);

/* Sanitizers would see it first. */
__attribute__((no_sanitize("address", "undefined"))) static bool crash(const struct place *place, const char *argument,
                                                                       struct why *why)
{
    static int *volatile nowhere;
    (void)place, (void)argument, (void)why;
    *nowhere = 1;
    return true;
}

static bool give_up(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument, (void)why;
    abort();
}

/* Where division by zero is no fault, the signal alone comes. */
__attribute__((no_sanitize("undefined"))) static bool divide(const struct place *place, const char *argument,
                                                             struct why *why)
{
    volatile int zero = 0, quotient;
    (void)place, (void)argument, (void)why;
    quotient = 1 / zero;
    return raise(SIGFPE) == 0 || quotient == 0;
}

/* Deeper than any stack. */
__attribute__((noinline)) static unsigned descend(const volatile unsigned char *above, unsigned depth)
{
    volatile unsigned char level[4096];
    level[depth % sizeof level] = *above;
    return depth == 0 ? 0 : descend(level, depth - 1) + level[0];
}

static bool overflow(const struct place *place, const char *argument, struct why *why)
{
    const volatile unsigned char top = 1;
    (void)place, (void)argument;
    return descend(&top, 1u << 30) == 0 || why_set(why, "the stack has no end");
}

/* Without a system call, or with `reading`. */
static bool loop(const struct place *place, const char *argument, struct why *why)
{
    const bool reads = strcmp(argument, "reading") == 0;
    volatile unsigned turns = 0;
    unsigned char byte;
    (void)why;
    while (turns < 2) {
        turns ^= 1;
        if (reads)
            place->source->read_at(place->source, &byte, 1, 0);
    }
    return true;
}

/* Takes memory until there is none. With `and say` it is an error, as codecs have it; else the codec did not look. */
static bool eat(const struct place *place, const char *argument, struct why *why)
{
    void *block[EAT_MOST] = {NULL};
    size_t n = 0;
    while (n < EAT_MOST && (block[n] = malloc(EAT_BYTES)))
        memset(block[n++], 1, EAT_BYTES);
    if (n == EAT_MOST)
        return why_set(why, "no limit of memory");
    if (strcmp(argument, "and say") != 0)
        return crash(place, argument, why);
    while (n > 0)
        free(block[--n]);
    return why_memory(why);
}

static bool leave(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)why;
    _exit(atoi(argument));
}

static bool close_all(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument, (void)why;
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
        close(fd);
    return true;
}

/* For ever, and without processor time. */
static bool wait_on(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument, (void)why;
    while (poll(NULL, 0, -1) <= 0)
        continue;
    return true;
}

/* Into all that can be written: at its end, at its beginning, and behind a gap. */
static bool scribble(const struct place *place, const char *argument, struct why *why)
{
    unsigned char noise[4096];
    uint32_t state = 1;
    (void)place, (void)argument, (void)why;
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++) {
        ssize_t written[] = {write(fd, noise, sizeof noise), pwrite(fd, noise, sizeof noise, 0),
                             pwrite(fd, noise, sizeof noise, 1 << 20)};
        (void)written;
    }
    return true;
}

static bool kill_parent(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument;
    return kill(getppid(), SIGKILL) != 0 || why_set(why, "its parent could be killed");
}

/* An error, as of any file. */
static bool fail(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument;
    return why_set(why, "it fails on command");
}

/* An error that tells where the writer is. */
static bool tell_thread(const struct place *place, const char *argument, struct why *why)
{
    (void)place, (void)argument;
    return why_set(why, gettid() == getpid() ? "in the first thread" : "in a thread of its own");
}

static const struct {
    const char *name;
    command *obey;
} commands[] = {
    {"abort", give_up},
    {"close", close_all},
    {"crash", crash},
    {"divide", divide},
    {"eat", eat},
    {"exit", leave},
    {"fail", fail},
    {"forge", forge},
    {"loop", loop},
    {"kill-parent", kill_parent},
    {"overflow", overflow},
    {"scribble", scribble},
    {"thread", tell_thread},
    {"try", attempt},
    {"wait", wait_on},
};

static bool obey(const struct place *place, const char *line, struct why *why)
{
    size_t n = strcspn(line, " ");
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
        if (strlen(commands[i].name) == n && memcmp(commands[i].name, line, n) == 0)
            return commands[i].obey(place, line[n] ? line + n + 1 : line + n, why);
    return why_set(why, "breaks: unknown command '%.40s'", line);
}

/* Obeys the commands of an event: those of lines that begin with its name. */
static bool happen(const char *text, const char *event, const struct place *place, struct why *why)
{
    char line[TEXT_BYTES];
    size_t n = strlen(event);
    for (const char *at = strchr(text, '\n'); at && at[1]; at = strchr(at + 1, '\n'))
        if (strncmp(at + 1, event, n) == 0 && at[1 + n] == ' ') {
            snprintf(line, sizeof line, "%.*s", (int)strcspn(at + 2 + n, "\n"), at + 2 + n);
            if (!obey(place, line, why))
                return false;
        }
    return true;
}

static bool happen_at_row(const char *text, const char *event, size_t row, const struct place *place, struct why *why)
{
    char name[32];
    snprintf(name, sizeof name, "%s:%zu", event, row);
    return happen(text, name, place, why);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

struct reader {
    struct place place;
    char text[TEXT_BYTES];
    struct picture_info info;
    struct metadata metadata;
    unsigned seed;
    size_t row, passes;
};

static bool breaks_sniff(const unsigned char *head, size_t n)
{
    return n >= 6 && memcmp(head, "breaks", 6) == 0;
}

static bool read_text(struct reader *r, const struct limits *limits, struct why *why)
{
    struct source *source = r->place.source;
    r->info = (struct picture_info){.sample = SAMPLE_U8, .unit = 255, .depth = 8, .metadata = &r->metadata};
    source->read_at(source, r->text, sizeof r->text - 1, 0);
    if (source->why.text[0])
        return why_set(why, "%s", source->why.text);
    if (sscanf(r->text, "breaks %zu %zu %u %u\n", &r->info.width, &r->info.height, &r->info.channels, &r->seed) != 4 ||
        r->info.channels < 1 || r->info.channels > 4)
        return why_set(why, "breaks: malformed header");
    r->info.alpha = r->info.channels % 2 == 0 ? ALPHA_STRAIGHT : ALPHA_NONE;
    return limits_check(limits, r->info.width, r->info.height, why) &&
           (metadata_add(&r->metadata, META_NATIVE, 0, 0, r->text, strlen(r->text)) || why_memory(why));
}

static void breaks_close(void *reader)
{
    struct reader *r = reader;
    struct why why = {""};
    happen(r->text, "close", &r->place, &why);
    metadata_clear(&r->metadata);
    free(r);
}

static void *breaks_open(struct source *source, const struct limits *limits, struct why *why)
{
    struct reader *r = codec_new(sizeof *r, why);
    if (!r)
        return NULL;
    r->metadata.format = "breaks";
    r->place = (struct place){source, &r->metadata};
    if (read_text(r, limits, why) && happen(r->text, "open", &r->place, why))
        return r;
    metadata_clear(&r->metadata);
    free(r);
    return NULL;
}

static enum selected breaks_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct reader *r = reader;
    if (picture > 0)
        return SELECT_END;
    r->row = 0;
    *info = r->info;
    return happen(r->text, "select", &r->place, why) ? SELECT_OK : SELECT_ERROR;
}

/* Noise of low contrast on a ramp, so that no channel is constant. */
static unsigned char sample_at(const struct reader *r, size_t y, size_t i)
{
    uint32_t mixed = (uint32_t)(y * 7919 + i * 104729 + r->seed * 15485863u) * 2654435761u;
    return (unsigned char)(mixed % 97 + (y + i + r->seed) % 151);
}

static bool breaks_read(void *reader, const struct rows *rows, struct why *why)
{
    struct reader *r = reader;
    size_t n = rows->width * rows->channels;
    r->passes += r->row == 0;
    for (size_t y = 0; y < rows->height; y++, r->row++) {
        if (!happen_at_row(r->text, r->passes > 1 ? "again" : "row", r->row, &r->place, why))
            return false;
        for (size_t i = 0; i < n; i++)
            rows->data[y * n + i] = sample_at(r, r->row, i);
    }
    return true;
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

struct writer {
    struct sink *sink;
    char text[TEXT_BYTES]; /* of the file that was read */
    size_t row;
    uint64_t offset;
};

static const struct place in_writer = {NULL, NULL};

static void *breaks_create(struct sink *sink, const struct write_options *options, struct why *why)
{
    struct writer *w = codec_new(sizeof *w, why);
    (void)options;
    if (w)
        w->sink = sink;
    return w;
}

static bool breaks_begin(void *writer, const struct picture_info *info, struct why *why)
{
    struct writer *w = writer;
    struct metadata_walk walk = metadata_walk(info, "breaks", NULL);
    const struct meta *item = metadata_next(&walk);
    static const char head[] = "breaks: samples\n";
    if (info->sample != SAMPLE_U8)
        return why_set(why, "breaks holds 8 bits: see --depth");
    if (item)
        snprintf(w->text, sizeof w->text, "%.*s", (int)item->size, (const char *)item->data);
    w->offset = sizeof head - 1;
    return happen(w->text, "begin", &in_writer, why) &&
           (w->sink->write_at(w->sink, head, sizeof head - 1, 0) || why_set(why, "%s", w->sink->why.text));
}

static bool breaks_write(void *writer, const struct rows *rows, struct why *why)
{
    struct writer *w = writer;
    size_t n = rows->width * rows->channels;
    for (size_t y = 0; y < rows->height; y++, w->row++, w->offset += n)
        if (!happen_at_row(w->text, "write", w->row, &in_writer, why) ||
            (!w->sink->write_at(w->sink, rows->data + y * n, n, w->offset) && !why_set(why, "%s", w->sink->why.text)))
            return false;
    return true;
}

static bool breaks_finish(void *writer, struct why *why)
{
    struct writer *w = writer;
    bool ok = happen(w->text, "finish", &in_writer, why);
    free(w);
    return ok;
}

static void breaks_abandon(void *writer)
{
    free(writer);
}

static const char *breaks_library(void)
{
    return "for tests alone: it breaks on command";
}

extern const struct codec codec_breaks;
const struct codec codec_breaks = {
    .name = "breaks",
    .extensions = " breaks ",
    .samples = SAMPLES_8,
    .sniff = breaks_sniff,
    .open = breaks_open,
    .select = breaks_select,
    .read = breaks_read,
    .close = breaks_close,
    .create = breaks_create,
    .begin = breaks_begin,
    .write = breaks_write,
    .finish = breaks_finish,
    .abandon = breaks_abandon,
    .library = breaks_library,
};
