#include "web/asked.h"

#include "base/text.h"

#include <limits.h>
#include <math.h>

static struct list read_list(const double *n, struct item item[3])
{
    struct list list = {n[0] > 3 ? 3 : (size_t)n[0], item};
    for (size_t i = 0; i < list.n; i++)
        item[i] = (struct item){isnan(n[i + 1]), n[i + 1]};
    return list;
}

/* `text` is an array of 32 bytes. */
static void add_threshold(struct selectors *to, enum selector_kind kind, const char *word, double value, char *text)
{
    if (isnan(value))
        return;
    text[0] = '\0';
    text_append(text, 32, "%s:%.6g", word, value);
    to->item[to->n++] = (struct selector){kind, text, value};
}

static struct selectors read_mask(struct asked *a, const double *ask)
{
    struct selectors mask = {0, a->mask};
    if (a->mask_place >= 0)
        mask.item[mask.n++] = (struct selector){SELECTOR_PICTURE, "the mask", 0};
    add_threshold(&mask, SELECTOR_BELOW, "below", ask[ASK_BELOW], a->below);
    add_threshold(&mask, SELECTOR_ABOVE, "above", ask[ASK_ABOVE], a->above);
    return mask;
}

/* A number that is none is not asked for. */
static bool is_lightness(double value)
{
    return isnan(value) || (value >= 0 && value <= 1);
}

/* What the tool takes for no value of an option, in its words. */
static bool check_numbers(const double *ask, struct why *why)
{
    double groups = ask[ASK_GROUPS], below = ask[ASK_BELOW], above = ask[ASK_ABOVE];
    if (!(groups >= 1 && groups <= UINT_MAX && groups == floor(groups)))
        return why_set(why, "--norm 'group:%g': expected instance, layer, group:G or batch", groups);
    if (!(ask[ASK_STRENGTH] >= 0 && ask[ASK_STRENGTH] <= 1))
        return why_set(why, "--strength '%g': expected a number from 0 to 1", ask[ASK_STRENGTH]);
    if (ask[ASK_EPS] < 0)
        return why_set(why, "--eps '%g': expected a number that is not negative", ask[ASK_EPS]);
    return (is_lightness(below) && is_lightness(above)) ||
           why_set(why, "--mask '%s:%g': expected a lightness from 0 to 1", is_lightness(below) ? "above" : "below",
                   is_lightness(below) ? above : below);
}

/* As the tool: a space without a customary target must be told one. */
static bool check_target(const struct request *r, struct why *why)
{
    return !isnan(r->space->gamma[0]) || r->style || (r->gamma.n > 0 && r->beta.n > 0) ||
           why_set(why, "--space %s needs --style, or --gamma and --beta: it has no defaults", r->space->name);
}

bool asked_read(struct asked *a, const double *ask, struct why *why)
{
    struct request *r = &a->request;
    *a = (struct asked){.request = request_default(), .style = (int)ask[ASK_STYLE], .mask_place = (int)ask[ASK_MASK]};
    if (!check_numbers(ask, why))
        return false;
    r->space = instnorm_space_at((size_t)ask[ASK_SPACE]);
    if (!r->space)
        return why_set(why, "there is no such space");
    r->norm = (enum instnorm_kind)ask[ASK_NORM];
    r->groups = (unsigned)ask[ASK_GROUPS];
    r->rgb = ask[ASK_RGB] != 0;
    r->mask = read_mask(a, ask);
    if (ask[ASK_APPLY] != 0 && r->mask.n > 0)
        r->apply_mask = (struct selectors){1, &a->same};
    a->same = (struct selector){SELECTOR_SAME, "same", 0};
    r->style = a->style >= 0;
    r->strength = ask[ASK_STRENGTH];
    r->eps = isnan(ask[ASK_EPS]) ? -1 : ask[ASK_EPS];
    r->gamma = read_list(ask + ASK_GAMMAS, a->gamma);
    r->beta = read_list(ask + ASK_BETAS, a->beta);
    r->depth = ask[ASK_DEPTH] == 8    ? SAMPLE_U8
               : ask[ASK_DEPTH] == 16 ? SAMPLE_U16
               : ask[ASK_DEPTH] == 32 ? SAMPLE_F32
                                      : SAMPLE_NONE;
    r->count_clipped = true;
    r->pooled = r->norm == INSTNORM_BATCH;
    r->view.histograms = ask[ASK_HISTOGRAMS] != 0;
    if (r->space->planes == 3 && (r->norm == INSTNORM_LAYER || r->norm == INSTNORM_GROUP))
        return why_set(why, "--norm layer and group cannot be combined with --space %s", r->space->name);
    return check_target(r, why);
}
