/* What the files of the PNG codec share. */
#ifndef PNG_CODEC_H
#define PNG_CODEC_H

#include "base/bytes.h"
#include "codec/codec.h"
#include "codec/deflate.h"

#include <png.h>

extern const struct codec codec_png;

/* The name of a chunk as a number. */
#define PNG_TAG  FOUR_CHARACTERS
#define PNG_IDAT PNG_TAG('I', 'D', 'A', 'T')

/* What libpng may allocate for one ancillary chunk: an ICC profile or a text can be compressed a thousandfold. */
enum { PNG_CHUNK_MAX = 8 << 20 };

/* A reader or a writer. */
struct png {
    png_structp png;
    png_infop info;
    struct why *why; /* of the step under way */

    struct source *source;
    struct sink *sink;
    uint64_t offset;
    struct limits limits;
    struct write_options options;

    struct picture_info picture;
    struct metadata metadata; /* of a reader */
    bool in_header;           /* what is before the image data is being read */
    bool damaged;             /* the chunk that comes next has a wrong checksum */
    size_t chunks, noted;     /* how many pngc_chunk_listen has seen in this reading, and in all of them */
    const struct rows *rows;  /* argument of the step under way */
    size_t row;               /* the next one */
    size_t tail;              /* bytes of image data read behind the last row */
    unsigned char *held;      /* all rows of an interlaced picture */
    png_bytep *held_row;
    struct png_idat *idat;         /* reads the image data instead of libpng; NULL: libpng does */
    const unsigned char *stand_in; /* bytes that libpng gets instead of them, */
    size_t stand_in_left;          /* and how many are left */
    bool judged;                   /* libpng is to read all of it */

    struct deflate *deflate;   /* of a writer that does not leave IDAT to libpng */
    struct metadata_walk walk; /* over the blocks that are to be written */
    png_voidp chunk;           /* under way */
};

/* Runs one step; false if it ended in an error, by png_error or png_longjmp. The only setjmp. */
bool pngc_guard(struct png *p, void (*step)(struct png *), struct why *why);

void pngc_on_error(png_structp png, png_const_charp message);
void pngc_on_warning(png_structp png, png_const_charp message);

/* ---- chunk.c: metadata -------------------------------------------------------------------------------------------- */

/* Asks libpng to hand over the chunks that are carried, and those that are refused, while it reads. */
void pngc_chunk_listen(struct png *p);

/* Within a step, before the blocks: writes what metadata of another format has that is no block. */
void pngc_chunk_begin(struct png *p);

/* Within a step: writes the blocks that are there and were not written yet. */
void pngc_chunk_write(struct png *p);

/* ---- idat.c: image data past libpng ------------------------------------------------------------------------------- */

/*
 * Given the head of a chunk that libpng reads, its length and name: if image data begin that need not be read by libpng,
 * p->idat will do so, and the head becomes that of the stand-in.
 */
void pngc_idat_begin(struct png *p, unsigned char *head);

/* Reads the next rows by p->idat, and with the last one the end of the image data. False: libpng has to judge them. */
bool pngc_idat_read(struct png *p, const struct rows *rows);

/* p->idat <- NULL. */
void pngc_idat_free(struct png *p);

/* ---- write.c ------------------------------------------------------------------------------------------------------ */

void *pngc_write_create(struct sink *sink, const struct write_options *options, struct why *why);
bool pngc_write_begin(void *writer, const struct picture_info *info, struct why *why);
bool pngc_write_rows_of(void *writer, const struct rows *rows, struct why *why);
bool pngc_write_finish(void *writer, struct why *why);
void pngc_write_abandon(void *writer);

#endif
