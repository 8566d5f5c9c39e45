/* --verbose: the formula of each channel, with its numbers. */
#include "base/channel.h"
#include "base/text.h"
#include "cli/msg.h"
#include "cli/report/reporter.h"
#include "cli/report/result_name.h"

#include <math.h>

static const char *asked(const struct reporting *how)
{
    return how->verbose ? "-" : NULL;
}

/* Appends "clipped 0.2 % low, 1.1 % high, range -0.03 to 1.12". */
static void say_clipping(const struct result *r, unsigned c, char *to, size_t size)
{
    const struct instnorm_clip *clip = &r->channel[c].clip;
    double percent = r->pixels ? 100 / (double)r->pixels : 0;
    text_append(to, size, "clipped %.3g %% low, %.3g %% high", percent * (double)clip->low, percent * (double)clip->high);
    if (clip->min <= clip->max)
        text_append(to, size, ", range %.4g to %.4g", clip->min / r->most, clip->max / r->most);
}

static char sign(double value)
{
    return value < 0 ? '-' : '+';
}

/* R: (x - 0.412) / sqrt(0.0531 + 1e-05) * 0.25 + 0.5 = 1.085 x + 0.053, clipped 0.2 % low, 1.1 % high, range ... */
static void tell_formula(const struct result *r, unsigned c, const char *input)
{
    const struct instnorm_target *t = &r->channel[c].target;
    struct moments_numbers used = moments_in_units(&r->channel[c].used, r->unit);
    char name[CHANNEL_NAME_BYTES], text[400] = "";
    text_append(text, sizeof text, "(x %c %.4g) / sqrt(%.4g + %.4g) * %.4g %c %.4g", sign(-used.mean), fabs(used.mean),
                used.variance, t->eps, t->gamma, sign(t->beta), fabs(t->beta));
    if (t->strength != 1)
        text_append(text, sizeof text, " at strength %.4g", t->strength);
    map_say(&r->map, c, text, sizeof text);
    if (r->integer && r->space->planes == 1) {
        text_append(text, sizeof text, ", ");
        say_clipping(r, c, text, sizeof text);
    }
    msg_verbose(input, "%s: %s", channel_name(r->space, r->colours, c, name, sizeof name), text);
}

/* Of a space whose channels are not those of the output. */
static void tell_clipping(const struct result *r, const char *input)
{
    for (unsigned c = 0; c < r->colours; c++) {
        char name[CHANNEL_NAME_BYTES], text[128] = "";
        say_clipping(r, c, text, sizeof text);
        msg_verbose(input, "%s: %s", channel_name(NULL, r->colours, c, name, sizeof name), text);
    }
}

static bool add(void *state, const struct result *r, const struct job *job, struct why *why)
{
    bool touched = false;
    char whole[RESULT_NAME_BYTES];
    const char *name = result_name(r, job, whole);
    (void)state, (void)why;
    if (r->status != RESULT_MAPPED)
        return true;
    for (unsigned c = 0; c < r->colours; c++)
        if (r->channel[c].touched) {
            touched = true;
            tell_formula(r, c, name);
        }
    if (touched && r->integer && r->space->planes == 3)
        tell_clipping(r, name);
    return true;
}

const struct reporter formula_reporter = {.option = "--verbose", .needs = {.clipping = true}, .asked = asked, .add = add};
