#include "base/picture_rows.h"

#include "instnorm.h"

/* Rows of a block: what instnorm_block_rows says, because base calls nothing of the library. */
static size_t block_rows(size_t width)
{
    return width < INSTNORM_BLOCK ? INSTNORM_BLOCK / width : 1;
}

size_t picture_band(const struct picture_info *info, size_t bytes)
{
    size_t row = info->width * info->channels * sample_size(info->sample), block = block_rows(info->width);
    size_t blocks = bytes / (row * block) + 1;
    return block * blocks < info->height ? block * blocks : info->height;
}

static bool read_memory(struct picture_rows *from, struct rows *band, struct why *why)
{
    struct memory_picture *picture = (struct memory_picture *)from;
    size_t left = picture->rows.height - picture->y;
    (void)why; /* nothing can fail */
    *band = rows_part(&picture->rows, picture->y, left < from->band ? left : from->band);
    picture->y += band->height;
    return true;
}

static bool rewind_memory(struct picture_rows *from, struct why *why)
{
    (void)why;
    ((struct memory_picture *)from)->y = 0;
    return true;
}

void memory_picture_open(struct memory_picture *picture, const struct picture_info *info, const struct rows *rows)
{
    *picture = (struct memory_picture){
        .base = {.info = *info, .band = picture_band(info, 0), .read = read_memory, .rewind = rewind_memory},
        .rows = *rows};
}
