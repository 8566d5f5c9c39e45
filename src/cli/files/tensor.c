#include "cli/files/tensor.h"

#include "cli/files/source.h"

enum { SPOOL_BYTES = 1 << 16, SEVERAL = 2 };

static unsigned count(const struct codec *codec, struct source *source)
{
    struct limits limits = {.max_pixels = UINT64_MAX};
    struct picture_info info;
    struct why why = {0};
    unsigned n = 0;
    void *reader = codec->open(source, &limits, &why);
    while (reader && n < SEVERAL && codec->select(reader, n, &info, &why) == SELECT_OK)
        n++;
    if (reader)
        codec->close(reader);
    return n;
}

unsigned tensor_samples(const char *path)
{
    struct file_source file;
    struct why why = {0};
    unsigned char head[16];
    if (!file_open(&file, path, SPOOL_BYTES, &why))
        return 0;
    const struct codec *codec = codec_sniff(head, file.base.read_at(&file.base, head, sizeof head, 0));
    unsigned n = codec && codec->tensor ? count(codec, &file.base) : 0;
    file_close(&file);
    return n;
}
