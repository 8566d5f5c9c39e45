/* What tells that a file is an archive. */
#include "cli/files/tar.h"

#include "cli/files/names.h"

#include <string.h>
#include <strings.h>

enum { SUM_AT = 148, SUM_BYTES = 8, SUM_DIGITS = 6 };

/* Digits, the first ones perhaps blanks, and a zero or a blank. -1: it is not how a header tells its sum. */
static long told_sum(const unsigned char *text)
{
    long value = 0;
    size_t i = 0;
    while (i < SUM_DIGITS - 1 && text[i] == ' ')
        i++;
    for (; i < SUM_DIGITS; i++) {
        if (text[i] < '0' || text[i] > '7')
            return -1;
        value = 8 * value + (text[i] - '0');
    }
    return text[i] == '\0' || text[i] == ' ' ? value : -1;
}

/* A header has the sum of its bytes. Old writers took them for signed numbers. */
bool tar_sniff(const unsigned char *head, size_t n)
{
    long sum = 0, sum_signed = 0, told = n < TAR_HEAD || head[0] == '\0' ? -1 : told_sum(head + SUM_AT);
    for (size_t i = 0; told >= 0 && i < TAR_HEAD; i++) {
        unsigned char byte = i >= SUM_AT && i < SUM_AT + SUM_BYTES ? ' ' : head[i];
        sum += byte;
        sum_signed += (signed char)byte;
    }
    return told >= 0 && (told == sum || told == sum_signed);
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
