/* What the files of the codec floor share. See floor.c. */
#ifndef FLOOR_H
#define FLOOR_H

#include <stdbool.h>
#include <stddef.h>

/* Bytes that may be read and written behind each buffer. */
enum { SLACK = 64 };

/* A block of memory in huge pages that is kept and grows: as cheap as memory gets. */
struct block {
    unsigned char *data;
    size_t size;
};

struct image {
    size_t width, height, channels, depth; /* depth: bytes a sample */
    bool jpeg;
    int h, v;                      /* JPEG: sampling of luma, */
    int table[3];                  /* the table of each component, */
    unsigned short quantum[3][64]; /* and what is in it */
    struct block pixels;           /* in native order */
};

_Noreturn void die(const char *what, const char *name);

/* There are size bytes and SLACK; what was in the block may be lost. */
void reserve(struct block *block, size_t size);

void put_bytes(int file, const unsigned char *bytes, size_t n);

/*
 * A row of n bytes behind the number of its filter, undone into out. above is the row before, or zeros; a pixel has 1, 2,
 * 3, 4, 6 or 8 bytes. Up to 7 bytes behind each row are read, and written behind out. False if there is no such filter.
 */
bool unfilter(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out);

/* A file in memory -> an image; name is for messages. read_png tells whether the picture was one for ISA-L. */
bool read_png(const unsigned char *file, size_t n, struct image *image, const char *name);
void read_png_by_libpng(const unsigned char *file, size_t n, struct image *image, const char *name);
void read_jpeg(const unsigned char *file, size_t n, struct image *image, const char *name);

/* ISA-L's: 3, as in the tool, or 1. */
extern unsigned png_level;

/* An image -> a file that is open. */
void write_png(const struct image *image, int file);
void write_jpeg(const struct image *image, int file);

/* How many bytes libpng makes of an image of 8-bit RGB at level 1. */
size_t level1_bytes(const struct image *image);

#endif
