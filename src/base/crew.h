/* Threads that stand by for a part of what an encoder has to do. Who has them, gives them. */
#ifndef BASE_CREW_H
#define BASE_CREW_H

struct crew {
    unsigned n;
    /* Thread i of n, which is idle, calls work(of). */
    void (*start)(struct crew *crew, unsigned i, void (*work)(void *of), void *of);
    /* Returns once thread i is idle. */
    void (*wait)(struct crew *crew, unsigned i);
};

#endif
