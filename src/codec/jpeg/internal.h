/* What the files of the JPEG codec share. */
#ifndef JPEG_CODEC_H
#define JPEG_CODEC_H

#include "codec/codec.h"

#include <stdio.h>

#include <jpeglib.h>

#include <setjmp.h>

extern const struct codec codec_jpeg;

enum { JPEG_IO_BYTES = 1 << 16 };

struct jpegc_guard {
    struct jpeg_error_mgr manager; /* first: libjpeg hands this back */
    jmp_buf jump;
    struct why *why;           /* of the step under way */
    struct metadata *metadata; /* of a reader */
};

struct jpeg_error_mgr *jpegc_guard_init(struct jpegc_guard *g);

/* Runs one step on a reader or a writer; false if it ended in an error. The only setjmp. */
bool jpegc_guard(struct jpegc_guard *g, void (*step)(void *), void *on, struct why *why);

/* Ends the step under way. */
void jpegc_fail(struct jpegc_guard *g, const char *text);

/* ---- write.c ------------------------------------------------------------------------------------------------------ */

void *jpegc_write_create(struct sink *sink, const struct write_options *options, struct why *why);
bool jpegc_write_begin(void *writer, const struct picture_info *info, struct why *why);
bool jpegc_write_rows(void *writer, const struct rows *rows, struct why *why);
bool jpegc_write_finish(void *writer, struct why *why);
void jpegc_write_abandon(void *writer);

/* ---- coding.c: quantization tables and sampling -------------------------------------------------------------------- */

/* Once the header is read; unknown if a writer could not code so. */
void jpegc_coding_note(const struct jpeg_decompress_struct *d, struct jpeg_coding *coding);

/* After jpeg_set_defaults: codes as the input did. False, and nothing is set, if that was no JPEG of as many channels. */
bool jpegc_coding_keep(struct jpeg_compress_struct *c, const struct picture_info *info);

/* ---- marker.c: metadata ------------------------------------------------------------------------------------------- */

/* Before the header is read: the guard's metadata takes the markers. */
void jpegc_marker_listen(struct jpeg_decompress_struct *d);

/* Once the header is read: no more markers, and what there is to say of all. */
void jpegc_marker_note(struct jpeg_decompress_struct *d);

/* Before compression starts: the density, and whether there is a JFIF header. */
void jpegc_marker_prepare(struct jpeg_compress_struct *c, const struct picture_info *info);

/* Once compression has started: writes the markers. Returns the walk over the blocks, which may go on. */
struct metadata_walk jpegc_marker_write(struct jpeg_compress_struct *c, const struct picture_info *info,
                                        const struct write_options *options);

/* At the end: tells of the blocks that came since, for the header is out. */
void jpegc_marker_late(struct metadata_walk walk, const struct write_options *options);

#endif
