/*
 * Texts of exact numbers, one a line: a text is refused, or is that which the number has; and sums and products of those
 * that are read are exact.
 */
#include "memory.h"
#include "reader.h"

#include "base/dyadic.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBERS = 64 };

static bool is_same(const struct dyadic *a, const struct dyadic *b)
{
    return a->n == b->n && a->low == b->low && a->negative == b->negative &&
           (a->n == 0 || memcmp(a->digit, b->digit, a->n * sizeof *a->digit) == 0);
}

/* Whether it is read. */
static bool read_text(const char *text, struct dyadic *x)
{
    struct growing written = {0};
    struct why why = {0};
    must(dyadic_add(x, 0.5), "there is memory");
    const bool is_read = dyadic_read(x, text);
    dyadic_write(x, &written);
    char *again = growing_take(&written, &why);
    must(again && strcmp(again, is_read ? text : "0x1p-1") == 0, "a text is that of its number, or changes nothing");
    must(!is_read || dyadic_is_readable(x), "what is read is in the range");
    free(again);
    return is_read;
}

/* a + b - b = a, a b / b = a, and a b - b a = 0. */
static void check_pair(const struct dyadic *a, const struct dyadic *b)
{
    struct dyadic sum = {0}, product = {0}, other = {0};
    double ratio = NAN;
    must(dyadic_merge(&sum, a) && dyadic_merge(&sum, b) && dyadic_subtract(&sum, b), "there is memory");
    must(is_same(&sum, a), "a sum is exact");
    must(dyadic_multiply(a, b, &product) && dyadic_multiply(b, a, &other) && is_same(&product, &other),
         "a product has no order");
    must(dyadic_ratio(&product, b, &ratio), "there is memory");
    must(dyadic_sign(b) == 0 ? isnan(ratio) : ratio == dyadic_round(a), "a ratio is exact");
    must(dyadic_subtract(&product, &other) && dyadic_sign(&product) == 0, "a difference of the same is 0");
    dyadic_free(&sum);
    dyadic_free(&product);
    dyadic_free(&other);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct dyadic number[NUMBERS] = {0};
    size_t n = 0;
    char *text = malloc(size + 1);
    must(text != NULL, "there is memory");
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    for (char *line = text, *next = text; line && n < NUMBERS; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        if (read_text(line, &number[n]))
            n++;
        else
            dyadic_free(&number[n]);
    }
    for (size_t i = 0; i < n; i++)
        check_pair(&number[i], &number[(i + 1) % n]);
    for (size_t i = 0; i < n; i++)
        dyadic_free(&number[i]);
    free(text);
    return 0;
}
