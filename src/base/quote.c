#include "base/quote.h"

#include <stdbool.h>
#include <stdio.h>

/* The length of the UTF-8 character that begins with this byte; 0 if none does. */
static size_t length_after(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first < 0xc2 || first > 0xf4)
        return 0;
    return first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

/* Whether the second byte may follow the first: else it is too long a form, a surrogate, or above U+10FFFF. */
static bool suits(unsigned char first, unsigned char second)
{
    unsigned char least = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
    unsigned char most = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
    return least <= second && second <= most;
}

/*
 * What ends a line or turns the direction of a text, so that what follows would be read in another order: U+061C, U+200E,
 * U+200F, U+2028 to U+202E, U+2066 to U+2069.
 */
static bool arranges_text(const unsigned char *u, size_t n)
{
    if (n == 2)
        return u[0] == 0xd8 && u[1] == 0x9c;
    if (n != 3 || u[0] != 0xe2)
        return false;
    bool marks = u[1] == 0x80 && (u[2] == 0x8e || u[2] == 0x8f || (u[2] >= 0xa8 && u[2] <= 0xae));
    return marks || (u[1] == 0x81 && u[2] >= 0xa6 && u[2] <= 0xa9);
}

size_t quote_printable(const char *s)
{
    const unsigned char *u = (const unsigned char *)s;
    size_t n = length_after(u[0]);
    if (u[0] < 0x20 || u[0] == 0x7f || (u[0] == 0xc2 && u[1] < 0xa0) || (n > 1 && !suits(u[0], u[1])))
        return 0;
    for (size_t i = 2; i < n; i++)
        if ((u[i] & 0xc0) != 0x80)
            return 0;
    return arranges_text(u, n) ? 0 : n;
}

static bool is_plain(const char *name)
{
    for (size_t n; *name; name += n)
        if ((n = quote_printable(name)) == 0)
            return false;
    return true;
}

char *quote(char *to, size_t size, const char *name)
{
    bool plain = is_plain(name);
    size_t at = (size_t)snprintf(to, size, plain ? "'" : "$'");
    while (*name && at + 8 < size) {
        size_t n = quote_printable(name);
        if (n == 0 && *name == '\n')
            at += (size_t)snprintf(to + at, size - at, "\\n");
        else if (n == 0)
            at += (size_t)snprintf(to + at, size - at, "\\%03o", (unsigned)(unsigned char)*name);
        else if (*name == '\'')
            at += (size_t)snprintf(to + at, size - at, plain ? "'\\''" : "\\'");
        else if (*name == '\\' && !plain)
            at += (size_t)snprintf(to + at, size - at, "\\\\");
        else
            for (size_t i = 0; i < n; i++)
                to[at++] = name[i];
        name += n ? n : 1;
    }
    snprintf(to + at, size - at, "%s'", *name ? "..." : "");
    return to;
}
