/* JSON under construction: what lacks a part because memory was short is NULL, and so is all that it would be a part of. */
#ifndef JSON_H
#define JSON_H

#include "engine/pooled.h"

#include <jansson.h>

/* Takes the value, as json_object_set_new does. Where that fails, or either is NULL, the object is freed and becomes NULL.
 */
void json_put(json_t **object, const char *key, json_t *value);
void json_append(json_t **array, json_t *value);

/* JSON has no infinity and no NaN: the statistics of no samples are null. */
json_t *json_finite(double value);

/* Rows of the covariances of a pool. NULL: out of memory. */
json_t *json_covariance(const struct pooled *pool);

/* A file name or a message is bytes; JSON is UTF-8. Where that fails, what is not ASCII is replaced. */
json_t *json_bytes(const char *text);

/* The text of a value, with every bit of its numbers and a newline at the end, to be freed. Frees the value. NULL: out of
 * memory, or the value is NULL. */
char *json_text(json_t *value, size_t flags);

#endif
