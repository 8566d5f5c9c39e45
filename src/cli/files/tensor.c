#include "cli/files/tensor.h"

#include "base/quote.h"
#include "cli/files/source.h"

enum { SPOOL_BYTES = 1 << 16 };

static bool count(const struct codec *codec, struct source *source, enum channel_order order, size_t most,
                  struct picture_info *info, size_t *samples, struct why *why)
{
    struct limits limits = {.max_pixels = UINT64_MAX, .channel_order = order};
    enum selected selected = SELECT_ERROR;
    void *reader = codec->open(source, &limits, why);
    *samples = 0;
    while (reader && *samples < most && (selected = codec->select(reader, *samples, info, why)) == SELECT_OK)
        ++*samples;
    if (reader)
        codec->close(reader);
    info->metadata = NULL; /* which was the reader's */
    return reader && selected != SELECT_ERROR;
}

static bool look(const char *path, enum channel_order order, size_t most, struct picture_info *info, size_t *samples,
                 struct why *why)
{
    struct file_source file;
    unsigned char head[16];
    *samples = 0;
    if (!file_open(&file, path, SPOOL_BYTES, why))
        return false;
    const struct codec *codec = codec_sniff(head, file.base.read_at(&file.base, head, sizeof head, 0));
    bool tensor = codec && codec->tensor;
    bool ok = tensor ? count(codec, &file.base, order, most, info, samples, why)
                     : why_set(why, "%s", file.base.why.text[0] ? file.base.why.text : "expected an .npy file");
    file_close(&file);
    return ok;
}

size_t tensor_samples(const char *path, size_t most)
{
    struct picture_info info;
    struct why why = {0};
    size_t n;
    look(path, ORDER_CHW, most, &info, &n, &why);
    return n;
}

bool tensor_look(const char *path, enum channel_order order, size_t most, struct picture_info *info, size_t *samples,
                 struct why *why)
{
    struct why reason = {0};
    char name[120];
    return look(path, order, most, info, samples, &reason) ||
           why_set(why, "%s: %s", quote(name, sizeof name, path), reason.text);
}
