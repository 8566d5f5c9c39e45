/* The text of an exact number. */
#ifndef DYADICS_H
#define DYADICS_H

#include "base/dyadic.h"

#include <check.h>

/* As a string, freed by free(). */
static inline char *dyadic_text(const struct dyadic *x)
{
    struct growing g = {0};
    struct why why = {""};
    dyadic_write(x, &g);
    char *text = growing_take(&g, &why);
    ck_assert_ptr_nonnull(text);
    return text;
}

#endif
