/* What stb_image leaves unchecked in JPEG files (ITU-T T.81). */
#include "base/bytes.h"
#include "codec/exif.h"
#include "codec/stb/check.h"

#include <string.h>

/* As in libjpeg-turbo's djpeg -maxscans: a file of a few bytes for each scan takes the time of a whole decode for each. */
#define MAX_SCANS 100

struct jpeg {
    struct stb_feed *feed;
    struct picture_info *info;
    struct why *why;
    bool progressive;
    unsigned components, scans;
    unsigned char component[3][3];  /* id, sampling factors, quantization table */
    unsigned quantization, huffman; /* bit t: table t is defined; Huffman tables of AC from bit 4 on */
    unsigned decoded;               /* bit c: there was a scan of component c */
    unsigned orientation;           /* of EXIF; 0 = none */
};

static bool jpeg_get(struct jpeg *jpeg, void *to, size_t n)
{
    return stb_feed_read(jpeg->feed, to, n) == n || stb_feed_cut(jpeg->feed, jpeg->why);
}

/* Skips entropy-coded data up to the next marker that is not a restart. */
static bool jpeg_marker(struct jpeg *jpeg, unsigned char *marker)
{
    unsigned char c = 0;

    do {
        while (c != 0xff)
            if (!jpeg_get(jpeg, &c, 1))
                return false;
        while (c == 0xff)
            if (!jpeg_get(jpeg, &c, 1))
                return false;
    } while (c == 0 || (c >= 0xd0 && c <= 0xd7));
    *marker = c;
    return true;
}

static bool jpeg_frame(struct jpeg *jpeg, unsigned marker, size_t *left, const struct limits *limits)
{
    unsigned char head[6];

    if (jpeg->components > 0)
        return why_set(jpeg->why, "more than one frame in a JPEG");
    if (marker > 0xc2)
        return why_set(jpeg->why, "%s JPEG is not supported",
                       marker < 0xc8 ? "lossless or hierarchical" : "arithmetic-coded");
    if (*left < sizeof head)
        return why_set(jpeg->why, "bad JPEG header");
    if (!jpeg_get(jpeg, head, sizeof head))
        return false;
    if (head[0] != 8)
        return why_set(jpeg->why, "%u-bit JPEG is not supported", head[0]);
    if (head[5] == 4)
        return why_set(jpeg->why, "CMYK JPEG needs a build with libjpeg");
    if ((head[5] != 1 && head[5] != 3) || *left != sizeof head + 3u * head[5])
        return why_set(jpeg->why, "a JPEG of %u components is not supported", head[5]);
    *left = 0;
    jpeg->progressive = marker == 0xc2;
    jpeg->components = head[5];
    if (!jpeg_get(jpeg, jpeg->component, 3 * jpeg->components))
        return false;
    *jpeg->info = (struct picture_info){.width = get_be16(head + 3),
                                        .height = get_be16(head + 1),
                                        .channels = jpeg->components,
                                        .sample = SAMPLE_U8,
                                        .depth = 8};
    if (jpeg->components == 3 && jpeg->component[1][1] >> 4 && jpeg->component[1][1] & 15) {
        jpeg->info->chroma_h = (jpeg->component[0][1] >> 4) / (jpeg->component[1][1] >> 4);
        jpeg->info->chroma_v = (jpeg->component[0][1] & 15) / (jpeg->component[1][1] & 15);
    }
    return stb_info_complete(jpeg->info, limits, jpeg->why);
}

/* stb_image copies as many codes as a table claims, into room for 256. */
static bool jpeg_huffman(struct jpeg *jpeg, size_t *left)
{
    unsigned char head[17];
    size_t codes = 0;

    while (*left > 0) {
        if (*left < sizeof head)
            return why_set(jpeg->why, "bad Huffman table");
        if (!jpeg_get(jpeg, head, sizeof head))
            return false;
        codes = 0;
        for (int i = 1; i <= 16; i++)
            codes += head[i];
        *left -= sizeof head;
        if (head[0] & 0xec || codes > 256 || codes > *left)
            return why_set(jpeg->why, "bad Huffman table");
        if (!jpeg_get(jpeg, NULL, codes))
            return false;
        *left -= codes;
        jpeg->huffman |= 1u << ((head[0] >> 4) * 4 + (head[0] & 3));
    }
    return true;
}

static bool jpeg_quantization(struct jpeg *jpeg, size_t *left)
{
    unsigned char head;

    while (*left > 0) {
        if (!jpeg_get(jpeg, &head, 1))
            return false;
        size_t size = head & 0xf0 ? 128 : 64;
        if (head & 0xec || *left < 1 + size)
            return why_set(jpeg->why, "bad quantization table");
        if (!jpeg_get(jpeg, NULL, size))
            return false;
        *left -= 1 + size;
        jpeg->quantization |= 1u << (head & 3);
    }
    return true;
}

static bool jpeg_scan_component(struct jpeg *jpeg, const unsigned char *entry, const unsigned char *spectrum)
{
    unsigned c = 0, dc = entry[1] >> 4, ac = entry[1] & 15;

    while (c < jpeg->components && jpeg->component[c][0] != entry[0])
        c++;
    if (c == jpeg->components || dc > 3 || ac > 3 || jpeg->component[c][2] > 3)
        return why_set(jpeg->why, "bad scan header");
    bool with_dc = spectrum[0] == 0 && spectrum[2] < 16, with_ac = !jpeg->progressive || spectrum[0] > 0;
    if ((with_dc && !(jpeg->huffman >> dc & 1)) || (with_ac && !(jpeg->huffman >> (4 + ac) & 1)) ||
        !(jpeg->quantization >> jpeg->component[c][2] & 1))
        return why_set(jpeg->why, "a scan without its tables");
    if (with_dc)
        jpeg->decoded |= 1u << c;
    return true;
}

static bool jpeg_scan(struct jpeg *jpeg, size_t *left)
{
    unsigned char scan[1 + 2 * 3 + 3] = {0};

    if (++jpeg->scans > MAX_SCANS)
        return why_set(jpeg->why, "too many scans in a JPEG: the limit is %u", MAX_SCANS);
    if (*left > sizeof scan || *left < 6 || jpeg->components == 0)
        return why_set(jpeg->why, "bad scan header");
    if (!jpeg_get(jpeg, scan, *left))
        return false;
    if (*left != 4 + 2u * scan[0])
        return why_set(jpeg->why, "bad scan header");
    for (unsigned i = 0; i < scan[0]; i++)
        if (!jpeg_scan_component(jpeg, scan + 1 + 2 * i, scan + *left - 3))
            return false;
    *left = 0;
    return true;
}

/* An APP1: of EXIF its beginning, which has the orientation. */
static bool jpeg_exif(struct jpeg *jpeg, size_t *left)
{
    unsigned char block[4096];
    size_t n = *left < sizeof block ? *left : sizeof block;

    if (!jpeg_get(jpeg, block, n))
        return false;
    *left -= n;
    if (jpeg->orientation == 0 && n >= 6 && memcmp(block, "Exif\0", 6) == 0)
        jpeg->orientation = exif_orientation(block + 6, n - 6);
    return true;
}

static bool jpeg_segment(struct jpeg *jpeg, unsigned marker, const struct limits *limits)
{
    unsigned char size[2];
    size_t left;
    bool ok = true;

    if (!jpeg_get(jpeg, size, 2))
        return false;
    left = get_be16(size);
    if (left < 2)
        return why_set(jpeg->why, "bad length of a JPEG segment");
    left -= 2;
    if (marker == 0xc4)
        ok = jpeg_huffman(jpeg, &left);
    else if (marker == 0xdb)
        ok = jpeg_quantization(jpeg, &left);
    else if (marker == 0xe1)
        ok = jpeg_exif(jpeg, &left);
    else if (marker == 0xda)
        ok = jpeg_scan(jpeg, &left);
    else if (marker == 0xcc)
        ok = why_set(jpeg->why, "arithmetic-coded JPEG is not supported");
    else if (marker >= 0xc0 && marker <= 0xcf)
        ok = jpeg_frame(jpeg, marker, &left, limits);
    return ok && jpeg_get(jpeg, NULL, left);
}

bool stb_check_jpeg(struct stb_feed *feed, const struct limits *limits, bool whole, struct picture_info *info,
                    struct why *why)
{
    struct jpeg jpeg = {.feed = feed, .info = info, .why = why};
    unsigned char sign[2], marker;

    if (!jpeg_get(&jpeg, sign, 2))
        return false;
    if (sign[0] != 0xff || sign[1] != 0xd8)
        return why_set(why, "not a JPEG file");
    while (whole || jpeg.components == 0) {
        if (!jpeg_marker(&jpeg, &marker))
            return false;
        if (marker == 0xd9)
            break;
        if (!jpeg_segment(&jpeg, marker, limits))
            return false;
    }
    if (jpeg.components == 0 || (whole && jpeg.decoded != (1u << jpeg.components) - 1))
        return why_set(why, "no picture data in the JPEG, or not all of it");
    info->orientation = jpeg.orientation;
    return true;
}
