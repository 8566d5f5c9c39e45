/* The figures of a lesson. */
#ifndef LESSONS_LESSONS_H
#define LESSONS_LESSONS_H

#include "base/growing.h"

/* Each adds an SVG of what is in the file at `path`. False with `why`: the file is not as it should be. */
bool losses_draw(struct growing *to, const char *path, struct why *why);
bool even_draw(struct growing *to, const char *path, struct why *why);
bool rates_draw(struct growing *to, const char *path, struct why *why);
bool spread_draw(struct growing *to, const char *path, struct why *why);

/* Adds an SVG of what each kind of normalization pools. It needs no file. */
bool pools_draw(struct growing *to, const char *path, struct why *why);

#endif
