#include "cli/files/found.h"

#include <stdlib.h>

enum { FIRST_ROOM = 16 };

bool found_add(struct found *found, const struct found_input *input)
{
    if (found->n == found->room) {
        size_t room = found->room ? 2 * found->room : FIRST_ROOM;
        struct found_input *item = realloc(found->item, room * sizeof *item);
        if (!item)
            return false;
        found->item = item;
        found->room = room;
    }
    found->item[found->n++] = *input;
    return true;
}

void found_free(struct found *found)
{
    free(found->item);
    *found = (struct found){0};
}
