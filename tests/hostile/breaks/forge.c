/* What a hijacked decoder could tell the process of the batch: frames (cli/run/wire.h) that no worker process sends. */
#include "cli/run/wire.h"
#include "hostile/breaks/internal.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* The first descriptor that is a socket; -1: there is none. */
static int find_socket(void)
{
    char byte;
    struct iovec iov = {&byte, 1};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1};
    for (int fd = 0; fd < DESCRIPTORS_MAX; fd++)
        if (recvmsg(fd, &message, MSG_PEEK | MSG_DONTWAIT) >= 0 || (errno != ENOTSOCK && errno != EBADF))
            return fd;
    return -1;
}

/* Sends through calls that a worker is allowed. */
static void send_all(int socket, const void *bytes, size_t n)
{
    const unsigned char *at = bytes;
    ssize_t sent;
    for (; n > 0 && (sent = write(socket, at, n)) > 0; n -= (size_t)sent)
        at += sent;
}

/* A frame as frame.c lays it out: kind, descriptors, bytes of the body; the body; zeros up to a multiple of 8. */
static void send_bytes(int socket, uint32_t kind, const void *bytes, size_t n)
{
    const uint32_t numbers[] = {kind, 0};
    const uint64_t size = n, zeros = 0;
    send_all(socket, numbers, sizeof numbers);
    send_all(socket, &size, sizeof size);
    send_all(socket, bytes, n);
    send_all(socket, &zeros, (8 - n % 8) % 8);
}

static void send_result(int socket, const struct result *result)
{
    size_t n;
    unsigned char *bytes = result_pack(result, &n);
    if (bytes)
        send_bytes(socket, WIRE_RESULT, bytes, n);
    free(bytes);
}

/* The job has ended well. */
static void send_done(int socket, size_t job)
{
    send_result(socket, &(struct result){.status = RESULT_DONE, .job = job});
}

/* A picture that was mapped, of which no number can be true. */
static void send_monster(int socket, size_t job)
{
    enum { COLOURS = 3 };
    const struct instnorm_moments wild = {-1, NAN, -INFINITY, INFINITY, -1e308, UINT64_MAX};
    struct result r = {.status = RESULT_MAPPED,
                       .job = job,
                       .format = "\033[31m",
                       .index = SIZE_MAX,
                       .width = SIZE_MAX,
                       .height = SIZE_MAX,
                       .channels = UINT32_MAX,
                       .depth = UINT32_MAX,
                       .dimensions = UINT32_MAX,
                       .integer = true,
                       .most = NAN,
                       .pixels = 0,
                       .space = instnorm_space_find("rgb"),
                       .unit = 0,
                       .pictures = UINT64_MAX,
                       .missing = UINT64_MAX};
    struct why why = {""};
    if (result_reserve(&r, COLOURS, &why) && map_reserve(&r.map, COLOURS, &why)) {
        for (unsigned c = 0; c < COLOURS; c++) {
            r.channel[c] = (struct result_channel){.moments = wild, .used = wild, .touched = true};
            r.channel[c].clip = (struct instnorm_clip){UINT64_MAX, UINT64_MAX, NAN, NAN};
            map_set_members(&r.map, c, (double[MAP_MEMBERS]){NAN, INFINITY});
        }
        send_result(socket, &r);
    }
    result_free(&r);
    send_done(socket, job);
}

/* A picture of which one sample is measured, and which adds more of them to a pool than there can be. */
static void send_pool(int socket, size_t job)
{
    const struct instnorm_moments one = {1, 100, 0, 100, 100, 0};
    struct result r = {.status = RESULT_MEASURED,
                       .job = job,
                       .width = 1,
                       .height = 1,
                       .channels = 1,
                       .depth = 8,
                       .space = instnorm_space_find("rgb"),
                       .unit = 255,
                       .pictures = 1};
    const struct pooled_part part = {.colours = 1, .unit = 255, .moments = &one, .pictures = 1};
    struct why why = {""};
    if (result_reserve(&r, 1, &why) && pooled_add(&r.pooled, &part, &why)) {
        struct pooled_channel *pooled = r.pooled.unit->channel;
        r.channel->moments = r.channel->used = one;
        for (int i = 0; i < 1000; i++)
            if (dyadic_add(&pooled->weight, 1e300))
                send_result(socket, &r);
    }
    result_free(&r);
    send_done(socket, job);
}

/* A picture of a stack whose description is any bytes, and rows of it. */
static void send_picture(int socket, size_t job)
{
    struct picture_info info;
    static const unsigned char rows[64] = {1};
    memset(&info, 0x5a, sizeof info);
    send_bytes(socket, WIRE_PICTURE, &info, sizeof info);
    send_bytes(socket, WIRE_ROWS, rows, sizeof rows);
    send_done(socket, job);
}

/* Notes without end, and metadata. */
static void send_flood(int socket, size_t job)
{
    static const unsigned char block[1 << 16];
    struct result told = {.status = RESULT_DONE, .job = job};
    size_t n;
    for (int i = 0; i < 200; i++)
        notes_add(&told.notes, NOTE_WARNING, NULL, "note %d of a flood", i);
    unsigned char *bytes = result_pack(&told, &n);
    for (int i = 0; bytes && i < 2000; i++) {
        send_bytes(socket, WIRE_NOTES, bytes, n);
        send_bytes(socket, WIRE_BLOCK, block, sizeof block);
    }
    free(bytes);
    notes_free(&told.notes);
}

/* More memory than there is; its sum with what the job has already is small. */
static void send_wants(int socket, size_t job)
{
    const uint64_t bytes[] = {UINT64_MAX, UINT64_MAX / 2, 0};
    (void)job;
    for (size_t i = 0; i < sizeof bytes / sizeof *bytes; i++)
        send_bytes(socket, WIRE_WANTS, &bytes[i], sizeof bytes[i]);
}

/* Frames of any kind with any bytes: the job number seeds them. */
static void send_any(int socket, size_t job)
{
    unsigned char body[512];
    uint32_t state = (uint32_t)job;
    for (int i = 0; i < 64; i++) {
        for (size_t k = 0; k < sizeof body; k++)
            body[k] = (unsigned char)((state = state * 1664525 + 1013904223) >> 24);
        send_bytes(socket, body[0] % 16u, body + 8, body[1]);
    }
}

/* What is no frame. */
static void send_garbage(int socket, size_t job)
{
    unsigned char noise[4096];
    memset(noise, 0xa5 ^ (int)(job & 1), sizeof noise);
    send_all(socket, noise, sizeof noise);
}

bool forge(const struct place *place, const char *words, struct why *why)
{
    static const struct {
        const char *kind;
        void (*send)(int socket, size_t job);
    } forged[] = {
        {"any", send_any},         {"done", send_done},       {"flood", send_flood}, {"garbage", send_garbage},
        {"monster", send_monster}, {"picture", send_picture}, {"pool", send_pool},   {"wants", send_wants},
    };
    char kind[16] = "";
    size_t job = 0;
    const int socket = find_socket();
    (void)place;
    if (sscanf(words, "%15s %zu", kind, &job) < 1 || socket < 0)
        return why_set(why, "breaks: forge needs a kind, and a socket");
    for (size_t i = 0; i < sizeof forged / sizeof *forged; i++)
        if (strcmp(forged[i].kind, kind) == 0) {
            forged[i].send(socket, job);
            return true;
        }
    return why_set(why, "breaks: unknown frames '%s'", kind);
}
