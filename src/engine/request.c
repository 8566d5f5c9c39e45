#include "engine/request.h"

struct request request_default(void)
{
    return (struct request){.space = instnorm_space_at(0), .groups = 1, .strength = 1, .eps = -1, .fail_on_clip = -1};
}

const struct selector *selectors_find(const struct selectors *s, enum selector_kind kind)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->item[i].kind == kind)
            return &s->item[i];
    return NULL;
}

bool selector_is_threshold(const struct selector *s)
{
    return s->kind == SELECTOR_BELOW || s->kind == SELECTOR_ABOVE || s->kind == SELECTOR_NOT;
}

bool request_counts_transparent(const struct request *r)
{
    return selectors_find(&r->mask, SELECTOR_ALL) != NULL;
}

const struct item *request_item(const struct request *r, const struct list *list, unsigned c)
{
    if (list->n == 0 || (list->n == 1 && c > 0 && r->space->planes == 3))
        return NULL;
    return &list->item[list->n == 1 ? 0 : c];
}

struct quantiles_asked request_quantiles(const struct request *r)
{
    static const double median[] = {0.5};
    switch (r->by) {
    case MEASURED_MEDIAN:
        return (struct quantiles_asked){1, median};
    case MEASURED_QUANTILES:
        return (struct quantiles_asked){2, r->range};
    default:
        return (struct quantiles_asked){r->quantiles.n, r->quantiles.at};
    }
}

unsigned request_groups(const struct request *r, unsigned colours)
{
    return r->norm == INSTNORM_LAYER ? 1 : r->norm == INSTNORM_GROUP ? r->groups : colours;
}

/* Values of 8 or 16 bits, where samples count from 0 to 1. */
static bool check_range(const char *option, const struct list *list, struct why *why)
{
    for (size_t i = 0; i < list->n; i++) {
        double value = list->item[i].value;
        if (value >= 2)
            return why_set(why, "--%s %g: expected less than 2, because samples count from 0 to 1: did you mean %g/%d?",
                           option, value, value, value > 255 ? 65535 : 255);
    }
    return true;
}

bool request_suits_integers(const struct request *r, struct why *why)
{
    /* Beside --mean and --std they are no more than a factor and a shift. */
    bool free = r->space->planes > 1 || r->mean.n > 0;
    return free || (check_range("gamma", &r->gamma, why) && check_range("beta", &r->beta, why));
}

bool request_suits_pictures(const struct request *r, struct why *why)
{
    for (size_t i = 0; i < r->gamma.n; i++)
        if (r->gamma.item[i].value < 0)
            return why_set(why, "--gamma %g: expected a standard deviation, which is not negative", r->gamma.item[i].value);
    return r->mean.n == 0 || r->gamma.n > 0 || r->beta.n > 0 || r->style ||
           why_set(why, "--mean and --std say what the input has: add --gamma, --beta or --style to say what to give");
}
