#include "cli/report/same_map.h"

bool same_map_add(struct same_map *same, const struct result *r, struct why *why)
{
    if (r->status != RESULT_MAPPED || !result_counts(r))
        return true;
    if (same->pictures++ == 0)
        return map_copy(&same->map, &r->map, why);
    same->differs |= !map_agrees(&r->map, &same->map);
    return true;
}

const struct map *same_map_find(const struct same_map *same)
{
    return same->pictures > 0 && !same->differs ? &same->map : NULL;
}
