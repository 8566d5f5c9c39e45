#include "cli/run/crew.h"

#include "cli/run/thread.h"

#include <pthread.h>
#include <stdlib.h>

struct hand {
    pthread_mutex_t lock; /* of all that follows */
    pthread_cond_t changed;
    void (*work)(void *of); /* NULL: it is idle */
    void *of;
};

struct hands {
    struct crew base;
    struct hand hand[CREW_MOST];
};

static void set_work(struct hand *h, void (*work)(void *of), void *of)
{
    pthread_mutex_lock(&h->lock);
    h->work = work;
    h->of = of;
    pthread_cond_signal(&h->changed);
    pthread_mutex_unlock(&h->lock);
}

static void run(void *hand)
{
    struct hand *h = hand;
    for (;;) {
        pthread_mutex_lock(&h->lock);
        while (!h->work)
            pthread_cond_wait(&h->changed, &h->lock);
        pthread_mutex_unlock(&h->lock);
        h->work(h->of);
        set_work(h, NULL, NULL);
    }
}

static struct hand *hand_of(struct crew *crew, unsigned i)
{
    return &((struct hands *)crew)->hand[i];
}

static void start(struct crew *crew, unsigned i, void (*work)(void *of), void *of)
{
    set_work(hand_of(crew, i), work, of);
}

static void wait_for(struct crew *crew, unsigned i)
{
    struct hand *h = hand_of(crew, i);
    pthread_mutex_lock(&h->lock);
    while (h->work)
        pthread_cond_wait(&h->changed, &h->lock);
    pthread_mutex_unlock(&h->lock);
}

struct crew *crew_start(unsigned n, bool (*enter)(struct why *why))
{
    struct hands *hands = calloc(1, sizeof *hands);
    if (!hands)
        return NULL;
    hands->base = (struct crew){0, start, wait_for};
    for (bool ok = true; ok && hands->base.n < n && hands->base.n < CREW_MOST; hands->base.n += ok) {
        struct hand *h = &hands->hand[hands->base.n];
        pthread_mutex_init(&h->lock, NULL);
        pthread_cond_init(&h->changed, NULL);
        ok = thread_start(enter, run, h);
    }
    if (hands->base.n > 0)
        return &hands->base;
    free(hands);
    return NULL;
}
