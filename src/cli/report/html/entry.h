/* What the page keeps of each result. */
#ifndef CLI_REPORT_HTML_ENTRY_H
#define CLI_REPORT_HTML_ENTRY_H

#include "cli/args/plan.h"
#include "engine/result.h"

struct entry {
    const struct job *job;
    enum result_status status;
    char *member;     /* of an archive: NULL: the input is none, or as a whole */
    bool one_of_many; /* of its file, in which it is picture `index` */
    size_t index;
    bool failed;    /* its input did */
    bool given_up;  /* of a failure: another input failed */
    double clipped; /* the largest share of a channel */
    char *cells;    /* of its row of numbers; of a failure the reason; NULL: there are none */
    char *card;     /* what is seen of it; NULL: numbers only */
    size_t card_bytes;
};

struct entries {
    struct entry *item; /* [n] */
    size_t n, room;
};

/* A new entry behind the last, all 0. NULL: out of memory. */
struct entry *entries_add(struct entries *entries, struct why *why);

/* The inputs of this job failed: says so in its entries, which are the last ones. Returns whether there are any. */
bool entries_fail_job(struct entries *entries, const struct job *job);

/* With how many bytes the names of all inputs begin, up to a slash and with it. */
size_t entries_folder(const struct entries *entries);

void entries_free(struct entries *entries);

/* ---- the cards that are kept ---------------------------------------------------------------------------------------- */

/* Characters of all cards together, at most. */
#define CARDS_BYTES ((size_t)20 * 1000 * 1000)

/* The entries that keep their cards while there is room: those that failed, then those that clip most, then the first. */
struct cards {
    size_t *heap; /* [n] entries, of which the one at 0 goes next */
    size_t n, room;
    size_t bytes, most; /* of all cards, and how many they may be */
    size_t left_out;    /* entries that have none, because there is no room */
};

/* Whether a card of the last entry would be kept, as far as that can be told before it is made. Counts it if not. */
bool cards_wants(struct cards *cards, const struct entries *entries);

/* The share of clipped samples from which a later entry would be kept that does not fail: it never falls. */
double cards_clipped_from(const struct cards *cards, const struct entries *entries);

/* Keeps the card of the last entry, in place of others if need be. False: out of memory. */
bool cards_add(struct cards *cards, struct entries *entries, struct why *why);

/* After entries failed that have cards. */
void cards_sort(struct cards *cards, const struct entries *entries);

void cards_free(struct cards *cards);

#endif
