/* What the tests of CMYK share: a profile that is made here, and what readers say. */
#ifndef INKS_H
#define INKS_H

#include "codec/codec.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

enum { CORNERS = 16, PROFILE_BYTES = 320 };

/* ---- a profile whose colours are known ---------------------------------------------------------------------------- */

/* Whether corner i, with each ink full or none, has ink c. */
static inline bool has_ink(unsigned i, unsigned c)
{
    return i >> (3 - c) & 1;
}

/* The sRGB sample that the profile stands for at a corner: dull inks, a black that hides all. */
static inline unsigned corner_colour(unsigned i, unsigned c)
{
    static const unsigned dull[] = {30, 80, 140};
    return has_ink(i, 3) ? 0 : has_ink(i, c) ? dull[c] : 255;
}

/* What the formula makes of it. */
static inline unsigned corner_formula(unsigned i, unsigned c)
{
    return has_ink(i, 3) || has_ink(i, c) ? 0 : 255;
}

static inline void put_be(unsigned char **to, unsigned value, size_t bytes)
{
    while (bytes-- > 0)
        *(*to)++ = (unsigned char)(value >> 8 * bytes);
}

static inline void put_text(unsigned char **to, const char *text)
{
    memcpy(*to, text, 4);
    *to += 4;
}

/* sRGB to CIE L*a*b* of D50, by the matrix adapted to it (Lindbloom), as 16 bits of ICC version 2. */
static inline void put_lab(unsigned char **to, unsigned corner)
{
    static const double matrix[3][3] = {
        {0.4360747, 0.3850649, 0.1430804}, {0.2225045, 0.7168786, 0.0606169}, {0.0139322, 0.0971045, 0.7141733}};
    static const double white[] = {0.96422, 1, 0.82521};
    double f[3];
    for (unsigned i = 0; i < 3; i++) {
        double xyz = 0;
        for (unsigned c = 0; c < 3; c++) {
            double v = corner_colour(corner, c) / 255.0;
            xyz += matrix[i][c] * (v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
        }
        f[i] = xyz / white[i] > 216.0 / 24389 ? cbrt(xyz / white[i]) : (24389.0 / 27 * xyz / white[i] + 16) / 116;
    }
    put_be(to, (unsigned)lrint((116 * f[1] - 16) * 652.8), 2);
    put_be(to, (unsigned)lrint((500 * (f[0] - f[1]) + 128) * 256), 2);
    put_be(to, (unsigned)lrint((200 * (f[1] - f[2]) + 128) * 256), 2);
}

/* ICC.1:2001-04: a header, one tag, and in it a table of the corners. */
static inline void make_profile(unsigned char profile[PROFILE_BYTES])
{
    unsigned char *to = profile;
    memset(profile, 0, PROFILE_BYTES);
    put_be(&to, PROFILE_BYTES, 4);
    to += 4;
    put_be(&to, 0x02400000, 4);
    put_text(&to, "prtr");
    put_text(&to, "CMYK");
    put_text(&to, "Lab ");
    to = profile + 36;
    put_text(&to, "acsp");
    to = profile + 68;
    put_be(&to, 0xf6d6, 4);
    put_be(&to, 0x10000, 4);
    put_be(&to, 0xd32d, 4);
    to = profile + 128;
    put_be(&to, 1, 4);
    put_text(&to, "A2B0");
    put_be(&to, 144, 4);
    put_be(&to, 176, 4);
    put_text(&to, "mft2");
    to += 4;
    put_be(&to, 0x04030200, 4);
    for (unsigned i = 0; i < 9; i++)
        put_be(&to, i % 4 == 0 ? 0x10000 : 0, 4);
    put_be(&to, 0x00020002, 4);
    for (unsigned i = 0; i < 4; i++)
        put_be(&to, 0xffff, 4);
    for (unsigned i = 0; i < CORNERS; i++)
        put_lab(&to, i);
    for (unsigned i = 0; i < 3; i++)
        put_be(&to, 0xffff, 4);
    ck_assert(to == profile + PROFILE_BYTES);
}

/* ---- what is said ------------------------------------------------------------------------------------------------- */

static inline void require_said(const struct metadata *m, enum note_level level, const char *part)
{
    for (size_t i = 0; i < m->notes.n; i++)
        if (m->notes.item[i].level == level && strstr(m->notes.item[i].text, part))
            return;
    ck_abort_msg("'%s' is not said, but '%s'", part, m->notes.n ? m->notes.item[0].text : "");
}

#endif
