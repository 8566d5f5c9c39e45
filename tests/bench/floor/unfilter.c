/*
 * The filters of PNG, undone. What is slow about them is that each pixel waits for the one to its left. It is kept in a
 * register here, and whole words of 4 or 8 bytes are loaded and stored, whatever a pixel has: the bytes behind it are
 * written again with the next pixel. So no load waits for a store.
 *
 * On x86-64, with SSE4.1, which its processors have since 2008, a pixel takes a cycle for Sub, two for Average, seven for
 * Paeth.
 *
 * a is the pixel to the left, b the one above, c the one above a, x the filtered bytes and then the pixel.
 */
#include "floor.h"

#include <string.h>

enum { NONE, SUB, UP, AVERAGE, PAETH };

#ifdef __x86_64__
#include <immintrin.h>

#define INLINE static inline __attribute__((always_inline, target("sse4.1")))

INLINE __m128i load(const unsigned char *p, size_t pixel)
{
    int word;
    if (pixel > 4)
        return _mm_loadl_epi64((const __m128i *)(const void *)p);
    memcpy(&word, p, sizeof word);
    return _mm_cvtsi32_si128(word);
}

INLINE void store(unsigned char *p, __m128i x, size_t pixel)
{
    int word = _mm_cvtsi128_si32(x);
    if (pixel > 4)
        _mm_storel_epi64((__m128i *)(void *)p, x);
    else
        memcpy(p, &word, sizeof word);
}

INLINE void undo_sub(const unsigned char *in, size_t n, size_t pixel, unsigned char *out)
{
    __m128i a = _mm_setzero_si128();
    for (size_t i = 0; i < n; i += pixel) {
        a = _mm_add_epi8(a, load(in + i, pixel));
        store(out + i, a, pixel);
    }
}

/*
 * x + (a + b) / 2, rounded down, of complements: 255 - (a + b) / 2 is the mean of 255 - a and 255 - b, rounded up, as pavgb
 * has it. So two instructions are between a pixel and the next: ~x' = pavgb(~a, ~b) - x.
 */
INLINE void undo_average(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    const __m128i ones = _mm_set1_epi8(-1);
    __m128i a = ones;
    for (size_t i = 0; i < n; i += pixel) {
        __m128i b = _mm_xor_si128(load(above + i, pixel), ones);
        a = _mm_sub_epi8(_mm_avg_epu8(a, b), load(in + i, pixel));
        store(out + i, _mm_xor_si128(a, ones), pixel);
    }
}

/*
 * Which of a, b and c is nearest to a + b - c, without distances: the larger of a and b if 3c - (a + b) is at most the
 * smaller one, the smaller one if it is at least the larger one, else c. In words of 16 bits.
 */
INLINE void undo_paeth(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    __m128i a = _mm_setzero_si128(), c = a;
    for (size_t i = 0; i < n; i += pixel) {
        __m128i b = _mm_cvtepu8_epi16(load(above + i, pixel)), x = _mm_cvtepu8_epi16(load(in + i, pixel));
        __m128i known = _mm_sub_epi16(_mm_add_epi16(_mm_add_epi16(c, c), c), b);
        __asm__("" : "+x"(known)); /* or gcc subtracts a first, and more has to wait for a */
        __m128i edge = _mm_sub_epi16(known, a);
        __m128i low = _mm_min_epi16(a, b), high = _mm_max_epi16(a, b);
        __m128i nearest = _mm_blendv_epi8(low, c, _mm_cmpgt_epi16(high, edge));
        nearest = _mm_blendv_epi8(high, nearest, _mm_cmpgt_epi16(edge, low));
        a = _mm_add_epi8(nearest, x);
        c = b;
        store(out + i, _mm_packus_epi16(a, a), pixel);
    }
}

#else

#define INLINE static inline __attribute__((always_inline))

INLINE void undo_sub(const unsigned char *in, size_t n, size_t pixel, unsigned char *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(in[i] + (i < pixel ? 0 : out[i - pixel]));
}

INLINE void undo_average(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(in[i] + (above[i] + (i < pixel ? 0 : out[i - pixel])) / 2);
}

INLINE void undo_paeth(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    for (size_t i = 0; i < n; i++) {
        int a = i < pixel ? 0 : out[i - pixel], b = above[i], c = i < pixel ? 0 : above[i - pixel];
        int edge = 3 * c - (a + b), low = a < b ? a : b, high = a < b ? b : a;
        out[i] = (unsigned char)(in[i] + (edge <= low ? high : edge >= high ? low : c));
    }
}

#endif

static void undo_up(const unsigned char *restrict in, const unsigned char *restrict above, size_t n,
                    unsigned char *restrict out)
{
    for (size_t i = 0; i < n; i++)
        out[i] = (unsigned char)(in[i] + above[i]);
}

/* One of these for each size of a pixel: the compiler unrolls what it knows. */
INLINE bool undo(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    switch (*in++) {
    case NONE:
        memcpy(out, in, n);
        return true;
    case SUB:
        undo_sub(in, n, pixel, out);
        return true;
    case UP:
        undo_up(in, above, n, out);
        return true;
    case AVERAGE:
        undo_average(in, above, n, pixel, out);
        return true;
    case PAETH:
        undo_paeth(in, above, n, pixel, out);
        return true;
    default:
        return false;
    }
}

#ifdef __x86_64__
#define UNDO __attribute__((target("sse4.1"))) static bool
#else
#define UNDO static bool
#endif

UNDO undo_1(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 1, out);
}

UNDO undo_2(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 2, out);
}

UNDO undo_3(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 3, out);
}

UNDO undo_4(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 4, out);
}

UNDO undo_6(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 6, out);
}

UNDO undo_8(const unsigned char *in, const unsigned char *above, size_t n, unsigned char *out)
{
    return undo(in, above, n, 8, out);
}

bool unfilter(const unsigned char *in, const unsigned char *above, size_t n, size_t pixel, unsigned char *out)
{
    bool (*const of[])(const unsigned char *, const unsigned char *, size_t,
                       unsigned char *) = {NULL, undo_1, undo_2, undo_3, undo_4, NULL, undo_6, NULL, undo_8};
    return of[pixel](in, above, n, out);
}
