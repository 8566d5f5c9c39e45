#include "cli/files/sink_flat.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Both ends are the same program on the same machine. The texts follow: the path and, if it has one, the temporary name. */
struct packed {
    struct file_sink sink;              /* what it points to is not used */
    size_t path_bytes, temporary_bytes; /* with their zeros; 0: there is none */
};

static size_t bytes_of(const char *text)
{
    return text ? strlen(text) + 1 : 0;
}

unsigned char *sink_pack(const struct file_sink *f, size_t *n)
{
    struct packed p = {.sink = *f, .path_bytes = bytes_of(f->path), .temporary_bytes = bytes_of(f->temporary)};
    *n = sizeof p + p.path_bytes + p.temporary_bytes;
    unsigned char *bytes = malloc(*n);
    if (!bytes)
        return NULL;
    memcpy(bytes, &p, sizeof p);
    memcpy(bytes + sizeof p, f->path, p.path_bytes);
    if (f->temporary)
        memcpy(bytes + sizeof p + p.path_bytes, f->temporary, p.temporary_bytes);
    return bytes;
}

/* Whether n bytes are a text, with a zero at its end alone. */
static bool is_text(const unsigned char *bytes, size_t n)
{
    return n > 0 && memchr(bytes, '\0', n) == bytes + n - 1;
}

/* Whether the texts are what follows. */
static bool fits(const struct packed *p, const unsigned char *texts, size_t n)
{
    return p->path_bytes <= n && p->temporary_bytes == n - p->path_bytes && is_text(texts, p->path_bytes) &&
           (p->temporary_bytes == 0 || is_text(texts + p->path_bytes, p->temporary_bytes));
}

bool sink_unpack(struct file_sink *f, const unsigned char *bytes, size_t n, int fd, struct why *why)
{
    struct packed p;
    *f = (struct file_sink){.fd = fd, .target = -1};
    if (n > sizeof p)
        memcpy(&p, bytes, sizeof p);
    if (n <= sizeof p || !fits(&p, bytes + sizeof p, n - sizeof p)) {
        why_set(why, "no output came from its worker process");
    } else {
        *f = p.sink;
        f->fd = fd;
        f->target = -1;
        f->name = NULL;
        f->buffer = NULL;
        f->path = strdup((const char *)bytes + sizeof p);
        f->temporary = p.temporary_bytes ? strdup((const char *)bytes + sizeof p + p.path_bytes) : NULL;
        if (f->path && !f->temporary == !p.temporary_bytes && fd >= 0)
            return true;
        why_set(why, "%s", strerror(fd < 0 ? EMFILE : ENOMEM));
    }
    file_discard(f);
    return false;
}

void sink_forget(struct file_sink *f)
{
    free(f->temporary);
    f->temporary = NULL;
    file_discard(f);
}
