/* The process: its standard descriptors, its umask, and the signals that end it. */
#ifndef CLI_FILES_PROCESS_H
#define CLI_FILES_PROCESS_H

#include <sys/stat.h>
#include <unistd.h>

/*
 * Once, first of all: fills closed standard descriptors, so that no file lands on them, catches signals, and keeps small
 * blocks of memory that are freed.
 */
void process_start(void);

/* In a process that was forked from `parent`: a SIGTERM comes when that ends. */
void process_follow(pid_t parent);

/* The umask at the start. */
mode_t process_umask(void);

/* The signal that came and would have ended the process, else 0. From then on every read and write fails. */
int process_interrupted(void);

/* Takes a signal that came to a worker process as this one's own, unless one came before. */
void process_interrupt(int number);

/* Ends the process by the signal that came, if one did. */
void process_end(void);

#endif
