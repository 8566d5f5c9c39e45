#include "cli/report/html/markup.h"

#include "base/quote.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* What the character stands for in HTML; NULL: itself. */
static const char *entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

/* U+FDD0 to U+FDEF, and the last two of each plane: HTML has none of them. */
static bool is_noncharacter(const unsigned char *u, size_t n)
{
    if (n == 3 && u[0] == 0xef && u[1] == 0xb7)
        return u[2] >= 0x90 && u[2] <= 0xaf;
    bool last = n > 2 && u[n - 1] >= 0xbe && u[n - 2] == 0xbf;
    return last && (n == 4 ? (u[1] & 0x0f) == 0x0f : u[0] == 0xef);
}

void markup_string(struct growing *to, const char *string)
{
    markup_text(to, string, strlen(string));
}

void markup_text(struct growing *to, const char *text, size_t size)
{
    const char *end = text + size;
    for (size_t n; text < end; text += n) {
        n = quote_printable(text);
        if (n == 0 || is_noncharacter((const unsigned char *)text, n)) {
            n = 1;
            growing_format(to, *text == '\n' ? "\\n" : "\\%03o", (unsigned)(unsigned char)*text);
        } else if (n == 1 && entity(*text)) {
            growing_put(to, entity(*text));
        } else {
            growing_add(to, text, n);
        }
    }
}

int number_places(double magnitude)
{
    return magnitude < 10 ? 4 : magnitude < 1000 ? 2 : magnitude < 1e5 ? 1 : magnitude < 1e9 ? 0 : -1;
}

const char *number_text(char text[NUMBER_BYTES], double value, int places)
{
    if (!isfinite(value)) {
        snprintf(text, NUMBER_BYTES, "–");
        return text;
    }
    char digits[NUMBER_BYTES - 4];
    if (places < 0 || fabs(value) >= 1e12)
        snprintf(digits, sizeof digits, "%.4e", fabs(value));
    else
        snprintf(digits, sizeof digits, "%.*f", places, fabs(value));
    bool zero = strspn(digits, "0.") == strlen(digits);
    snprintf(text, NUMBER_BYTES, "%s%s", value < 0 && !zero ? "−" : "", digits);
    return text;
}

const char *percent_text(char text[NUMBER_BYTES], double share)
{
    double percent = 100 * share;
    if (!(percent > 0))
        snprintf(text, NUMBER_BYTES, "0");
    else if (percent < 0.01)
        snprintf(text, NUMBER_BYTES, "&lt;0.01");
    else
        snprintf(text, NUMBER_BYTES, "%.2f", percent);
    return text;
}
