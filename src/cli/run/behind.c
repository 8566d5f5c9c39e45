#include "cli/run/behind.h"

#include <pthread.h>
#include <stdlib.h>

/* Enough for what encoders have on the stack: libtiff, libpng and libjpeg take less than 64 KiB. */
enum { STACK_BYTES = 1 << 20 };

struct band {
    behind_write *write;
    void *to;
    struct rows rows;
};

/* The first band stays in its place while it is written. */
struct behind {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t more, fewer;
    struct band band[BEHIND_MOST + 1];
    unsigned first, n;
    bool failed;    /* a band could not be written, */
    struct why why; /* for this reason */
    bool (*enter)(struct why *why);
    enum { STARTING, READY, UNABLE } stage;
};

/* The next band, once there is one. */
static struct band take(struct behind *b)
{
    while (b->n == 0)
        pthread_cond_wait(&b->more, &b->lock);
    return b->band[b->first];
}

static void *write_all(void *behind)
{
    struct behind *b = behind;
    bool entered = b->enter(&(struct why){0});
    pthread_mutex_lock(&b->lock);
    b->stage = entered ? READY : UNABLE;
    pthread_cond_signal(&b->fewer);
    while (entered) {
        const struct band band = take(b);
        struct why why = {0};
        bool failed = b->failed;
        pthread_mutex_unlock(&b->lock);
        if (!failed)
            failed = !band.write(band.to, &band.rows, &why);
        pthread_mutex_lock(&b->lock);
        if (failed && !b->failed)
            b->why = why;
        b->failed = failed;
        b->first = (b->first + 1) % (BEHIND_MOST + 1);
        b->n--;
        pthread_cond_signal(&b->fewer);
    }
    pthread_mutex_unlock(&b->lock);
    return NULL;
}

static bool start(struct behind *b, pthread_t *thread)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    bool ok =
        pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 && pthread_create(thread, &attributes, write_all, b) == 0;
    pthread_attr_destroy(&attributes);
    return ok;
}

/* Whether the thread that was started can do anything. What libc does when one begins, it may not do in the sandbox. */
static bool is_ready(struct behind *b)
{
    pthread_mutex_lock(&b->lock);
    while (b->stage == STARTING)
        pthread_cond_wait(&b->fewer, &b->lock);
    bool ready = b->stage == READY;
    pthread_mutex_unlock(&b->lock);
    return ready;
}

struct behind *behind_start(bool (*enter)(struct why *why))
{
    struct behind *b = calloc(1, sizeof *b);
    pthread_t thread;
    if (!b)
        return NULL;
    b->enter = enter;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->more, NULL);
    pthread_cond_init(&b->fewer, NULL);
    bool started = start(b, &thread);
    if (started && is_ready(b))
        return b;
    if (started)
        pthread_join(thread, NULL);
    free(b);
    return NULL;
}

static void wait_for(struct behind *b, unsigned most)
{
    while (b->n > most)
        pthread_cond_wait(&b->fewer, &b->lock);
}

bool behind_put(struct behind *b, behind_write *write, void *to, const struct rows *rows, unsigned lag, struct why *why)
{
    pthread_mutex_lock(&b->lock);
    b->band[(b->first + b->n) % (BEHIND_MOST + 1)] = (struct band){write, to, *rows};
    if (b->n++ == 0)
        pthread_cond_signal(&b->more);
    wait_for(b, lag);
    bool ok = !b->failed || why_set(why, "%s", b->why.text);
    pthread_mutex_unlock(&b->lock);
    return ok;
}

bool behind_end(struct behind *b, struct why *why)
{
    pthread_mutex_lock(&b->lock);
    wait_for(b, 0);
    bool ok = !b->failed || why_set(why, "%s", b->why.text);
    b->failed = false;
    pthread_mutex_unlock(&b->lock);
    return ok;
}
