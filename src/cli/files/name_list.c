#include "cli/files/name_list.h"

#include "cli/files/names.h"
#include "cli/files/process.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- reading --------------------------------------------------------------------------------------------------------- */

enum { FIRST_BYTES = 1 << 16 };

/* Room for `size` bytes and the NUL behind them. */
static bool reserve(struct name_list *list, size_t size, struct why *why)
{
    char *text = realloc(list->text, size + 1);
    if (!text)
        return why_memory(why);
    list->text = text;
    return true;
}

static bool read_failed(struct why *why)
{
    return why_set(why, "%s", process_interrupted() ? "interrupted" : strerror(errno));
}

/* Reads to the end. A file is asked for its size, so that the text is not moved. */
static bool read_all(struct name_list *list, int fd, struct why *why)
{
    struct stat st;
    bool sized = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
    size_t room = sized ? (size_t)st.st_size + 1 : FIRST_BYTES; /* one more, at which the end shows */
    if (!reserve(list, room, why))
        return false;
    for (;;) {
        if (list->size == room && !reserve(list, room *= 2, why))
            return false;
        ssize_t got = process_interrupted() ? -1 : read(fd, list->text + list->size, room - list->size);
        if (got < 0 && (errno != EINTR || process_interrupted()))
            return read_failed(why);
        if (got == 0)
            break;
        list->size += got > 0 ? (size_t)got : 0;
    }
    list->text[list->size] = '\0';
    return true;
}

/* A list that is not made for lines: its names would be cut. */
static bool check_lines(const struct name_list *list, struct why *why)
{
    const char *nul = memchr(list->text, '\0', list->size);
    size_t line = 1;
    for (const char *c = list->text; nul && c < nul; c++)
        line += *c == '\n';
    return !nul || why_set(why, "line %zu has a NUL byte: expected --null, or one name on each line", line);
}

/* Lines instead of names that end with NUL: they would be one name. */
static bool check_names(const struct name_list *list, struct why *why)
{
    bool lines = !memchr(list->text, '\0', list->size) && memchr(list->text, '\n', list->size);
    return !lines || why_set(why, "it has lines, but no NUL byte: expected names that end with NUL, or no --null");
}

bool name_list_read(struct name_list *list, const char *path, enum name_end end, struct why *why)
{
    *list = (struct name_list){.end = end};
    int fd = path_is_standard(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 ? read_all(list, fd, why) : read_failed(why);
    if (fd > STDERR_FILENO)
        close(fd);
    return ok && (end == NAME_END_NUL ? check_names : check_lines)(list, why);
}

void name_list_free(struct name_list *list)
{
    free(list->text);
    *list = (struct name_list){0};
}

/* ---- names ----------------------------------------------------------------------------------------------------------- */

/* The next name, which may be empty; NULL: there is none. */
static char *next(struct name_list *list)
{
    if (list->at >= list->size)
        return NULL;
    char *name = list->text + list->at;
    char *end = memchr(name, list->end == NAME_END_NUL ? '\0' : '\n', list->size - list->at);
    if (!end)
        end = list->text + list->size;
    *end = '\0';
    if (list->end == NAME_END_LINE && end > name && end[-1] == '\r') /* a line of Windows */
        end[-1] = '\0';
    list->at = (size_t)(end - list->text) + 1;
    list->number++;
    return name;
}

char *name_list_next(struct name_list *list)
{
    char *name = next(list);
    while (name && *name == '\0')
        name = next(list);
    return name;
}

static bool split_line(struct name_list *list, char **input, char **output, struct why *why)
{
    *input = name_list_next(list);
    if (!*input)
        return true;
    char *tab = strchr(*input, '\t');
    if (!tab || tab == *input || tab[1] == '\0')
        return why_set(why, "line %zu: expected INPUT, a tab and OUTPUT", list->number);
    if (strchr(tab + 1, '\t'))
        return why_set(why, "line %zu: expected one tab; names with a tab need --null", list->number);
    *tab = '\0';
    *output = tab + 1;
    return true;
}

bool name_list_pair(struct name_list *list, char **input, char **output, struct why *why)
{
    if (list->end == NAME_END_LINE)
        return split_line(list, input, output, why);
    *input = next(list);
    *output = *input ? next(list) : NULL;
    if (*input && !*output)
        return why_set(why, "name %zu: expected another one behind it, that of its output", list->number);
    if (*input && (**input == '\0' || **output == '\0'))
        return why_set(why, "name %zu is empty: expected INPUT and OUTPUT in turn", list->number - (**input == '\0'));
    return true;
}
