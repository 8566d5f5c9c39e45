/*
 * stb_image and stb_image_write themselves, of the formats that we use, on memory of ours.
 *
 * Of formats this asks for BMP alone; for CODECS=stb the Makefile defines STBI_ONLY_PNG and STBI_ONLY_JPEG too.
 *
 * Compile with -fwrapv: stb_image_write shifts bits out of an int, and sums in stb_image wrap on malformed JPEG files.
 */
#include "codec/stb/memory.h"
#include "codec/stb/picture.h"

#define STB_IMAGE_IMPLEMENTATION
#define STBI_NO_STDIO
#define STBI_NO_LINEAR
#define STBI_NO_HDR
#define STBI_ONLY_BMP
#define STBI_ASSERT(x)                      ((void)0)
#define STBI_MALLOC(size)                   stb_heap_get(size)
#define STBI_REALLOC_SIZED(data, old, size) stb_heap_resize(data, size)
#define STBI_FREE(data)                     stb_heap_put(data)

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STBI_WRITE_NO_STDIO
#define STBIW_ASSERT(x)                      ((void)0)
#define STBIW_MALLOC(size)                   stb_heap_get(size)
#define STBIW_REALLOC_SIZED(data, old, size) stb_heap_resize(data, size)
#define STBIW_FREE(data)                     stb_heap_put(data)

/* Not within the push: gcc looks for functions that are declared only at the end of the file. */
#pragma GCC diagnostic ignored "-Wunused-function"
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wunused-variable"
#pragma GCC diagnostic ignored "-Wconversion"
#pragma GCC diagnostic ignored "-Wshadow"
#include <stb/stb_image.h>
#include <stb/stb_image_write.h>
#pragma GCC diagnostic pop

/* The headers tell their version in a comment only. */
const char *stb_library(void)
{
    return "stb_image 2.27";
}
