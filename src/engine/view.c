#include "engine/view.h"

#include <stdlib.h>

bool view_reserve(struct view *view, unsigned channels, struct why *why)
{
    view->channel = calloc(channels, sizeof *view->channel);
    if (!view->channel)
        return why_memory(why);
    view->channels = channels;
    return true;
}

bool preview_reserve(struct preview *preview, size_t width, size_t height, struct why *why)
{
    preview->rgb = calloc(width * height, 3);
    if (!preview->rgb)
        return why_memory(why);
    preview->width = width;
    preview->height = height;
    return true;
}

void view_free(struct view *view)
{
    free(view->channel);
    free(view->preview.rgb);
    *view = (struct view){0};
}
