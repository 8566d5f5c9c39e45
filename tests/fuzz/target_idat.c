/*
 * A PNG read twice: its image data by ISA-L, and all of it by libpng. Both refuse it for the same reason, or give the same
 * samples and say the same of it.
 */
#include "codec/png/internal.h"
#include "memory.h"
#include "reader.h"

#include <string.h>

/* What came of a file. */
struct outcome {
    struct memory_source source;
    struct why why;
    void *reader;
    struct image image;
    bool ok, past;
};

static void read_file(struct outcome *r, const uint8_t *bytes, size_t size, bool judged)
{
    static const struct limits limits = {.max_pixels = PIXELS_MAX};
    *r = (struct outcome){.source = memory_source(bytes, size)};
    r->reader = codec_png.open(&r->source.base, &limits, &r->why);
    must(r->reader, "a reader is opened");
    ((struct png *)r->reader)->judged = judged;
    if (codec_png.select(r->reader, 0, &r->image.info, &r->why) != SELECT_OK) {
        must_say(&r->why);
        return;
    }
    const struct picture_info info = r->image.info;
    r->past = ((struct png *)r->reader)->idat != NULL;
    r->image = image_new(&info, judged ? 0x55 : 0xaa);
    r->ok = true;
    for (size_t y = 0, band = 1 + info.height / 3; r->ok && y < info.height; y += band) {
        struct rows rows = image_rows(&r->image, y, band < info.height - y ? band : info.height - y);
        r->ok = codec_png.read(r->reader, &rows, &r->why);
    }
}

static void check_metadata(const struct metadata *a, const struct metadata *b)
{
    must(a->n == b->n && a->notes.n == b->notes.n, "the metadata are as many");
    for (size_t i = 0; i < a->n; i++)
        must(a->item[i].tag == b->item[i].tag && a->item[i].size == b->item[i].size &&
                 (a->item[i].size == 0 || memcmp(a->item[i].data, b->item[i].data, a->item[i].size) == 0),
             "the metadata are the same");
}

static void end(struct outcome *r)
{
    image_free(&r->image);
    codec_png.close(r->reader);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct outcome a, b;
    if (!codec_png.sniff(bytes, size))
        return 0;
    read_file(&a, bytes, size, false);
    read_file(&b, bytes, size, true);
    must(!b.past, "libpng reads all that it has to judge");
    must(a.ok == b.ok && strcmp(a.why.text, b.why.text) == 0, "both take it, or refuse it for the same reason");
    must(a.image.info.width == b.image.info.width && a.image.info.height == b.image.info.height &&
             a.image.info.channels == b.image.info.channels && a.image.info.sample == b.image.info.sample,
         "both say the same of the picture");
    if (a.ok) {
        must(memcmp(a.image.samples, b.image.samples, image_bytes(&a.image.info)) == 0, "both give the same samples");
        check_metadata(&((struct png *)a.reader)->metadata, &((struct png *)b.reader)->metadata);
    }
    end(&a);
    end(&b);
    return 0;
}
