#include "cli/run/frame.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

struct head {
    uint32_t kind, has_fd;
    uint64_t bytes; /* of the body; the next frame begins at a multiple of ALIGN */
};

enum { ALIGN = 8, READ_BYTES = 1 << 16 };

/* A result of 65536 channels has some MiB, a band of a wide picture too. */
#define BODY_BYTES_MAX ((uint64_t)1 << 31)

static size_t padded(uint64_t n)
{
    return (size_t)((n + ALIGN - 1) / ALIGN * ALIGN);
}

/* Puts a descriptor beside the first byte of a message. */
static void attach(struct msghdr *message, void *control, size_t size, int fd)
{
    message->msg_control = control;
    message->msg_controllen = size;
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    c->cmsg_level = SOL_SOCKET;
    c->cmsg_type = SCM_RIGHTS;
    c->cmsg_len = CMSG_LEN(sizeof fd);
    memcpy(CMSG_DATA(c), &fd, sizeof fd);
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

/* The user's processes have too many descriptors on their way, until others are read. */
static bool must_wait(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    return errno == ETOOMANYREFS && (nanosleep(&pause, NULL) == 0 || errno == EINTR);
}

static bool send_all(int socket, struct iovec *iov, size_t n, int fd)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof fd)];
    } control = {0};
    struct msghdr message = {.msg_iov = iov, .msg_iovlen = n};
    size_t left = 0;
    for (size_t i = 0; i < n; i++)
        left += iov[i].iov_len;
    if (fd >= 0)
        attach(&message, &control, sizeof control, fd);
    while (left > 0) {
        ssize_t sent = sendmsg(socket, &message, MSG_NOSIGNAL);
        if (sent < 0 && errno != EINTR && !must_wait())
            return false;
        if (sent <= 0)
            continue;
        left -= (size_t)sent;
        message.msg_control = NULL;
        message.msg_controllen = 0;
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

bool frame_send(int socket, uint32_t kind, const struct frame_part *part, size_t parts)
{
    struct head head = {.kind = kind};
    struct iovec iov[FRAME_PARTS_MAX + 2];
    lay_out(iov, &head, part, parts);
    return send_all(socket, iov, parts + 2, -1);
}

/* ---- sent together ------------------------------------------------------------------------------------------------- */

void frame_writer_open(struct frame_writer *w, int socket)
{
    w->socket = socket;
    w->n = 0;
    w->fd = -1;
    w->failed = false;
}

bool frame_flush(struct frame_writer *w)
{
    if (w->n > 0 && !send_all(w->socket, &(struct iovec){w->data, w->n}, 1, w->fd))
        w->failed = true;
    if (w->fd >= 0)
        close(w->fd);
    w->n = 0;
    w->fd = -1;
    return !w->failed;
}

bool frame_write(struct frame_writer *w, uint32_t kind, const struct frame_part *part, size_t parts, int fd)
{
    struct head head = {.kind = kind, .has_fd = fd >= 0};
    struct iovec iov[FRAME_PARTS_MAX + 2];
    size_t bytes = lay_out(iov, &head, part, parts);
    if (bytes > sizeof w->data - w->n || (fd >= 0 && w->fd >= 0))
        frame_flush(w);
    if (bytes > sizeof w->data) {
        w->failed |= !send_all(w->socket, iov, parts + 2, fd);
        if (fd >= 0)
            close(fd);
        return !w->failed;
    }
    for (size_t i = 0; i < parts + 2; i++) {
        if (iov[i].iov_len > 0)
            memcpy(w->data + w->n, iov[i].iov_base, iov[i].iov_len);
        w->n += iov[i].iov_len;
    }
    w->fd = fd >= 0 ? fd : w->fd;
    return !w->failed;
}

/* ---- reading ------------------------------------------------------------------------------------------------------- */

/* The bytes of the first frame, head and padding too; 0: its head is not there. */
static uint64_t first_bytes(const struct frame_reader *r)
{
    struct head head;
    if (r->to - r->from < sizeof head)
        return 0;
    memcpy(&head, r->data + r->from, sizeof head);
    return head.bytes > BODY_BYTES_MAX ? UINT64_MAX : sizeof head + padded(head.bytes);
}

/* Room behind `to` for the rest of the first frame, or for some bytes. */
static bool make_room(struct frame_reader *r)
{
    uint64_t first = first_bytes(r);
    if (first == UINT64_MAX)
        return false;
    if (r->from > 0) {
        memmove(r->data, r->data + r->from, r->to - r->from);
        r->to -= r->from;
        r->from = 0;
    }
    size_t wanted = first > r->to + READ_BYTES ? (size_t)first : r->to + READ_BYTES;
    if (wanted <= r->size)
        return true;
    unsigned char *grown = realloc(r->data, wanted);
    if (!grown)
        return false;
    r->data = grown;
    r->size = wanted;
    return true;
}

/* The kernel ends each read behind the part that had a descriptor beside it. */
static void take_descriptor(struct frame_reader *r, struct msghdr *message)
{
    struct cmsghdr *c = CMSG_FIRSTHDR(message);
    int fd = -1;
    if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof fd))
        memcpy(&fd, CMSG_DATA(c), sizeof fd);
    else if (!(message->msg_flags & MSG_CTRUNC))
        return;
    if (r->fds < sizeof r->fd / sizeof *r->fd)
        r->fd[r->fds++] = fd;
    else if (fd >= 0)
        close(fd);
}

int frame_read(struct frame_reader *r, int socket, bool wait)
{
    union {
        struct cmsghdr aligned;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    if (!make_room(r))
        return -1;
    struct iovec iov = {r->data + r->to, r->size - r->to};
    struct msghdr message = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    ssize_t n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC | (wait ? 0 : MSG_DONTWAIT));
    if (n < 0 && (errno == EINTR || errno == EAGAIN || errno == EWOULDBLOCK))
        return 0;
    if (n <= 0)
        return -1;
    take_descriptor(r, &message);
    r->to += (size_t)n;
    return 1;
}

bool frame_next(struct frame_reader *r, struct frame *frame)
{
    struct head head;
    uint64_t bytes = first_bytes(r);
    if (bytes == 0 || bytes > r->to - r->from)
        return false;
    memcpy(&head, r->data + r->from, sizeof head);
    *frame = (struct frame){head.kind, r->data + r->from + sizeof head, (size_t)head.bytes, -1};
    r->from += (size_t)bytes;
    if (head.has_fd && r->fds > 0) {
        frame->fd = r->fd[0];
        memmove(r->fd, r->fd + 1, --r->fds * sizeof *r->fd);
    }
    return true;
}

void frame_reader_free(struct frame_reader *r)
{
    while (r->fds > 0)
        if (r->fd[--r->fds] >= 0)
            close(r->fd[r->fds]);
    free(r->data);
    *r = (struct frame_reader){0};
}
