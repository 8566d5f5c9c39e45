/* Without libarchive. */
#include "cli/files/tar.h"

static bool fail(struct why *why)
{
    return why_set(why, "is a tar archive, and this program was built without libarchive: unpack it first");
}

const char *tar_library(void)
{
    return NULL;
}

void tar_prepare(void)
{
}

bool tar_is_prepared(void)
{
    return true;
}

struct tar_reader *tar_open(struct file_source *file, bool once, struct why *why)
{
    (void)file, (void)once;
    fail(why);
    return NULL;
}

enum selected tar_next(struct tar_reader *reader, struct tar_member **member, struct notes *notes, struct why *why)
{
    (void)reader, (void)member, (void)notes;
    fail(why);
    return SELECT_ERROR;
}

void tar_close(struct tar_reader *reader)
{
    (void)reader;
}

struct tar_writer *tar_create(struct sink *to, struct why *why)
{
    (void)to;
    fail(why);
    return NULL;
}

bool tar_begin_copy(struct tar_writer *writer, struct tar_reader *reader, struct why *why)
{
    (void)writer, (void)reader;
    return fail(why);
}

bool tar_begin_other(struct tar_writer *writer, struct tar_reader *reader, uint64_t size, struct why *why)
{
    (void)writer, (void)reader, (void)size;
    return fail(why);
}

bool tar_write(struct tar_writer *writer, const void *from, size_t n, struct why *why)
{
    (void)writer, (void)from, (void)n;
    return fail(why);
}

bool tar_finish(struct tar_writer *writer, struct why *why)
{
    (void)writer;
    return fail(why);
}

void tar_abandon(struct tar_writer *writer)
{
    (void)writer;
}
