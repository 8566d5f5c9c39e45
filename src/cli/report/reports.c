#include "cli/report/reports.h"

#include "cli/report/result_name.h"

#include "base/quote.h"
#include "cli/files/sink.h"
#include "cli/msg.h"
#include "cli/report/reporter.h"
#include "cli/report/stats_file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern const struct reporter table_reporter, total_table_reporter, formula_reporter, json_reporter, total_json_reporter,
    stats_reporter, lut_reporter, html_reporter, compare_reporter;
extern const struct json_library jansson;

/* What is printed of a result is in the order of the rows, and so are the files at the end. */
static const struct reporter *const reporters[] = {
    &table_reporter,   &total_table_reporter, &formula_reporter,
#ifdef HAVE_JANSSON
    &json_reporter,    &total_json_reporter,  &stats_reporter,
#endif
    &lut_reporter,     &html_reporter,
#ifdef HAVE_STB
    &compare_reporter,
#endif
};

const struct json_library *reports_json(void)
{
#ifdef HAVE_JANSSON
    return &jansson;
#else
    return NULL;
#endif
}

enum { REPORTERS = sizeof reporters / sizeof *reporters };

_Static_assert((int)REPORTERS <= (int)REPORT_FILES_MAX, "each report may be a file");

bool reports_has(const char *option)
{
    size_t i = 0;
    while (i < REPORTERS && strcmp(reporters[i]->option, option) != 0)
        i++;
    return i < REPORTERS;
}

/* ---- what is asked for --------------------------------------------------------------------------------------------- */

struct report_needs reports_needs(const struct reporting *how)
{
    struct report_needs all = {0};
    for (size_t i = 0; i < REPORTERS; i++) {
        const struct report_needs *needs = &reporters[i]->needs;
        if (!reporters[i]->asked(how))
            continue;
        all.clipping |= needs->clipping;
        all.moments |= needs->moments;
        all.pooled |= needs->pooled;
        all.covariance |= needs->covariance;
        all.channels |= needs->channels;
        all.view.moments |= needs->view.moments;
        all.view.histograms |= needs->view.histograms;
        for (int k = 0; k < VIEW_SIZES; k++)
            all.view.side[k] = needs->view.side[k] > all.view.side[k] ? needs->view.side[k] : all.view.side[k];
    }
    return all;
}

size_t reports_files(const struct reporting *how, struct report_file to[REPORT_FILES_MAX])
{
    size_t n = 0;
    for (size_t i = 0; i < REPORTERS; i++)
        if (reporters[i]->file && reporters[i]->asked(how))
            to[n++] = (struct report_file){reporters[i]->option, reporters[i]->asked(how), reporters[i]->guarded,
                                           reporters[i]->partial};
    return n;
}

/* ---- an execution -------------------------------------------------------------------------------------------------- */

/* A report that was begun. */
struct report {
    const struct reporter *reporter;
    void *state;    /* NULL: none, or finished */
    bool open;      /* `sink` is */
    struct why why; /* the first result that the file cannot take */
    struct file_sink sink;
};

struct reports {
    struct report_context context;
    struct report report[REPORTERS];
    size_t n;
    bool terminal; /* standard output is one, which may also show the progress */
};

/* The reason, with the option before it. */
static bool failed(const struct report *report, const struct why *reason, struct why *why)
{
    return why_set(why, "%s: %s", report->reporter->option, reason->text);
}

static bool open_file(struct report *report, const struct reporting *how, struct why *why)
{
    const struct reporter *reporter = report->reporter;
    struct file_rules rules = {.guarded = reporter->guarded && !how->force,
                               .kind = reporter->other,
                               .is_kind = how->force ? NULL : reporter->is_kind};
    report->open = file_create(&report->sink, reporter->asked(how), &rules, NULL, why);
    return report->open;
}

static bool begin(struct reports *reports, const struct reporter *reporter, struct why *why)
{
    struct report *report = &reports->report[reports->n++];
    struct why reason = {0};
    bool ok = true;
    report->reporter = reporter;
    if (reporter->begin) {
        report->state = reporter->begin(&reports->context, &reason);
        ok = report->state != NULL;
    }
    ok = ok && (!reporter->file || open_file(report, reports->context.how, &reason));
    return ok || failed(report, &reason, why);
}

struct reports *reports_begin(const struct reporting *how, const struct request *request, struct why *why)
{
    struct reports *reports = calloc(1, sizeof *reports);
    bool ok = reports || why_memory(why);
    if (ok) {
        reports->context = (struct report_context){how, request};
        reports->terminal = isatty(STDOUT_FILENO);
    }
    for (size_t i = 0; ok && i < REPORTERS; i++)
        ok = !reporters[i]->asked(how) || begin(reports, reporters[i], why);
    if (!ok)
        reports_free(reports);
    return ok ? reports : NULL;
}

double reports_views_from(const struct reports *reports)
{
    double least = INFINITY;
    for (size_t i = 0; i < reports->n; i++) {
        const struct report *report = &reports->report[i];
        if (view_asked(&report->reporter->needs.view))
            least = fmin(least, report->reporter->views_from ? report->reporter->views_from(report->state) : 0);
    }
    return least;
}

/* What is written at the end tells there what it cannot take. */
static void keep_why(struct report *report, const char *input, const struct why *why)
{
    char name[160];
    why_set(&report->why, "%s: %s", quote(name, sizeof name, input), why->text);
}

bool reports_add(struct reports *reports, const struct result *result, const struct job *job)
{
    bool printed = true;
    char name[RESULT_NAME_BYTES];
    for (size_t i = 0; i < reports->n; i++) {
        struct report *report = &reports->report[i];
        struct why why = {0};
        if (reports->terminal && !report->reporter->file)
            msg_progress_erase();
        if (report->reporter->add(report->state, result, job, &why))
            continue;
        if (report->reporter->file || report->reporter->total) {
            keep_why(report, result_name(result, job, name), &why);
        } else {
            msg_error(result_name(result, job, name), "%s: %s", report->reporter->option, why.text);
            printed = false;
        }
    }
    return printed;
}

const char *reports_of_all(const struct reports *reports)
{
    for (size_t i = 0; i < reports->n; i++)
        if (reports->report[i].reporter->file && !reports->report[i].reporter->partial)
            return reports->report[i].reporter->file;
    for (size_t i = 0; i < reports->n; i++)
        if (reports->report[i].reporter->total)
            return reports->report[i].reporter->total;
    return NULL;
}

static bool print_totals(struct reports *reports, const struct report_end *end, struct why *why)
{
    bool ok = true;
    for (size_t i = 0; !end->broken && i < reports->n; i++) {
        struct report *report = &reports->report[i];
        struct why reason = report->why;
        if (report->reporter->total && (reason.text[0] || !report->reporter->print(report->state, end, &reason)))
            ok = failed(report, &reason, why);
    }
    return ok;
}

/* No data, with `why`: the report failed. */
static struct report_content finish(struct report *report, const struct report_end *end, struct why *why)
{
    struct why reason = report->why;
    struct report_content content = {0};
    if (!reason.text[0]) {
        content = report->reporter->finish(report->state, end, &reason);
        report->state = NULL;
    }
    if (!content.data)
        failed(report, &reason, why);
    return content;
}

/* Writes the content; only the name is missing. */
static bool seal(struct report *report, const struct report_content *content, struct why *why)
{
    struct why reason = {0};
    report->open = file_seal_bytes(&report->sink, content->data, content->n, &reason);
    return report->open || failed(report, &reason, why);
}

static bool place(struct report *report, struct why *why)
{
    struct why reason = {0};
    report->open = false;
    return file_place(&report->sink, false, &reason) || failed(report, &reason, why);
}

/* What goes down a pipe or to standard output cannot be taken back: it is written when all files are. */
static bool seal_all(struct reports *reports, const struct report_content *content, bool named, struct why *why)
{
    bool ok = true;
    for (size_t i = 0; ok && i < reports->n; i++) {
        struct report *report = &reports->report[i];
        if (content[i].data && named == report->sink.named)
            ok = seal(report, &content[i], why);
    }
    return ok;
}

static bool is_written(const struct reporter *reporter, const struct report_end *end)
{
    return reporter->file && (reporter->partial || !end->broken);
}

/* Where inputs failed there may be nothing to compare; the page that tells of the failures is written all the same. */
static bool write_files(struct reports *reports, const struct report_end *end, struct why *why)
{
    struct report_content content[REPORTERS] = {{0}};
    bool ok = true, whole = true;
    for (size_t i = 0; ok && i < reports->n; i++) {
        const struct reporter *reporter = reports->report[i].reporter;
        if (!is_written(reporter, end))
            continue;
        content[i] = finish(&reports->report[i], end, why);
        whole &= content[i].data != NULL;
        ok = content[i].data || reporter->partial;
    }
    ok = ok && seal_all(reports, content, true, why) && seal_all(reports, content, false, why);
    for (size_t i = 0; ok && i < reports->n; i++)
        ok = !content[i].data || place(&reports->report[i], why);
    for (size_t i = 0; i < reports->n; i++)
        free(content[i].data);
    return ok && whole;
}

bool reports_finish(struct reports *reports, const struct report_end *end, struct why *why)
{
    bool printed = print_totals(reports, end, why);
    return write_files(reports, end, why) && printed;
}

void reports_free(struct reports *reports)
{
    for (size_t i = 0; reports && i < reports->n; i++) {
        struct report *report = &reports->report[i];
        if (report->state)
            report->reporter->abandon(report->state);
        if (report->open)
            file_discard(&report->sink);
    }
    free(reports);
}
