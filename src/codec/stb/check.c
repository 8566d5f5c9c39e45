/* The limits, and a source as a stream: what the checks of all formats share. */
#include "codec/stb/check.h"

#include <string.h>

/* stb_image counts the bytes of a picture in int, and refuses a PNG of more. */
#define MAX_BYTES (1u << 30)

bool stb_info_complete(struct picture_info *info, const struct limits *limits, struct why *why)
{
    if (!limits_check(limits, info->width, info->height, why))
        return false;
    info->unit = sample_unit(info->sample);
    info->held = (uint64_t)info->width * info->height * info->channels * sample_size(info->sample);
    info->replays = true;
    return info->held <= MAX_BYTES ||
           why_set(why, "%zu x %zu pixels are too many for stb_image", info->width, info->height);
}

void stb_feed_start(struct stb_feed *feed, struct source *source, const void *head, size_t size, uint64_t offset)
{
    feed->source = source;
    feed->offset = offset;
    feed->ended = false;
    feed->at = 0;
    feed->size = size;
    if (size > 0)
        memcpy(feed->buffer, head, size);
}

static bool feed_fill(struct stb_feed *feed)
{
    feed->at = 0;
    feed->size = feed->source->read_at(feed->source, feed->buffer, sizeof feed->buffer, feed->offset);
    feed->offset += feed->size;
    return feed->size > 0;
}

size_t stb_feed_read(struct stb_feed *feed, void *to, size_t n)
{
    size_t done = 0;

    while (done < n && (feed->at < feed->size || feed_fill(feed))) {
        size_t step = feed->size - feed->at < n - done ? feed->size - feed->at : n - done;
        if (to)
            memcpy((unsigned char *)to + done, feed->buffer + feed->at, step);
        feed->at += step;
        done += step;
    }
    feed->ended |= done == 0 && n > 0;
    return done;
}

bool stb_feed_cut(const struct stb_feed *feed, struct why *why)
{
    return why_set(why, "%s", feed->source->why.text[0] ? feed->source->why.text : "truncated");
}
