#include "engine/view.h"

#include <stdlib.h>

bool view_asked(const struct view_request *r)
{
    return r->moments || r->histograms || r->side[VIEW_SMALL] > 0 || r->side[VIEW_LARGE] > 0;
}

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
    for (int i = 0; i < VIEW_SIZES; i++)
        preview_free(&view->preview[i]);
    *view = (struct view){0};
}
