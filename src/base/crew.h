/*
 * Threads that stand by for a part of what an encoder has to do. An encoder is given them by a program that may start
 * threads, and one encoder at a time uses them.
 */
#ifndef BASE_CREW_H
#define BASE_CREW_H

struct crew {
    unsigned n;
    /* Thread i of n, which must be idle, calls work(of). */
    void (*start)(struct crew *crew, unsigned i, void (*work)(void *of), void *of);
    /* Returns once thread i is idle. */
    void (*wait)(struct crew *crew, unsigned i);
};

#endif
