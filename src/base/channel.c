#include "base/channel.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

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

bool channel_is_called(const struct instnorm_space *space, unsigned colours, unsigned c, const char *word, size_t n)
{
    char name[CHANNEL_NAME_BYTES], index[CHANNEL_NAME_BYTES];
    channel_name(space, colours, c, name, sizeof name);
    snprintf(index, sizeof index, "%u", c);
    return (strlen(name) == n && strncasecmp(word, name, n) == 0) || (strlen(index) == n && memcmp(word, index, n) == 0);
}
