#include "cli/report/html/picture.h"

#include "base/channel.h"
#include "cli/report/html/histogram.h"
#include "cli/report/html/markup.h"
#include "cli/report/html/thumbnail.h"

#include <math.h>
#include <string.h>

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

/* The channels of a picture as they are told: the numbers of one are a line of each cell. */
struct told {
    const struct result *result;
    unsigned channels;
    int places;
};

static unsigned smaller(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

static struct moments_numbers before(const struct result *r, unsigned c)
{
    return moments_in_units(&r->channel[c].moments, r->unit);
}

/* Not a number where nobody looked at the output. */
static struct moments_numbers after(const struct result *r, unsigned c)
{
    struct moments_numbers none = {NAN, NAN, NAN, NAN, NAN};
    return c < r->after.channels ? moments_in_units(&r->after.channel[c].moments, 1) : none;
}

/* All numbers of a picture have as many places as the largest needs. */
static struct told told_of(const struct result *r)
{
    double largest = 0;
    for (unsigned c = 0; c < r->colours; c++) {
        struct moments_numbers m = before(r, c);
        largest = fmax(largest, isfinite(m.mean) ? fabs(m.mean) : 0);
        largest = fmax(largest, isfinite(m.std) ? m.std : 0);
    }
    return (struct told){r, smaller(r->colours, CHANNELS_TOLD), number_places(largest)};
}

static void begin_line(struct growing *to, unsigned c)
{
    growing_put(to, c > 0 ? "\n" : "");
}

static void put_number(struct growing *to, double value, int places)
{
    char text[NUMBER_BYTES];
    growing_put(to, number_text(text, value, places));
}

/* ---- cells --------------------------------------------------------------------------------------------------------- */

static void put_names(struct growing *to, const struct told *t)
{
    char name[CHANNEL_NAME_BYTES];
    for (unsigned c = 0; c < t->channels; c++) {
        begin_line(to, c);
        markup_text(to, channel_name(t->result->space, t->result->colours, c, name, sizeof name));
    }
    if (t->result->colours > t->channels)
        growing_format(to, "\n%u more", t->result->colours - t->channels);
}

static void put_mean(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        begin_line(to, c);
        put_number(to, before(t->result, c).mean, t->places);
    }
}

static void put_mean_after(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        begin_line(to, c);
        put_number(to, after(t->result, c).mean, t->places);
    }
}

static void put_std(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        begin_line(to, c);
        put_number(to, before(t->result, c).std, t->places);
    }
}

static void put_std_after(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        begin_line(to, c);
        put_number(to, after(t->result, c).std, t->places);
    }
}

static void put_range(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        struct moments_numbers m = before(t->result, c);
        begin_line(to, c);
        put_number(to, m.min, t->places);
        growing_put(to, " … ");
        put_number(to, m.max, t->places);
    }
}

/* "1.085 x + 0.053", without the sign that it has in a formula. */
static void put_map(struct growing *to, const struct told *t)
{
    const struct result *r = t->result;
    for (unsigned c = 0; r->status == RESULT_MAPPED && c < t->channels; c++) {
        char text[80] = "";
        begin_line(to, c);
        map_say(&r->map, c, text, sizeof text);
        if (r->channel[c].touched)
            growing_put(to, text + strspn(text, " ="));
        else
            growing_put(to, "unchanged");
    }
}

static void put_clipped(struct growing *to, const struct told *t, bool high)
{
    const struct result *r = t->result;
    for (unsigned c = 0; r->status == RESULT_MAPPED && r->integer && r->pixels > 0 && c < t->channels; c++) {
        char text[NUMBER_BYTES];
        uint64_t n = high ? r->channel[c].clip.high : r->channel[c].clip.low;
        begin_line(to, c);
        growing_put(to, percent_text(text, (double)n / (double)r->pixels));
    }
}

static void put_clipped_low(struct growing *to, const struct told *t)
{
    put_clipped(to, t, false);
}

static void put_clipped_high(struct growing *to, const struct told *t)
{
    put_clipped(to, t, true);
}

/* The columns of numbers. Sorting compares the largest number of a cell, or the first. */
static const struct column {
    const char *heading, *sort;
    bool mapped; /* there is no such number of what was only measured */
    void (*put)(struct growing *to, const struct told *t);
} columns[] = {
    {"Channel", NULL, false, put_names},
    {"Mean", "first", false, put_mean},
    {"Mean after", "first", true, put_mean_after},
    {"Deviation", "first", false, put_std},
    {"Deviation after", "first", true, put_std_after},
    {"Range", "first", false, put_range},
    {"Map", "first", true, put_map},
    {"Clipped at 0, %", "largest", true, put_clipped_low},
    {"Clipped at 1, %", "largest", true, put_clipped_high},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

void picture_put_headings(struct growing *to, bool mapped)
{
    growing_put(to, "<th scope=\"col\" data-sort=\"text\">Picture</th><th scope=\"col\" data-sort=\"first\">Size</th>");
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].mapped && !mapped)
            continue;
        growing_put(to, "<th scope=\"col\"");
        if (columns[i].sort)
            growing_format(to, " data-sort=\"%s\"", columns[i].sort);
        growing_format(to, ">%s</th>", columns[i].heading);
    }
}

static void put_columns(struct growing *to, const struct told *t, bool mapped)
{
    for (int i = 0; i < COLUMNS; i++) {
        if (columns[i].mapped && !mapped)
            continue;
        growing_put(to, "<td>");
        columns[i].put(to, t);
        growing_put(to, "</td>");
    }
}

void picture_put_cells(struct growing *to, const struct result *r, bool mapped)
{
    const struct told told = told_of(r);
    if (r->status == RESULT_STATISTICS)
        growing_format(to, "<td>%llu picture%s</td>", (unsigned long long)r->pictures, r->pictures == 1 ? "" : "s");
    else
        growing_format(to, "<td>%zu × %zu</td>", r->width, r->height);
    put_columns(to, &told, mapped);
}

void picture_put_totals(struct growing *to, const struct statistics *was, const struct statistics *is,
                        const struct instnorm_space *space, bool mapped)
{
    struct why why = {0};
    struct result all = {0};
    if (!result_of_statistics(was, space, &all, &why) || (is && !view_reserve(&all.after, is->colours, &why)))
        to->lacks = true;
    for (unsigned c = 0; c < all.after.channels; c++)
        all.after.channel[c].moments = is->channel[c];
    if (!to->lacks)
        picture_put_cells(to, &all, mapped);
    result_free(&all);
}

double picture_clipped(const struct result *r)
{
    uint64_t most = 0;
    for (unsigned c = 0; r->status == RESULT_MAPPED && r->integer && c < r->colours; c++) {
        uint64_t n = r->channel[c].clip.low + r->channel[c].clip.high;
        most = n > most ? n : most;
    }
    return r->pixels ? (double)most / (double)r->pixels : 0;
}

/* ---- the card ------------------------------------------------------------------------------------------------------ */

/* The class of a channel's colour. */
static const char *hue_of(const struct result *r, unsigned c)
{
    static const char *const rgb[] = {"r", "g", "b"}, *const lab[] = {"k", "u", "v"};
    if (r->colours != 3)
        return "k";
    return r->space->planes == 3 ? lab[c] : rgb[c];
}

static void put_thumbnail(struct growing *to, const struct thumbnail *t, const char *class, const char *alt)
{
    growing_format(to, "<img class=\"%s\" alt=\"%s\" width=\"%zu\" height=\"%zu\" decoding=\"async\" src=\"", class, alt,
                   t->width, t->height);
    growing_put(to, t->address);
    growing_put(to, "\">");
}

/* Both pictures, and what moves the divider between them. */
static bool put_pair(struct growing *to, const struct result *r, struct why *why)
{
    struct thumbnail was, is = {0};
    bool ok = thumbnail_make(&was, &r->before.preview, why) && thumbnail_make(&is, &r->after.preview, why);
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

/* "0.4123 ± 0.2087" */
static void put_spread(struct growing *to, const struct moments_numbers *m, int places)
{
    put_number(to, m->mean, places);
    growing_put(to, " ± ");
    put_number(to, m->std, places);
}

static void put_histogram(struct growing *to, const struct told *t, unsigned c)
{
    const struct result *r = t->result;
    char name[CHANNEL_NAME_BYTES];
    struct moments_numbers was = before(r, c), is = after(r, c);
    bool both = c < r->after.channels;
    channel_name(r->space, r->colours, c, name, sizeof name);
    growing_put(to, "<li>");
    histogram_put(to, name, hue_of(r, c), &r->before.channel[c], both ? &r->after.channel[c] : NULL);
    growing_put(to, "<p><b>");
    markup_text(to, name);
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
    unsigned n = smaller(smaller(r->before.channels, r->colours), CHANNELS_DRAWN);
    if (n == 0)
        return;
    growing_put(to, "<ul>");
    for (unsigned c = 0; c < n; c++)
        put_histogram(to, &told, c);
    if (r->colours > n)
        growing_format(to, "<li><p>%u more channels</p></li>", r->colours - n);
    growing_put(to, "</ul>");
}

bool picture_put_card(struct growing *to, const struct result *r, struct why *why)
{
    char layout[CHANNEL_NAME_BYTES], clipped[NUMBER_BYTES];
    if (!put_pair(to, r, why))
        return false;
    growing_format(to, "<p>%zu × %zu, ", r->width, r->height);
    markup_text(to, result_layout(r, layout));
    growing_format(to, ", %u bit, ", r->depth);
    markup_text(to, r->format);
    if (picture_clipped(r) > 0)
        growing_format(to, ", clips %s %%", percent_text(clipped, picture_clipped(r)));
    growing_put(to, "</p>");
    if (r->nothing.text[0]) {
        growing_put(to, "<p class=\"note\">");
        markup_text(to, r->nothing.text);
        growing_put(to, "</p>");
    }
    put_histograms(to, r);
    return true;
}
