/* A word that is no option -> the options that may have been meant. */
#include "cli/args/suggest.h"

#include "base/quote.h"
#include "base/text.h"
#include "cli/args/table.h"

#include <stdio.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 24 };

static unsigned least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

/*
 * The fewest edits that make a[0..n) the string b: a letter is added, dropped or changed, or two neighbours are swapped
 * (optimal string alignment). NAME_MAX_LENGTH if one of them is longer than that.
 */
static unsigned edits(const char *a, size_t n, const char *b)
{
    unsigned d[NAME_MAX_LENGTH + 1][NAME_MAX_LENGTH + 1]; /* [i][j]: from a[0..i) to b[0..j) */
    size_t m = strlen(b);
    if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH)
        return NAME_MAX_LENGTH;
    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            if (i == 0 || j == 0) {
                d[i][j] = (unsigned)(i + j);
                continue;
            }
            d[i][j] = d[i - 1][j - 1] + (a[i - 1] != b[j - 1]);
            d[i][j] = least(d[i][j], least(d[i - 1][j], d[i][j - 1]) + 1);
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                d[i][j] = least(d[i][j], d[i - 2][j - 2] + 1);
        }
    return d[n][m];
}

/* The option that is nearest to the name: at most two edits away, and fewer than half of its letters. NULL: none is. */
static const char *nearest_option(const char *name, size_t n)
{
    const char *nearest = NULL;
    unsigned fewest = n < 3 ? 1 : n < 5 ? 2 : 3;
    for (size_t i = 0; i < option_rows; i++) {
        const char *option = option_table[i].name;
        unsigned needed = option ? edits(name, n, option) : fewest;
        if (needed < fewest) {
            nearest = option;
            fewest = needed;
        }
    }
    return nearest;
}

/* to <- "--std, --stats or --style": the options that begin with the name. Returns their number. */
static size_t options_like(const char *name, size_t n, char *to, size_t size)
{
    const char *last = NULL;
    size_t found = 0;
    *to = '\0';
    for (size_t i = 0; i < option_rows; i++) {
        const char *option = option_table[i].name;
        if (!option || strncmp(option, name, n) != 0)
            continue;
        if (last)
            text_append(to, size, "%s--%s", found > 1 ? ", " : "", last);
        last = option;
        found++;
    }
    if (last)
        text_append(to, size, "%s--%s", found > 1 ? " or " : "", last);
    return found;
}

bool suggest_option(const char *word, struct why *why)
{
    const char *name = word + strspn(word, "-");
    size_t n = strcspn(name, "=");
    char plain[80], quoted[120], like[sizeof why->text];
    snprintf(plain, sizeof plain, "%.*s", (int)(n > 0 ? strcspn(word, "=") : strlen(word)), word);
    quote(quoted, sizeof quoted, plain);
    if (n > 0 && options_like(name, n, like, sizeof like) > 1)
        return why_set(why, "ambiguous option %s, could be %s", quoted, like);
    const char *nearest = nearest_option(name, n);
    if (nearest)
        return why_set(why, "unknown option %s, did you mean --%s?", quoted, nearest);
    return why_set(why, "unknown option %s: see --help=all", quoted);
}
