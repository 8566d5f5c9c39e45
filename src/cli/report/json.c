/* JSON under construction. */
#include "cli/report/json.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

void json_put(json_t **object, const char *key, json_t *value)
{
    if (json_object_set_new(*object, key, value) != 0) {
        json_decref(*object);
        *object = NULL;
    }
}

void json_append(json_t **array, json_t *value)
{
    if (json_array_append_new(*array, value) != 0) {
        json_decref(*array);
        *array = NULL;
    }
}

struct text {
    char *data;
    size_t n, size;
    bool failed;
};

/* jansson goes on after some of the failures that it is told of (2.14, when a key is written): they are kept here. */
static int add_text(const char *from, size_t n, void *to)
{
    struct text *t = to;
    if (!t->failed && t->n + n > t->size) {
        size_t size = 2 * t->size + n;
        char *data = realloc(t->data, size);
        t->failed = !data;
        t->data = data ? data : t->data;
        t->size = data ? size : t->size;
    }
    if (t->failed)
        return -1;
    memcpy(t->data + t->n, from, n);
    t->n += n;
    return 0;
}

char *json_text(json_t *value, size_t flags)
{
    struct text text = {.data = NULL};
    bool ok = value && json_dump_callback(value, add_text, &text, flags | JSON_REAL_PRECISION(17)) == 0 &&
              add_text("\n", 2, &text) == 0;
    json_decref(value);
    if (!ok || text.failed)
        free(text.data);
    return ok && !text.failed ? text.data : NULL;
}

json_t *json_bytes(const char *text)
{
    errno = 0;
    json_t *s = json_string(text);
    if (s || errno == ENOMEM)
        return s;
    char ascii[4096];
    size_t n = 0;
    for (; text[n] && n + 1 < sizeof ascii; n++)
        ascii[n] = (unsigned char)text[n] < 0x80 ? text[n] : '?';
    ascii[n] = '\0';
    return json_string(ascii);
}
