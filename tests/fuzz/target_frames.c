/*
 * What a worker process sends, which may have been taken over by a picture: a byte that chooses the reports, and a stream
 * of frames. The process that has the workers hands on results, and rows of a picture, that writers and reports can take.
 */
#include "memory.h"
#include "reader.h"

#include "cli/args/plan.h"
#include "cli/run/wire.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

enum { JOB = 0, JSON = 1, TABLE = 2, STATISTICS = 4, LUT = 8, TIFF = 16, PAGE = 32 };

/* Takes what is handed on as a batch does: results go to reports, pictures into a stack. */
struct taker {
    struct receiver base;
    struct reports *reports;
    struct memory_sink file;
    const struct codec *codec; /* that holds several pictures */
    void *writer;
    struct picture_info info;
    size_t rows, results;
};

static void take_result(struct receiver *to, struct result *result)
{
    static const struct job job = {.input = "in.png", .below = "in.png", .listed = "in.png", .output = "out.png"};
    struct taker *t = (struct taker *)to;
    must(result->job == JOB, "a result is of the job that the worker has");
    must(result->status != RESULT_FAILED || result->why.text[0], "a failure says why");
    reports_add(t->reports, result, &job);
    t->results++;
    result_free(result);
}

/* Only a process that may open files makes an output. */
static void keep_output(struct receiver *to, struct file_sink *made, const struct codec *codec, size_t job)
{
    (void)to, (void)made, (void)codec, (void)job;
    must(false, "a worker that may open nothing makes no output");
}

static void take_output(struct receiver *to, struct file_sink *complete, size_t job)
{
    (void)to;
    must(job == JOB && complete->fd < 0 && complete->target < 0 && !complete->path && !complete->temporary,
         "a worker names no file and hands over no descriptor");
}

static bool begin_picture(struct receiver *to, const struct picture_info *info, struct notes *notes, struct why *why)
{
    struct taker *t = (struct taker *)to;
    notes_free(notes);
    if (info->width > PIXELS_MAX / info->height / info->channels) /* the limit of the tool is its memory */
        return why_set(why, "too large");
    t->info = *info;
    t->rows = 0;
    if (!t->writer)
        t->writer = t->codec->create(&t->file.base, &(struct write_options){0}, why);
    return t->writer && t->codec->begin(t->writer, info, why);
}

static bool write_rows(struct receiver *to, const struct rows *rows, struct why *why)
{
    struct taker *t = (struct taker *)to;
    must(rows->height <= t->info.height - t->rows, "a picture has no more rows than it says");
    t->rows += rows->height;
    return t->codec->write(t->writer, rows, why);
}

/* Sends the bytes, and hands on each frame until one is none. */
static void deliver(const uint8_t *bytes, size_t size, struct receiver *to)
{
    struct frame_reader reader = {0};
    struct delivery delivery = {0};
    struct frame frame;
    int end[2];
    bool ended = false, sound = true;
    must(socketpair(AF_UNIX, SOCK_STREAM, 0, end) == 0, "there is a socket");
    must(send(end[1], bytes, size, 0) == (ssize_t)size, "the socket takes the bytes");
    close(end[1]);
    while (sound && !ended && frame_read(&reader, end[0], true) > 0)
        while (sound && !ended && frame_next(&reader, &frame))
            sound = wire_deliver(&delivery, &frame, JOB, to, &ended);
    delivery_free(&delivery);
    frame_reader_free(&reader);
    close(end[0]);
}

/* Standard output leads into memory. */
static bool catch_output(void)
{
    int fd = memfd_create("stdout", MFD_CLOEXEC);
    return fd >= 0 && dup2(fd, STDOUT_FILENO) == STDOUT_FILENO;
}

static void check_output(void)
{
    char text[4096];
    ssize_t n;
    must(fflush(stdout) == 0, "there is memory");
    for (off_t at = 0; (n = pread(STDOUT_FILENO, text, sizeof text, at)) > 0; at += n)
        for (ssize_t i = 0; i < n; i++)
            must((unsigned char)text[i] >= ' ' || text[i] == '\n', "no control byte is printed");
    must(ftruncate(STDOUT_FILENO, 0) == 0 && lseek(STDOUT_FILENO, 0, SEEK_SET) == 0, "there is memory");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static bool caught;
    const struct request request = request_default();
    if (size < 2)
        return 0;
    caught = caught || catch_output();
    must(caught, "what is printed can be looked at");
    const struct reporting how = {.json = bytes[0] & JSON,
                                  .stats = bytes[0] & TABLE,
                                  .total = bytes[0] & TABLE,
                                  .save_stats = bytes[0] & STATISTICS ? "-" : NULL,
                                  .lut = bytes[0] & LUT ? "-" : NULL,
                                  .page = bytes[0] & PAGE ? "-" : NULL,
                                  .command = "instnorm-cli"};
    struct why why = {0};
    struct taker taker = {.base = {take_result, keep_output, take_output, begin_picture, write_rows},
                          .reports = reports_begin(&how, &request, &why),
                          .file = memory_sink(true),
                          .codec = codec_for_extension(bytes[0] & TIFF ? "tif" : "npy")};
    must(taker.reports && taker.codec, "reports and the stack begin");
    deliver(bytes + 1, size - 1, &taker.base);
    reports_finish(taker.reports, &(struct report_end){0}, &why);
    reports_free(taker.reports);
    check_output();
    if (taker.writer)
        taker.codec->abandon(taker.writer);
    free(taker.file.bytes);
    return 0;
}
