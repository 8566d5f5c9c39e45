/* Lists of names: the first byte says which kind of list the rest is. The names are those that a plain loop finds. */
#include "memory.h"
#include "reader.h"

#include "cli/files/name_list.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAIRS = 1, NUL = 2 };

/* The next name that is not empty of text[*at..n), in a block of its own; NULL: there is none. */
static char *plain_next(const char *text, size_t n, bool lines, size_t *at)
{
    const char ending = lines ? '\n' : '\0';
    while (*at < n) {
        size_t from = *at, to = from;
        while (to < n && text[to] != ending)
            to++;
        *at = to + 1;
        if (lines && to > from && text[to - 1] == '\r')
            to--;
        if (to > from)
            return strndup(text + from, to - from);
    }
    return NULL;
}

static void check_names(struct name_list *list, const char *text, size_t n)
{
    size_t at = 0;
    for (bool more = true; more;) {
        char *wanted = plain_next(text, n, list->end == NAME_END_LINE, &at);
        const char *name = name_list_next(list);
        more = wanted != NULL;
        must((name != NULL) == more && (!more || strcmp(name, wanted) == 0), "names are what stands between their ends");
        free(wanted);
    }
}

static void check_pairs(struct name_list *list)
{
    struct why why = {0};
    char *input = "", *output = "";
    while (name_list_pair(list, &input, &output, &why) && input)
        must(*input && *output && strlen(input) + strlen(output) < list->size, "a pair has two names of the list");
    if (input && *input && why.text[0])
        must_say(&why);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char path[32];
    struct why why = {0};
    struct name_list list;
    int fd = memfd_create("list", MFD_CLOEXEC);
    if (size == 0 || fd < 0 || write(fd, bytes + 1, size - 1) != (ssize_t)size - 1) {
        close(fd);
        return 0;
    }
    snprintf(path, sizeof path, "/dev/fd/%d", fd);
    if (!name_list_read(&list, path, bytes[0] & NUL ? NAME_END_NUL : NAME_END_LINE, &why))
        must_say(&why);
    else if (bytes[0] & PAIRS)
        check_pairs(&list);
    else
        check_names(&list, (const char *)bytes + 1, size - 1);
    name_list_free(&list);
    close(fd);
    return 0;
}
