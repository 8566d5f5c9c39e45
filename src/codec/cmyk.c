#include "codec/cmyk.h"

#include "codec/icc.h"

bool cmyk_begin(struct cmyk *k, enum sample sample, bool inverted, struct metadata *m, struct why *why)
{
    const struct meta *icc = metadata_find(m, META_ICC);
    enum icc_found found = ICC_OK;
    *k = (struct cmyk){.sample = sample, .inverted = inverted};
    if (icc)
        found = icc_open_cmyk(icc->data, icc->size, sample == SAMPLE_U16, inverted, &k->transform);
    if (found == ICC_NO_MEMORY)
        return why_memory(why);
    if (k->transform)
        metadata_note(m, NOTE_VERBOSE, "CMYK: converted to sRGB by its ICC profile");
    else
        metadata_note(m, NOTE_WARNING, "CMYK %s: its colours are roughly right at best",
                      !icc                      ? "without an ICC profile"
                      : found == ICC_NO_LIBRARY ? "with an ICC profile, and a build without Little CMS"
                                                : "with an ICC profile that cannot be used");
    metadata_remove(m, META_ICC);
    return true;
}

void cmyk_end(struct cmyk *k)
{
    if (k->transform)
        icc_close(k->transform);
    k->transform = NULL;
}

/* ---- by the formula ----------------------------------------------------------------------------------------------- */

/* Light that the ink and the black let through, to the nearest value: (1 - c) (1 - k). */
#define FORMULA(NAME, TYPE, MOST)                                                                                          \
    static void NAME(const TYPE *inks, bool inverted, size_t n, TYPE *rgb)                                                 \
    {                                                                                                                      \
        const uint32_t flip = inverted ? 0 : MOST;                                                                         \
        for (size_t i = 0; i < n; i++, inks += 4, rgb += 3)                                                                \
            for (unsigned c = 0; c < 3; c++)                                                                               \
                rgb[c] = (TYPE)(((inks[c] ^ flip) * (inks[3] ^ flip) + MOST / 2) / MOST);                                  \
    }

FORMULA(formula_u8, uint8_t, 255u)
FORMULA(formula_u16, uint16_t, 65535u)

/* n pixels that lie side by side */
static void convert_run(const struct cmyk *k, const void *inks, size_t n, void *rgb)
{
    if (k->transform)
        icc_run(k->transform, inks, n, rgb);
    else if (k->sample == SAMPLE_U16)
        formula_u16(inks, k->inverted, n, rgb);
    else
        formula_u8(inks, k->inverted, n, rgb);
}

/* ---- rows --------------------------------------------------------------------------------------------------------- */

enum { RUN = 256 };

/* A part of one row. */
static struct rows run_of(const struct rows *rows, size_t y, size_t x, size_t n)
{
    struct rows run = *rows;
    run.data += (ptrdiff_t)y * rows->dy + (ptrdiff_t)x * rows->dx;
    run.height = 1;
    run.width = n;
    return run;
}

void cmyk_convert(const struct cmyk *k, const struct rows *from, const struct rows *to)
{
    uint16_t inks[4 * RUN], rgb[3 * RUN];
    for (size_t y = 0; y < from->height; y++)
        for (size_t x = 0, n; x < from->width; x += n) {
            n = from->width - x < RUN ? from->width - x : RUN;
            const struct block all = {.height = 1, .width = n};
            struct rows in = run_of(from, y, x, n), out = run_of(to, y, x, n);
            struct rows in4 = rows_interleaved(inks, k->sample, 4, n, 1), out3 = rows_interleaved(rgb, k->sample, 3, n, 1);
            for (unsigned c = 0; c < 4; c++)
                rows_copy(&in, c, &all, &in4, c);
            convert_run(k, inks, n, rgb);
            for (unsigned c = 0; c < to->channels; c++)
                if (c < 3)
                    rows_copy(&out3, c, &all, &out, c);
                else
                    rows_copy(&in, c + 1, &all, &out, c);
        }
}
