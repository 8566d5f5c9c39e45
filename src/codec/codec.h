/*
 * Codecs: bytes <-> rows. They know no mathematics, print nothing, open no files and do not exit.
 *
 * A format is a file, or a folder if it is large, and ends in a `const struct codec`; codecs[] in codec.c names them all.
 */
#ifndef CODEC_CODEC_H
#define CODEC_CODEC_H

#include "base/picture.h"
#include "codec/metadata.h"

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

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

/* Where the channels of an array are. ORDER_CHW is [C,H,W] and [N,C,H,W], ORDER_HWC [H,W,C], ORDER_NHWC [N,H,W,C]. */
enum channel_order { ORDER_CHW, ORDER_HWC, ORDER_NHWC };

/* width x height and either axis, checked from a header before anything of its size is allocated. */
struct limits {
    uint64_t max_pixels;
    bool alpha_as_data; /* no channel is moved because it is alpha */
    enum channel_order channel_order;
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

struct crew;

/* How to write. -1 is the default of the codec, and in `quality` the same as QUALITY_KEEP. */
struct write_options {
    int quality;     /* 1..100, or QUALITY_KEEP */
    int compression; /* 0..9 */
    struct write_listener listener;
    /* The shape and type of each picture of a stack that is in several files; NULL: those of its first one. */
    const struct picture_info *like;
    struct crew *crew; /* does a part of what takes long; NULL: there is none */
};

/* The quality of a lossy picture that keeps none: what was asked for, else QUALITY_DEFAULT, which the listener is told. */
int write_quality(const struct write_options *options);

enum selected { SELECT_ERROR, SELECT_OK, SELECT_END };

/* Sets of types of samples. */
#define HOLDS(sample) (1u << (sample))
#define SAMPLES_8     HOLDS(SAMPLE_U8)
#define SAMPLES_16    (SAMPLES_8 | HOLDS(SAMPLE_U16))
#define SAMPLES_ALL   ((2u << SAMPLE_LAST) - 2)

/* A function of a writer, for struct codec. A build that writes PNG alone, as that of a page, is without the others. */
#ifdef WRITES_PNG_ALONE
#define WRITER(function) (false ? (function) : NULL)
#else
#define WRITER(function) (function)
#endif

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
    unsigned samples;       /* HOLDS() of each type of samples that a file can hold */
    bool premultiplied;     /* it holds premultiplied alpha; others are given straight alpha */
    bool orients;           /* it holds the orientation of EXIF */
    bool lossy;             /* samples that are written come back changed, whatever the quality */
    bool raw;               /* its files hold the samples as they are: limits.max_pixels does not apply */
    bool any_channels;      /* a picture may have any number of channels */
    unsigned keeps; /* bytes of memory a pixel that its writer takes, at most, for it keeps the picture; 0: it does not */

    /* Whether a file that begins with these n bytes (16, fewer if the file is shorter) is of this format. */
    bool (*sniff)(const unsigned char *head, size_t n);

    void *(*open)(struct source *source, const struct limits *limits, struct why *why);
    /* SELECT_END: there is no such picture. The same picture again rewinds it. */
    enum selected (*select)(void *reader, size_t picture, struct picture_info *info, struct why *why);
    /* Fills the rows, of info's width, channels and type: interleaved without padding, or planar if info says so. */
    bool (*read)(void *reader, const struct rows *rows, struct why *why);
    void (*close)(void *reader);

    /* NULL: the format is read only. */
    void *(*create)(struct sink *sink, const struct write_options *options, struct why *why);
    /*
     * Refuses samples that the format cannot hold, with a hint. The metadata is written as metadata_next gives it; the
     * listener is told of what is dropped. The metadata outlives the writer: blocks that come after `begin` are written by
     * `finish` if the format can.
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

bool codec_holds(const struct codec *codec, enum sample sample);

/*
 * why_set: `what` the format holds, the value of --depth for that, and the formats that hold the samples.
 * "PNG holds 8 or 16 bits a sample, not int16: add --depth 8 or --depth 16, or write tiff or npy"
 */
bool codec_refuse_sample(struct why *why, const char *what, const char *depth, enum sample sample);

/* `size` bytes of zeros, for a reader or a writer. NULL: out of memory. Freed by free(). */
void *codec_new(size_t size, struct why *why);

/* The codec whose format the file begins with, NULL if there is none. */
const struct codec *codec_sniff(const unsigned char *head, size_t n);

/* The codec of this name, NULL if there is none. */
const struct codec *codec_named(const char *name);

/* The codec that writes files with this extension (without the dot, any case), NULL if there is none. */
const struct codec *codec_for_extension(const char *extension);

/* Whether files with this extension are read. */
bool codec_reads_extension(const char *extension);

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
