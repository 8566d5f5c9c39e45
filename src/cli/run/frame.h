/* Messages between processes of one program, through a stream socket: a kind, some bytes, and perhaps descriptors. */
#ifndef CLI_RUN_FRAME_H
#define CLI_RUN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { FRAME_PARTS_MAX = 4, FRAME_FDS_MAX = 8, FRAME_KIND_MAX = 65535 };

struct frame {
    uint32_t kind;             /* at most FRAME_KIND_MAX */
    const unsigned char *body; /* aligned for numbers of 8 bytes */
    size_t n;
    int fd[FRAME_FDS_MAX]; /* the receiver's own, to be closed */
    unsigned fds;
};

/* A part of the body of a frame that is sent. */
struct frame_part {
    const void *data;
    size_t n;
};

enum frame_sent { FRAME_SENT, FRAME_LATER /* the user has too many descriptors on their way */, FRAME_UNREAD };

/*
 * Sends a frame at once, with copies of the descriptors. FRAME_UNREAD: nobody reads any more, or there was no room in
 * a socket that waits no longer; the stream has ended then, both ways, behind what has come.
 */
enum frame_sent frame_send(int socket, uint32_t kind, const struct frame_part *part, size_t parts, const int *fd,
                           unsigned fds);

/* Frames without descriptors that are sent together: a process that waits for them need not wake for each. */
struct frame_writer {
    int socket;
    size_t n;
    bool failed;
    unsigned char data[1 << 13];
};

void frame_writer_open(struct frame_writer *writer, int socket);

/* Adds a frame; one that has no room sends those before it. False if nobody reads any more. */
bool frame_write(struct frame_writer *writer, uint32_t kind, const struct frame_part *part, size_t parts);

/* Sends what was added. */
bool frame_flush(struct frame_writer *writer);

/* What came and was not taken yet. All 0 is empty. */
struct frame_reader {
    bool takes_fds; /* others are closed by the kernel */
    unsigned char *data;
    size_t size, from, to;     /* the bytes data[from..to) are frames */
    int fd[2 * FRAME_FDS_MAX]; /* that came and were not taken: of a frame that is not complete, and of the next */
    unsigned fds;
};

/*
 * Reads what is there, and waits if nothing is and `wait` is set. Returns 1; 0 if nothing is there and, if it was to wait,
 * a signal came; or -1 at the end of the stream, if memory is short, if no frame can be so long, or if no more descriptors
 * can be open.
 */
int frame_read(struct frame_reader *reader, int socket, bool wait);

/* *frame <- the next one that is complete, valid until the next frame_read. False: there is none. */
bool frame_next(struct frame_reader *reader, struct frame *frame);

/* Whether what came next cannot be a frame: nothing more will be one. */
bool frame_is_broken(const struct frame_reader *reader);

/* Whether bytes have come behind those of the last frame. */
bool frame_is_begun(const struct frame_reader *reader);

void frame_reader_free(struct frame_reader *reader);

#endif
