/* JSON under construction. */
#include "cli/report/json.h"

#include <errno.h>
#include <stdbool.h>
#include <math.h>
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

json_t *json_finite(double value)
{
    return isfinite(value) ? json_real(value + 0) : json_null(); /* -0 + 0 is 0 */
}

json_t *json_covariance(const struct pooled *pool)
{
    unsigned n = pool->colours;
    double *matrix = calloc((size_t)n * n, sizeof *matrix);
    struct why why = {0};
    json_t *rows = matrix && pooled_covariance(pool, matrix, &why) ? json_array() : NULL;
    for (unsigned a = 0; rows && a < n; a++) {
        json_t *row = json_array();
        for (unsigned b = 0; b < n; b++)
            json_append(&row, json_finite(matrix[a * n + b]));
        json_append(&rows, row);
    }
    free(matrix);
    return rows;
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
