/* The pictures of the page, each whole in memory. */
#ifndef WEB_SHELF_H
#define WEB_SHELF_H

#include "base/picture.h"
#include "base/why.h"

/* A whole picture. All 0: none. */
struct held {
    struct picture_info info;
    struct rows rows; /* all of it; data is freed by free() */
    char format[16];  /* that it was read from; empty: it came as pixels */
    bool several;     /* its file has more pictures, which are left out */
};

/* Room for the picture of that size, which has no samples yet; what was there before is freed. */
bool held_reserve(struct held *held, const struct picture_info *info, struct why *why);

/* held <- the first picture of a file, upright. */
bool held_read(struct held *held, const unsigned char *file, size_t size, struct why *why);

/* held <- what another decoder made of a file: RGB without alpha if every pixel is opaque. rgba: [height][width][4]. */
bool held_take(struct held *held, const unsigned char *rgba, size_t width, size_t height, struct why *why);

void held_free(struct held *held);

#endif
