#include "cli/run/behind.h"

#include "cli/run/thread.h"

#include <pthread.h>
#include <stdlib.h>

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
};

/* The next band, once there is one. */
static struct band take(struct behind *b)
{
    while (b->n == 0)
        pthread_cond_wait(&b->more, &b->lock);
    return b->band[b->first];
}

static void write_all(void *behind)
{
    struct behind *b = behind;
    pthread_mutex_lock(&b->lock);
    for (;;) {
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
}

struct behind *behind_start(bool (*enter)(struct why *why))
{
    struct behind *b = calloc(1, sizeof *b);
    if (!b)
        return NULL;
    pthread_mutex_init(&b->lock, NULL);
    pthread_cond_init(&b->more, NULL);
    pthread_cond_init(&b->fewer, NULL);
    if (thread_start(enter, write_all, b))
        return b;
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
