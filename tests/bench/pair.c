/*
 * Times two commands in turn, A B A B ..., and prints one row: the median seconds of each, the median of the ratios pair by
 * pair with the smallest and the largest, and A's peak memory.
 *
 *     pair RUNS NAME FOLDER A [ARG]... -- B [ARG]...
 *
 * A is timed as a whole process. B may do the same, or, if it prints a number of seconds, has timed itself. One warm-up.
 * FOLDER, where A writes, is emptied before each run: to replace a file costs an fsync that a new one does not.
 */
#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

struct run {
    double seconds, printed; /* printed: what the command said, 0 if nothing */
    long kib;
};

static void die(const char *what)
{
    fprintf(stderr, "pair: %s\n", what);
    exit(1);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static struct run run(char **argv)
{
    posix_spawn_file_actions_t actions;
    struct rusage usage;
    struct run r = {0};
    char text[64] = "";
    int out[2], status;
    pid_t child;

    if (pipe(out) != 0)
        die("pipe");
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclose(&actions, out[0]);
    double start = now();
    if (posix_spawnp(&child, argv[0], &actions, NULL, argv, environ) != 0)
        die(argv[0]);
    close(out[1]);
    ssize_t n = read(out[0], text, sizeof text - 1);
    while (wait4(child, &status, 0, &usage) < 0)
        if (errno != EINTR)
            die("wait4");
    r.seconds = now() - start;
    close(out[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (status != 0)
        die("a command failed");
    r.printed = n > 0 ? strtod(text, NULL) : 0;
    r.kib = usage.ru_maxrss;
    return r;
}

static int compare(const void *a, const void *b)
{
    const double *x = a, *y = b;
    return (*x > *y) - (*x < *y);
}

static double median(double *values, int n)
{
    qsort(values, (size_t)n, sizeof *values, compare);
    return values[n / 2];
}

static void empty(char *folder)
{
    char *argv[] = {"rm", "-rf", folder, NULL};
    run(argv);
}

int main(int argc, char **argv)
{
    enum { MOST = 101 };
    double a[MOST], b[MOST], ratio[MOST];
    int split = 4;
    long kib = 0;

    while (split < argc && strcmp(argv[split], "--") != 0)
        split++;
    int runs = argc > 4 ? atoi(argv[1]) : 0;
    if (split >= argc - 1 || runs < 1 || runs > MOST)
        die("usage: pair RUNS NAME FOLDER A [ARG]... -- B [ARG]...");
    argv[split] = NULL;
    for (int i = -1; i < runs; i++) {
        empty(argv[3]);
        struct run x = run(argv + 4), y = run(argv + split + 1);
        if (i < 0)
            continue;
        a[i] = x.seconds;
        b[i] = y.printed > 0 ? y.printed : y.seconds;
        ratio[i] = a[i] / b[i];
        kib = x.kib > kib ? x.kib : kib;
    }
    double middle = median(ratio, runs);
    printf("%-34s %8.3f s %8.3f s   %5.2f (%.2f to %.2f)  %6.1f MiB\n", argv[2], median(a, runs), median(b, runs), middle,
           ratio[0], ratio[runs - 1], (double)kib / 1024);
    return 0;
}
