#include "engine/flat.h"

#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

/* Of a text of its own: a path, or what is said of a file. */
enum { TEXT_BYTES_MAX = 1 << 16 };

void flat_refuse(struct flat *f)
{
    why_set(&f->why, "a number is out of its range");
}

bool flat_has(struct flat *f, uint64_t bytes)
{
    return !f->why.text[0] && (bytes <= f->n - f->at || why_set(&f->why, "truncated"));
}

void flat_bytes(struct flat *f, void *data, size_t n)
{
    if (f->mode == FLAT_READ && !flat_has(f, n)) {
        memset(data, 0, n);
        return;
    }
    if (f->mode == FLAT_READ)
        memcpy(data, f->from + f->at, n);
    else if (f->mode == FLAT_WRITE)
        memcpy(f->to + f->at, data, n);
    f->at += n;
}

void flat_number(struct flat *f, size_t bytes, uint64_t *value)
{
    unsigned char raw[8];
    put_bytes(raw, sizeof raw, true, *value); /* its low bytes come first */
    flat_bytes(f, raw, bytes);
    if (f->mode == FLAT_READ)
        *value = get_bytes(raw, bytes, true);
}

void flat_double(struct flat *f, double *value)
{
    uint64_t bits;
    memcpy(&bits, value, sizeof bits);
    flat_number(f, sizeof bits, &bits);
    if (f->mode == FLAT_READ)
        memcpy(value, &bits, sizeof bits);
}

void flat_size(struct flat *f, size_t *value)
{
    uint64_t wide = *value;
    flat_number(f, 8, &wide);
    if (wide > SIZE_MAX)
        flat_refuse(f);
    else if (f->mode == FLAT_READ)
        *value = (size_t)wide;
}

unsigned flat_unsigned(struct flat *f, unsigned value, unsigned most)
{
    uint64_t wide = value;
    flat_number(f, 4, &wide);
    if (wide <= most)
        return (unsigned)wide;
    flat_refuse(f);
    return 0;
}

void flat_bool(struct flat *f, bool *value)
{
    *value = flat_unsigned(f, *value, 1) == 1;
}

/* The length of a text that has at most `most` bytes. */
static size_t walk_length(struct flat *f, const char *text, size_t most)
{
    size_t n = f->mode == FLAT_READ ? 0 : strlen(text);
    flat_size(f, &n);
    if (f->mode == FLAT_READ && (!flat_has(f, n) || (n > most && !why_set(&f->why, "a text is too long"))))
        n = 0;
    return n;
}

void flat_text(struct flat *f, char *text, size_t size)
{
    size_t n = walk_length(f, text, size - 1);
    flat_bytes(f, text, n);
    text[n] = '\0';
    if (f->mode == FLAT_READ && strlen(text) != n)
        why_set(&f->why, "a text has a zero in it");
}

void flat_string(struct flat *f, char **text)
{
    size_t n = walk_length(f, *text, TEXT_BYTES_MAX);
    if (f->mode == FLAT_READ && !(*text = calloc(n + 1, 1))) {
        why_memory(&f->why);
        return;
    }
    flat_bytes(f, *text, n);
    if (f->mode == FLAT_READ && strlen(*text) != n)
        why_set(&f->why, "a text has a zero in it");
}

void flat_counts(struct flat *f, uint64_t *count, size_t n)
{
    enum { BYTES = 4 + 8 };
    bool reads = f->mode == FLAT_READ;
    size_t some = 0, at = 0;
    for (size_t i = 0; !reads && i < n; i++)
        some += count[i] > 0;
    flat_size(f, &some);
    if (reads && (some > n || !flat_has(f, (uint64_t)some * BYTES)))
        some = 0;
    for (size_t i = 0; i < some; i++, at++) {
        while (!reads && count[at] == 0)
            at++;
        size_t least = at;
        at = flat_unsigned(f, (unsigned)at, (unsigned)n - 1);
        flat_number(f, 8, &count[at]);
        if (at < least || count[at] == 0)
            flat_refuse(f);
    }
}
