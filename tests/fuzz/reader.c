/*
 * Whatever the bytes are: the reader refuses them with a reason, or its pictures are within the limits, every sample of
 * them is set, and reading a picture again, in other bands, gives the same.
 */
#include "reader.h"

#include "memory.h"

#include <string.h>

static const struct codec *find(const char *name)
{
    for (size_t i = 0; codecs[i]; i++)
        if (strcmp(codecs[i]->name, name) == 0)
            return codecs[i];
    must(false, "the build has the codec of the target");
    return NULL;
}

static void check_info(const struct codec *codec, const struct picture_info *info, size_t size)
{
    uint64_t most = codec->raw ? 8 * (uint64_t)size : PIXELS_MAX;
    must(info->width > 0 && info->height > 0 && info->channels > 0, "a picture has samples");
    must(info->width <= most && info->height <= most / info->width, "a picture has no more pixels than the limit");
    must(info->unit > 0 && info->depth > 0 && info->depth <= 64, "unit and depth are told");
    must(codec->any_channels || info->channels <= 8, "a picture has few channels");
}

/* False if its rows are broken. */
static bool read_rows(const struct codec *codec, void *reader, size_t band, int filling, struct image *image)
{
    struct why why = {0};
    const struct picture_info info = image->info;
    *image = image_new(&info, filling);
    for (size_t y = 0; y < info.height; y += band) {
        struct rows rows = image_rows(image, y, band < info.height - y ? band : info.height - y);
        if (!codec->read(reader, &rows, &why)) {
            must_say(&why);
            return false;
        }
    }
    return true;
}

/* False if the picture cannot be read. */
static bool read_picture(const struct codec *codec, void *reader, size_t index, size_t size)
{
    struct why why = {0};
    struct image once = {0}, again = {0};
    enum selected selected = codec->select(reader, index, &once.info, &why);
    if (selected == SELECT_ERROR)
        must_say(&why);
    if (selected != SELECT_OK)
        return false;
    check_info(codec, &once.info, size);
    uint64_t samples = (uint64_t)once.info.width * once.info.height * once.info.channels;
    if (once.info.held > BUDGET || samples > BUDGET / 4)
        return true;
    bool ok = read_rows(codec, reader, once.info.height, 0x55, &once);
    if (ok) {
        must(codec->select(reader, index, &again.info, &why) == SELECT_OK, "a picture is found again");
        must(read_rows(codec, reader, 1 + once.info.height / 3, 0xaa, &again), "a picture is read again");
        must(image_bytes(&once.info) == image_bytes(&again.info) &&
                 memcmp(once.samples, again.samples, image_bytes(&once.info)) == 0,
             "a picture that is read again is the same");
    }
    image_free(&once);
    image_free(&again);
    return ok;
}

int fuzz_reader(const char *name, const uint8_t *bytes, size_t size)
{
    const struct codec *codec = find(name);
    const struct limits limits = {.max_pixels = PIXELS_MAX, .alpha_as_data = size % 2 == 1};
    struct memory_source source = memory_source(bytes, size);
    struct why why = {0};
    void *reader = codec->open(&source.base, &limits, &why);
    if (!reader)
        must_say(&why);
    for (size_t i = 0; reader && i < PICTURES_MAX && read_picture(codec, reader, i, size); i++)
        ;
    if (reader)
        codec->close(reader);
    return 0;
}
