/*
 * Codecs: bytes <-> rows. They know no mathematics, print nothing, open no files and do not exit.
 *
 * One file for each library, each ending in a `const struct codec`; codecs[] in codec.c names them all.
 */
#ifndef CODEC_H
#define CODEC_H

#include "base/notes.h"
#include "base/picture.h"

#include <stdbool.h>
#include <stdint.h>

/* ---- bytes ------------------------------------------------------------------------------------------------------- */

/*
 * Where bytes come from. Returns how many of the n bytes at offset were read: fewer only at the end, or on an error, which
 * is kept in `why` and stays there.
 */
struct source {
    size_t (*read_at)(struct source *source, void *to, size_t n, uint64_t offset);
    /* False, with `why`, if the bytes are others than when it was opened. NULL: that cannot be. */
    bool (*unchanged)(struct source *source, struct why *why);
    uint64_t held; /* bytes of memory that it keeps of what was read, at most */
    struct why why;
};

/* Where bytes go, in order; where seekable is set a writer may go back, and leave gaps that it fills before it finishes. */
struct sink {
    bool (*write_at)(struct sink *sink, const void *from, size_t n, uint64_t offset);
    bool seekable;
    struct why why;
};

/* All n bytes at offset, or false with the source's error or "truncated". */
bool source_get(struct source *source, void *to, size_t n, uint64_t offset, struct why *why);

/* ---- metadata ---------------------------------------------------------------------------------------------------- */

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
    bool mirrored; /* a native one that is there in a common form too */
};

/* Of how many things a reader tells, as phrases about the file: each once, whatever a hostile file is full of. */
enum { READER_NOTES_MAX = 8, READER_NOTE_BYTES = 160 };

/* What a file tells of a picture beside its samples. Grows while the file is read. */
struct metadata {
    const char *format; /* the codec's name: who reads META_NATIVE */
    struct meta *item;
    size_t n, bytes;
    bool jfif; /* a JPEG with the JFIF header */
    /* Pixels for each unit of length; 0 = unknown. */
    double x_resolution, y_resolution;
    enum resolution_unit { RESOLUTION_ASPECT, RESOLUTION_INCH, RESOLUTION_CENTIMETRE } resolution_unit;
    bool tells_rest; /* `mirrored` is set where it should be */
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

/* The orientation that its EXIF tells, 1 to 8; 0 = none. */
unsigned metadata_orientation(const struct metadata *m);

/* Adds to its notes. */
__attribute__((format(printf, 3, 4))) void metadata_note(struct metadata *m, enum note_level level, const char *format,
                                                         ...);

/* Frees and forgets all but the format. */
void metadata_clear(struct metadata *m);

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Of an output: pixels for each unit of length, across (axis 0) and down (1). There is metadata. */
double picture_resolution(const struct picture_info *info, unsigned axis);

/* width x height and either axis, checked from a header before anything of its size is allocated. */
struct limits {
    uint64_t max_pixels;
    bool alpha_as_data; /* no channel is moved because it is alpha */
};

/* No axis may be longer: libpng's own default, kept for every compressed format. */
#define CODEC_MAX_AXIS 1000000u

/* False, with the limit and its option named, if the picture has no pixels or too many. */
bool limits_check(const struct limits *limits, uint64_t width, uint64_t height, struct why *why);

/* QUALITY_KEEP: that of the input where it is known (a JPEG of as many channels), else QUALITY_DEFAULT. */
enum { QUALITY_KEEP = 0, QUALITY_DEFAULT = 90 };

/* Who is told of a writer's choices. A function may be NULL. */
struct write_listener {
    void *context; /* for the functions */
    /* The format cannot hold a part of the metadata: a phrase, "the ICC profile". */
    void (*dropped)(void *context, const char *what);
    /* A lossy picture gets this quality, which was neither asked for nor kept. */
    void (*chose)(void *context, int quality);
};

/* How to write. -1 is the default of the codec, and in `quality` the same as QUALITY_KEEP. */
struct write_options {
    int quality;     /* 1..100, or QUALITY_KEEP */
    int compression; /* 0..9 */
    struct write_listener listener;
};

/* The quality of a lossy picture that keeps none: what was asked for, else QUALITY_DEFAULT, which the listener is told. */
int write_quality(const struct write_options *options);

/* Tells that native items are left, of a reader that says which are mirrored: another format cannot hold those. */
void metadata_tell_rest(const struct metadata *m, const struct write_options *options);

/* Tells who wants to know that the output cannot hold something, as a phrase. */
void metadata_tell_dropped(const struct write_options *options, const char *what);

/* Tells options->dropped of all that formats can share: the output holds samples and nothing else. */
void metadata_drop(const struct metadata *m, const struct write_options *options);

enum selected { SELECT_ERROR, SELECT_OK, SELECT_END };

/*
 * A format. Reading: open, then for each picture select (its header) and read (its rows from the top, any number at a
 * time), then close. Writing: create, then for each picture begin and write, then finish or abandon; both free the writer.
 *
 * Functions that return bool or NULL on failure have set `why`. Nothing of a picture's size is allocated before the first
 * read of it. The source, the sink and the limits outlive the reader and the writer.
 */
struct codec {
    const char *name;       /* also the default extension: "png" */
    const char *extensions; /* all of them, between blanks: " jpg jpeg " */
    bool many;              /* a file can hold more than one picture */
    bool tensor;            /* it holds tensors: no alpha, several pictures are stacked, rows are planar */
    bool seeks;             /* its writer goes back */
    bool floats;            /* it holds floats, and integers too unless floats_only is set */
    bool floats_only;
    bool premultiplied; /* it holds premultiplied alpha; others are given straight alpha */
    bool orients;       /* it holds the orientation of EXIF */
    bool lossy;         /* samples that are written come back changed, whatever the quality */
    bool raw;           /* its files hold the samples as they are: limits.max_pixels does not apply */
    bool any_channels;  /* a picture may have any number of channels */

    /* Whether a file that begins with these n bytes (16, fewer if the file is shorter) is of this format. */
    bool (*sniff)(const unsigned char *head, size_t n);

    void *(*open)(struct source *source, const struct limits *limits, struct why *why);
    /* SELECT_END: there is no such picture. The same picture again rewinds it. */
    enum selected (*select)(void *reader, size_t picture, struct picture_info *info, struct why *why);
    /* Fills the rows, which have info's width, channels and type: interleaved without padding, or planar if info says so.
     */
    bool (*read)(void *reader, const struct rows *rows, struct why *why);
    void (*close)(void *reader);

    /* NULL: the format is read only. */
    void *(*create)(struct sink *sink, const struct write_options *options, struct why *why);
    /*
     * Refuses samples that the format cannot hold, with a hint. Metadata: what it has of its own format is written as it
     * is, of others the common forms; the rest is named by options->dropped. The metadata outlives the writer: what is
     * added after `begin` is written by `finish` if the format can.
     */
    bool (*begin)(void *writer, const struct picture_info *info, struct why *why);
    /* Takes the next rows, as `read` gives them. */
    bool (*write)(void *writer, const struct rows *rows, struct why *why);
    bool (*finish)(void *writer, struct why *why);
    void (*abandon)(void *writer);

    /* The library and its version, for --version. */
    const char *(*library)(void);
};

/* In order of preference; ends with NULL. */
extern const struct codec *const codecs[];

/* `size` bytes of zeros, for a reader or a writer. NULL: out of memory. Freed by free(). */
void *codec_new(size_t size, struct why *why);

/* The codec whose format the file begins with, NULL if there is none. */
const struct codec *codec_sniff(const unsigned char *head, size_t n);

/* The codec that writes files with this extension (without the dot, any case), NULL if there is none. */
const struct codec *codec_for_extension(const char *extension);

/* ---- files of other formats (foreign.c) ------------------------------------------------------------------------------ */

/* Enough of a file's beginning for all that is told apart. */
enum { FOREIGN_HEAD = 1024 };

/* What a file is that no codec reads. */
struct foreign {
    const char *name, *advice; /* "GIF"; what to do, without a full stop */
    enum foreign_kind { FOREIGN_PICTURE, FOREIGN_CUBE, FOREIGN_STATISTICS, FOREIGN_OTHER } kind;
};

/*
 * What a file is that begins with these n bytes, FOREIGN_HEAD or all of a shorter one; NULL: unknown. Only for what
 * codec_sniff does not know.
 */
const struct foreign *foreign_sniff(const unsigned char *head, size_t n);

/* why_set with the name, and the advice. */
bool why_foreign(struct why *why, const struct foreign *foreign);

/* What to do with the pictures of a camera: some of their formats are TIFF. */
extern const char foreign_raw_advice[];

#endif
