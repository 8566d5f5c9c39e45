/* Streams written bit by bit, whose codes are those that zlib takes, or not. */
#include "zlib_streams.h"

enum { LITERALS = 288, DISTANCES = 32, LENGTHS = 19, END = 256, OUT = 1 << 18, RAW = 1 << 17 };

/* ---- bits ---------------------------------------------------------------------------------------------------------- */

struct writer {
    struct random random;
    unsigned char raw[RAW], out[OUT]; /* a raw stream, and what it inflates to */
    size_t bits, made;
};

static void put(struct writer *w, unsigned value, unsigned n)
{
    for (unsigned i = 0; i < n; i++, w->bits++) {
        REQUIRE(w->bits < 8 * (size_t)RAW, "no room");
        if (w->bits % 8 == 0)
            w->raw[w->bits / 8] = 0;
        w->raw[w->bits / 8] |= (unsigned char)((value >> i & 1) << w->bits % 8);
    }
}

/* A Huffman code: the length of each symbol's, and the codes by RFC 1951, 3.2.2. */
struct code {
    unsigned symbols, length[LITERALS], bits[LITERALS];
};

static void number(struct code *c)
{
    for (unsigned n = 1, next = 0; n < 16; n++, next <<= 1)
        for (unsigned s = 0; s < c->symbols; s++)
            if (c->length[s] == n)
                c->bits[s] = next++;
}

static void put_symbol(struct writer *w, const struct code *c, unsigned s)
{
    for (unsigned i = c->length[s]; i > 0; i--)
        put(w, c->bits[s] >> (i - 1), 1);
}

static unsigned below(struct writer *w, unsigned n)
{
    return (unsigned)random_below(&w->random, n);
}

/* ---- codes --------------------------------------------------------------------------------------------------------- */

enum shape { COMPLETE, MISSING, OVER, HALF, ALONE, ALONE_LONG, EMPTY };

/* Lengths for the n symbols of `used`: 1 from ALONE on, 2 for HALF, or more. `most` bits are enough for n + 1. */
static void shape_code(struct writer *w, enum shape shape, const unsigned *used, unsigned n, unsigned most, struct code *c)
{
    unsigned length[LITERALS + 1] = {0}, leaves = 1, wanted = n + (shape == MISSING) - (shape == OVER);
    while (leaves < wanted) {
        unsigned i = below(w, leaves);
        if (length[i] < most)
            length[leaves++] = ++length[i];
    }
    if (shape == OVER)
        length[n - 1] = 1 + below(w, most);
    if (shape == ALONE || shape == ALONE_LONG)
        length[0] = shape == ALONE ? 1 : 2 + below(w, most - 1);
    if (shape == HALF)
        length[0] = length[1] = 2;
    memset(c->length, 0, sizeof c->length);
    for (unsigned i = 0; i < n && shape != EMPTY; i++)
        c->length[used[i]] = length[i];
    number(c);
}

/* chosen[0..n) <- different symbols below `limit`, the first ones `must`; the end of a block is not among the others. */
static void choose(struct writer *w, unsigned n, unsigned limit, const unsigned *must, unsigned musts, unsigned *chosen)
{
    bool taken[LITERALS] = {[END] = true};
    for (unsigned i = 0; i < n; i++) {
        unsigned s = i < musts ? must[i] : below(w, limit);
        while (i >= musts && taken[s])
            s = (s + 1) % limit;
        taken[s] = true;
        chosen[i] = s;
    }
}

/* ---- blocks -------------------------------------------------------------------------------------------------------- */

enum trouble {
    NONE,
    NO_END,
    MANY_LITERALS,
    MANY_DISTANCES,
    REPEATS_NOTHING,
    REPEATS_BEYOND,
    TOO_FAR,
    UNUSED_DISTANCE, /* dynamic */
    LITERAL_286,
    LITERAL_287,
    DISTANCE_30,
    DISTANCE_31, /* fixed */
    TYPE_3,
    COMPLEMENT
};

struct kind_of_block {
    const char *name;
    enum shape literals, distances, lengths;
    enum trouble trouble;
    bool sound;
};

/* How lengths are written: symbols of their own code, and the bits behind. */
struct token {
    unsigned symbol, extra, bits;
};

/* Runs of a length are repeated, mostly. */
static unsigned make_tokens(struct writer *w, const unsigned *length, unsigned n, bool beyond, struct token *t)
{
    unsigned count = 0;
    for (unsigned i = 0, run; i < n; i += run) {
        unsigned left = 1;
        while (i + left < n && length[i + left] == length[i])
            left++;
        bool again = i > 0 && length[i - 1] == length[i];
        run = 1;
        t[count] = (struct token){length[i], 0, 0};
        if (left >= 11 && length[i] == 0 && below(w, 8))
            t[count] = (struct token){18, (run = left < 138 ? left : 138) - 11, 7};
        else if (left >= 3 && length[i] == 0 && below(w, 8))
            t[count] = (struct token){17, (run = left < 10 ? left : 10) - 3, 3};
        else if (left >= 3 && again && below(w, 8))
            t[count] = (struct token){16, (run = left < 6 ? left : 6) - 3, 2};
        count++;
    }
    if (beyond)
        t[count - 1] = (struct token){18, 127, 7};
    return count;
}

static void put_header(struct writer *w, const struct kind_of_block *b, const struct code *literals,
                       const struct code *distances)
{
    static const unsigned order[LENGTHS] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
    unsigned length[LITERALS + DISTANCES] = {0}, used[LENGTHS], n = 0;
    unsigned a = b->trouble == MANY_LITERALS ? 287 + below(w, 2) : 286;
    unsigned z = b->trouble == MANY_DISTANCES ? 31 + below(w, 2) : 30;
    while (b->trouble != MANY_LITERALS && a > 257 && literals->length[a - 1] == 0 && below(w, 50))
        a--;
    while (b->trouble != MANY_DISTANCES && z > 1 && distances->length[z - 1] == 0 && below(w, 50))
        z--;
    memcpy(length, literals->length, a * sizeof *length);
    memcpy(length + a, distances->length, z * sizeof *length);
    struct token tokens[LITERALS + DISTANCES];
    unsigned count = make_tokens(w, length, a + z, b->trouble == REPEATS_BEYOND, tokens);
    if (b->trouble == REPEATS_NOTHING)
        tokens[0] = (struct token){16, 0, 2};
    bool is_used[LENGTHS] = {false};
    for (unsigned i = 0; i < count; i++)
        is_used[tokens[i].symbol] = true;
    for (unsigned s = 0; s < LENGTHS; s++) /* three at least, whatever the shape */
        if (is_used[s] || s < 3)
            used[n++] = s;
    struct code code = {.symbols = LENGTHS};
    shape_code(w, b->lengths, used, n, 7, &code);
    put(w, a - 257, 5);
    put(w, z - 1, 5);
    put(w, LENGTHS - 4, 4);
    for (unsigned i = 0; i < LENGTHS; i++)
        put(w, code.length[order[i]], 3);
    for (unsigned i = 0; i < count; i++) {
        put_symbol(w, &code, tokens[i].symbol);
        put(w, tokens[i].extra, tokens[i].bits);
    }
}

/* `length` bytes from `back` before; what is before the first byte is 0. */
static void copy(struct writer *w, unsigned length, size_t back)
{
    REQUIRE(w->made + length <= OUT, "no room");
    for (; length > 0; length--, w->made++)
        w->out[w->made] = back <= w->made ? w->out[w->made - back] : 0;
}

/* A symbol of a length, and one of a distance, unless that goes too far or is wanted to. */
static void put_match(struct writer *w, const struct code *l, unsigned s, const struct code *d, unsigned t, bool too_far)
{
    unsigned i = s - 257, bits = i < 8 || i == 28 ? 0 : i / 4 - 1, extra = below(w, bits == 5 ? 31 : 1u << bits);
    unsigned length = i < 8 ? 3 + i : i == 28 ? 258 : 3 + ((4 + i % 4) << bits) + extra;
    unsigned far_bits = t < 4 ? 0 : t / 2 - 1, far_extra = below(w, 1u << far_bits);
    size_t back = t < 4 ? 1 + t : 1 + ((2 + t % 2) << far_bits) + far_extra;
    if ((back > w->made) != too_far)
        return;
    put_symbol(w, l, s);
    put(w, extra, bits);
    put_symbol(w, d, t);
    put(w, far_extra, far_bits);
    copy(w, length, back);
}

static void put_some(struct writer *w, const struct code *l, const struct code *d, const unsigned *used, unsigned n,
                     unsigned times)
{
    for (; times > 0 && w->made + 4096 <= OUT; times--) {
        unsigned s = used[below(w, n)], t = below(w, 30);
        for (int i = 0; i < 30 && d->length[t] == 0; i++)
            t = (t + 1) % 30;
        if (s < END) {
            put_symbol(w, l, s);
            w->out[w->made++] = (unsigned char)s;
        } else if (s > END && d->length[t] > 0)
            put_match(w, l, s, d, t, false);
    }
}

static void fixed_codes(struct code *l, struct code *d)
{
    *l = (struct code){.symbols = LITERALS};
    *d = (struct code){.symbols = DISTANCES};
    for (unsigned s = 0; s < LITERALS; s++)
        l->length[s] = s < 144 ? 8 : s < 256 ? 9 : s < 280 ? 7 : 8;
    for (unsigned s = 0; s < DISTANCES; s++)
        d->length[s] = 5;
    number(l);
    number(d);
}

static void put_fixed(struct writer *w, const struct kind_of_block *b, unsigned times)
{
    struct code l, d;
    unsigned all[286];
    for (unsigned s = 0; s < 286; s++)
        all[s] = s;
    fixed_codes(&l, &d);
    put_some(w, &l, &d, all, 286, times);
    bool length = b->trouble == LITERAL_286 || b->trouble == LITERAL_287;
    if (length || b->trouble == DISTANCE_30 || b->trouble == DISTANCE_31) {
        put_symbol(w, &l, b->trouble == LITERAL_286 ? 286 : b->trouble == LITERAL_287 ? 287 : 257);
        put_symbol(w, &d, b->trouble == DISTANCE_30 ? 30 : b->trouble == DISTANCE_31 ? 31 : 0);
    }
    put_symbol(w, &l, END);
}

static void put_dynamic(struct writer *w, const struct kind_of_block *b, unsigned times)
{
    struct code l = {.symbols = LITERALS}, d = {.symbols = DISTANCES};
    unsigned used[LITERALS], far_used[DISTANCES], far = 29, must[] = {257 + below(w, 29), END};
    bool alone = b->literals == ALONE || b->literals == ALONE_LONG;
    unsigned n = alone ? 1 : 3 + below(w, below(w, 2) ? 280 : 20), m = b->distances >= ALONE ? 1 : 3 + below(w, 26);
    m = b->distances == HALF ? 2 : m;
    choose(w, n, 286, alone ? must + 1 : must, b->trouble == NO_END || alone ? 1 : 2, used);
    choose(w, m, 30, &far, b->trouble == TOO_FAR, far_used);
    shape_code(w, b->literals, used, n, 15, &l);
    shape_code(w, b->distances, far_used, m, 15, &d);
    put_header(w, b, &l, &d);
    put_some(w, &l, &d, used, n, times);
    if (b->trouble == TOO_FAR)
        put_match(w, &l, must[0], &d, far, true);
    if (b->trouble == UNUSED_DISTANCE) {
        put_symbol(w, &l, must[0]);
        put(w, 255, 8); /* of the length, and then of the distance */
    }
    put_symbol(w, &l, END);
}

static void put_stored(struct writer *w, const struct kind_of_block *b, unsigned n)
{
    put(w, 0, (unsigned)(-w->bits & 7));
    put(w, n, 16);
    put(w, ~n ^ (b->trouble == COMPLEMENT ? 1u << below(w, 16) : 0), 16);
    for (; n > 0; n--) {
        w->out[w->made] = (unsigned char)below(w, 256);
        put(w, w->out[w->made++], 8);
    }
}

/* ---- streams ------------------------------------------------------------------------------------------------------- */

static const struct kind_of_block sound = {.name = "sound", .sound = true};

static void put_block(struct writer *w, const struct kind_of_block *b, bool last)
{
    static const unsigned sizes[] = {0, 1, 30, 500};
    unsigned type = 2, times = sizes[below(w, b->trouble == TOO_FAR ? 3 : 4)];
    if (b->trouble >= LITERAL_286 && b->trouble <= DISTANCE_31)
        type = 1;
    if (b->trouble == TYPE_3 || b->trouble == COMPLEMENT)
        type = b->trouble == TYPE_3 ? 3 : 0;
    if (b == &sound)
        type = below(w, 6) < 2 ? below(w, 2) : 2;
    put(w, last, 1);
    put(w, type, 2);
    if (type == 0)
        put_stored(w, b, times);
    else if (type == 1)
        put_fixed(w, b, times);
    else if (type == 2)
        put_dynamic(w, b, times);
}

static const struct kind_of_block blocks[] = {
    {.name = "sound", .sound = true},
    {.name = "one distance", .distances = ALONE, .sound = true},
    {.name = "no distance", .distances = EMPTY, .sound = true},
    {.name = "the end alone", .literals = ALONE, .sound = true},
    {.name = "the end alone, no distance", .literals = ALONE, .distances = EMPTY, .sound = true},
    {.name = "the code of lengths is incomplete", .lengths = MISSING},
    {.name = "literals are incomplete", .literals = MISSING},
    {.name = "distances are incomplete", .distances = MISSING},
    {.name = "all three are incomplete", .literals = MISSING, .distances = MISSING, .lengths = MISSING},
    {.name = "incomplete without distances", .literals = MISSING, .distances = EMPTY},
    {.name = "the end alone in more than a bit", .literals = ALONE_LONG},
    {.name = "one distance of more than a bit", .distances = ALONE_LONG},
    {.name = "two distances of two bits", .distances = HALF},
    {.name = "too many codes of lengths", .lengths = OVER},
    {.name = "too many codes of literals", .literals = OVER},
    {.name = "too many codes of distances", .distances = OVER},
    {.name = "no end", .trouble = NO_END},
    {.name = "literals above 285", .trouble = MANY_LITERALS},
    {.name = "distances above 29", .trouble = MANY_DISTANCES},
    {.name = "the first length repeats one", .trouble = REPEATS_NOTHING},
    {.name = "more lengths than there are", .trouble = REPEATS_BEYOND},
    {.name = "before the first byte", .trouble = TOO_FAR},
    {.name = "a distance that has no code", .trouble = UNUSED_DISTANCE, .distances = ALONE},
    {.name = "a match without distances", .trouble = UNUSED_DISTANCE, .distances = EMPTY},
    {.name = "literal 286", .trouble = LITERAL_286},
    {.name = "literal 287", .trouble = LITERAL_287},
    {.name = "distance 30", .trouble = DISTANCE_30},
    {.name = "distance 31", .trouble = DISTANCE_31},
    {.name = "type 3", .trouble = TYPE_3},
    {.name = "another complement", .trouble = COMPLEMENT},
};

/* The block is the first one, one in the middle or the last one. */
START_TEST(a_block_is_judged_as_by_zlib)
{
    const struct kind_of_block *b = &blocks[_i];
    struct writer *w = must_alloc(sizeof *w);
    w->random = (struct random){(uint64_t)_i};
    for (int i = 0; i < 200; i++) {
        unsigned before = b->trouble == TOO_FAR ? 0 : below(w, 4), after = below(w, 3);
        w->bits = w->made = 0;
        for (unsigned k = 0; k <= before + after; k++)
            put_block(w, k == before ? b : &sound, k == before + after);
        size_t n = (w->bits + 7) / 8;
        unsigned char *z = wrapped(w->raw, n, w->out, w->made);
        REQUIRE(same_verdict(b->name, z, n + 6, w->made, false) == b->sound, "%s, %d: zlib says %d", b->name, i, !b->sound);
        free(z);
    }
    free(w);
}
END_TEST

SUITE(inflate_codes)
{
    TCase *codes = tcase_create("blocks");
    ADD_EACH(codes, a_block_is_judged_as_by_zlib, blocks);
    suite_add_tcase(suite, codes);
}
