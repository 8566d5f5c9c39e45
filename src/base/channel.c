#include "base/channel.h"

#include <stdio.h>

const char *channel_name(const struct instnorm_space *space, unsigned colours, unsigned c, char *name, size_t size)
{
    if (space && space->channel[0])
        snprintf(name, size, "%s", space->channel[c]);
    else if (colours == 1)
        snprintf(name, size, "grey");
    else if (colours == 3)
        snprintf(name, size, "%c", "RGB"[c]);
    else
        snprintf(name, size, "%u", c);
    return name;
}
