#include "cli/args/parse.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

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

static bool parse_item(const char *text, struct item *out)
{
    out->keep = strcmp(text, "keep") == 0;
    out->value = 0;
    return out->keep || value_ratio(text, &out->value);
}

bool value_list(const char *text, struct list *out)
{
    char *copy = strdup(text), *rest = copy;
    size_t n = 1;
    for (const char *t = text; *t; t++)
        n += *t == ',';
    free(out->item);
    out->item = calloc(n, sizeof *out->item);
    out->n = 0;
    bool ok = copy && out->item;
    for (char *item; ok && (item = strsep(&rest, ",")); out->n++)
        ok = parse_item(item, &out->item[out->n]);
    free(copy);
    return ok;
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
    return rest &&
           (*rest == '\0' || strcmp(rest, "B") == 0 || (!isdigit((unsigned char)rest[-1]) && strcmp(rest, "iB") == 0));
}

bool value_given(const char *value, double least, struct list *out)
{
    bool ok = value_list(value, out);
    for (size_t i = 0; ok && i < out->n; i++)
        ok = !out->item[i].keep && out->item[i].value >= least;
    return ok;
}

/* ---- selectors ---------------------------------------------------------------------------------------------------- */

static bool parse_selector(const char *text, struct selector *out)
{
    static const struct {
        const char *word;
        enum selector_kind kind;
    } words[] = {{"below:", SELECTOR_BELOW}, {"above:", SELECTOR_ABOVE}, {"not:", SELECTOR_NOT}};

    *out = (struct selector){.text = text, .kind = SELECTOR_PICTURE};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t n = strlen(words[i].word);
        if (strncmp(text, words[i].word, n) != 0)
            continue;
        out->kind = words[i].kind;
        if (out->kind == SELECTOR_NOT && strcasecmp(text + n, "nan") == 0) {
            out->value = NAN;
            return true;
        }
        return value_ratio(text + n, &out->value) && (out->kind == SELECTOR_NOT || (out->value >= 0 && out->value <= 1));
    }
    if (strcmp(text, "same") == 0)
        out->kind = SELECTOR_SAME;
    else if (strcmp(text, "all") == 0)
        out->kind = SELECTOR_ALL;
    return text[0] != '\0';
}

bool value_selector(const char *text, struct selectors *into)
{
    struct selector *more = realloc(into->item, (into->n + 1) * sizeof *more);
    if (!more)
        return false;
    into->item = more;
    return parse_selector(text, &into->item[into->n]) && ++into->n > 0;
}
