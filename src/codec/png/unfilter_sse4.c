/*
 * A pixel in a register of words of 16 bits, or of bytes where those do. It is loaded and stored as 4 or 8 bytes whatever
 * it has: what is behind it is written again with the next pixel, and so no load waits for a store. The last one goes by a
 * copy.
 */
#include "codec/png/unfilter.h"

#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__) && !defined(BASELINE)
#include <immintrin.h>

#define SSE4   __attribute__((target("sse4.1")))
#define INLINE static inline __attribute__((always_inline)) SSE4

INLINE __m128i load(const unsigned char *from, size_t word)
{
    int four;
    if (word > sizeof four)
        return _mm_loadl_epi64((const __m128i *)(const void *)from);
    memcpy(&four, from, sizeof four);
    return _mm_cvtsi32_si128(four);
}

INLINE void store(__m128i x, unsigned char *to, size_t word)
{
    int four = _mm_cvtsi128_si32(x);
    if (word > sizeof four)
        _mm_storel_epi64((__m128i *)(void *)to, x);
    else
        memcpy(to, &four, sizeof four);
}

/* What is to the left, and above that: pixels or complements of them, as the filter has it. */
struct beside {
    __m128i left, corner;
};

INLINE struct beside begin_sub(void)
{
    return (struct beside){_mm_setzero_si128(), _mm_setzero_si128()};
}

INLINE __m128i undo_sub(__m128i x, __m128i up, struct beside *beside)
{
    (void)up;
    return beside->left = _mm_add_epi8(beside->left, x);
}

INLINE struct beside begin_average(void)
{
    return (struct beside){_mm_set1_epi8(-1), _mm_setzero_si128()};
}

/*
 * Of complements, for pavgb rounds up: 255 - (left + up) / 2 rounded down is the mean of 255 - left and 255 - up rounded
 * up. Two instructions are between a pixel and the next.
 */
INLINE __m128i undo_average(__m128i x, __m128i up, struct beside *beside)
{
    const __m128i ones = _mm_set1_epi8(-1);
    beside->left = _mm_sub_epi8(_mm_avg_epu8(beside->left, _mm_xor_si128(up, ones)), x);
    return _mm_xor_si128(beside->left, ones);
}

/*
 * As in unfilter.c. All that does not need the pixel to the left comes first: the compiler, which would add in another
 * order, does not see through the empty statement.
 */
INLINE __m128i undo_paeth(__m128i x, __m128i up, struct beside *beside)
{
    __m128i left = beside->left, corner = beside->corner;
    up = _mm_cvtepu8_epi16(up);
    __m128i turn = _mm_sub_epi16(_mm_add_epi16(_mm_add_epi16(corner, corner), corner), up);
    __asm__("" : "+x"(turn));
    turn = _mm_sub_epi16(turn, left);
    __m128i least = _mm_min_epi16(left, up), most = _mm_max_epi16(left, up);
    __m128i nearest = _mm_blendv_epi8(least, corner, _mm_cmpgt_epi16(most, turn));
    nearest = _mm_blendv_epi8(most, nearest, _mm_cmpgt_epi16(turn, least));
    *beside = (struct beside){_mm_add_epi8(nearest, _mm_cvtepu8_epi16(x)), up};
    return _mm_packus_epi16(beside->left, beside->left);
}

#define UNDO(NAME, PIXEL, WORD)                                                                                            \
    SSE4 static void undo_##NAME##_##PIXEL(const unsigned char *restrict in, const unsigned char *restrict above,          \
                                           size_t n, unsigned char *restrict out)                                          \
    {                                                                                                                      \
        unsigned char last[3][WORD] = {{0}};                                                                               \
        struct beside beside = begin_##NAME();                                                                             \
        size_t end = n - PIXEL;                                                                                            \
        for (size_t i = 0; i < end; i += PIXEL)                                                                            \
            store(undo_##NAME(load(in + i, WORD), load(above + i, WORD), &beside), out + i, WORD);                         \
        memcpy(last[0], in + end, PIXEL);                                                                                  \
        memcpy(last[1], above + end, PIXEL);                                                                               \
        store(undo_##NAME(load(last[0], WORD), load(last[1], WORD), &beside), last[2], WORD);                              \
        memcpy(out + end, last[2], PIXEL);                                                                                 \
    }

#define UNDO_EACH(NAME) UNDO(NAME, 3, 4) UNDO(NAME, 4, 4) UNDO(NAME, 6, 8) UNDO(NAME, 8, 8)

/* Paeth begins as Sub does. */
#define begin_paeth begin_sub

UNDO_EACH(sub)
UNDO_EACH(average)
UNDO_EACH(paeth)

#define EACH(NAME)                                                                                                         \
    {                                                                                                                      \
        NULL, NULL, NULL, NAME##_3, NAME##_4, NULL, NAME##_6, NULL, NAME##_8                                               \
    }

png_undo *png_undo_sse4(unsigned filter, size_t pixel)
{
    static png_undo *const of[][PNG_MOST_PIXEL + 1] = {
        [PNG_SUB] = EACH(undo_sub), [PNG_AVERAGE] = EACH(undo_average), [PNG_PAETH] = EACH(undo_paeth)};
    return __builtin_cpu_supports("sse4.1") ? of[filter][pixel] : NULL;
}

#else

png_undo *png_undo_sse4(unsigned filter, size_t pixel)
{
    (void)filter, (void)pixel;
    return NULL;
}

#endif
