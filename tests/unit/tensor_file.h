/* Files of tensors for the folder of a test. */
#ifndef TENSOR_FILE_H
#define TENSOR_FILE_H

#include "support.h"

#include <stdio.h>

/* An array [N,1,1,1] of bytes, as numpy.save writes it. */
static inline void put_tensor(const char *name, unsigned samples)
{
    char dictionary[128];
    FILE *f = fopen(name, "w");
    snprintf(dictionary, sizeof dictionary, "{'descr': '|u1', 'fortran_order': False, 'shape': (%u, 1, 1, 1), }", samples);
    REQUIRE(f && fwrite("\x93NUMPY\x01\x00\x76\x00", 10, 1, f) == 1 && fprintf(f, "%-117s\n", dictionary) == 118, "%s",
            name);
    for (unsigned i = 0; i < samples; i++)
        REQUIRE(fputc('x', f) == 'x', "%s", name);
    REQUIRE(fclose(f) == 0, "%s", name);
}

#endif
