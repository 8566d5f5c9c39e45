/* replay-TARGET FILE|FOLDER...: each file, and each file in a folder, once through the target. */
#include "reader.h"

#include <dirent.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char current[4096];

/* Names the input that ends the process. */
static void on_end(int number)
{
    static const char text[] = "replay: ended by ";
    ssize_t n = write(STDERR_FILENO, text, sizeof text - 1);
    n += write(STDERR_FILENO, current, strlen(current));
    n += write(STDERR_FILENO, "\n", 1);
    signal(number, n > 0 ? SIG_DFL : SIG_IGN);
    raise(number);
}

/* The bytes are in a block of their very size, so that a sanitizer sees what is behind them. */
static bool replay_file(const char *path, const struct stat *st)
{
    size_t size = (size_t)st->st_size;
    unsigned char *bytes = malloc(size ? size : 1);
    FILE *file = fopen(path, "rb");
    bool ok = bytes && file && fread(bytes, 1, size, file) == size;
    if (file)
        fclose(file);
    if (ok) {
        snprintf(current, sizeof current, "%s", path);
        LLVMFuzzerTestOneInput(bytes, size);
    }
    free(bytes);
    return ok;
}

/* How many files were replayed; -1: one cannot be read. */
static long replay(const char *path)
{
    struct stat st;
    if (stat(path, &st) != 0)
        return -1;
    if (!S_ISDIR(st.st_mode))
        return replay_file(path, &st) ? 1 : -1;
    DIR *folder = opendir(path);
    long files = folder ? 0 : -1;
    for (const struct dirent *entry; files >= 0 && (entry = readdir(folder)) != NULL;) {
        char below[4096];
        snprintf(below, sizeof below, "%s/%s", path, entry->d_name);
        long more = entry->d_name[0] == '.' ? 0 : replay(below);
        files = more < 0 ? -1 : files + more;
    }
    if (folder)
        closedir(folder);
    return files;
}

int main(int argc, char **argv)
{
    long files = 0;
    signal(SIGABRT, on_end);
    signal(SIGSEGV, on_end);
    for (int i = 1; i < argc; i++) {
        long more = replay(argv[i]);
        if (more < 0) {
            fprintf(stderr, "replay: %s cannot be read\n", argv[i]);
            return 1;
        }
        files += more;
    }
    fprintf(stderr, "%-10s %ld inputs\n", strrchr(argv[0], '-') + 1, files); /* stdout may be a target's */
    return files > 0 ? 0 : 1;
}
