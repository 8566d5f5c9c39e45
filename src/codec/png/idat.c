/*
 * The image data past libpng: ISA-L inflates them in half of zlib's time, and unfilter.c needs less than libpng. It is for
 * 8 and 16 bits without palette, transparent colour or interlacing, and for sound files alone: whatever is odd here, libpng
 * reads again from the start, and judges. So nothing passes that libpng refuses, and its messages are what users see.
 *
 * libpng still reads all that is around the image data. It gets a stand-in for them: one IDAT with an empty stream.
 */
#include "codec/inflate.h"
#include "codec/png/internal.h"
#include "codec/png/unfilter.h"

#include <stdlib.h>
#include <string.h>

/*
 * Bytes of a chunk that are read at once; behind each chunk are its checksum and, for IDAT is never the last one, the
 * length and the name of the next. Rows that are inflated at once take about as much.
 */
enum { PIECE = 1 << 15, BEHIND = 12, ROWS_BYTES = 1 << 15 };

struct png_idat {
    struct source *source;
    uint64_t at;             /* where the source is read next */
    uint64_t size;           /* all bytes of rows, with those of the filters */
    uint32_t name, left;     /* the chunk's, and how many of its bytes are to come */
    uint32_t crc;            /* of what was read of the chunk, with its name */
    struct inflate *inflate; /* with what follows, NULL before the first row is read */
    size_t row_bytes, pixel_bytes, rows_left;
    bool swap;                    /* 16 bits are big-endian in the file */
    unsigned char *raw;           /* rows as they were inflated, each behind the byte of its filter */
    size_t raw_rows, raw_n, next; /* room, how many there are, the next one */
    unsigned char *line[2];       /* rows in the byte order of the file, */
    const unsigned char *above;   /* and the one before the next */
    unsigned char input[PIECE + BEHIND];
};

/* ---- chunks -------------------------------------------------------------------------------------------------------- */

static void begin_chunk(struct png_idat *d, const unsigned char *head)
{
    d->left = get_be32(head);
    d->name = get_be32(head + 4);
    d->crc = inflate_crc(0, head + 4, 4);
}

/* libpng has a limit for the length of a chunk, which is never below these. */
static bool has_more(const struct png_idat *d)
{
    return d->name == PNG_IDAT && (d->left <= PNG_CHUNK_MAX || (d->left <= d->size && d->left <= PNG_UINT_31_MAX));
}

/* The next bytes of image data, and with the last ones of a chunk its end, which must be sound. */
static size_t next_piece(void *from, const unsigned char **bytes)
{
    struct png_idat *d = from;
    size_t n = 0;
    while (n == 0 && has_more(d)) {
        bool whole = d->left <= PIECE;
        struct why why = {0};
        n = whole ? d->left : PIECE;
        if (!source_get(d->source, d->input, n + (whole ? BEHIND : 0), d->at, &why))
            return 0;
        d->at += n + (whole ? BEHIND : 0);
        d->crc = inflate_crc(d->crc, d->input, n);
        d->left -= (uint32_t)n;
        if (whole && get_be32(d->input + n) != d->crc)
            return 0;
        if (whole)
            begin_chunk(d, d->input + n + 4);
    }
    *bytes = d->input;
    return n;
}

/* ---- begin --------------------------------------------------------------------------------------------------------- */

/* Once libpng has read what is before the image data. */
static bool is_plain(const struct png *p)
{
    bool palette = png_get_color_type(p->png, p->info) & PNG_COLOR_MASK_PALETTE;
    return png_get_bit_depth(p->png, p->info) >= 8 && !palette && !png_get_valid(p->png, p->info, PNG_INFO_tRNS) &&
           png_get_interlace_type(p->png, p->info) == PNG_INTERLACE_NONE;
}

/* An IDAT of eight bytes, which are a zlib stream of nothing. */
static const unsigned char stand_in[] = {0, 0, 0, 8, 'I', 'D', 'A', 'T', 0x78, 1, 3, 0, 0, 0, 0, 1, 0xc6, 0x19, 0x9e, 0x2e};
enum { HEAD = 8 };

void pngc_idat_begin(struct png *p, unsigned char *head)
{
    bool wanted = inflate_is_there && !p->judged && get_be32(head + 4) == PNG_IDAT && is_plain(p);
    struct png_idat *d = wanted ? malloc(sizeof *d) : NULL;
    if (!d)
        return;
    size_t samples = png_get_channels(p->png, p->info), sample_bytes = png_get_bit_depth(p->png, p->info) / 8u;
    *d = (struct png_idat){.source = p->source,
                           .at = p->offset,
                           .pixel_bytes = samples * sample_bytes,
                           .swap = sample_bytes == 2 && machine_is_little(),
                           .rows_left = png_get_image_height(p->png, p->info)};
    d->row_bytes = png_get_image_width(p->png, p->info) * d->pixel_bytes;
    d->size = (uint64_t)d->rows_left * (d->row_bytes + 1);
    p->idat = d;
    begin_chunk(d, head);
    if (!has_more(d)) {
        pngc_idat_free(p);
        return;
    }
    memcpy(head, stand_in, HEAD);
    p->stand_in = stand_in + HEAD;
    p->stand_in_left = sizeof stand_in - HEAD;
}

void pngc_idat_free(struct png *p)
{
    struct png_idat *d = p->idat;
    if (d) {
        inflate_free(d->inflate);
        free(d->raw);
        free(d->line[0]);
        free(d->line[1]);
    }
    free(d);
    p->idat = NULL;
    p->stand_in_left = 0;
}

/* ---- rows ---------------------------------------------------------------------------------------------------------- */

static bool reserve(struct png_idat *d)
{
    size_t bytes = d->row_bytes + 1;
    d->raw_rows = bytes < ROWS_BYTES ? ROWS_BYTES / bytes : 1;
    d->raw = malloc(d->raw_rows * bytes);
    d->line[0] = malloc(bytes);
    d->line[1] = calloc(1, bytes);
    d->above = d->line[1];
    d->inflate = inflate_new(d->size, next_piece, d);
    return d->raw && d->line[0] && d->line[1] && d->inflate;
}

/* The next row with its filter; NULL: there is none that is sound. */
static const unsigned char *next_row(struct png_idat *d)
{
    size_t bytes = d->row_bytes + 1;
    if (d->next == d->raw_n) {
        d->raw_n = d->rows_left < d->raw_rows ? d->rows_left : d->raw_rows;
        d->next = 0;
        if (!inflate_get(d->inflate, d->raw, d->raw_n * bytes))
            return NULL;
        d->rows_left -= d->raw_n;
    }
    return d->raw + d->next++ * bytes;
}

/*
 * Rows of 8 bits are read to where they are wanted, and the last one is kept. Those of 16 bits are above the next ones in
 * the byte order of the file.
 */
static bool read_rows(struct png_idat *d, const struct rows *rows)
{
    const unsigned char *above = d->above;
    for (size_t y = 0; y < rows->height; y++) {
        const unsigned char *raw = next_row(d);
        unsigned char *row = rows->data + (ptrdiff_t)y * rows->dy;
        unsigned char *out = !d->swap ? row : above == d->line[0] ? d->line[1] : d->line[0];
        if (!raw || !png_unfilter(raw[0], raw + 1, above, d->row_bytes, d->pixel_bytes, out))
            return false;
        if (d->swap) {
            memcpy(row, out, d->row_bytes);
            swap_bytes(row, d->row_bytes / 2, 2);
        }
        above = out;
    }
    if (!d->swap)
        memcpy(d->line[0], above, d->row_bytes);
    d->above = d->swap ? above : d->line[0];
    return true;
}

bool pngc_idat_read(struct png *p, const struct rows *rows)
{
    struct png_idat *d = p->idat;
    if ((!d->inflate && !reserve(d)) || !read_rows(d, rows))
        return false;
    if (d->rows_left > 0 || d->next < d->raw_n)
        return true;
    if (!inflate_end(d->inflate) || d->name == PNG_IDAT)
        return false;
    p->offset = d->at - HEAD;
    return true;
}
