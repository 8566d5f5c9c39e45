#include "cli/files/sealed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Both ends are the same program on the same machine. Two texts follow: the path and the temporary name. */
struct packed {
    mode_t mode;
    bool no_clobber, guarded, in_place;
    struct file_id replaced;
    struct fingerprint replaced_fingerprint;
    uint64_t position;
    size_t path_bytes, temporary_bytes; /* with their zeros */
};

unsigned char *sealed_pack(const struct file_sink *f, size_t *n)
{
    struct packed p;
    memset(&p, 0, sizeof p); /* the padding goes with it */
    p.mode = f->mode;
    p.no_clobber = f->no_clobber;
    p.guarded = f->guarded;
    p.in_place = f->in_place;
    p.replaced = f->replaced;
    p.replaced_fingerprint = f->replaced_fingerprint;
    p.position = f->position;
    p.path_bytes = strlen(f->path) + 1;
    p.temporary_bytes = strlen(f->temporary) + 1;
    *n = sizeof p + p.path_bytes + p.temporary_bytes;
    unsigned char *bytes = malloc(*n);
    if (!bytes)
        return NULL;
    memcpy(bytes, &p, sizeof p);
    memcpy(bytes + sizeof p, f->path, p.path_bytes);
    memcpy(bytes + sizeof p + p.path_bytes, f->temporary, p.temporary_bytes);
    return bytes;
}

/* Whether the two texts are what follows, each with its zero at its end alone. */
static bool fits(const struct packed *p, const unsigned char *texts, size_t n)
{
    return p->path_bytes > 0 && p->path_bytes < n && p->temporary_bytes == n - p->path_bytes &&
           memchr(texts, '\0', n) == texts + p->path_bytes - 1 &&
           memchr(texts + p->path_bytes, '\0', p->temporary_bytes) == texts + n - 1;
}

bool sealed_unpack(struct file_sink *f, const unsigned char *bytes, size_t n, int fd, struct why *why)
{
    struct packed p;
    *f = (struct file_sink){.fd = fd, .target = -1};
    if (n > sizeof p)
        memcpy(&p, bytes, sizeof p);
    if (n <= sizeof p || !fits(&p, bytes + sizeof p, n - sizeof p)) {
        why_set(why, "no output came from its worker process");
    } else {
        f->path = strdup((const char *)bytes + sizeof p);
        f->temporary = strdup((const char *)bytes + sizeof p + p.path_bytes);
        f->mode = p.mode;
        f->no_clobber = p.no_clobber;
        f->guarded = p.guarded;
        f->in_place = p.in_place;
        f->replaced = p.replaced;
        f->replaced_fingerprint = p.replaced_fingerprint;
        f->position = p.position;
        if (f->path && f->temporary && fd >= 0)
            return true;
        why_set(why, "%s", strerror(fd < 0 ? EMFILE : ENOMEM));
    }
    file_discard(f);
    return false;
}

void sealed_forget(struct file_sink *f)
{
    free(f->temporary);
    f->temporary = NULL;
    file_discard(f);
}
