#include "cli/run/thread.h"

#include <pthread.h>

/* Enough for what encoders have on the stack: libtiff, libpng, libjpeg and ISA-L take less than 64 KiB. */
enum { STACK_BYTES = 1 << 20 };

/* Lives until the thread is ready. */
struct start {
    bool (*enter)(struct why *why);
    void (*run)(void *of);
    void *of;
    pthread_mutex_t lock; /* of the stage */
    pthread_cond_t ready;
    enum { STARTING, READY, UNABLE } stage;
};

static void *begin(void *start)
{
    struct start *s = start;
    void (*run)(void *of) = s->run, *of = s->of;
    bool entered = s->enter(&(struct why){0});
    pthread_mutex_lock(&s->lock);
    s->stage = entered ? READY : UNABLE;
    pthread_cond_signal(&s->ready);
    pthread_mutex_unlock(&s->lock);
    if (entered)
        run(of);
    return NULL;
}

static bool create(struct start *s, pthread_t *thread)
{
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0)
        return false;
    bool ok =
        pthread_attr_setstacksize(&attributes, STACK_BYTES) == 0 && pthread_create(thread, &attributes, begin, s) == 0;
    pthread_attr_destroy(&attributes);
    return ok;
}

/* What libc does when a thread begins, it may not do in the sandbox: it is waited for. */
bool thread_start(bool (*enter)(struct why *why), void (*run)(void *of), void *of)
{
    struct start s = {.enter = enter, .run = run, .of = of};
    pthread_t thread;
    pthread_mutex_init(&s.lock, NULL);
    pthread_cond_init(&s.ready, NULL);
    bool created = create(&s, &thread);
    pthread_mutex_lock(&s.lock);
    while (created && s.stage == STARTING)
        pthread_cond_wait(&s.ready, &s.lock);
    pthread_mutex_unlock(&s.lock);
    if (created && s.stage == UNABLE)
        pthread_join(thread, NULL);
    return s.stage == READY;
}
