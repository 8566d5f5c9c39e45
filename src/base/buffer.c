#include "base/buffer.h"

#include <stdlib.h>

bool buffer_reserve(struct buffer *buffer, size_t size)
{
    if (size <= buffer->size)
        return true;
    buffer_free(buffer);
    buffer->data = buffer->from ? buffer->from->take(size) : malloc(size);
    buffer->size = buffer->data ? size : 0;
    return buffer->data;
}

void buffer_free(struct buffer *buffer)
{
    if (buffer->data && buffer->from)
        buffer->from->give(buffer->data, buffer->size);
    else
        free(buffer->data);
    *buffer = (struct buffer){.from = buffer->from};
}
