#include "cli/progress.h"

#include "base/text.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The width of the bar with its brackets, and the space between two parts of the line. */
enum { BAR_MIN = 8, BAR_MAX = 42, GAP = 2 };

enum { NUMBER_BYTES = 24, PART_BYTES = 64 };

/* The parts of a line, from left to right. */
enum part { PART_BAR, PART_COUNT, PART_FAILED, PART_FILES, PART_PIXELS, PART_LEFT, PARTS };

/* ---- numbers ------------------------------------------------------------------------------------------------------- */

static int digits(size_t n)
{
    return snprintf(NULL, 0, "%zu", n);
}

/* to <- three digits or more in at least four characters, so that the bar beside them seldom moves. */
static const char *rate(double value, bool known, char to[NUMBER_BYTES])
{
    if (!known)
        snprintf(to, NUMBER_BYTES, "   -");
    else if (value < 99999.5)
        snprintf(to, NUMBER_BYTES, "%4.*f", value < 9.995 ? 2 : value < 99.95 ? 1 : 0, value);
    else
        snprintf(to, NUMBER_BYTES, "%.1e", value);
    return to;
}

/* to <- "0:07", "1:02:03" or "12 days". */
static const char *duration(double seconds, bool known, char to[NUMBER_BYTES])
{
    const double hour = 3600, day = 24 * hour;
    unsigned long s = known && seconds < 1000 * day ? (unsigned long)(seconds + 0.5) : 0;
    if (!known)
        snprintf(to, NUMBER_BYTES, "-:--");
    else if (seconds >= 1000 * day)
        snprintf(to, NUMBER_BYTES, "years");
    else if (seconds >= 4 * day)
        snprintf(to, NUMBER_BYTES, "%lu days", s / (unsigned long)day);
    else if (s >= (unsigned long)hour)
        snprintf(to, NUMBER_BYTES, "%lu:%02lu:%02lu", s / 3600, s / 60 % 60, s % 60);
    else
        snprintf(to, NUMBER_BYTES, "%lu:%02lu", s / 60, s % 60);
    return to;
}

/* ---- parts --------------------------------------------------------------------------------------------------------- */

static void say_parts(const struct progress *p, double seconds, char part[PARTS][PART_BYTES])
{
    bool known = p->done > 0 && seconds > 0;
    double a_second = known ? 1 / seconds : 0, left = p->done < p->total ? (double)(p->total - p->done) : 0;
    char number[NUMBER_BYTES];
    snprintf(part[PART_COUNT], PART_BYTES, "%*zu/%zu", digits(p->total), p->done, p->total);
    snprintf(part[PART_FAILED], PART_BYTES, "%zu failed", p->failed);
    snprintf(part[PART_FILES], PART_BYTES, "%s files/s", rate((double)p->done * a_second, known, number));
    snprintf(part[PART_PIXELS], PART_BYTES, "%s MP/s", rate((double)p->pixels / 1e6 * a_second, known, number));
    known |= left == 0;
    double each = p->done > 0 ? seconds / (double)p->done : 0;
    snprintf(part[PART_LEFT], PART_BYTES, "%s left", duration(left * each, known, number));
}

/* The share that is done of n steps: all only when all is done, whatever double rounds. */
static size_t steps_done(const struct progress *p, size_t n)
{
    if (p->done >= p->total)
        return n;
    size_t steps = (size_t)((double)p->done / (double)p->total * (double)n);
    return steps < n ? steps : n - 1;
}

/* to <- "[=====>    ]", `width` characters. */
static void draw_bar(const struct progress *p, size_t width, char to[PART_BYTES])
{
    size_t cells = width - 2, full = steps_done(p, cells);
    memset(to, ' ', width);
    memset(to + 1, '=', full);
    if (full < cells)
        to[1 + full] = '>';
    to[0] = '[';
    to[width - 1] = ']';
    to[width] = '\0';
}

/* Takes the parts that matter most, as long as they fit. Returns how many columns are left. */
static size_t choose(const struct progress *p, size_t room, char part[PARTS][PART_BYTES], bool shown[PARTS])
{
    static const enum part usual[] = {PART_COUNT, PART_LEFT, PART_BAR, PART_FILES, PART_PIXELS, PART_FAILED};
    static const enum part failing[] = {PART_COUNT, PART_LEFT, PART_FAILED, PART_BAR, PART_FILES, PART_PIXELS};
    for (size_t i = 0; i < PARTS; i++) {
        enum part next = (p->failed > 0 ? failing : usual)[i];
        size_t width = (next == PART_BAR ? BAR_MIN : strlen(part[next])) + (i > 0 ? GAP : 0);
        if (width > room)
            break;
        shown[next] = true;
        room -= width;
    }
    return room;
}

static void say_percentage(const struct progress *p, size_t room, char to[PROGRESS_BYTES])
{
    int n = snprintf(to, PROGRESS_BYTES, "%zu %%", steps_done(p, 100));
    if ((size_t)n > room)
        to[0] = '\0';
}

void progress_line(const struct progress *p, double seconds, unsigned columns, char to[PROGRESS_BYTES])
{
    char part[PARTS][PART_BYTES];
    bool shown[PARTS] = {false};
    to[0] = '\0';
    if (p->total == 0 || columns == 0)
        return;
    say_parts(p, seconds, part);
    size_t room = choose(p, columns - 1, part, shown);
    draw_bar(p, BAR_MIN + room < BAR_MAX ? BAR_MIN + room : BAR_MAX, part[PART_BAR]);
    for (int i = 0; i < PARTS; i++)
        if (shown[i])
            text_append(to, PROGRESS_BYTES, "%s%s", to[0] ? "  " : "", part[i]);
    if (!to[0])
        say_percentage(p, columns - 1, to);
}
