/* Texts -> values. */
#include "cli/args/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool parse_number(const char *text, double *out)
{
    char *end;
    if (text[0] == '\0' || text[strspn(text, "0123456789+-.eE")] != '\0')
        return false;
    *out = strtod(text, &end);
    return *end == '\0' && isfinite(*out);
}

bool value_ratio(const char *text, double *out)
{
    char above[64];
    double below;
    const char *slash = strchr(text, '/');
    if (!slash)
        return parse_number(text, out);
    if ((size_t)(slash - text) >= sizeof above)
        return false;
    memcpy(above, text, (size_t)(slash - text));
    above[slash - text] = '\0';
    if (!parse_number(above, out) || !parse_number(slash + 1, &below) || below == 0)
        return false;
    *out /= below;
    return isfinite(*out);
}

bool value_integer(const char *text, uint64_t least, uint64_t most, uint64_t *out)
{
    char *end;
    if (!isdigit((unsigned char)text[0]))
        return false;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return *end == '\0' && errno == 0 && *out >= least && *out <= most;
}

/* A whole number and its K, M, G or T. The text behind it; NULL: it is none. */
static const char *parse_scaled(const char *text, uint64_t *out)
{
    static const char unit[] = "KMGT";
    char digits[32];
    size_t n = strspn(text, "0123456789");
    if (n == 0 || n >= sizeof digits)
        return NULL;
    memcpy(digits, text, n);
    digits[n] = '\0';
    if (!value_integer(digits, 0, UINT64_MAX, out))
        return NULL;
    text += n;
    const char *u = *text ? strchr(unit, toupper((unsigned char)*text)) : NULL;
    unsigned shift = u ? 10 * (unsigned)(u - unit + 1) : 0;
    if (*out > UINT64_MAX >> shift)
        return NULL;
    *out <<= shift;
    return text + (u ? 1 : 0);
}

bool value_count(const char *text, uint64_t *out)
{
    const char *rest = parse_scaled(text, out);
    return rest && *rest == '\0';
}

bool value_size(const char *text, uint64_t *out)
{
    const char *rest = parse_scaled(text, out);
    if (!rest)
        return false;
    bool scaled = !isdigit((unsigned char)rest[-1]);
    return *rest == '\0' || strcmp(rest, "B") == 0 || (scaled && strcmp(rest, "iB") == 0);
}

/* ---- words --------------------------------------------------------------------------------------------------------- */

/* Either may be NULL, which is no value. */
static bool is_word(const char *text, const char *word)
{
    return text && word ? strcmp(text, word) == 0 : text == word;
}

bool value_word(const char *text, const struct word *word, size_t n, int *out)
{
    for (size_t i = 0; i < n; i++)
        if (is_word(text, word[i].text)) {
            *out = word[i].value;
            return true;
        }
    return false;
}

/* ---- lists --------------------------------------------------------------------------------------------------------- */

static bool parse_item(const char *text, struct item *out)
{
    out->keep = strcmp(text, "keep") == 0;
    out->value = 0;
    return out->keep || value_ratio(text, &out->value);
}

bool value_list(const char *text, struct list *out, struct why *why)
{
    char *copy = strdup(text), *rest = copy;
    size_t n = 1;
    for (const char *t = text; *t; t++)
        n += *t == ',';
    free(out->item);
    out->item = calloc(n, sizeof *out->item);
    out->n = 0;
    bool ok = (copy && out->item) || why_memory(why);
    for (char *item; ok && (item = strsep(&rest, ",")); out->n++)
        ok = parse_item(item, &out->item[out->n]);
    free(copy);
    return ok;
}

bool value_given(const char *text, double least, struct list *out, struct why *why)
{
    bool ok = value_list(text, out, why);
    for (size_t i = 0; ok && i < out->n; i++)
        ok = !out->item[i].keep && out->item[i].value >= least;
    return ok;
}

/* ---- selectors ---------------------------------------------------------------------------------------------------- */

/* A lightness, from 0 to 1. */
static bool parse_lightness(const char *text, double *out)
{
    return value_ratio(text, out) && *out >= 0 && *out <= 1;
}

/* What a sample may be: NaN too. */
static bool parse_sample(const char *text, double *out)
{
    if (strcasecmp(text, "nan") != 0)
        return value_ratio(text, out);
    *out = NAN;
    return true;
}

static bool parse_selector(const char *text, struct selector *out)
{
    static const struct {
        const char *before;
        enum selector_kind kind;
        bool (*parse)(const char *text, double *out);
    } valued[] = {{"below:", SELECTOR_BELOW, parse_lightness},
                  {"above:", SELECTOR_ABOVE, parse_lightness},
                  {"not:", SELECTOR_NOT, parse_sample}};
    static const struct word words[] = {{"same", SELECTOR_SAME}, {"all", SELECTOR_ALL}};
    int kind = SELECTOR_PICTURE;

    *out = (struct selector){.text = text};
    for (size_t i = 0; i < sizeof valued / sizeof *valued; i++) {
        size_t n = strlen(valued[i].before);
        out->kind = valued[i].kind;
        if (strncmp(text, valued[i].before, n) == 0)
            return valued[i].parse(text + n, &out->value);
    }
    value_word(text, words, sizeof words / sizeof *words, &kind);
    out->kind = (enum selector_kind)kind;
    return text[0] != '\0';
}

bool value_selector(const char *text, struct selectors *into, struct why *why)
{
    struct selector one, *more;
    if (!parse_selector(text, &one))
        return false;
    more = realloc(into->item, (into->n + 1) * sizeof *more);
    if (!more)
        return why_memory(why);
    into->item = more;
    into->item[into->n++] = one;
    return true;
}
