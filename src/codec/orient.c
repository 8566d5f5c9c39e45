#include "codec/orient.h"

#include <string.h>

/* ---- what is told of it ------------------------------------------------------------------------------------------- */

static void swap_bytes(unsigned char *a, unsigned char *b)
{
    unsigned char kept = *a;
    *a = *b;
    *b = kept;
}

/* Rows and columns of the coefficients change places as those of the samples do. */
static void transpose_coding(struct jpeg_coding *coding)
{
    struct jpeg_coding stored = *coding;
    for (unsigned i = 0; i < coding->components; i++)
        swap_bytes(&coding->h[i], &coding->v[i]);
    for (unsigned t = 0; t < 4; t++)
        for (unsigned i = 0; i < 64; i++)
            coding->quantum[t][i] = stored.quantum[t][i % 8 * 8 + i / 8];
}

void orient_info(struct picture_info *info)
{
    unsigned orientation = info->orientation, chroma = info->chroma_h;
    size_t width = info->width;
    if (orientation <= 1)
        return;
    info->held += (uint64_t)info->width * info->height * info->channels * sample_size(info->sample);
    info->replays = true;
    info->changes.turned = orientation;
    info->orientation = 1;
    if (orientation <= 4)
        return;
    info->width = info->height;
    info->height = width;
    info->chroma_h = info->chroma_v;
    info->chroma_v = chroma;
    transpose_coding(&info->coding);
}

/* ---- its samples -------------------------------------------------------------------------------------------------- */

struct rows orient_rows(const struct rows *stored, unsigned orientation)
{
    bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    struct rows rows = *stored;
    if (from_right) {
        rows.data += (ptrdiff_t)(stored->width - 1) * stored->dx;
        rows.dx = -stored->dx;
    }
    if (from_below) {
        rows.data += (ptrdiff_t)(stored->height - 1) * stored->dy;
        rows.dy = -stored->dy;
    }
    if (orientation > 4) {
        ptrdiff_t dx = rows.dx;
        rows.dx = rows.dy;
        rows.dy = dx;
        rows.width = stored->height;
        rows.height = stored->width;
    }
    return rows;
}

/* Pixels, or samples of planes, of `bytes`. Down first: in a picture on its side that is along the stored rows. */
static inline void copy(const struct rows *from, const struct rows *to, ptrdiff_t plane_from, ptrdiff_t plane_to,
                        size_t bytes)
{
    for (size_t x = 0; x < to->width; x++) {
        const unsigned char *source = from->data + plane_from + (ptrdiff_t)x * from->dx;
        unsigned char *target = to->data + plane_to + (ptrdiff_t)x * to->dx;
        for (size_t y = 0; y < to->height; y++, source += from->dy, target += to->dy)
            memcpy(target, source, bytes);
    }
}

/* The common sizes are constants for the compiler. */
static void copy_plane(const struct rows *from, const struct rows *to, ptrdiff_t plane_from, ptrdiff_t plane_to,
                       size_t bytes)
{
    switch (bytes) {
    case 1:
        copy(from, to, plane_from, plane_to, 1);
        break;
    case 3:
        copy(from, to, plane_from, plane_to, 3);
        break;
    case 4:
        copy(from, to, plane_from, plane_to, 4);
        break;
    case 6:
        copy(from, to, plane_from, plane_to, 6);
        break;
    default:
        copy(from, to, plane_from, plane_to, bytes);
    }
}

void orient_copy(const struct rows *from, const struct rows *to)
{
    size_t sample = sample_size(to->sample);
    bool interleaved = to->dc == (ptrdiff_t)sample;
    if (interleaved)
        copy_plane(from, to, 0, 0, to->channels * sample);
    for (unsigned c = 0; !interleaved && c < to->channels; c++)
        copy_plane(from, to, (ptrdiff_t)c * from->dc, (ptrdiff_t)c * to->dc, sample);
}
