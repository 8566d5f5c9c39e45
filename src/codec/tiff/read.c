/*
 * TIFF through libtiff: strips and tiles, chunky and planar, 1 to 16 bits and floats, every page, BigTIFF. Reading is here,
 * writing in write.c.
 */
#include "codec/cmyk.h"
#include "codec/tiff/internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* libtiff looks through all that it has seen for a loop of directories. */
enum { PAGES_MAX = 65535 };

/* Rows of inks are read at once up to this, or one. */
enum { INKS_BYTES = 1 << 16 };

struct reader {
    struct tiff_io io;
    struct limits limits;
    size_t picture; /* the current directory */
    bool selected;  /* page, info and decoder are those of the current directory */
    bool slide;     /* of Aperio: page by page a scan, its thumbnail, its levels, label and macro photograph */
    struct tiff_page page;
    struct tiff_decoder decoder;
    struct picture_info info, full; /* of the last picture that is no copy of another */
    struct metadata metadata;
    struct cmyk cmyk;
    unsigned char *inks; /* rows of them on their way */
    size_t pages;        /* of the file; 0 = not yet counted */
    size_t row;
};

static bool tiff_sniff(const unsigned char *head, size_t n)
{
    static const char magic[][5] = {"II*\0", "MM\0*", "II+\0", "MM\0+"};
    for (size_t i = 0; n >= 8 && i < 4; i++)
        if (memcmp(head, magic[i], 4) == 0)
            return true;
    return false;
}

/* Frees what the current page took. */
static void leave_page(struct reader *r)
{
    tiff_decoder_end(&r->decoder);
    cmyk_end(&r->cmyk);
    free(r->inks);
    r->inks = NULL;
}

static void tiff_close(void *reader)
{
    struct reader *r = reader;
    leave_page(r);
    metadata_clear(&r->metadata);
    tiff_io_close(&r->io);
    free(r);
}

static bool is_description(uint32_t tag)
{
    return tag == TIFFTAG_IMAGEDESCRIPTION;
}

static bool is_slide(struct tiff_io *io)
{
    struct metadata m = {.format = NULL};
    tiff_ifd_read(&io->file, io->file.first, 0, is_description, &m);
    bool aperio = m.n > 0 && m.item[0].size >= 6 && memcmp(m.item[0].data, "Aperio", 6) == 0;
    if (m.lacks)
        why_memory(&io->why);
    metadata_clear(&m);
    return TIFFIsTiled(io->tif) && aperio;
}

static void *tiff_open(struct source *source, const struct limits *limits, struct why *why)
{
    if (!tiff_camera_check(source, why))
        return NULL;
    struct reader *r = codec_new(sizeof *r, why);
    if (!r)
        return NULL;
    r->limits = *limits;
    r->metadata.format = codec_tiff.name;
    r->decoder.loaded = SIZE_MAX;
    uint64_t size = tiff_source_size(source);
    if (source->why.text[0])
        why_set(&r->io.why, "%s", source->why.text);
    else
        tiff_io_read(&r->io, source, size);
    r->slide = r->io.tif && is_slide(&r->io);
    if (!r->io.why.text[0])
        return r;
    why_set(why, "%s", r->io.why.text);
    tiff_close(r);
    return NULL;
}

/* ---- selecting ---------------------------------------------------------------------------------------------------- */

static enum selected failed(struct reader *r, struct why *why)
{
    why_set(&r->io.why, "TIFF directory %zu cannot be read, or leads back to one before it", r->picture);
    why_set(why, "%s", r->io.why.text);
    return SELECT_ERROR;
}

/* Makes the directory the current one; the next one is the common case. */
static enum selected go_to(struct reader *r, size_t picture)
{
    if (picture != r->picture || r->io.why.text[0]) {
        leave_page(r);
        r->selected = false;
    }
    if (picture < r->picture) {
        r->picture = 0;
        tiff_io_show(&r->io, r->io.file.first);
        if (!TIFFSetDirectory(r->io.tif, 0))
            return SELECT_ERROR;
    }
    for (; r->picture < picture; r->picture++) {
        if (TIFFLastDirectory(r->io.tif))
            return SELECT_END;
        if (r->picture == PAGES_MAX)
            why_set(&r->io.why, "more than %d TIFF directories", PAGES_MAX);
        if (r->io.shown.next > 0)
            tiff_io_show(&r->io, r->io.shown.next);
        if (r->io.why.text[0] || !TIFFReadDirectory(r->io.tif))
            return SELECT_ERROR;
    }
    return r->io.why.text[0] ? SELECT_ERROR : SELECT_OK;
}

static bool same_kind(const struct picture_info *a, const struct picture_info *b)
{
    return a->channels == b->channels && a->sample == b->sample && a->unit == b->unit && a->alpha == b->alpha;
}

/*
 * Of a slide: the tiled pages are levels of the first, the second is its thumbnail, and what else there is (the label, a
 * photograph of the slide: SubfileType 1 and 9) is something else. Of other files what SubfileType says.
 */
static enum page_role role_of(const struct reader *r)
{
    bool reduced = r->slide ? r->page.tiled || r->picture == 1 : r->page.subfile & FILETYPE_REDUCEDIMAGE;
    bool other = r->page.subfile & FILETYPE_MASK || r->page.photometric == PHOTOMETRIC_MASK || r->page.subfile == 9 ||
                 (r->slide && !reduced);
    if (r->picture == 0)
        return PAGE_FULL;
    if (other || (reduced && !same_kind(&r->info, &r->full)))
        return PAGE_COPIED;
    return reduced ? PAGE_REDUCED : PAGE_FULL;
}

/* Whether a file with pages like this one, uncompressed, is beyond what 32-bit offsets reach. */
static bool needs_big(struct reader *r)
{
    const struct picture_info *info = &r->info;
    uint64_t bytes = (uint64_t)info->width * info->height * info->channels * sample_size(info->sample);
    struct tiff_ifds file;
    struct why why = {""};
    if (r->pages == 0 && bytes < UINT32_MAX && tiff_ifds_open(&file, r->io.source, &why))
        r->pages = tiff_ifds_count(&file, PAGES_MAX);
    return bytes > (UINT32_MAX - (1u << 24)) / (r->pages ? r->pages : 1);
}

static size_t inks_row_bytes(const struct reader *r)
{
    return (size_t)r->page.width * r->page.samples * (r->page.bits / 8);
}

static size_t inks_rows(const struct reader *r)
{
    return INKS_BYTES / inks_row_bytes(r) + 1;
}

static bool describe(struct reader *r, struct why *why)
{
    struct picture_info *info = &r->info;
    if (!tiff_page_read(&r->io, &r->limits, &r->page, why))
        return false;
    tiff_page_describe(&r->io, &r->page, info);
    tiff_decoder_start(&r->decoder, &r->io, &r->page);
    info->held = r->decoder.held + (r->page.cmyk ? inks_rows(r) * inks_row_bytes(r) : 0);
    info->replays = r->decoder.replays;
    info->role = role_of(r);
    info->layout.big = info->layout.big || (r->picture == 0 && needs_big(r));
    if (info->role == PAGE_FULL)
        r->full = *info;
    metadata_clear(&r->metadata);
    tiff_meta_read(r->io.source, TIFFCurrentDirOffset(r->io.tif), &r->metadata);
    info->metadata = &r->metadata;
    if ((r->page.expand == EXPAND_NOT || r->page.expand == EXPAND_PACKED) && !r->page.cmyk)
        tiff_meta_nodata(&r->metadata, info);
    if (info->has_nodata)
        metadata_note(&r->metadata, NOTE_VERBOSE, "pixels of %g stand for no data: they are neither measured nor changed",
                      info->nodata);
    if (info->alpha != ALPHA_NONE && !r->limits.alpha_as_data)
        metadata_note(&r->metadata, NOTE_VERBOSE, "channel %u of %u is alpha, and weighs the others: see --alpha-as-data",
                      r->page.alpha_at ? r->page.alpha_at + 1 : r->page.samples, r->page.samples);
    if (r->page.other_alpha)
        metadata_note(&r->metadata, NOTE_VERBOSE, "more than one alpha channel: the first is taken, the others are data");
    info->orientation = metadata_orientation(&r->metadata);
    if (r->page.cmyk && !cmyk_begin(&r->cmyk, info->sample, false, &r->metadata, why))
        return false;
    return r->io.why.text[0] == '\0';
}

struct selection {
    struct reader *reader;
    size_t picture;
    enum selected found;
};

static bool select_step(void *on)
{
    struct selection *s = on;
    struct reader *r = s->reader;
    s->found = go_to(r, s->picture);
    if (s->found != SELECT_OK || r->selected)
        return true;
    r->selected = describe(r, &r->io.why);
    return r->selected;
}

static enum selected tiff_select(void *reader, size_t picture, struct picture_info *info, struct why *why)
{
    struct reader *r = reader;
    struct selection s = {r, picture, SELECT_ERROR};
    if (!r->io.tif || !tiff_guard(&r->io, select_step, &s) || s.found == SELECT_ERROR)
        return failed(r, why);
    r->row = 0;
    *info = r->info;
    return s.found;
}

static bool read_cmyk(struct reader *r, const struct rows *rows, struct why *why)
{
    if (!r->inks)
        r->inks = malloc(inks_rows(r) * inks_row_bytes(r));
    if (!r->inks)
        return why_memory(why);
    for (size_t y = 0, n; y < rows->height; y += n) {
        n = rows->height - y < inks_rows(r) ? rows->height - y : inks_rows(r);
        struct rows part = rows_part(rows, y, n);
        struct rows inks = rows_tight(r->page.planar, r->inks, rows->sample, r->page.samples, rows->width, n);
        if (!tiff_decoder_read(&r->decoder, r->row + y, &inks, why))
            return false;
        cmyk_convert(&r->cmyk, &inks, &part);
    }
    return true;
}

static bool tiff_read(void *reader, const struct rows *rows, struct why *why)
{
    struct reader *r = reader;
    if (!(r->page.cmyk ? read_cmyk(r, rows, why) : tiff_decoder_read(&r->decoder, r->row, rows, why)))
        return false;
    r->row += rows->height;
    return true;
}

/* ---- the codec ---------------------------------------------------------------------------------------------------- */

/* "LIBTIFF, Version 4.5.0", and lines on its authors. */
static const char *tiff_library(void)
{
    static char text[32];
    const char *version = strstr(TIFFGetVersion(), "Version ");
    if (!text[0])
        snprintf(text, sizeof text, "libtiff %.*s", version ? (int)strcspn(version + 8, "\n") : 0,
                 version ? version + 8 : "");
    return text;
}

const struct codec codec_tiff = {
    .name = "tiff",
    .extensions = " tif tiff svs btf tf8 ",
    .many = true,
    .seeks = true,
    .samples = SAMPLES_ALL - HOLDS(SAMPLE_BOOL),
    .premultiplied = true,
    .orients = true,
    .any_channels = true,
    .sniff = tiff_sniff,
    .open = tiff_open,
    .select = tiff_select,
    .read = tiff_read,
    .close = tiff_close,
    .create = tiff_write_create,
    .begin = tiff_write_begin,
    .write = tiff_write_rows,
    .finish = tiff_write_finish,
    .abandon = tiff_write_abandon,
    .library = tiff_library,
};
