/* A picture, or a part of one, made ready for the engine. */
#ifndef WEB_WAY_H
#define WEB_WAY_H

#include "engine/picture.h"
#include "web/asked.h"
#include "web/shelf.h"

/* The weights of an option. Not to be copied. */
struct mask {
    struct weights weights;
    struct weight item[3];
    struct memory_picture picture;
};

/* All 0 is closed. Not to be copied: the task points into it. */
struct way {
    struct asked asked;
    struct memory_picture rows;
    struct mask mask, apply_mask;
    struct output_format format; /* of integers, as in a PNG, or a tensor of floats */
    struct map page;
    struct picture_task task;
};

/* Reads what is asked for. */
bool way_ask(struct way *way, const double ask[ASK_NUMBERS], const struct held *picture, struct why *why);

/* After way_ask: the task of the picture. mask: the picture of weights, if one is asked for. Both outlive the way. */
bool way_open(struct way *way, const struct held *picture, const struct held *mask, struct why *why);

/* The same of a part of both: the rows of the picture and of the mask. */
bool way_open_rows(struct way *way, const struct held *picture, const struct rows *rows, const struct held *mask,
                   const struct rows *mask_rows, struct why *why);

void way_close(struct way *way);

#endif
