/* What a picture is: its size, its samples, and how its file stores them. */
#ifndef BASE_PICTURE_H
#define BASE_PICTURE_H

#include "base/rows.h"
#include "base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct metadata;

enum alpha { ALPHA_NONE, ALPHA_STRAIGHT, ALPHA_PREMULTIPLIED };

/* How a picture is stored, for a writer of the same format. All 0 = unknown. */
struct file_layout {
    unsigned compression, predictor;  /* numbers of the format */
    uint32_t tile_width, tile_height; /* 0 = no tiles */
    uint32_t strip_height;
    unsigned channels;  /* that the picture had: with others, primaries and planar say nothing */
    unsigned primaries; /* channels that its colour model stands for, 1 or 3; the others are extra */
    unsigned alpha_at;  /* where alpha is stored among the channels; 0 = it is the last, or there is none */
    bool planar;        /* each channel on its own */
    bool big;           /* 64-bit offsets */
};

/* How a JPEG codes its components: what its quality is made of. All 0 = unknown. */
struct jpeg_coding {
    unsigned components;                /* 1 or 3 */
    bool rgb;                           /* they are R, G and B, not Y, Cb and Cr */
    unsigned char h[3], v[3], table[3]; /* sampling factors, and the table of each */
    uint16_t quantum[4][64];            /* the tables, row by row */
};

/* What a picture is to those before it in its file. */
enum page_role {
    PAGE_FULL,    /* a picture of its own */
    PAGE_REDUCED, /* the last full one, smaller: it takes the same map */
    PAGE_COPIED   /* something else, such as a slide's label: it is passed through */
};

/* What was done to a picture since its metadata was read: a writer leaves out what is no longer true. */
struct picture_changes {
    bool colours;    /* it has other colour channels */
    bool type;       /* its samples have another type, or alpha came or went */
    bool samples;    /* its samples have other values, or another order, than a thumbnail shows */
    unsigned turned; /* it was turned upright: the orientation that it had, 1 to 8; 0 = it was not turned */
};

/* What a picture is; alpha, if there is any, is its last channel. */
struct picture_info {
    size_t width, height;
    unsigned channels; /* alpha included */
    enum sample sample;
    double unit; /* the sample value that means 1.0 */
    enum alpha alpha;
    bool has_nodata; /* pixels whose colours are all `nodata` stand for none */
    double nodata;
    bool planar;            /* rows are planar: neighbouring samples of a channel adjoin */
    unsigned dimensions;    /* of the array that it is a part of: 2 [H,W], 3 [C,H,W], 4 [N,C,H,W]; 0 = it is no tensor */
    bool channels_last;     /* of a tensor: the array is [H,W,C] or [N,H,W,C] */
    enum sample stack_type; /* floats of a stack that begins with it; SAMPLE_NONE: its own */
    unsigned depth;         /* bits a sample as stored, for people: a 1-bit picture is read as SAMPLE_U8 */
    uint64_t held;          /* bytes that the codec itself must keep while it reads; 0 = it streams */
    bool replays;           /* it keeps decoded rows: reading them again costs no more than a copy */
    bool lossless;          /* stored so in a format that has both kinds (WebP) */
    bool converted;         /* of other colours than are stored: RGB of CMYK */
    enum page_role role;
    struct file_layout layout;
    struct jpeg_coding coding;
    unsigned chroma_h, chroma_v;     /* luma samples for each chroma sample (JPEG); 0 = unknown */
    unsigned orientation;            /* how the rows lie, as EXIF numbers it: 1 to 8; 0 = unknown */
    const struct metadata *metadata; /* the reader's; complete once the last row was read; NULL = none */
    struct picture_changes changes;  /* since the metadata was read; a reader sets none */
};

/* Colour channels: all but alpha. */
unsigned picture_colours(const struct picture_info *info);

/* The largest sample: the unit of a picture, or of the type where integers are taken as they are. */
double picture_most(const struct picture_info *info);

/* Whether the range of the samples says nothing of a picture: that of floats, and of integers of 32 bits. */
bool picture_is_open(const struct picture_info *info);

#endif
