/*
 * What a file tells of a picture beside its samples: blocks on their way from a reader to a writer.
 */
#ifndef CODEC_METADATA_H
#define CODEC_METADATA_H

#include "base/notes.h"
#include "base/picture.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct write_options;

/* ---- blocks ------------------------------------------------------------------------------------------------------ */

/*
 * A block of metadata, byte for byte as it stands in its file. Each is kept once as its own format has it (META_NATIVE),
 * and, where other formats can hold it too, in the common form that they share.
 */
enum meta_kind {
    META_NATIVE, /* tag: PNG chunk name (big endian), JPEG marker, TIFF tag, WebP chunk; data as there */
    META_ICC,    /* the profile */
    META_EXIF,   /* a TIFF header and what follows it, without "Exif\0\0" */
    META_XMP     /* the packet */
};

struct meta {
    enum meta_kind kind;
    uint32_t tag;
    unsigned type; /* of a TIFF tag; the codec's own otherwise */
    unsigned char *data;
    size_t size;
    /* Of native blocks: */
    bool mirrored; /* what it says has a common form; where that is a profile, the reader may have taken the profile out */
    bool profile;  /* it is the profile, or a part of the profile */
};

/* A reader's notes are phrases about the file. There are so many at most, each once, whatever a hostile file is full of. */
enum { READER_NOTES_MAX = 8, READER_NOTE_BYTES = 160 };

/* What a file tells of a picture beside its samples. Grows while the file is read. */
struct metadata {
    const char *format; /* the name of the codec whose blocks are native */
    struct meta *item;
    size_t n, bytes;
    bool jfif; /* a JPEG with the JFIF header */
    /* Pixels for each unit of length; 0 = unknown. */
    double x_resolution, y_resolution;
    enum resolution_unit { RESOLUTION_ASPECT, RESOLUTION_INCH, RESOLUTION_CENTIMETRE } resolution_unit;
    bool tells_rest; /* the reader sets `mirrored`: native blocks that are not can be told of as lost */
    bool lacks;      /* memory was short: some of it is missing */
    struct notes notes;
};

/* More than this of one picture is dropped: it may come from a bomb. */
#define METADATA_BYTES_MAX ((size_t)64 << 20)

/* Adds a block and returns its bytes, to be filled in; NULL, and nothing is added, as metadata_add. */
unsigned char *metadata_new(struct metadata *m, enum meta_kind kind, uint32_t tag, unsigned type, size_t size);

/* Adds a copy of the bytes. False, and nothing is added, if that is too much or memory is short (`lacks` is set then). */
bool metadata_add(struct metadata *m, enum meta_kind kind, uint32_t tag, unsigned type, const void *data, size_t size);

/* The first of a kind, NULL if there is none. */
const struct meta *metadata_find(const struct metadata *m, enum meta_kind kind);

/* Removes all of a kind. */
void metadata_remove(struct metadata *m, enum meta_kind kind);

/* The orientation that the EXIF block tells, 1 to 8; 0 = there is no such block. */
unsigned metadata_orientation(const struct metadata *m);

/* Adds a note. */
__attribute__((format(printf, 3, 4))) void metadata_note(struct metadata *m, enum note_level level, const char *format,
                                                         ...);

/* Frees all, and keeps the format alone. */
void metadata_clear(struct metadata *m);

/* ---- what a writer does with them -------------------------------------------------------------------------------- */

/*
 * The blocks of a picture's metadata, in the form in which a writer of one format gets them:
 * - native blocks of its own format, all of them and as they are;
 * - of another format the common forms, one of each kind.
 * A profile is left out if it is for other channels than the picture has now, or if the reader took the profile out.
 */
struct metadata_walk {
    const struct metadata *metadata;     /* NULL: there are no blocks */
    const struct write_options *options; /* whose listener is told of a profile that is left out; NULL: nobody is */
    bool native;                         /* the metadata is of the writer's format */
    bool other_colours;                  /* picture_changes.colours */
    bool rgb;                            /* set by a writer that makes RGB of grey: a profile of grey is left out too */
    bool told;
    size_t next; /* item */
};

struct metadata_walk metadata_walk(const struct picture_info *info, const char *format,
                                   const struct write_options *options);

/* NULL: there are no more. Blocks that the reader adds meanwhile come later. */
const struct meta *metadata_next(struct metadata_walk *walk);

/* Whether the metadata comes from a file of this format. False of NULL. */
bool metadata_is_of(const struct metadata *m, const char *format);

/* Of an output: pixels for each unit of length, across (axis 0) and down (1). There is metadata. */
double picture_resolution(const struct picture_info *info, unsigned axis);

/* Tells the listener what the output cannot hold, as a phrase: "the ICC profile". */
void metadata_tell_dropped(const struct write_options *options, const char *what);

/* Tells the listener if native blocks have no common form: a writer of another format cannot hold those. */
void metadata_tell_rest(const struct metadata *m, const struct write_options *options);

/* Tells the listener of a profile that metadata_next leaves out, and of native blocks as metadata_tell_rest. */
void metadata_tell_lost(const struct picture_info *info, const char *format, const struct write_options *options);

/* Tells the listener of all that there is: the output holds samples and nothing else. */
void metadata_drop(const struct metadata *m, const struct write_options *options);

#endif
