/* The numbers of one picture, and of all: a row of the table. */
#ifndef CLI_REPORT_HTML_NUMBERS_H
#define CLI_REPORT_HTML_NUMBERS_H

#include "base/growing.h"
#include "engine/result.h"

/* Of more channels than these the first are told. */
enum { CHANNELS_TOLD = 8 };

/* The channels of a picture as they are told: the numbers of one are a line of each cell. */
struct told {
    const struct result *result;
    unsigned channels;
    int places; /* behind the point: as many as the largest mean or deviation before needs */
};

struct told told_of(const struct result *result);

/* What channel c was, in units, */
struct moments_numbers told_before(const struct result *result, unsigned c);

/* and what it is in the output; not a number where nobody looked at that. */
struct moments_numbers told_after(const struct result *result, unsigned c);

void told_number(struct growing *to, double value, int places);

/* The headings of the table, that of the name too. `mapped`: there are outputs. */
void numbers_put_headings(struct growing *to, bool mapped);

/* The cells of a picture behind its name. */
void numbers_put_cells(struct growing *to, const struct result *result, bool mapped);

/* The cells of all pictures together. `after` may be NULL. */
void numbers_put_totals(struct growing *to, const struct statistics *before, const struct statistics *after,
                        const struct instnorm_space *space, bool mapped);

#endif
