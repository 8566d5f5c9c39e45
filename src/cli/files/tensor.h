/* What tensors are there: looked up before a run, by the headers alone. */
#ifndef CLI_FILES_TENSOR_H
#define CLI_FILES_TENSOR_H

#include "codec/codec.h"

/* How many samples the tensor in the file holds, or `most` if it has more; 0 if the file is none. */
size_t tensor_samples(const char *path, size_t most);

/* *info, *samples <- what the samples of the tensor are, and how many, or `most`. False, with `why`, if the file is none.
 */
bool tensor_look(const char *path, enum channel_order order, size_t most, struct picture_info *info, size_t *samples,
                 struct why *why);

#endif
