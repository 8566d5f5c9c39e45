/* Small pictures, as text within a page. */
#ifndef CLI_REPORT_HTML_THUMBNAIL_H
#define CLI_REPORT_HTML_THUMBNAIL_H

#include "base/growing.h"
#include "engine/preview.h"

/* The longer side of a thumbnail in pixels, and its characters at most. */
enum { THUMBNAIL_SIDE = 256, THUMBNAIL_BYTES = 4096 };

/* A thumbnail: an address of data, which is freed by thumbnail_free. */
struct thumbnail {
    size_t width, height;
    char *address; /* "data:image/jpeg;base64,..."; NULL: this build can write no format that a page shows */
};

/* The preview in as many pixels and at the quality that fit. False: out of memory. */
bool thumbnail_make(struct thumbnail *thumbnail, const struct preview *preview, struct why *why);

void thumbnail_free(struct thumbnail *thumbnail);

#endif
