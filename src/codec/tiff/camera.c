/*
 * Cameras' own formats that look like TIFF: CR2, NEF, ARW, DNG and their like. Their first directory is a small copy, or
 * what the sensor saw; libtiff reads some of it and stumbles over the rest, so that they are known before it sees them.
 */
#include "codec/tiff/internal.h"

#include <stdio.h>
#include <string.h>

enum { SUBFILE = 254, PHOTOMETRIC = 262, MAKE = 271, SUBIFDS = 330, DNG_VERSION = 50706, LINEAR_RAW = 34892 };

static bool is_telling(uint32_t tag)
{
    return tag == SUBFILE || tag == PHOTOMETRIC || tag == MAKE || tag == SUBIFDS || tag == DNG_VERSION;
}

static const struct meta *find(const struct metadata *m, uint32_t tag)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->item[i].tag == tag)
            return &m->item[i];
    return NULL;
}

static uint32_t number(const struct metadata *m, uint32_t tag)
{
    uint32_t value = 0;
    return tiff_meta_number(m, tag, &value) ? value : 0;
}

/* What a maker calls its format. */
static const char *format_of(const struct metadata *m)
{
    static const struct {
        const char *make, *format;
    } makers[] = {{"NIKON", "NEF"},     {"SONY", "ARW"},       {"Canon", "CR2"}, {"PENTAX", "PEF"},
                  {"SAMSUNG", "SRW"},   {"Hasselblad", "3FR"}, {"EPSON", "ERF"}, {"LEICA", "RWL"},
                  {"Panasonic", "RW2"}, {"Kodak", "DCR"},      {"Mamiya", "MEF"}};
    const struct meta *make = find(m, MAKE);
    for (size_t i = 0; make && i < sizeof makers / sizeof *makers; i++) {
        size_t n = strlen(makers[i].make);
        if (make->size >= n && memcmp(make->data, makers[i].make, n) == 0)
            return makers[i].format;
    }
    return NULL;
}

/* CR2 says it in a longer header. In others the first directory is of a sensor, or is a small copy of pictures in SubIFDs.
 */
static bool is_camera(const struct tiff_ifds *file, const struct metadata *m)
{
    unsigned char canon[3];
    uint32_t photometric = number(m, PHOTOMETRIC);
    bool cr2 = file->first == 16 && file->source->read_at(file->source, canon, 3, 8) == 3 && memcmp(canon, "CR\2", 3) == 0;
    return cr2 || find(m, DNG_VERSION) || photometric == PHOTOMETRIC_CFA || photometric == LINEAR_RAW ||
           ((number(m, SUBFILE) & FILETYPE_REDUCEDIMAGE) && find(m, SUBIFDS));
}

bool tiff_camera_check(struct source *source, struct why *why)
{
    struct tiff_ifds file;
    struct metadata m = {0};
    struct why ignored = {""};
    char name[32] = "camera raw";
    if (!tiff_ifds_open(&file, source, &ignored))
        return true;
    tiff_ifd_read(&file, file.first, 0, is_telling, &m);
    bool camera = is_camera(&file, &m);
    const char *format = find(&m, DNG_VERSION) ? "DNG" : format_of(&m);
    if (format)
        snprintf(name, sizeof name, "camera raw (%s)", format);
    metadata_clear(&m);
    return !camera || why_foreign(why, &(struct foreign){name, foreign_raw_advice, FOREIGN_PICTURE});
}
