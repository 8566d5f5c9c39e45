/*
 * Directories of tags, read and written past libtiff: byte for byte, whatever the tags, with the EXIF and GPS directories
 * (TIFF 6.0; BigTIFF as libtiff has it). An EXIF block of another format is a little TIFF file and goes the same way.
 */
#include "base/bytes.h"
#include "codec/tiff/internal.h"

#include <stdlib.h>
#include <string.h>

enum { ENTRIES_MAX = 4096 /* as libtiff */ };

/* The size of a value, 0 of an unknown type. */
static size_t type_size(unsigned type)
{
    static const unsigned char size[] = {0, 1, 1, 2, 4, 8, 1, 1, 2, 4, 8, 4, 8, 4, 0, 0, 8, 8, 8};
    return type < sizeof size ? size[type] : 0;
}

/* The bytes of a number within a value: a rational is two numbers. */
static size_t unit_size(unsigned type)
{
    return type == TIFF_RATIONAL || type == TIFF_SRATIONAL ? 4 : type_size(type);
}

/* ---- reading ------------------------------------------------------------------------------------------------------ */

static bool read_number(const struct tiff_ifds *f, uint64_t at, size_t size, uint64_t *value)
{
    unsigned char bytes[8] = {0};
    struct why why = {""};
    if (!source_get(f->source, bytes, size, at, &why))
        return false;
    *value = get_bytes(bytes, size, f->little);
    return true;
}

bool tiff_ifds_open(struct tiff_ifds *f, struct source *source, struct why *why)
{
    unsigned char head[16] = {0};
    *f = (struct tiff_ifds){.source = source};
    if (!source_get(source, head, 8, 0, why))
        return false;
    if ((head[0] != 'I' && head[0] != 'M') || head[1] != head[0])
        return why_set(why, "not a TIFF file");
    f->little = head[0] == 'I';
    uint64_t version = get_bytes(head + 2, 2, f->little);
    f->big = version == 43;
    if (version != 42 && !(f->big && source_get(source, head, 16, 0, why)))
        return why_set(why, "not a TIFF file");
    f->first = f->big ? get_bytes(head + 8, 8, f->little) : get_bytes(head + 4, 4, f->little);
    return true;
}

/* The number of entries of a directory, and where they begin. */
static bool open_directory(const struct tiff_ifds *f, uint64_t at, uint64_t *n, uint64_t *entries)
{
    size_t size = f->big ? 8 : 2;
    *entries = at + size;
    return at > 0 && at < INT64_MAX && read_number(f, at, size, n) && *n <= ENTRIES_MAX;
}

size_t tiff_ifds_count(const struct tiff_ifds *f, size_t most)
{
    size_t count = 0;
    uint64_t at = f->first, n, entries;
    while (count < most && open_directory(f, at, &n, &entries)) {
        count++;
        if (!read_number(f, entries + n * (f->big ? 20 : 12), f->big ? 8 : 4, &at))
            break;
    }
    return count;
}

/* The value's bytes in native order; an item without bytes stands for what cannot be read. */
static void add_value(const struct tiff_ifds *f, uint64_t at, uint64_t size, uint32_t tag, unsigned type,
                      struct metadata *m)
{
    struct why why = {""};
    bool fits = size <= METADATA_BYTES_MAX - m->bytes;
    unsigned char *data = fits ? malloc((size_t)size) : NULL;
    m->lacks |= fits && !data;
    bool ok = data && source_get(f->source, data, (size_t)size, at, &why);
    if (ok && f->little != machine_is_little())
        swap_bytes(data, (size_t)size / unit_size(type), unit_size(type));
    if (!ok || !metadata_add(m, META_NATIVE, tag, type, data, (size_t)size))
        metadata_add(m, META_NATIVE, tag, type, NULL, 0);
    free(data);
}

/* A pointer to another directory. Only those to EXIF and GPS can be followed without knowing what they are. */
static void add_directory(const struct tiff_ifds *f, uint64_t at, uint32_t tag, bool (*wanted)(uint32_t),
                          struct metadata *m)
{
    if ((tag != TIFF_EXIF && tag != TIFF_GPS) || !tiff_ifd_read(f, at, tag << 16, wanted, m))
        metadata_add(m, META_NATIVE, tag, TIFF_IFD, NULL, 0);
}

static void add_entry(const struct tiff_ifds *f, const unsigned char *entry, uint64_t at, uint32_t upper,
                      bool (*wanted)(uint32_t), struct metadata *m)
{
    uint32_t tag = upper | (uint32_t)get_bytes(entry, 2, f->little);
    unsigned type = (unsigned)get_bytes(entry + 2, 2, f->little);
    size_t width = f->big ? 8 : 4, each = type_size(type);
    uint64_t count = get_bytes(entry + 4, width, f->little), offset = get_bytes(entry + 4 + width, width, f->little);
    bool pointer = tag == TIFF_EXIF || tag == TIFF_GPS || tag == TIFFTAG_SUBIFD || type == TIFF_IFD || type == TIFF_IFD8;

    if (!wanted(tag) || each == 0 || count == 0)
        return;
    if (pointer)
        add_directory(f, offset, tag, wanted, m);
    else if (count > METADATA_BYTES_MAX / each)
        metadata_add(m, META_NATIVE, tag, type, NULL, 0);
    else
        add_value(f, count * each <= width ? at + 4 + width : offset, count * each, tag, type, m);
}

bool tiff_ifd_read(const struct tiff_ifds *f, uint64_t at, uint32_t upper, bool (*wanted)(uint32_t), struct metadata *m)
{
    size_t size = f->big ? 20 : 12;
    uint64_t n, entries;
    bool exif = false, gps = false;
    if (!open_directory(f, at, &n, &entries))
        return false;
    for (uint64_t i = 0; i < n; i++) {
        unsigned char entry[20];
        struct why why = {""};
        if (!source_get(f->source, entry, size, entries + i * size, &why))
            return false;
        /* Each is followed once, or a small file could name one large directory a thousand times. */
        uint64_t tag = get_bytes(entry, 2, f->little);
        bool again = (tag == TIFF_EXIF && exif) || (tag == TIFF_GPS && gps);
        exif |= tag == TIFF_EXIF;
        gps |= tag == TIFF_GPS;
        if (!again)
            add_entry(f, entry, entries + i * size, upper, wanted, m);
    }
    return true;
}

/* ---- shown to libtiff --------------------------------------------------------------------------------------------- */

static bool is_shown(const struct tiff_ifds *f, const struct tiff_shown *shown, size_t n, const unsigned char *entry)
{
    size_t size = f->big ? 20 : 12, head = f->big ? 8 : 2;
    for (size_t i = 0; i < n; i++)
        if (memcmp(shown->bytes + head + i * size, entry, 2) == 0)
            return true;
    return false;
}

static void set_count(const struct tiff_ifds *f, struct tiff_shown *shown, size_t n)
{
    put_bytes(shown->bytes, f->big ? 8 : 2, f->little, n);
}

void tiff_ifd_show(const struct tiff_ifds *f, uint64_t at, bool (*wanted)(uint32_t), struct tiff_shown *shown)
{
    size_t size = f->big ? 20 : 12, link = f->big ? 8 : 4, head = f->big ? 8 : 2, shows = 0;
    uint64_t n, entries;
    struct why why = {""};
    *shown = (struct tiff_shown){.at = at};
    if (!open_directory(f, at, &n, &entries))
        return;
    unsigned char *all = malloc((size_t)n * size + link), *last = all ? all + n * size : NULL;
    bool ok = all && source_get(f->source, all, (size_t)n * size + link, entries, &why);
    for (unsigned char *entry = all; ok && entry < last; entry += size) {
        if (!wanted((uint32_t)get_bytes(entry, 2, f->little)) || is_shown(f, shown, shows, entry))
            continue;
        ok = shows < TIFF_SHOWN_MAX;
        if (ok)
            memcpy(shown->bytes + head + shows++ * size, entry, size);
    }
    if (ok) {
        set_count(f, shown, shows);
        memcpy(shown->bytes + head + shows * size, last, link);
        shown->size = head + shows * size + link;
        shown->next = get_bytes(last, link, f->little);
    }
    free(all);
}

/* ---- writing ------------------------------------------------------------------------------------------------------ */

void tiff_bytes_put(struct tiff_bytes *b, const void *from, size_t n)
{
    if (b->failed || n == 0)
        return;
    if (b->size + n > b->capacity) {
        size_t capacity = 2 * b->capacity + n + 256;
        unsigned char *data = realloc(b->data, capacity);
        b->failed = data == NULL;
        if (b->failed)
            return;
        b->data = data;
        b->capacity = capacity;
    }
    memcpy(b->data + b->size, from, n);
    b->size += n;
}

/* Values and directories begin at even offsets. */
static void align(struct tiff_bytes *b)
{
    if ((b->base + b->size) % 2)
        tiff_bytes_put(b, "", 1);
}

static void put_number(struct tiff_bytes *b, uint64_t value, size_t size)
{
    unsigned char bytes[8];
    put_bytes(bytes, size, machine_is_little(), value);
    tiff_bytes_put(b, bytes, size);
}

/* An entry as it stands in its directory. */
struct entry {
    uint16_t tag;
    unsigned char bytes[20];
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

/* The entry of a value; the value itself is appended where it has no room. */
static void make_entry(struct tiff_bytes *b, uint16_t tag, unsigned type, const void *data, size_t n, struct entry *entry)
{
    unsigned char place[8] = {0};
    size_t width = b->big ? 8 : 4;
    struct tiff_bytes e = {.data = entry->bytes, .capacity = sizeof entry->bytes};
    if (n <= width) {
        memcpy(place, data, n);
    } else {
        align(b);
        put_bytes(place, width, machine_is_little(), b->base + b->size);
        tiff_bytes_put(b, data, n);
    }
    entry->tag = tag;
    put_number(&e, tag, 2);
    put_number(&e, type, 2);
    put_number(&e, n / type_size(type), width);
    tiff_bytes_put(&e, place, width);
}

static uint64_t put_directory(struct tiff_bytes *b, struct entry *entries, size_t n)
{
    qsort(entries, n, sizeof *entries, compare_entries);
    align(b);
    uint64_t at = b->base + b->size;
    put_number(b, n, b->big ? 8 : 2);
    for (size_t i = 0; i < n; i++)
        tiff_bytes_put(b, entries[i].bytes, b->big ? 20 : 12);
    put_number(b, 0, b->big ? 8 : 4);
    return at;
}

/* Whether it is whole values of a known type: metadata from another process may be anything. */
static bool is_value(const struct meta *item)
{
    size_t size = type_size(item->type);
    return item->kind == META_NATIVE && item->size > 0 && size > 0 && item->size % size == 0;
}

/* entries <- those of the items whose tag has this upper half. Returns how many there are. */
static size_t make_entries(struct tiff_bytes *b, const struct metadata *m, uint32_t upper, struct entry *entries)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++) {
        const struct meta *item = &m->item[i];
        if (is_value(item) && item->tag >> 16 == upper)
            make_entry(b, (uint16_t)item->tag, item->type, item->data, item->size, &entries[n++]);
    }
    return n;
}

/* Appends the EXIF or GPS directory, and makes the entry that points there. Returns 1, or 0 if there is none. */
static size_t put_other(struct tiff_bytes *b, const struct metadata *m, uint16_t tag, struct entry *scratch,
                        struct entry *pointer)
{
    size_t n = make_entries(b, m, tag, scratch);
    if (n == 0)
        return 0;
    unsigned char at[8];
    size_t width = b->big ? 8 : 4;
    put_bytes(at, width, machine_is_little(), put_directory(b, scratch, n));
    make_entry(b, tag, b->big ? TIFF_IFD8 : TIFF_LONG, at, width, pointer);
    return 1;
}

uint64_t tiff_ifd_put(struct tiff_bytes *b, const struct metadata *m, const unsigned char *made, size_t n)
{
    size_t size = b->big ? 20 : 12, all = m->n + n + 2;
    struct entry *entries = calloc(2 * all, sizeof *entries);
    if (!entries) {
        b->failed = true;
        return 0;
    }
    struct entry *scratch = entries + all;
    for (size_t i = 0; i < n; i++) {
        memcpy(entries[i].bytes, made + i * size, size);
        memcpy(&entries[i].tag, entries[i].bytes, sizeof entries[i].tag);
    }
    n += put_other(b, m, TIFF_EXIF, scratch, &entries[n]);
    n += put_other(b, m, TIFF_GPS, scratch, &entries[n]);
    n += make_entries(b, m, 0, entries + n);
    uint64_t at = put_directory(b, entries, n);
    free(entries);
    return at;
}
