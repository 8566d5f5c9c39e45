/* What tells that a file is an archive. */
#include "cli/files/tar.h"

#include "cli/files/names.h"

#include <string.h>
#include <strings.h>

/* The number in octal digits, between blanks. -1: it is none. */
static long octal(const unsigned char *text, size_t n)
{
    size_t i = 0;
    long value = 0;
    while (i < n && text[i] == ' ')
        i++;
    if (i == n || text[i] < '0' || text[i] > '7')
        return -1;
    for (; i < n && text[i] >= '0' && text[i] <= '7'; i++)
        value = 8 * value + (text[i] - '0');
    return i == n || text[i] == ' ' || text[i] == '\0' ? value : -1;
}

bool tar_sniff(const unsigned char *head, size_t n)
{
    enum { SUM_AT = 148, SUM_BYTES = 8 };
    long sum = 0, sum_signed = 0;
    if (n < TAR_HEAD || head[0] == '\0')
        return false;
    for (size_t i = 0; i < TAR_HEAD; i++) {
        unsigned char byte = i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : head[i];
        sum += byte;
        sum_signed += (signed char)byte;
    }
    long told = octal(head + SUM_AT, SUM_BYTES);
    return told == sum || told == sum_signed;
}

bool tar_sniff_empty(const unsigned char *head, size_t n)
{
    static const unsigned char zeros[TAR_HEAD];
    return n >= TAR_HEAD && memcmp(head, zeros, TAR_HEAD) == 0;
}

bool tar_names(const char *path)
{
    return strcasecmp(path_dot(path), ".tar") == 0;
}
