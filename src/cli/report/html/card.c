#include "cli/report/html/card.h"

#include "base/channel.h"
#include "cli/report/html/histogram.h"
#include "cli/report/html/markup.h"
#include "cli/report/html/numbers.h"
#include "cli/report/html/thumbnail.h"

#include <math.h>

/* The class of a channel's colour. */
static const char *hue_of(const struct result *r, unsigned c)
{
    static const char *const rgb[] = {"r", "g", "b"}, *const lab[] = {"k", "u", "v"};
    if (r->colours != 3)
        return "k";
    return r->space->planes == 3 ? lab[c] : rgb[c];
}

/* Pictures up to this size are shown as squares, not smoothed. */
enum { TINY = 64 };

static void put_thumbnail(struct growing *to, const struct thumbnail *t, const char *class, const char *alt)
{
    bool tiny = t->width <= TINY && t->height <= TINY;
    growing_format(to, "<img class=\"%s%s\" alt=\"%s\" width=\"%zu\" height=\"%zu\" decoding=\"async\" src=\"", class,
                   tiny ? " tiny" : "", alt, t->width, t->height);
    growing_put(to, t->address);
    growing_put(to, "\">");
}

/* Both pictures, and what moves the divider between them. */
static bool put_pair(struct growing *to, const struct result *r, struct why *why)
{
    struct thumbnail was, is = {0};
    bool ok = thumbnail_make(&was, &r->before.preview[VIEW_SMALL], why) &&
              thumbnail_make(&is, &r->after.preview[VIEW_SMALL], why);
    if (ok && was.address) {
        growing_put(to, is.address ? "<div class=\"pair\">" : "<div class=\"one\">");
        put_thumbnail(to, &was, "was", is.address ? "Before" : "The picture");
        if (is.address) {
            put_thumbnail(to, &is, "is", "After");
            growing_put(to, "<input type=\"range\" aria-label=\"Divider between before and after, in percent\">");
        }
        growing_put(to, "</div>");
    }
    thumbnail_free(&was);
    thumbnail_free(&is);
    return ok;
}

static bool is_whole(const struct preview *p)
{
    return !p->rgb || (p->black == 0 && p->white == 1);
}

static void put_from_to(struct growing *to, const struct preview *p)
{
    int places = number_places(fmax(fabs(p->black), fabs(p->white)));
    growing_put(to, "from ");
    told_number(to, p->black, places);
    growing_put(to, " to ");
    told_number(to, p->white, places);
}

/* Which samples are black and white in the thumbnails, if that is not said by itself. */
static void put_shown(struct growing *to, const struct preview *was, const struct preview *is)
{
    if (is_whole(was) && (!is || is_whole(is)))
        return;
    growing_put(to, "<p>Shown ");
    put_from_to(to, was);
    if (is) {
        growing_put(to, ", after ");
        put_from_to(to, is);
    }
    growing_put(to, "</p>");
}

/* "0.412 ± 0.209" */
static void put_spread(struct growing *to, const struct moments_numbers *m, int places)
{
    places = places > 3 ? 3 : places; /* the table has them all */
    told_number(to, m->mean, places);
    growing_put(to, " ± ");
    told_number(to, m->std, places);
}

static void put_histogram(struct growing *to, const struct told *t, unsigned c)
{
    const struct result *r = t->result;
    char name[CHANNEL_NAME_BYTES];
    struct moments_numbers was = told_before(r, c), is = told_after(r, c);
    bool both = c < r->after.channels;
    channel_name(r->space, r->colours, c, name, sizeof name);
    growing_put(to, "<li>");
    histogram_put(to, name, hue_of(r, c), &r->before.channel[c], both ? &r->after.channel[c] : NULL);
    growing_put(to, "<p><b>");
    markup_string(to, name);
    growing_put(to, "</b> ");
    put_spread(to, &was, t->places);
    if (both) {
        growing_put(to, " <i>→</i> ");
        put_spread(to, &is, t->places);
    }
    growing_put(to, "</p></li>");
}

static void put_histograms(struct growing *to, const struct result *r)
{
    const struct told told = told_of(r);
    unsigned n = r->before.channels;
    if (n == 0)
        return;
    growing_put(to, "<ul>");
    for (unsigned c = 0; c < n; c++)
        put_histogram(to, &told, c);
    if (r->colours > n)
        growing_format(to, "<li><p>%u more channels</p></li>", r->colours - n);
    growing_put(to, "</ul>");
}

bool card_put(struct growing *to, const struct result *r, struct why *why)
{
    char layout[CHANNEL_NAME_BYTES], clipped[NUMBER_BYTES];
    if (!put_pair(to, r, why))
        return false;
    growing_format(to, "<p>%zu × %zu, ", r->width, r->height);
    markup_string(to, result_layout(r, layout));
    growing_format(to, ", %u bit, ", r->depth);
    markup_string(to, r->format);
    if (result_clipped(r) > 0)
        growing_format(to, "<span>clips %s&nbsp;%%</span>", percent_text(clipped, result_clipped(r)));
    growing_put(to, "</p>");
    put_shown(to, &r->before.preview[VIEW_SMALL], r->after.preview[VIEW_SMALL].rgb ? &r->after.preview[VIEW_SMALL] : NULL);
    if (r->nothing.text[0]) {
        growing_put(to, "<p class=\"note\">");
        markup_string(to, r->nothing.text);
        growing_put(to, "</p>");
    }
    put_histograms(to, r);
    return true;
}
