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

void view_free(struct view *view)
{
    free(view->channel);
    preview_free(&view->preview);
    *view = (struct view){0};
}
