#include "cli/run/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct head {
    uint32_t kind, fds;
    uint64_t bytes; /* of the body; the next frame begins at a multiple of ALIGN */
};

enum { ALIGN = 8, READ_BYTES = 1 << 16 };

/* A result of 65536 channels has some MiB, a band of a wide picture too. */
#define BODY_BYTES_MAX ((uint64_t)1 << 31)

static size_t padded(uint64_t n)
{
    return (size_t)((n + ALIGN - 1) / ALIGN * ALIGN);
}

/* Room for the descriptors beside a message. */
union control {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(FRAME_FDS_MAX * sizeof(int))];
};

/* Puts descriptors beside the first byte of a message. */
static void attach(struct msghdr *message, union control *control, const int *fd, unsigned fds)
{
    message->msg_control = control;
    message->msg_controllen = CMSG_SPACE(fds * sizeof *fd);
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(fds * sizeof *fd);
    memcpy(CMSG_DATA(c), fd, fds * sizeof *fd);
}

/* Leaves in `message` what is behind its first n bytes. */
static void advance(struct msghdr *message, size_t n)
{
    while (n > 0 && n >= message->msg_iov->iov_len) {
        n -= message->msg_iov->iov_len;
        message->msg_iov++;
        message->msg_iovlen--;
    }
    if (n > 0) {
        message->msg_iov->iov_base = (char *)message->msg_iov->iov_base + n;
        message->msg_iov->iov_len -= n;
    }
}

/* EAGAIN, of a socket that waits no longer, is like an end: a part of the frame may have been sent. */
static enum frame_sent send_all(int socket, struct iovec *iov, size_t n, const int *fd, unsigned fds)
{
    union control control = {0};
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = n};
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += iov[i].iov_len;
    if (fds > 0)
        attach(&message, &control, fd, fds);
    while (left > 0) {
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR)
            return errno == ETOOMANYREFS ? FRAME_LATER : FRAME_UNREAD;
        if (sent <= 0)
            continue;
        left -= (size_t)sent;
        message.msg_control = NULL;
        message.msg_controllen = 0;
        if (left > 0)
            advance(&message, (size_t)sent);
    }
    return FRAME_SENT;
}

/* Without descriptors, and so by a call that can send none: a process in the sandbox has no other. */
static bool write_all(int socket, struct iovec *iov, size_t n)
{
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = n};
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += iov[i].iov_len;
    while (left > 0) {
        ssize_t sent = writev(socket, message.msg_iov, (int)message.msg_iovlen);
        if (sent < 0 && errno != EINTR)
            return false;
        if (sent <= 0)
            continue;
        left -= (size_t)sent;
        if (left > 0)
            advance(&message, (size_t)sent);
    }
    return true;
}

/* iov[parts + 2] <- a frame: its head, its body and its padding. Returns its bytes. */
static size_t lay_out(struct iovec *iov, struct head *head, const struct frame_part *part, size_t parts)
{
    static const char zeros[ALIGN];
    iov[0] = (struct iovec){head, sizeof *head};
    for (size_t i = 0; i < parts; i++) {
        iov[1 + i] = (struct iovec){(void *)part[i].data, part[i].n};
        head->bytes += part[i].n;
    }
    iov[1 + parts] = (struct iovec){(void *)zeros, padded(head->bytes) - (size_t)head->bytes};
    return sizeof *head + padded(head->bytes);
}

enum frame_sent frame_send(int socket, uint32_t kind, const struct frame_part *part, size_t parts, const int *fd,
                           unsigned fds)
{
    struct head head = {.kind = kind, .fds = fds};
    struct iovec iov[FRAME_PARTS_MAX + 2];
    lay_out(iov, &head, part, parts);
    enum frame_sent sent = send_all(socket, iov, parts + 2, fd, fds);
    if (sent == FRAME_UNREAD)
        shutdown(socket, SHUT_RDWR);
    return sent;
}

/* ---- sent together ------------------------------------------------------------------------------------------------- */

void frame_writer_open(struct frame_writer *w, int socket)
{
    w->socket = socket;
    w->n = 0;
    w->failed = false;
}

bool frame_flush(struct frame_writer *w)
{
    if (w->n > 0 && !write_all(w->socket, &(struct iovec){w->data, w->n}, 1))
        w->failed = true;
    w->n = 0;
    return !w->failed;
}

bool frame_write(struct frame_writer *w, uint32_t kind, const struct frame_part *part, size_t parts)
{
    struct head head = {.kind = kind};
    struct iovec iov[FRAME_PARTS_MAX + 2];
    size_t bytes = lay_out(iov, &head, part, parts);
    if (bytes > sizeof w->data - w->n)
        frame_flush(w);
    if (bytes > sizeof w->data) {
        w->failed |= !write_all(w->socket, iov, parts + 2);
        return !w->failed;
    }
    for (size_t i = 0; i < parts + 2; i++) {
        if (iov[i].iov_len > 0)
            memcpy(w->data + w->n, iov[i].iov_base, iov[i].iov_len);
        w->n += iov[i].iov_len;
    }
    return !w->failed;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

#define NO_FRAME UINT64_MAX

/* The bytes of the first frame, head and padding too; 0: its head is not there; NO_FRAME: nothing that was sent as one. */
static uint64_t first_bytes(const struct frame_reader *r)
{
    struct head head;
    if (r->to - r->from < sizeof head)
        return 0;
    memcpy(&head, r->data + r->from, sizeof head);
    bool known = head.kind <= FRAME_KIND_MAX && head.bytes <= BODY_BYTES_MAX;
    return known ? sizeof head + padded(head.bytes) : NO_FRAME;
}

/* The room that is worth having: a head alone, which may be false, claims no more than a few times what has come. */
static size_t room_for(const struct frame_reader *r, uint64_t first)
{
    const size_t some = r->to + READ_BYTES;
    return first <= some ? some : first <= 2 * some ? (size_t)first : 2 * some;
}

/* Room behind `to` for the rest of the first frame, or for some bytes of it. */
static bool make_room(struct frame_reader *r)
{
    uint64_t first = first_bytes(r);
    if (first == NO_FRAME)
        return false;
    if (r->from > 0) {
        memmove(r->data, r->data + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    size_t wanted = room_for(r, first);
    if (wanted <= r->size)
        return true;
    unsigned char *grown = realloc(r->data, wanted);
    if (!grown)
        return false;
    r->data = grown;
    r->size = wanted;
    return true;
}

/* The kernel ends each read behind the part that had descriptors beside it. False: some cannot be open. */
static bool take_descriptors(struct frame_reader *r, struct msghdr *message)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        unsigned n = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        for (unsigned i = 0; i < n; i++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + i * sizeof fd, sizeof fd);
            if (r->fds < sizeof r->fd / sizeof *r->fd)
                r->fd[r->fds++] = fd;
            else
                close(fd);
        }
    }
    return !r->takes_fds || !(message->msg_flags & MSG_CTRUNC);
}

int frame_read(struct frame_reader *r, int socket, bool wait)
{
    union control control = {0};
    if (!make_room(r))
        return -1;
    struct iovec iov = {r->data + r->to, r->size - r->to};
    struct msghdr message = {.msg_iov = &iov,
                             .msg_iovlen = 1,
                             .msg_control = r->takes_fds ? &control : NULL,
                             .msg_controllen = r->takes_fds ? sizeof control : 0};
    ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n <= 0 || !take_descriptors(r, &message))
        return -1;
    r->to += (size_t)n;
    return 1;
}

bool frame_next(struct frame_reader *r, struct frame *frame)
{
    struct head head;
    uint64_t bytes = first_bytes(r);
    if (bytes == 0 || bytes > r->to - r->from)
        return false; /* NO_FRAME too */
    memcpy(&head, r->data + r->from, sizeof head);
    *frame = (struct frame){.kind = head.kind, .body = r->data + r->from + sizeof head, .n = (size_t)head.bytes};
    r->from += (size_t)bytes;
    while (frame->fds < head.fds && frame->fds < FRAME_FDS_MAX && frame->fds < r->fds) {
        frame->fd[frame->fds] = r->fd[frame->fds];
        frame->fds++;
    }
    r->fds -= frame->fds;
    memmove(r->fd, r->fd + frame->fds, r->fds * sizeof *r->fd);
    return true;
}

bool frame_is_broken(const struct frame_reader *r)
{
    return first_bytes(r) == NO_FRAME;
}

bool frame_is_begun(const struct frame_reader *r)
{
    return r->to > r->from;
}

void frame_reader_free(struct frame_reader *r)
{
    while (r->fds > 0)
        close(r->fd[--r->fds]);
    free(r->data);
    *r = (struct frame_reader){0};
}
