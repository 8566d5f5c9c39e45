/* Messages between processes of one program, through a stream socket: a kind, some bytes, and perhaps a descriptor. */
#ifndef CLI_RUN_FRAME_H
#define CLI_RUN_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct frame {
    uint32_t kind;
    const unsigned char *body; /* aligned for numbers of 8 bytes */
    size_t n;
    int fd; /* the receiver's own, to be closed; -1: none came, or no more can be open */
};

/* A part of the body of a frame that is sent. */
struct frame_part {
    const void *data;
    size_t n;
};

enum { FRAME_PARTS_MAX = 4 };

/* Sends a frame whole; fd stays the sender's, -1: none. False, with errno: nobody reads any more. */
bool frame_send(int socket, uint32_t kind, const struct frame_part *part, size_t parts, int fd);

/* What came and was not taken yet. All 0 is empty. */
struct frame_reader {
    unsigned char *data;
    size_t size, from, to; /* the bytes data[from..to) are frames */
    int fd[2];             /* that came and were not taken: a read brings one at most */
    unsigned fds;
};

/*
 * Reads what is there, and waits if nothing is and `wait` is set. Returns 1; 0 if nothing is there and, if it was to wait,
 * a signal came; or -1 at the end of the stream, if memory is short, or if no frame can be so long.
 */
int frame_read(struct frame_reader *reader, int socket, bool wait);

/* *frame <- the next one that is complete, valid until the next frame_read. False: there is none. */
bool frame_next(struct frame_reader *reader, struct frame *frame);

void frame_reader_free(struct frame_reader *reader);

#endif
