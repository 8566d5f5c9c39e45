/*
 * The few fields of an EXIF block that are not true of every output. A block is a TIFF header and what follows it
 * (CIPA DC-008, 4.5); one that is broken tells nothing and is left as it is.
 */
#ifndef EXIF_H
#define EXIF_H

#include "codec/codec.h"

/* How the rows lie, 1 to 8; 1 if the block says nothing of that. */
unsigned exif_orientation(const unsigned char *block, size_t n);

/* Whether exif_edit has something to do. */
bool exif_is_edited(const struct picture_changes *changes);

/*
 * Makes the block, in place, true of an output: without a thumbnail if that shows other samples (the pointer to it is
 * cleared), upright and with width and height swapped if the samples were turned. No other byte changes.
 */
void exif_edit(unsigned char *block, size_t n, const struct picture_changes *changes);

/* The same of an XMP packet in plain text, whose tiff:Orientation becomes 1. */
void xmp_edit(unsigned char *packet, size_t n, const struct picture_changes *changes);

#endif
