#include "cli/report/html/page.h"

#include "cli/files/names.h"
#include "cli/report/html/markup.h"
#include "cli/report/html/numbers.h"
#include "instnorm.h"

#include <string.h>

/* The files beside this one, as the Makefile has made bytes of them. */
static const char style[] = {
#include "cli/report/html/page_css.h"
    '\0'};
static const char script[] = {
#include "cli/report/html/page_js.h"
    '\0'};

static const char doctype[] = "<!DOCTYPE html>\n", generator[] = "<meta name=\"generator\" content=\"instnorm-cli ";

bool page_begins(const unsigned char *head, size_t n)
{
    size_t begin = sizeof doctype - 1;
    return n > begin && memcmp(head, doctype, begin) == 0 && memmem(head, n, generator, sizeof generator - 1);
}

static const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}

/* ---- the top ------------------------------------------------------------------------------------------------------- */

/* Nothing is fetched, whatever a name contains. */
static void put_head(struct growing *to, const struct page *p)
{
    growing_put(to, doctype);
    growing_put(to, "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    growing_format(to, "%s%s\">\n", generator, instnorm_version());
    growing_put(to, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; "
                    "style-src 'unsafe-inline'; script-src 'unsafe-inline'\">\n"
                    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
    growing_format(to, "<title>%zu picture%s: instnorm report</title>\n<style>\n", p->pictures, plural(p->pictures));
    growing_put(to, style);
    growing_put(to, "</style>\n</head>\n<body>\n");
}

static void put_count(struct growing *to, size_t n, const char *what, const char *class)
{
    growing_format(to, "<div%s><dt>%s</dt><dd>%zu</dd></div>", n > 0 ? class : "", what, n);
}

static void put_header(struct growing *to, const struct page *p)
{
    char text[NUMBER_BYTES];
    double clipped = 0;
    size_t clips = 0;
    for (size_t i = 0; i < p->entries.n; i++) {
        clips += p->entries.item[i].clipped > 0.01;
        clipped = p->entries.item[i].clipped > clipped ? p->entries.item[i].clipped : clipped;
    }
    growing_format(to, "<header>\n<h1>instnorm report</h1>\n<pre><code>");
    markup_string(to, p->command);
    growing_put(to, "</code></pre>\n<dl class=\"totals\">");
    put_count(to, p->pictures, "pictures", "");
    put_count(to, p->failed, "inputs failed", " class=\"bad\"");
    if (p->skipped > 0)
        put_count(to, p->skipped, "inputs skipped", "");
    if (p->mapped) {
        put_count(to, clips, "clip more than 1 %", "");
        growing_format(to, "<div><dt>most that clips</dt><dd>%s&nbsp;%%</dd></div>", percent_text(text, clipped));
    }
    growing_format(to, "<div><dt>space</dt><dd>%s</dd></div></dl>\n", p->space->name);
    if (p->folder > 0) {
        growing_put(to, "<p class=\"note\">The inputs are in <bdi>");
        markup_text(to, p->entries.item[0].job->input, p->folder);
        growing_put(to, "</bdi></p>\n");
    }
    growing_put(to, "</header>\n<main>\n");
}

/* ---- inputs without a picture -------------------------------------------------------------------------------------- */

/* The name behind the folder that all names have; a folder within that is set apart. */
static void put_name(struct growing *to, const struct page *p, const struct entry *e)
{
    const char *path = e->job->input + p->folder, *base = path_base(path);
    growing_put(to, "<bdi>");
    if (base > path && *base) {
        growing_put(to, "<span>");
        markup_text(to, path, (size_t)(base - path));
        growing_put(to, "</span>");
        path = base;
    }
    markup_string(to, path);
    if (e->member) {
        growing_put(to, "/");
        markup_string(to, e->member);
    }
    growing_put(to, "</bdi>");
    if (e->one_of_many)
        growing_format(to, " [%zu]", e->index);
}

static void put_failures(struct growing *to, const struct page *p)
{
    if (p->failed == 0)
        return;
    growing_format(to,
                   "<section id=\"failures\"><h2>%zu input%s failed</h2>\n<section class=\"scroll\" tabindex=\"0\" "
                   "aria-label=\"Inputs that failed\"><table><thead><tr><th scope=\"col\">Input</th>"
                   "<th scope=\"col\">Reason</th></tr></thead><tbody>\n",
                   p->failed, plural(p->failed));
    for (size_t i = 0; i < p->entries.n; i++) {
        const struct entry *e = &p->entries.item[i];
        if (e->status != RESULT_LEFT_OUT && (e->status != RESULT_FAILED || e->given_up))
            continue;
        growing_put(to, "<tr><th scope=\"row\">");
        put_name(to, p, e);
        growing_put(to, "</th><td>");
        markup_string(to, e->cells);
        growing_put(to, "</td></tr>\n");
    }
    growing_put(to, "</tbody></table></section></section>\n");
}

/* Inputs of which there is nothing but the name. */
static void put_names(struct growing *to, const struct page *p, enum result_status status)
{
    growing_put(to, "<ul>\n");
    for (size_t i = 0; i < p->entries.n; i++) {
        const struct entry *e = &p->entries.item[i];
        if (e->status != status || (status == RESULT_FAILED && !e->given_up))
            continue;
        growing_put(to, "<li>");
        put_name(to, p, e);
        growing_put(to, "</li>\n");
    }
    growing_put(to, "</ul></details>\n");
}

/* They all have one reason. */
static void put_given_up(struct growing *to, const struct page *p)
{
    const struct entry *e = p->entries.item;
    if (p->given_up == 0)
        return;
    while (!e->given_up)
        e++;
    growing_format(to, "<details><summary>%zu input%s more: ", p->given_up, plural(p->given_up));
    markup_string(to, e->cells);
    growing_put(to, "</summary>");
    put_names(to, p, RESULT_FAILED);
}

static void put_skipped(struct growing *to, const struct page *p)
{
    if (p->skipped == 0)
        return;
    growing_format(to, "<details><summary>%zu input%s skipped, because the output exists</summary>", p->skipped,
                   p->skipped == 1 ? " was" : "s were");
    put_names(to, p, RESULT_SKIPPED);
}

/* ---- pictures ------------------------------------------------------------------------------------------------------ */

static void put_card(struct growing *to, const struct page *p, const struct entry *e, size_t i)
{
    growing_format(to, "<article%s id=\"p%zu\"><h3>", e->failed ? " class=\"failed\"" : "", i + 1);
    put_name(to, p, e);
    growing_put(to, "</h3>");
    growing_put(to, e->card);
    growing_put(to, "</article>\n");
}

/* What was left out, and how to compare. */
static void put_how(struct growing *to, const struct page *p)
{
    if (p->cards.left_out > 0)
        growing_format(to,
                       "<p class=\"note\">%zu of %zu pictures are shown: of inputs that failed, then those that clip "
                       "most, then the first. The others have numbers only, so that this page stays small.</p>\n",
                       p->cards.n, p->cards.n + p->cards.left_out);
    if (p->mapped)
        growing_put(to,
                    "<fieldset class=\"modes\" hidden><legend>Compare by</legend>"
                    "<button type=\"button\" data-mode=\"divider\" aria-pressed=\"true\"><kbd>s</kbd> divider</button>"
                    "<button type=\"button\" data-mode=\"onion\" aria-pressed=\"false\"><kbd>o</kbd> onion skin</button>"
                    "<button type=\"button\" data-mode=\"difference\" aria-pressed=\"false\"><kbd>d</kbd> difference"
                    "</button></fieldset>\n");
}

/* Those of inputs that failed come first. */
static void put_cards(struct growing *to, const struct page *p)
{
    if (p->cards.n == 0)
        return;
    growing_put(to, "<section id=\"pictures\"><h2>Pictures</h2>\n");
    put_how(to, p);
    growing_put(to, "<div class=\"cards\">\n");
    for (int failed = 1; failed >= 0; failed--)
        for (size_t i = 0; i < p->entries.n; i++)
            if (p->entries.item[i].card && p->entries.item[i].failed == failed)
                put_card(to, p, &p->entries.item[i], i);
    growing_put(to, "</div></section>\n");
}

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static bool has_row(const struct entry *e)
{
    return e->status <= RESULT_STATISTICS;
}

static void put_row(struct growing *to, const struct page *p, const struct entry *e, size_t i)
{
    growing_put(to, "<tr><th scope=\"row\">");
    if (e->card)
        growing_format(to, "<a href=\"#p%zu\">", i + 1);
    put_name(to, p, e);
    growing_put(to, e->card ? "</a>" : "");
    growing_put(to, e->failed ? " <em>failed</em></th>" : "</th>");
    growing_put(to, e->cells);
    growing_put(to, "</tr>\n");
}

static void put_numbers(struct growing *to, const struct page *p)
{
    if (p->pictures == 0)
        return;
    growing_put(to, "<section id=\"numbers\"><h2>Numbers</h2>\n<section class=\"scroll\" tabindex=\"0\" "
                    "aria-label=\"Numbers\"><table class=\"numbers\"><thead><tr>");
    numbers_put_headings(to, p->mapped);
    growing_put(to, "</tr></thead>\n");
    growing_put(to, "<tbody>\n");
    for (int failed = 1; failed >= 0; failed--)
        for (size_t i = 0; i < p->entries.n; i++)
            if (has_row(&p->entries.item[i]) && p->entries.item[i].failed == failed)
                put_row(to, p, &p->entries.item[i], i);
    growing_put(to, "</tbody>");
    if (p->pictures > 1 && !p->mixed && p->before.colours > 0) {
        growing_put(to, "<tfoot><tr><th scope=\"row\">All pictures</th>");
        numbers_put_totals(to, &p->before, p->after.colours ? &p->after : NULL, p->space, p->mapped);
        growing_put(to, "</tr></tfoot>\n");
    }
    growing_put(to, "</table></section></section>\n");
}

void page_write(struct growing *to, const struct page *p)
{
    put_head(to, p);
    put_header(to, p);
    put_failures(to, p);
    put_given_up(to, p);
    put_skipped(to, p);
    chart_put(to, &p->chart);
    put_cards(to, p);
    put_numbers(to, p);
    growing_put(to, "</main>\n<script>\n");
    growing_put(to, script);
    growing_put(to, "</script>\n</body>\n</html>\n");
}
