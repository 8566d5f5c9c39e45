/* Without ISA-L: zlib deflates, within libpng. */
#include "codec/deflate.h"

const bool deflate_is_there = false;

struct deflate *deflate_new(const struct picture_info *info, bool fastest, deflate_put *put, void *to)
{
    (void)info, (void)fastest, (void)put, (void)to;
    return NULL;
}

bool deflate_row(struct deflate *d, const unsigned char *row)
{
    (void)d, (void)row;
    return false;
}

void deflate_free(struct deflate *d)
{
    (void)d;
}
