/* The page: what stands around and between what is told of each picture. */
#ifndef CLI_REPORT_HTML_PAGE_H
#define CLI_REPORT_HTML_PAGE_H

#include "base/growing.h"
#include "cli/report/html/chart.h"
#include "cli/report/html/entry.h"
#include "engine/statistics.h"

/* What the page is of. */
struct page {
    const char *command;                /* the command line */
    const struct instnorm_space *space; /* that is worked in */
    bool mapped;                        /* there are outputs */
    bool series;                        /* the pictures are frames of a series */
    size_t folder;                      /* bytes with which the name of each input begins: a folder's */
    struct entries entries;
    struct cards cards;
    struct chart chart;               /* of a series */
    size_t skipped, failed, given_up; /* inputs */
    size_t pictures;                  /* that have numbers */
    struct statistics before, after;
    bool mixed; /* the pictures have different channels: there are no numbers of all */
};

void page_write(struct growing *to, const struct page *page);

/* Whether a file that begins so is a page of this kind. */
bool page_begins(const unsigned char *head, size_t n);

#endif
