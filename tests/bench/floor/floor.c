/*
 * The codec floor: the least that it takes to decode a picture whole into one buffer of native samples and to encode pixels
 * of its size, by the fastest libraries of Debian, with no mathematics in between. PNG is inflated and deflated by ISA-L,
 * its CRC and Adler-32 are checked, and its filters are undone in unfilter.c; JPEG is read and written by libjpeg-turbo.
 *
 *     floor [--level1] FOLDER INPUT PIXELS [INPUT PIXELS]...
 *
 * PIXELS is a picture that the tool wrote for INPUT: normalized pixels compress worse than the input's. It is decoded
 * before the clock starts, and encoded to FOLDER in its own format. The settings are the tool's, so that as many bytes are
 * written: a PNG with ISA-L's level 3, or 1, which takes less time and 2 % more bytes (the tool cannot use 1, see
 * codec/deflate/isal.c); a JPEG with its own tables and sampling, which is what --quality made of them in the tool. Prints
 * the seconds that all pairs took together, without those of starting.
 *
 *     floor [--level1] --processes N FOLDER INPUT PIXELS [INPUT PIXELS]...
 *
 * The same by N processes side by side, each with its own run of the pairs. Prints the seconds until the last has ended.
 *
 *     floor --decode INPUT...
 *
 * Decodes each input and does nothing with it: the floor of statistics. Prints nothing, for its processor time is taken.
 *
 *     floor --check PNG...
 *
 * Decodes each picture by libpng too. Exit status 1 if a sample differs.
 *
 *     floor --libpng PNG...
 *
 * Prints how many bytes the pictures take when libpng writes them at level 1.
 */
#include "floor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

_Noreturn void die(const char *what, const char *name)
{
    fprintf(stderr, "floor: %s: %s\n", name, what);
    exit(1);
}

void reserve(struct block *block, size_t size)
{
    if (size <= block->size)
        return;
    if (block->data)
        munmap(block->data, block->size + SLACK);
    block->data = mmap(NULL, size + SLACK, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block->data == MAP_FAILED)
        die("out of memory", "block");
    block->size = size;
#ifdef MADV_POPULATE_WRITE
    madvise(block->data, size + SLACK, MADV_HUGEPAGE);
    madvise(block->data, size + SLACK, MADV_POPULATE_WRITE);
#endif
}

void put_bytes(int file, const unsigned char *bytes, size_t n)
{
    for (ssize_t done; n > 0; bytes += done, n -= (size_t)done)
        if ((done = write(file, bytes, n)) <= 0)
            die("cannot be written", "output");
}

/* The bytes of a file, and how many there are. */
static unsigned char *map_file(const char *name, size_t *n)
{
    struct stat status;
    int file = open(name, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &status) != 0)
        die("cannot be read", name);
    *n = (size_t)status.st_size;
    unsigned char *bytes = mmap(NULL, *n, PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
    if (bytes == MAP_FAILED || close(file) != 0)
        die("cannot be read", name);
    return bytes;
}

static void decode(const char *name, struct image *image)
{
    size_t n;
    unsigned char *bytes = map_file(name, &n);
    image->jpeg = bytes[0] == 0xff;
    if (image->jpeg)
        read_jpeg(bytes, n, image, name);
    else
        read_png(bytes, n, image, name);
    munmap(bytes, n);
}

static void encode(const char *name, const struct image *image)
{
    int file = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        die("cannot be written", name);
    (image->jpeg ? write_jpeg : write_png)(image, file);
    if (close(file) != 0)
        die("cannot be written", name);
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int count_libpng(char **names)
{
    struct image image = {0};
    size_t bytes = 0;
    for (; *names; names++) {
        decode(*names, &image);
        bytes += level1_bytes(&image);
    }
    printf("%zu\n", bytes);
    return 0;
}

static int check_all(char **names)
{
    struct image ours = {0}, theirs = {0};
    int files = 0, own = 0;
    for (; *names; names++, files++) {
        size_t n;
        unsigned char *bytes = map_file(*names, &n);
        own += read_png(bytes, n, &ours, *names);
        read_png_by_libpng(bytes, n, &theirs, *names);
        size_t size = theirs.width * theirs.height * theirs.channels * theirs.depth;
        if (ours.width != theirs.width || ours.height != theirs.height || ours.channels != theirs.channels ||
            ours.depth != theirs.depth || memcmp(ours.pixels.data, theirs.pixels.data, size) != 0)
            die("other pixels than libpng's", *names);
        munmap(bytes, n);
    }
    printf("%d PNG have the pixels that libpng gives, %d of them by ISA-L\n", files, own);
    return 0;
}

static int decode_all(char **names)
{
    struct image image = {0};
    for (; *names; names++)
        decode(*names, &image);
    return 0;
}

/* A picture to read, and the pixels to write for it. */
struct pair {
    const char *input;
    struct image pixels;
};

static struct pair *load(char **names, int n)
{
    struct pair *pair = calloc((size_t)n, sizeof *pair);
    if (!pair)
        die("out of memory", "arguments");
    for (int i = 0; i < n; i++) {
        pair[i].input = names[2 * i];
        decode(names[2 * i + 1], &pair[i].pixels);
    }
    return pair;
}

static void work(const char *folder, const struct pair *pair, int from, int to)
{
    struct image input = {0};
    size_t most = 0;
    for (int i = from; i < to; i++)
        most = pair[i].pixels.pixels.size > most ? pair[i].pixels.pixels.size : most;
    reserve(&input.pixels, most);
    for (int i = from; i < to; i++) {
        char name[4096];
        snprintf(name, sizeof name, "%s/%d", folder, i);
        decode(pair[i].input, &input);
        encode(name, &pair[i].pixels);
    }
}

static void work_side_by_side(const char *folder, const struct pair *pair, int n, int processes)
{
    for (int i = 0; i < processes; i++) {
        pid_t child = fork();
        if (child < 0)
            die("cannot be started", "process");
        if (child == 0) {
            work(folder, pair, n * i / processes, n * (i + 1) / processes);
            exit(0);
        }
    }
    for (int i = 0, status; i < processes; i++)
        if (wait(&status) < 0 || status != 0)
            die("failed", "process");
}

int main(int argc, char **argv)
{
    int processes = 0;
    if (argc > 2 && strcmp(argv[1], "--libpng") == 0)
        return count_libpng(argv + 2);
    if (argc > 2 && strcmp(argv[1], "--decode") == 0)
        return decode_all(argv + 2);
    if (argc > 2 && strcmp(argv[1], "--check") == 0)
        return check_all(argv + 2);
    if (argc > 1 && strcmp(argv[1], "--level1") == 0) {
        png_level = 1;
        argv++;
        argc--;
    }
    if (argc > 2 && strcmp(argv[1], "--processes") == 0) {
        processes = atoi(argv[2]);
        argv += 2;
        argc -= 2;
    }
    if (argc < 4 || argc % 2 != 0 || processes < 0)
        die("usage: floor [--level1] [--processes N] FOLDER INPUT PIXELS [INPUT PIXELS]...", "arguments");
    if (mkdir(argv[1], 0777) != 0 && errno != EEXIST)
        die("cannot be made", argv[1]);
    int n = (argc - 2) / 2;
    struct pair *pair = load(argv + 2, n);
    double start = now();
    if (processes > 0)
        work_side_by_side(argv[1], pair, n, processes);
    else
        work(argv[1], pair, 0, n);
    printf("%.6f\n", now() - start);
    free(pair);
    return 0;
}
