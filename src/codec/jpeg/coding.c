/* How a JPEG codes its components, from a reader to a writer: the same tables and sampling lose the same again. */
#include "codec/jpeg/internal.h"

/* Beyond this libjpeg's quantizer overflows; no coefficient is so large. */
enum { QUANTUM_MAX = 8191 };

/* The most blocks of an MCU, if all components are in one scan. */
enum { BLOCKS_MAX = C_MAX_BLOCKS_IN_MCU };

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool copy_table(const JQUANT_TBL *table, uint16_t quantum[64])
{
    for (int i = 0; table && i < DCTSIZE2; i++) {
        quantum[i] = table->quantval[i];
        if (quantum[i] == 0 || quantum[i] > QUANTUM_MAX)
            return false;
    }
    return table != NULL;
}

/* False if a table is still unknown, because it comes with a later scan, or cannot be written. */
static bool note(const struct jpeg_decompress_struct *d, struct jpeg_coding *coding)
{
    for (int i = 0; i < d->num_components; i++) {
        const jpeg_component_info *c = &d->comp_info[i];
        unsigned table = (unsigned)c->quant_tbl_no;
        if (table >= NUM_QUANT_TBLS || !copy_table(d->quant_tbl_ptrs[table], coding->quantum[table]))
            return false;
        coding->h[i] = (unsigned char)c->h_samp_factor;
        coding->v[i] = (unsigned char)c->v_samp_factor;
        coding->table[i] = (unsigned char)table;
    }
    return true;
}

void jpegc_coding_note(const struct jpeg_decompress_struct *d, struct jpeg_coding *coding)
{
    J_COLOR_SPACE space = d->jpeg_color_space;
    *coding = (struct jpeg_coding){.components = (unsigned)d->num_components, .rgb = space == JCS_RGB};
    bool known = space == JCS_GRAYSCALE || space == JCS_YCbCr || space == JCS_RGB;
    if (!known || !note(d, coding))
        *coding = (struct jpeg_coding){0};
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

static unsigned blocks(const struct jpeg_coding *coding, unsigned by_h, unsigned by_v)
{
    unsigned n = 0;
    for (unsigned i = 0; i < coding->components; i++)
        n += coding->h[i] / by_h * (coding->v[i] / by_v);
    return n;
}

/* The largest number that divides all of them. */
static unsigned divisor(const unsigned char *factor, unsigned n)
{
    unsigned by = factor[0];
    for (unsigned i = 1; i < n; i++)
        while (by > 1 && (factor[0] % by || factor[i] % by))
            by--;
    return by;
}

/*
 * Components in scans of their own may have factors too large for one scan: then the same ratios in smaller numbers, or
 * libjpeg's own.
 */
static void set_sampling(struct jpeg_compress_struct *c, const struct jpeg_coding *coding)
{
    unsigned by_h = 1, by_v = 1, n = coding->components;
    if (n > 1 && blocks(coding, 1, 1) > BLOCKS_MAX) {
        by_h = divisor(coding->h, n);
        by_v = divisor(coding->v, n);
    }
    for (unsigned i = 0; i < n && (n == 1 || blocks(coding, by_h, by_v) <= BLOCKS_MAX); i++) {
        c->comp_info[i].h_samp_factor = (int)(coding->h[i] / by_h);
        c->comp_info[i].v_samp_factor = (int)(coding->v[i] / by_v);
    }
}

static void set_table(struct jpeg_compress_struct *c, int component, unsigned table, const uint16_t quantum[64])
{
    if (!c->quant_tbl_ptrs[table])
        c->quant_tbl_ptrs[table] = jpeg_alloc_quant_table((j_common_ptr)c);
    for (int i = 0; i < DCTSIZE2; i++)
        c->quant_tbl_ptrs[table]->quantval[i] = quantum[i];
    c->quant_tbl_ptrs[table]->sent_table = FALSE;
    c->comp_info[component].quant_tbl_no = (int)table;
}

bool jpegc_coding_keep(struct jpeg_compress_struct *c, const struct picture_info *info)
{
    const struct jpeg_coding *coding = &info->coding;
    if (coding->components != info->channels)
        return false;
    if (coding->rgb)
        jpeg_set_colorspace(c, JCS_RGB);
    set_sampling(c, coding);
    for (unsigned i = 0; i < coding->components; i++)
        set_table(c, (int)i, coding->table[i], coding->quantum[coding->table[i]]);
    return true;
}
