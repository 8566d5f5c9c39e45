/*
 * What the files of the TIFF codec share: handles of libtiff over sources and sinks, the geometry of a page, directories of
 * tags. (A header named tiff.h is libtiff's.)
 */
#ifndef TIFF_CODEC_H
#define TIFF_CODEC_H

#include "codec/codec.h"

#include <setjmp.h>

#include <tiffio.h>

extern const struct codec codec_tiff;

/* ---- handles (io.c) ---------------------------------------------------------------------------------------------- */

/* The directories of a file, or of an EXIF block. */
struct tiff_ifds {
    struct source *source;
    bool big, little;
    uint64_t first;
};

/* A directory as libtiff is shown it: with the entries that samples depend on, and no others to trip over. */
enum { TIFF_SHOWN_MAX = 48 };
struct tiff_shown {
    uint64_t at, next; /* in the file: it lies over what is there */
    size_t size;
    unsigned char bytes[8 + 20 * TIFF_SHOWN_MAX + 8];
};

/* A handle of libtiff, its file, and its first error: `why` stays set, for libtiff goes on after some of its errors. */
struct tiff_io {
    TIFF *tif;
    struct source *source; /* of a reader */
    struct sink *sink;     /* of a writer */
    uint64_t at;           /* libtiff's place in the file */
    uint64_t size;         /* of the file */
    struct tiff_ifds file; /* of a reader */
    struct tiff_shown shown;
    bool decoding; /* samples are under way: what libtiff warns of concerns them */
    struct why why;
    jmp_buf jump; /* out of libtiff, while `guarded` */
    bool guarded;

    /* A writer's header and directory are kept back: the directory is put together in ifd.c. */
    bool big;
    unsigned char header[16];
    unsigned char *directory;
    size_t directory_size;
};

/*
 * Runs a step that calls libtiff. Where memory is short in libtiff the step ends there: it is false with io->why, and there
 * is no handle any more. libtiff itself would go on, through null pointers.
 */
bool tiff_guard(struct tiff_io *io, bool (*step)(void *), void *on);

/* Opens a file and reads its first directory. The size is source_size's. */
bool tiff_io_read(struct tiff_io *io, struct source *source, uint64_t size);

/* Chooses what libtiff sees of the directory at `at`: libtiff may read no other. */
void tiff_io_show(struct tiff_io *io, uint64_t at);

/* Opens an empty page behind the first `size` bytes of the file. */
bool tiff_io_write(struct tiff_io *io, struct sink *sink, uint64_t size, bool big);

/* Closes the handle, writing nothing more. */
void tiff_io_close(struct tiff_io *io);

/* Writes bytes at an offset, zeros into a gap before them. False with io->why. */
bool tiff_io_put(struct tiff_io *io, const void *from, size_t n, uint64_t offset);

/* The size of a file, found by trying. */
uint64_t tiff_source_size(struct source *source);

/* ---- cameras (camera.c) ------------------------------------------------------------------------------------------- */

/* False, with its name and what to do, if the file is a camera's own: to be asked before libtiff. */
bool tiff_camera_check(struct source *source, struct why *why);

/* ---- pages (page.c) ----------------------------------------------------------------------------------------------- */

/* How samples as stored become samples in memory. */
enum tiff_expand { EXPAND_NOT, EXPAND_INVERT, EXPAND_GREY, EXPAND_PALETTE, EXPAND_PACKED };

struct tiff_page {
    uint32_t width, height, subfile;
    uint16_t bits, samples, photometric, compression, predictor;
    bool planar, tiled, swapped, reversed_bits, floats;
    enum sample sample; /* in memory */
    bool white;         /* 0 is */
    bool cmyk;          /* the samples begin with four inks, which become three colours */
    enum alpha alpha;
    unsigned alpha_at; /* its place as stored, if it is not the last, where it has to be in memory; else 0 */
    bool other_alpha;  /* a channel behind it says that it is alpha too: it is taken as data */
    enum tiff_expand expand;
    uint32_t segment_width, segment_height; /* of a tile, or of a strip */
    size_t across;                          /* tiles in a row of them; 1 strip */
    unsigned planes;                        /* 1 if the samples of a pixel adjoin */
    size_t row_bytes, segment_row_bytes;    /* of one plane, as stored */
    unsigned char grey[256], palette[256][3];
};

/* Reads the current directory. Refuses what is not supported by its name. */
bool tiff_page_read(const struct tiff_io *io, const struct limits *limits, struct tiff_page *page, struct why *why);

/* What a reader tells of the page; held, replays, role and metadata are left to others. */
void tiff_page_describe(const struct tiff_io *io, const struct tiff_page *page, struct picture_info *info);

/* ---- deflate and predictors (inflate.c) ---------------------------------------------------------------------------- */

/* A stream of deflated bytes. Errors are kept in io->why. */
struct tiff_inflate;

struct tiff_inflate *tiff_inflate_new(struct why *why);
void tiff_inflate_free(struct tiff_inflate *s);

/* The beginning of a strip or tile. */
void tiff_inflate_start(struct tiff_inflate *s, const struct tiff_io *io, uint32_t strile);

/* The next n bytes. `reversed`: the bits of the encoded bytes are. */
bool tiff_inflate_get(struct tiff_inflate *s, struct tiff_io *io, bool reversed, unsigned char *to, size_t n);

/* True if the stream ends after at most `spare` bytes more, and its checksum is right. */
bool tiff_inflate_end(struct tiff_inflate *s, struct tiff_io *io, bool reversed, uint64_t spare);

/* Undoes the page's byte order and predictor. Scratch: row_bytes. */
void tiff_restore_rows(const struct tiff_page *p, unsigned char *data, size_t rows, size_t row_bytes,
                       unsigned char *scratch);

/* ---- decoding (decode.c) ------------------------------------------------------------------------------------------ */

enum tiff_way { DECODE_STREAM, DECODE_SEGMENTS, DECODE_SCANLINES };

/* What each plane of a planar picture needs, so that they advance in lockstep. */
struct tiff_plane {
    struct tiff_inflate *stream;
    size_t row;        /* that the stream is at */
    struct tiff_io io; /* a handle, for scanlines */
};

/* The rows of one page, from any row on; going back may cost. */
struct tiff_decoder {
    struct tiff_io *io;
    const struct tiff_page *page;
    enum tiff_way way;
    uint64_t held;
    bool replays;
    struct tiff_plane *plane; /* [opened]: what is decoded by streams or by scanlines */
    unsigned opened;
    unsigned char *buffer;  /* a row of segments of each plane; or a row of one plane */
    unsigned char *scratch; /* a row of a segment */
    size_t loaded;          /* the row of segments in the buffer, SIZE_MAX if there is none */
};

/* Begins with a page; allocates nothing. */
void tiff_decoder_start(struct tiff_decoder *d, struct tiff_io *io, const struct tiff_page *page);

/* Fills the rows, which are rows y.. of the page. */
bool tiff_decoder_read(struct tiff_decoder *d, size_t y, const struct rows *rows, struct why *why);

/* Frees what the page took. */
void tiff_decoder_end(struct tiff_decoder *d);

/* ---- writing (write.c): the codec's functions ---------------------------------------------------------------------- */

void *tiff_write_create(struct sink *sink, const struct write_options *options, struct why *why);
bool tiff_write_begin(void *writer, const struct picture_info *info, struct why *why);
bool tiff_write_rows(void *writer, const struct rows *rows, struct why *why);
bool tiff_write_finish(void *writer, struct why *why);
void tiff_write_abandon(void *writer);

/* ---- directories (ifd.c) ------------------------------------------------------------------------------------------ */

/*
 * Items of metadata have a TIFF tag and its type, and their data in the machine's byte order. Tags of the EXIF and the GPS
 * directory have the tag of the pointer to it in their upper half. An item of no bytes is one that could not be read.
 */
enum { TIFF_EXIF = 34665, TIFF_GPS = 34853 };

bool tiff_ifds_open(struct tiff_ifds *f, struct source *source, struct why *why);

/* How many there are, `most` at most. */
size_t tiff_ifds_count(const struct tiff_ifds *f, size_t most);

/* Adds the tags of a directory that `wanted` takes. False if it is broken; the items before are there. */
bool tiff_ifd_read(const struct tiff_ifds *f, uint64_t at, uint32_t upper, bool (*wanted)(uint32_t tag),
                   struct metadata *m);

/*
 * The directory with the entries alone that `wanted` takes, each tag once, and with its link to the next one. No size if it
 * cannot be read, or has more than TIFF_SHOWN_MAX such entries.
 */
void tiff_ifd_show(const struct tiff_ifds *f, uint64_t at, bool (*wanted)(uint32_t tag), struct tiff_shown *shown);

/* Bytes that are to be at `base` of a file. */
struct tiff_bytes {
    unsigned char *data;
    size_t size, capacity;
    uint64_t base;
    bool big, failed;
};

void tiff_bytes_put(struct tiff_bytes *b, const void *from, size_t n);

/*
 * Appends the items as directories, one for EXIF and one for GPS if there are any. `made` are entries of the main one as
 * libtiff wrote them, with their count. Returns where the main directory begins; it ends the bytes, its link being 0.
 */
uint64_t tiff_ifd_put(struct tiff_bytes *b, const struct metadata *m, const unsigned char *made, size_t n);

/* ---- metadata (meta.c) -------------------------------------------------------------------------------------------- */

/* The tags of the directory at `at`, and the common forms that others understand. */
void tiff_meta_read(struct source *source, uint64_t at, struct metadata *m);

/* What a TIFF can hold of the picture's metadata, of any format, as tags. The listener is told of the rest. */
bool tiff_meta_import(struct metadata *tags, const struct picture_info *info, const struct write_options *options);

/* The value of a tag that is one whole number. */
bool tiff_meta_number(const struct metadata *m, uint32_t tag, uint32_t *value);

/* info <- the sample that GDAL_NODATA says stands for none, if there is one, and the type has it. */
void tiff_meta_nodata(const struct metadata *m, struct picture_info *info);

#endif
