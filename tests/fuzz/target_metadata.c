/* Metadata that the tool looks into: EXIF and XMP, which it edits in place, and profiles. The first byte says which. */
#include "memory.h"
#include "reader.h"

#include "codec/exif.h"
#include "codec/icc.h"

#include <stdlib.h>
#include <string.h>

static void check_exif(const uint8_t *bytes, size_t n, unsigned turned)
{
    const struct picture_changes changes = {.samples = turned % 2, .turned = turned};
    unsigned char *block = malloc(n ? n : 1);
    must(block != NULL, "there is memory");
    memcpy(block, bytes, n);
    unsigned before = exif_orientation(block, n);
    exif_edit(block, n, &changes);
    unsigned after = exif_orientation(block, n);
    must(before >= 1 && before <= 8, "an orientation is 1 to 8");
    must(turned > 1 ? after == 1 : after == before, "the orientation of what was turned upright is 1");
    must(exif_is_edited(&changes) || memcmp(block, bytes, n) == 0, "a block that need not be edited stays");
    free(block);
}

/* Text changes in digits alone, and a second time in nothing. */
static void check_xmp(const uint8_t *bytes, size_t n, unsigned turned)
{
    const struct picture_changes changes = {.turned = turned};
    unsigned char *packet = malloc(2 * n + 1), *again = packet + n;
    must(packet != NULL, "there is memory");
    memcpy(packet, bytes, n);
    xmp_edit(packet, n, &changes);
    memcpy(again, packet, n);
    xmp_edit(again, n, &changes);
    for (size_t i = 0; i < n; i++)
        must(packet[i] == bytes[i] || (packet[i] == '1' && bytes[i] >= '2' && bytes[i] <= '8'), "one digit changes");
    must(memcmp(packet, again, n) == 0, "what was edited need not be edited");
    free(packet);
}

static void check_profile(const uint8_t *bytes, size_t n, bool wide, bool inverted)
{
    enum { PIXELS = 5 };
    uint16_t inks[4 * PIXELS], rgb[2][3 * PIXELS] = {{0}};
    struct icc_transform *transform = NULL;
    icc_is_srgb(bytes, n);
    enum icc_found found = icc_open_cmyk(bytes, n, wide, inverted, &transform);
    must((found == ICC_OK) == (transform != NULL), "a profile that can be used is a transform");
    for (size_t i = 0; i < 4 * PIXELS; i++)
        inks[i] = (uint16_t)(i * 3449);
    for (size_t i = 0; transform && i < 2; i++)
        icc_run(transform, inks, PIXELS, rgb[i]);
    must(memcmp(rgb[0], rgb[1], sizeof rgb[0]) == 0, "the same inks are the same colours");
    if (transform)
        icc_close(transform);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size == 0)
        return 0;
    unsigned choice = bytes[0] / 4;
    switch (bytes[0] % 4) {
    case 0:
        check_exif(bytes + 1, size - 1, choice % 9);
        break;
    case 1:
        check_xmp(bytes + 1, size - 1, choice % 9);
        break;
    default:
        check_profile(bytes + 1, size - 1, choice & 1, choice & 2);
    }
    return 0;
}
