#include "cli/report/html/numbers.h"

#include "base/channel.h"
#include "cli/report/html/markup.h"

#include <math.h>
#include <string.h>

struct moments_numbers told_before(const struct result *r, unsigned c)
{
    return moments_in_units(&r->channel[c].moments, r->unit);
}

struct moments_numbers told_after(const struct result *r, unsigned c)
{
    return moments_in_units(&r->channel[c].after, 1);
}

/* All numbers of a picture have the same places, so that the columns before and after compare. */
struct told told_of(const struct result *r)
{
    double largest = 0;
    for (unsigned c = 0; c < r->colours; c++) {
        struct moments_numbers m = told_before(r, c);
        largest = fmax(largest, isfinite(m.mean) ? fabs(m.mean) : 0);
        largest = fmax(largest, isfinite(m.std) ? m.std : 0);
    }
    return (struct told){r, r->colours < CHANNELS_TOLD ? r->colours : CHANNELS_TOLD, number_places(largest)};
}

static void begin_line(struct growing *to, unsigned c)
{
    growing_put(to, c > 0 ? "\n" : "");
}

void told_number(struct growing *to, double value, int places)
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
        markup_string(to, channel_name(t->result->space, t->result->colours, c, name, sizeof name));
    }
    if (t->result->colours > t->channels)
        growing_format(to, "\n%u more", t->result->colours - t->channels);
}

static double mean_before(const struct result *r, unsigned c)
{
    return told_before(r, c).mean;
}

static double mean_after(const struct result *r, unsigned c)
{
    return told_after(r, c).mean;
}

static double std_before(const struct result *r, unsigned c)
{
    return told_before(r, c).std;
}

static double std_after(const struct result *r, unsigned c)
{
    return told_after(r, c).std;
}

static void put_range(struct growing *to, const struct told *t)
{
    for (unsigned c = 0; c < t->channels; c++) {
        struct moments_numbers m = told_before(t->result, c);
        begin_line(to, c);
        told_number(to, m.min, t->places);
        growing_put(to, " … ");
        told_number(to, m.max, t->places);
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
        char text[NUMBER_BYTES], name[CHANNEL_NAME_BYTES];
        uint64_t n = high ? r->channel[c].clip.high : r->channel[c].clip.low;
        begin_line(to, c);
        if (r->space->planes > 1) /* whose channels are not those of the output */
            growing_format(to, "%s ", channel_name(NULL, r->colours, c, name, sizeof name));
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

/* The columns behind the name and the size. Sorting compares the first number of a cell, or the largest. */
static const struct column {
    const char *heading, *sort;
    bool mapped;                                           /* there is no such number of what was only measured */
    double (*number)(const struct result *r, unsigned c);  /* of each channel; NULL: */
    void (*put)(struct growing *to, const struct told *t); /* the whole cell */
} columns[] = {
    {"Channel", NULL, false, NULL, put_names},
    {"Mean", "first", false, mean_before, NULL},
    {"Mean after", "first", true, mean_after, NULL},
    {"Deviation", "first", false, std_before, NULL},
    {"Deviation after", "first", true, std_after, NULL},
    {"Range", "first", false, NULL, put_range},
    {"Map", "first", true, NULL, put_map},
    {"Clipped at 0, %", "largest", true, NULL, put_clipped_low},
    {"Clipped at 1, %", "largest", true, NULL, put_clipped_high},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

void numbers_put_headings(struct growing *to, bool mapped)
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

static void put_cell(struct growing *to, const struct told *t, const struct column *column)
{
    growing_put(to, "<td>");
    for (unsigned c = 0; column->number && c < t->channels; c++) {
        begin_line(to, c);
        told_number(to, column->number(t->result, c), t->places);
    }
    if (column->put)
        column->put(to, t);
    growing_put(to, "</td>");
}

static void put_columns(struct growing *to, const struct told *t, bool mapped)
{
    for (int i = 0; i < COLUMNS; i++)
        if (mapped || !columns[i].mapped)
            put_cell(to, t, &columns[i]);
}

void numbers_put_cells(struct growing *to, const struct result *r, bool mapped)
{
    const struct told told = told_of(r);
    if (r->status == RESULT_STATISTICS)
        growing_format(to, "<td>%llu picture%s</td>", (unsigned long long)r->pictures, r->pictures == 1 ? "" : "s");
    else
        growing_format(to, "<td>%zu × %zu</td>", r->width, r->height);
    put_columns(to, &told, mapped);
}

void numbers_put_totals(struct growing *to, const struct statistics *was, const struct statistics *is,
                        const struct instnorm_space *space, bool mapped)
{
    struct why why = {0};
    struct result all = {0};
    if (!result_of_statistics(was, space, &all, &why))
        to->lacks = true;
    for (unsigned c = 0; is && !to->lacks && c < is->colours; c++)
        all.channel[c].after = is->channel[c];
    if (!to->lacks)
        numbers_put_cells(to, &all, mapped);
    result_free(&all);
}
