/* What tensors are there: looked up before a run, by the headers alone. */
#ifndef CLI_FILES_TENSOR_H
#define CLI_FILES_TENSOR_H

/* How many samples the tensor in the file holds: 0, 1 or 2, which stands for several. 0 too of a file that is none. */
unsigned tensor_samples(const char *path);

#endif
