/*
 * Times two commands in turn, A B A B ..., and prints one row: the median seconds of each, the median of the ratios pair by
 * pair with the smallest and the largest, A's peak memory, and whether the median is at most BOUND ("-" if there is none).
 *
 *     pair RUNS NAME BOUND FOLDER A [ARG]... -- B [ARG]... [-- START [ARG]...]
 *
 * A is timed as a whole process. B may do the same, or, if it prints a number of seconds, has timed itself, without its
 * start. Then START is what A does for next to nothing, such as pictures of 1 x 1: it takes its turn behind B, and the
 * median of its seconds is taken off A's. One warm-up. FOLDER, where all write, is emptied before each run: to replace a
 * file costs an fsync that a new one does not.
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

enum { MOST = 101 };

/* Seconds, run by run. */
struct turns {
    double a[MOST], b[MOST], start[MOST];
    long kib;
};

static void take_turns(struct turns *t, int runs, char *folder, char **a, char **b, char **start)
{
    for (int i = -1; i < runs; i++) {
        empty(folder);
        struct run x = run(a), y = run(b), s = {0};
        if (start)
            s = run(start);
        if (i < 0)
            continue;
        t->a[i] = x.seconds;
        t->b[i] = y.printed > 0 ? y.printed : y.seconds;
        t->start[i] = s.seconds;
        t->kib = x.kib > t->kib ? x.kib : t->kib;
    }
}

static void print_row(const char *name, const char *bound, struct turns *t, int runs)
{
    double ratio[MOST], start = median(t->start, runs);
    for (int i = 0; i < runs; i++) {
        t->a[i] -= start;
        ratio[i] = t->a[i] / t->b[i];
    }
    double middle = median(ratio, runs);
    printf("%-34s %8.3f s %8.3f s   %6.3f (%.3f to %.3f)  %6.1f MiB", name, median(t->a, runs), median(t->b, runs), middle,
           ratio[0], ratio[runs - 1], (double)t->kib / 1024);
    if (start > 0)
        printf(", start %.1f ms", 1000 * start);
    if (strcmp(bound, "-") != 0)
        printf(", at most %s: %s", bound, middle <= strtod(bound, NULL) ? "holds" : "MISSED");
    putchar('\n');
}

/* The arguments behind the next "--", which becomes the end of those before it. */
static char **split(char **argv)
{
    while (*argv && strcmp(*argv, "--") != 0)
        argv++;
    if (!*argv)
        return NULL;
    *argv = NULL;
    return argv + 1;
}

int main(int argc, char **argv)
{
    static struct turns turns;
    int runs = argc > 5 ? atoi(argv[1]) : 0;
    char **b = runs > 0 ? split(argv + 5) : NULL, **start = b ? split(b) : NULL;
    if (!b || !argv[5] || !*b || (start && !*start) || runs > MOST)
        die("usage: pair RUNS NAME BOUND FOLDER A [ARG]... -- B [ARG]... [-- START [ARG]...]");
    take_turns(&turns, runs, argv[4], argv + 5, b, start);
    print_row(argv[2], argv[3], &turns, runs);
    return 0;
}
