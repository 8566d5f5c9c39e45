/* A folder of its own for each test, and files in it. */
#ifndef FOLDER_H
#define FOLDER_H

#include "support.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char start[4096], folder[4096];

/* Fixture: makes the folder and goes there. */
static inline void enter_folder(void)
{
    const char *tmp = getenv("TMPDIR");
    ck_assert_ptr_nonnull(getcwd(start, sizeof start));
    snprintf(folder, sizeof folder, "%s/instnorm-unit-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_int_eq(chdir(folder), 0);
}

/* Fixture: removes the folder. */
static inline void leave_folder(void)
{
    char command[5000];
    ck_assert_int_eq(chdir(start), 0);
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    ck_assert_int_eq(system(command), 0);
}

static inline void put_file(const char *name, const char *text)
{
    FILE *f = fopen(name, "w");
    REQUIRE(f && fputs(text, f) >= 0 && fclose(f) == 0, "%s cannot be written", name);
}

static inline void put_bytes(const char *name, const char *bytes, size_t n)
{
    FILE *f = fopen(name, "w");
    REQUIRE(f && fwrite(bytes, 1, n, f) == n && fclose(f) == 0, "%s cannot be written", name);
}

/* The file is there with this text; NULL: it is not there. */
static inline void require_file(const char *name, const char *text)
{
    size_t size = 0;
    unsigned char *bytes = load_file(name, &size);
    REQUIRE(!bytes == !text, "%s is %s", name, bytes ? "there" : "missing");
    REQUIRE(!text || (size == strlen(text) && memcmp(bytes, text, size) == 0), "%s has other bytes", name);
    free(bytes);
}

/* How many names there are in the folder. */
static inline unsigned count_names(void)
{
    unsigned n = 0;
    FILE *list = popen("ls -A | wc -l", "r");
    REQUIRE(list && fscanf(list, "%u", &n) == 1 && pclose(list) == 0, "ls fails");
    return n;
}

#endif
