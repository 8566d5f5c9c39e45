/*
 * The mutator of targets of image data of PNG. The data are taken out of their chunks, changed, and put into others with
 * right checksums: rows that are deflated in all ways that zlib has; streams whose bits are changed, with the checksum of
 * what ISA-L makes of them; chunks of other lengths. What is around them is left to libFuzzer's own mutator.
 */
#include "base/bytes.h"

#include <stdlib.h>
#include <string.h>

#include <isa-l/igzip_lib.h>
#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t room);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed);

enum { SIGNATURE = 8, AROUND = 12, ROOM = 1 << 17 };

/* Random numbers of a mutation: xorshift. */
static uint32_t state;

static uint32_t roll(uint32_t n)
{
    state ^= state << 13;
    state ^= state >> 17;
    state ^= state << 5;
    return state % n;
}

/* ---- files --------------------------------------------------------------------------------------------------------- */

static size_t chunk_bytes(const uint8_t *bytes, size_t size, size_t at)
{
    if (at > size || size - at < AROUND)
        return 0;
    uint32_t n = get_be32(bytes + at);
    return n <= size - at - AROUND ? n + AROUND : 0;
}

static size_t put_chunk(uint8_t *to, const char *name, const uint8_t *data, size_t n)
{
    put_bytes(to, 4, false, n);
    memcpy(to + 4, name, 4);
    if (n > 0)
        memcpy(to + 8, data, n);
    put_bytes(to + 8 + n, 4, false, crc32(0, to + 4, (uInt)n + 4));
    return n + AROUND;
}

static void mend(uint8_t *bytes, size_t size)
{
    size_t n;
    for (size_t at = SIGNATURE; (n = chunk_bytes(bytes, size, at)) > 0; at += n)
        put_bytes(bytes + at + n - 4, 4, false, crc32(0, bytes + at + 4, (uInt)n - 8));
}

/* A file taken apart: what is before the image data, they, and what is behind. */
struct parts {
    uint8_t head[ROOM], stream[ROOM], tail[ROOM];
    size_t head_n, stream_n, tail_n;
};

static void append(uint8_t *to, size_t *n, const uint8_t *from, size_t bytes)
{
    if (bytes <= ROOM - *n) {
        memcpy(to + *n, from, bytes);
        *n += bytes;
    }
}

static bool take_apart(const uint8_t *bytes, size_t size, struct parts *p)
{
    size_t at = SIGNATURE;
    bool found = false;
    p->head_n = p->stream_n = p->tail_n = 0;
    if (size < SIGNATURE)
        return false;
    append(p->head, &p->head_n, bytes, SIGNATURE);
    for (size_t n; (n = chunk_bytes(bytes, size, at)) > 0; at += n) {
        bool data = memcmp(bytes + at + 4, "IDAT", 4) == 0;
        found |= data;
        if (data)
            append(p->stream, &p->stream_n, bytes + at + 8, n - AROUND);
        else if (found)
            append(p->tail, &p->tail_n, bytes + at, n);
        else
            append(p->head, &p->head_n, bytes + at, n);
    }
    return found;
}

/* Chunks of one length, of any lengths, or one chunk. */
static size_t put_together(const struct parts *p, uint8_t *bytes, size_t room)
{
    size_t kind = roll(4), most = kind == 0 ? 1 + roll(16) : kind == 1 ? 1 + roll(5000) : p->stream_n + 1;
    size_t size = p->head_n, n;
    if (p->head_n + p->tail_n > room)
        return 0;
    memcpy(bytes, p->head, p->head_n);
    for (size_t at = 0; at < p->stream_n || at == 0; at += n) {
        n = roll(4) == 0 ? roll((uint32_t)most + 1) : most;
        n = n < p->stream_n - at ? n : p->stream_n - at;
        if (n + AROUND > room - size - p->tail_n)
            return 0;
        size += put_chunk(bytes + size, "IDAT", p->stream + at, n);
        if (p->stream_n == 0)
            break;
        if (roll(300) == 0 && 2 * AROUND < room - size - p->tail_n)
            size += put_chunk(bytes + size, roll(2) ? "IDAT" : "tEXt", (const uint8_t *)"a\0b", roll(2) ? 3 : 0);
    }
    if (p->tail_n > 0)
        memcpy(bytes + size, p->tail, p->tail_n);
    return size + p->tail_n;
}

/* ---- streams ------------------------------------------------------------------------------------------------------- */

/* Rows of the size of the picture, or a little off. */
static size_t rows_size(const struct parts *p)
{
    static const unsigned samples[] = {1, 0, 3, 1, 2, 0, 4};
    if (p->head_n < SIGNATURE + AROUND + 13)
        return 0;
    const uint8_t *ihdr = p->head + SIGNATURE + 8;
    uint64_t width = get_be32(ihdr), height = get_be32(ihdr + 4), bits = ihdr[8] * (ihdr[9] < 7 ? samples[ihdr[9]] : 1u);
    uint64_t size = width < ROOM && height < ROOM ? height * (1 + (width * bits + 7) / 8) : ROOM;
    return size < ROOM ? (size_t)size + (roll(20) == 0 ? roll(3) : 1) - (size > 0) : 0;
}

static void deflate_rows(struct parts *p, const uint8_t *rows, size_t n)
{
    static const int flush[] = {Z_NO_FLUSH, Z_NO_FLUSH, Z_PARTIAL_FLUSH, Z_SYNC_FLUSH, Z_FULL_FLUSH, Z_BLOCK};
    z_stream z = {.next_in = (Bytef *)(uintptr_t)rows};
    int bits = roll(3) ? 15 : 9 + (int)roll(7), status = Z_OK;
    size_t most = roll(2) ? n : 1 + roll(2000);
    if (deflateInit2(&z, (int)roll(10), Z_DEFLATED, bits, 1 + (int)roll(9), (int)roll(5)) != Z_OK)
        return;
    z.next_out = p->stream;
    z.avail_out = ROOM;
    for (size_t at = 0, part; at < n; at += part) {
        part = most < n - at ? most : n - at;
        z.avail_in = (uInt)part;
        status = deflate(&z, flush[roll(6)]);
        if (roll(8) == 0)
            deflateParams(&z, (int)roll(10), (int)roll(5));
    }
    if (status != Z_STREAM_ERROR && deflate(&z, Z_FINISH) == Z_STREAM_END)
        p->stream_n = z.total_out;
    deflateEnd(&z);
}

static void change_rows(struct parts *p)
{
    static uint8_t rows[ROOM];
    uLongf had = sizeof rows;
    size_t n = rows_size(p);
    if (uncompress(rows, &had, p->stream, p->stream_n) != Z_OK)
        had = 0;
    memset(rows + had, (int)roll(256), sizeof rows - had);
    if (n > 0)
        LLVMFuzzerMutate(rows, n, n);
    for (size_t i = 0, step = 1 + roll(999); roll(3) == 0 && i < n; i += step) /* matches, far ones too */
        memmove(rows + i, rows + (i > 40 ? i - 1 - roll((uint32_t)(i < 33000 ? i : 33000)) : 0), n - i < 40 ? n - i : 40);
    deflate_rows(p, rows, n);
}

/* Changes bits, and puts the checksum behind what ISA-L takes for the end. */
static void change_stream(struct parts *p)
{
    static struct inflate_state s;
    static uint8_t out[2 * ROOM];
    if (p->stream_n < 8)
        return;
    for (uint32_t changes = 1 + roll(3); changes > 0; changes--) {
        uint32_t near = roll(2) ? 100 : (uint32_t)p->stream_n;
        p->stream[(roll(4) ? 2 : 0) + roll(near < p->stream_n - 2 ? near : (uint32_t)p->stream_n - 2)] ^=
            (uint8_t)(1u << roll(8));
    }
    isal_inflate_init(&s);
    s.next_in = p->stream + 2;
    s.avail_in = (uint32_t)p->stream_n - 2;
    s.next_out = out;
    s.avail_out = sizeof out;
    if (isal_inflate(&s) != ISAL_DECOMP_OK || s.block_state != ISAL_BLOCK_FINISH)
        return;
    size_t end = p->stream_n - s.avail_in - (size_t)s.read_in_length / 8;
    if (end + 4 <= ROOM) {
        put_bytes(p->stream + end, 4, false, adler32(adler32(0, NULL, 0), out, s.total_out));
        p->stream_n = end + 4;
    }
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t room, unsigned seed)
{
    static struct parts p;
    state = seed | 1;
    roll(2);
    uint32_t what = roll(8);
    if (what > 0 && take_apart(bytes, size, &p)) {
        if (what < 4)
            change_rows(&p);
        else if (what < 7)
            change_stream(&p);
        size_t made = put_together(&p, bytes, room);
        if (made > 0)
            return made;
    }
    size = LLVMFuzzerMutate(bytes, size, room);
    if (roll(16) > 0) /* wrong checksums have their turn */
        mend(bytes, size);
    return size;
}
