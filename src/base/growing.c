#include "base/growing.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Room for n bytes more and a NUL. */
static bool make_room(struct growing *g, size_t n)
{
    size_t need = g->n + n + 1, room = g->room;
    if (g->lacks || need <= room)
        return !g->lacks;
    while (room < need)
        room = room ? 2 * room : 256;
    char *more = realloc(g->text, room);
    if (!more) {
        g->lacks = true;
        return false;
    }
    g->text = more;
    g->room = room;
    return true;
}

void growing_add(struct growing *g, const char *text, size_t n)
{
    if (!make_room(g, n))
        return;
    memcpy(g->text + g->n, text, n);
    g->n += n;
}

void growing_put(struct growing *g, const char *string)
{
    growing_add(g, string, strlen(string));
}

/* Most pieces are short: one that is longer is formatted twice. */
enum { SHORT = 120 };

void growing_format(struct growing *g, const char *format, ...)
{
    va_list args, again;
    if (!make_room(g, SHORT))
        return;
    va_start(args, format);
    va_copy(again, args);
    int n = vsnprintf(g->text + g->n, SHORT + 1, format, args);
    if (n > SHORT && make_room(g, (size_t)n))
        vsnprintf(g->text + g->n, (size_t)n + 1, format, again);
    if (n > 0 && !g->lacks)
        g->n += (size_t)n;
    va_end(again);
    va_end(args);
}

char *growing_take(struct growing *g, struct why *why)
{
    char *text = make_room(g, 0) ? realloc(g->text, g->n + 1) : NULL;
    if (text) {
        text[g->n] = '\0';
        *g = (struct growing){0};
    } else {
        growing_free(g);
        why_memory(why);
    }
    return text;
}

void growing_free(struct growing *g)
{
    free(g->text);
    *g = (struct growing){0};
}
