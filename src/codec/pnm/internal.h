/* What the two files of the PNM codec, read.c and write.c, share. */
#ifndef PNM_CODEC_H
#define PNM_CODEC_H

#include "codec/codec.h"

extern const struct codec codec_pnm;

void *pnm_write_create(struct sink *sink, const struct write_options *options, struct why *why);
bool pnm_write_begin(void *writer, const struct picture_info *info, struct why *why);
bool pnm_write_rows(void *writer, const struct rows *rows, struct why *why);
bool pnm_write_finish(void *writer, struct why *why);
void pnm_write_abandon(void *writer);

#endif
