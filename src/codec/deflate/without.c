/* Without ISA-L: zlib deflates and inflates, within libpng. */
#include "codec/deflate.h"
#include "codec/inflate.h"

const bool deflate_is_there = false;

struct deflate *deflate_new(const struct picture_info *info, bool fastest, struct crew *crew, deflate_put *put, void *to)
{
    (void)info, (void)fastest, (void)crew, (void)put, (void)to;
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

/* ---- inflating ----------------------------------------------------------------------------------------------------- */

const bool inflate_is_there = false;

struct inflate *inflate_new(uint64_t size, inflate_more *more, void *from)
{
    (void)size, (void)more, (void)from;
    return NULL;
}

bool inflate_get(struct inflate *s, unsigned char *to, size_t n)
{
    (void)s, (void)to, (void)n;
    return false;
}

bool inflate_end(struct inflate *s)
{
    (void)s;
    return false;
}

void inflate_free(struct inflate *s)
{
    (void)s;
}

uint32_t inflate_crc(uint32_t crc, const unsigned char *bytes, size_t n)
{
    (void)bytes, (void)n;
    return crc;
}
