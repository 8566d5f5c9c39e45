/* Metadata of PNG: the ancillary chunks, byte for byte, and what other formats can hold of them. */
#include "codec/exif.h"
#include "codec/png/internal.h"

#include <zlib.h>

#include <stdlib.h>
#include <string.h>

static const char xmp_keyword[] = "XML:com.adobe.xmp";

/*
 * The chunks that stay true whatever happens to the samples. sBIT, hIST and tRNS do not, nor do unknown chunks whose names
 * say that they depend on the picture data (PNG specification, 5.4).
 */
static const char carried[] =
    "cHRM gAMA iCCP sRGB cICP mDCV mDCv cLLI cLLi pHYs sCAL pCAL oFFs sTER eXIf tIME tEXt zTXt iTXt sPLT";

static bool is_carried(const char *name, unsigned depth, bool palette)
{
    if (strcmp(name, "bKGD") == 0)
        return !palette && depth >= 8; /* it is a colour of the stored type */
    if (strstr(carried, name))
        return true;
    return name[3] >= 'a' && !strstr("sBIT hIST tRNS fcTL fdAT", name);
}

/* Whether the content has the size of its kind, or begins with a keyword of 1 to 79 bytes and 0. */
static bool is_sound(const char *name, const unsigned char *data, size_t n)
{
    static const struct {
        char name[5];
        unsigned char size;
    } fixed[] = {{"cHRM", 32}, {"gAMA", 4}, {"sRGB", 1}, {"cICP", 4}, {"mDCV", 24}, {"mDCv", 24},
                 {"cLLI", 8},  {"cLLi", 8}, {"pHYs", 9}, {"oFFs", 9}, {"sTER", 1},  {"tIME", 7}};
    for (size_t i = 0; i < sizeof fixed / sizeof *fixed; i++)
        if (strcmp(name, fixed[i].name) == 0)
            return n == fixed[i].size;
    if (!strstr("iCCP tEXt zTXt iTXt sPLT pCAL", name))
        return true;
    const unsigned char *end = n > 0 ? memchr(data, 0, n < 80 ? n : 80) : NULL;
    return end && end > data;
}

/* At most PNG_CHUNK_MAX bytes out of a zlib stream; NULL if it is broken or larger, or memory is short. Freed by free(). */
static unsigned char *inflate_all(struct metadata *m, const unsigned char *data, size_t n, size_t *size)
{
    z_stream z = {.next_in = (Bytef *)(uintptr_t)data, .avail_in = (uInt)n};
    size_t room = 1 << 16;
    unsigned char *out = malloc(room);
    int status = out && inflateInit(&z) == Z_OK ? Z_OK : Z_MEM_ERROR;
    while (status == Z_OK) {
        if (z.total_out == room) {
            unsigned char *more = room < PNG_CHUNK_MAX ? realloc(out, 2 * room) : NULL;
            if (!more) {
                status = room < PNG_CHUNK_MAX ? Z_MEM_ERROR : Z_BUF_ERROR;
                break;
            }
            out = more;
            room *= 2;
        }
        z.next_out = out + z.total_out;
        z.avail_out = (uInt)(room - z.total_out);
        status = inflate(&z, Z_NO_FLUSH);
    }
    *size = z.total_out;
    inflateEnd(&z);
    if (status == Z_STREAM_END)
        return out;
    m->lacks |= status == Z_MEM_ERROR;
    free(out);
    return NULL;
}

/* name, 0, method, zlib stream */
static void note_profile(struct metadata *m, const unsigned char *data, size_t n)
{
    const unsigned char *end = memchr(data, 0, n);
    size_t size;
    if (end + 2 > data + n)
        return;
    unsigned char *profile = inflate_all(m, end + 2, (size_t)(data + n - end - 2), &size);
    if (profile)
        metadata_add(m, META_ICC, 0, 0, profile, size);
    free(profile);
}

/* keyword, 0, compressed, method, language, 0, translated keyword, 0, text */
static void note_text(struct metadata *m, const unsigned char *data, size_t n)
{
    const unsigned char *end = data + n, *at = data + sizeof xmp_keyword + 2;
    size_t size;
    if (n < sizeof xmp_keyword + 4 || memcmp(data, xmp_keyword, sizeof xmp_keyword) != 0)
        return;
    for (int skipped = 0; skipped < 2; skipped++) {
        at = memchr(at, 0, (size_t)(end - at));
        if (!at)
            return;
        at++;
    }
    if (data[sizeof xmp_keyword] == 0) {
        metadata_add(m, META_XMP, 0, 0, at, (size_t)(end - at));
        return;
    }
    unsigned char *text = inflate_all(m, at, (size_t)(end - at), &size);
    if (text)
        metadata_add(m, META_XMP, 0, 0, text, size);
    free(text);
}

/* Pixels a metre, or only their ratio. */
static void note_resolution(struct metadata *m, const unsigned char *data, size_t n)
{
    if (n != 9)
        return;
    double per_unit = data[8] == 1 ? 100 : 1;
    m->x_resolution = get_be32(data) / per_unit;
    m->y_resolution = get_be32(data + 4) / per_unit;
    m->resolution_unit = data[8] == 1 ? RESOLUTION_CENTIMETRE : RESOLUTION_ASPECT;
}

static void note_common(struct metadata *m, const char *name, const unsigned char *data, size_t n)
{
    if (strcmp(name, "iCCP") == 0)
        note_profile(m, data, n);
    else if (strcmp(name, "eXIf") == 0)
        metadata_add(m, META_EXIF, 0, 0, data, n);
    else if (strcmp(name, "iTXt") == 0)
        note_text(m, data, n);
    else if (strcmp(name, "pHYs") == 0)
        note_resolution(m, data, n);
}

/*
 * libpng calls it with every chunk but the critical ones and tRNS. An animated PNG is refused: its other pictures would be
 * lost in silence.
 */
static int on_chunk(png_structp png, png_unknown_chunkp chunk)
{
    struct png *p = png_get_user_chunk_ptr(png);
    const char *name = (const char *)chunk->name;
    bool palette = png_get_color_type(png, p->info) == PNG_COLOR_TYPE_PALETTE, damaged = p->damaged;

    bool again = p->chunks++ < p->noted;
    p->noted += !again;
    p->damaged = false;
    if (strcmp(name, "acTL") == 0)
        png_error(png, "animated PNG is not supported");
    if (again || !is_carried(name, png_get_bit_depth(p->png, p->info), palette))
        return 1;
    uint32_t tag = get_be32(chunk->name);
    struct metadata *m = &p->metadata;
    size_t native = m->n;
    m->tells_rest = true;
    if (damaged || !is_sound(name, chunk->data, chunk->size)) {
        metadata_note(m, NOTE_VERBOSE, "its %s chunk is broken: it is left out", name);
        return 1;
    }
    if (metadata_add(m, META_NATIVE, tag, 0, chunk->data, chunk->size)) {
        note_common(m, name, chunk->data, chunk->size);
        m->item[native].mirrored = m->n > native + 1 || strcmp(name, "pHYs") == 0;
        m->item[native].profile = strcmp(name, "iCCP") == 0;
    }
    return 1;
}

void pngc_chunk_listen(struct png *p)
{
    png_set_chunk_malloc_max(p->png, PNG_CHUNK_MAX);
    png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_ALWAYS, NULL, -1);
    png_set_read_user_chunk_fn(p->png, p, on_chunk);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

/* Writes a chunk of a head and a body, which may be compressed. */
static void write_chunk(struct png *p, const char *name, const void *head, size_t head_bytes, const unsigned char *body,
                        size_t n, bool compress_body)
{
    uLongf size = compress_body ? compressBound((uLong)n) : (uLongf)n;
    png_alloc_size_t all = head_bytes + size;
    unsigned char *data = n < PNG_UINT_31_MAX / 2 ? png_malloc_warn(p->png, all ? all : 1) : NULL;
    if (!data)
        png_error(p->png, "out of memory");
    p->chunk = data; /* freed with the writer if writing fails */
    memcpy(data, head, head_bytes);
    if (!compress_body && n > 0)
        memcpy(data + head_bytes, body, n);
    else if (compress_body && compress2(data + head_bytes, &size, body, (uLong)n, 9) != Z_OK)
        png_error(p->png, "out of memory");
    if (strcmp(name, "eXIf") == 0)
        exif_edit(data, n, &p->picture.changes);
    else if (strcmp(name, "iTXt") == 0)
        xmp_edit(data, head_bytes + n, &p->picture.changes);
    png_write_chunk(p->png, (png_const_bytep)name, data, head_bytes + size);
    p->chunk = NULL;
    png_free(p->png, data);
}

/* Across and down change places if the picture was turned so. */
static void write_native_resolution(struct png *p, const struct meta *item)
{
    png_byte data[9];
    size_t across = p->picture.changes.turned > 4 ? 4 : 0;
    memcpy(data, item->data + across, 4);
    memcpy(data + 4, item->data + 4 - across, 4);
    data[8] = item->data[8];
    png_write_chunk(p->png, (png_const_bytep) "pHYs", data, sizeof data);
}

static bool is_xmp(const struct meta *item)
{
    return item->tag == PNG_TAG('i', 'T', 'X', 't') && item->size >= sizeof xmp_keyword &&
           memcmp(item->data, xmp_keyword, sizeof xmp_keyword) == 0;
}

static void write_native(struct png *p, const struct meta *item)
{
    png_byte name[5] = {0};
    put_be32(name, item->tag);
    if (item->tag == PNG_TAG('e', 'X', 'I', 'f') || is_xmp(item))
        write_chunk(p, (const char *)name, "", 0, item->data, item->size, false);
    else if (item->tag == PNG_TAG('p', 'H', 'Y', 's') && item->size == 9)
        write_native_resolution(p, item);
    else if (!(item->tag == PNG_TAG('b', 'K', 'G', 'D') && p->picture.changes.type))
        png_write_chunk(p->png, name, item->data, item->size);
}

static void write_common(struct png *p, const struct meta *item)
{
    static const char profile_head[] = "icc\0"; /* name, 0, method 0 */
    static const char text_head[] = "XML:com.adobe.xmp\0\0\0\0";
    if (item->kind == META_ICC)
        write_chunk(p, "iCCP", profile_head, sizeof profile_head, item->data, item->size, true);
    else if (item->kind == META_EXIF)
        write_chunk(p, "eXIf", "", 0, item->data, item->size, false);
    else if (item->kind == META_XMP)
        write_chunk(p, "iTXt", text_head, sizeof text_head, item->data, item->size, false);
}

static void write_resolution(struct png *p, const struct metadata *m)
{
    double per_metre = m->resolution_unit == RESOLUTION_INCH         ? 100 / 2.54
                       : m->resolution_unit == RESOLUTION_CENTIMETRE ? 100
                                                                     : 1;
    double x = picture_resolution(&p->picture, 0) * per_metre + 0.5;
    double y = picture_resolution(&p->picture, 1) * per_metre + 0.5;
    png_byte data[9];
    if (!(x >= 1 && y >= 1 && x <= PNG_UINT_31_MAX && y <= PNG_UINT_31_MAX))
        return;
    put_be32(data, (uint32_t)x);
    put_be32(data + 4, (uint32_t)y);
    data[8] = m->resolution_unit != RESOLUTION_ASPECT;
    png_write_chunk(p->png, (png_const_bytep) "pHYs", data, sizeof data);
}

void pngc_chunk_begin(struct png *p)
{
    const struct metadata *m = p->picture.metadata;
    p->walk = metadata_walk(&p->picture, codec_png.name, &p->options);
    if (m && !p->walk.native) {
        write_resolution(p, m);
        metadata_tell_rest(m, &p->options);
    }
}

void pngc_chunk_write(struct png *p)
{
    for (const struct meta *item; (item = metadata_next(&p->walk));)
        if (p->walk.native)
            write_native(p, item);
        else
            write_common(p, item);
}
