#include "cli/report/stats_file.h"

#include "cli/files/names.h"
#include "cli/files/source.h"
#include "cli/report/reports.h"

#include <stdlib.h>
#include <string.h>

enum { SPOOL_BYTES = 1 << 16 };

/* White space, then a brace: no picture begins so. */
bool stats_file_begins(const char *head, size_t n)
{
    size_t i = 0;
    while (i < n && strchr(" \t\r\n", head[i]))
        i++;
    return i < n && head[i] == '{';
}

bool stats_file_is(const char *path)
{
    struct file_source file;
    struct why why = {0};
    char head[STATS_FILE_HEAD];
    if (path_is_standard(path) || file_is_special(path) || !file_open(&file, path, SPOOL_BYTES, &why))
        return false;
    bool is = stats_file_begins(head, file_head(&file, head, sizeof head));
    file_close(&file);
    return is;
}

/* The file, to be freed; NULL if it cannot be read. */
static char *load(struct file_source *file, size_t *n, struct why *why)
{
    char *text = NULL;
    for (size_t size = 0, got = 1; got > 0 && *n <= STATS_FILE_BYTES_MAX;) {
        size = size ? 2 * size : 1 << 12;
        char *more = realloc(text, size);
        if (!more) {
            why_memory(why);
            break;
        }
        text = more;
        got = file->base.read_at(&file->base, text + *n, size - *n, *n);
        *n += got;
    }
    if (file->base.why.text[0])
        why_set(why, "%s", file->base.why.text);
    if (*n > STATS_FILE_BYTES_MAX)
        why_set(why, "more than %d bytes: expected a statistics file", (int)STATS_FILE_BYTES_MAX);
    if (why->text[0])
        free(text);
    return why->text[0] ? NULL : text;
}

bool stats_file_read(struct file_source *file, const struct instnorm_space *space, struct pooled *into, struct why *why)
{
    const struct json_library *json = reports_json();
    size_t n = 0;
    if (!json)
        return why_set(why, "a statistics file: this program was built without jansson, which reads them");
    char *text = load(file, &n, why);
    bool ok = text && json->parse(text, n, space, into, why);
    free(text);
    return ok;
}
