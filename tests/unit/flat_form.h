/* What is done to the flat forms of results: cut off, or with other bits. */
#ifndef FLAT_FORM_H
#define FLAT_FORM_H

#include "engine/result.h"
#include "support.h"

#include <stdlib.h>
#include <string.h>

/* Where the length lies. */
enum { AT_LENGTH = 8 };

static inline void put(unsigned char *to, size_t bytes, uint64_t value)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = (unsigned char)(value >> 8 * i);
}

/* Unpacks a copy that ends where its memory ends, so that a sanitizer sees reads behind it. */
static inline bool unpacks(const unsigned char *bytes, size_t n, struct result *result, struct why *why)
{
    unsigned char *exact = must_alloc(n > 0 ? n : 1);
    memcpy(exact, bytes, n);
    bool ok = result_unpack(result, exact, n, why);
    free(exact);
    return ok;
}

static inline void require_refused(const unsigned char *bytes, size_t n, const char *reason)
{
    struct result result;
    struct why why = {""};
    REQUIRE(!unpacks(bytes, n, &result, &why), "%zu bytes are no result", n);
    REQUIRE(strstr(why.text, reason), "'%s' instead of '%s'", why.text, reason);
    REQUIRE(!result.channel && !result.map.channel && !result.notes.item, "something is left");
}

static inline void require_truncations_refused(const struct result *result)
{
    size_t n;
    unsigned char *bytes = result_pack(result, &n), *more = must_alloc(n + 1);
    for (size_t cut = 0; cut < n; cut++)
        require_refused(bytes, cut, "");
    memcpy(more, bytes, n);
    more[n] = 0;
    require_refused(more, n + 1, "length");
    /* With a length that agrees. */
    for (size_t cut = RESULT_HEAD_BYTES; cut < n; cut++) {
        put(bytes + AT_LENGTH, 8, cut);
        require_refused(bytes, cut, "truncated");
    }
    put(more + AT_LENGTH, 8, n + 1);
    require_refused(more, n + 1, "bytes follow its end");
    free(more);
    free(bytes);
}

/* What is accepted packs to the bytes that it came from: nothing is overlooked. */
static inline void require_bits_matter(const struct result *result, size_t accepted_least)
{
    size_t n, accepted = 0;
    unsigned char *bytes = result_pack(result, &n);
    for (size_t i = 0; i < n; i++) {
        unsigned char was = bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            struct result other;
            struct why why = {""};
            bytes[i] = was ^ (unsigned char)(1 << bit);
            if (!unpacks(bytes, n, &other, &why))
                continue;
            size_t again;
            unsigned char *packed = result_pack(&other, &again);
            REQUIRE(packed && again == n && memcmp(packed, bytes, n) == 0, "byte %zu, bit %d", i, bit);
            free(packed);
            result_free(&other);
            accepted++;
        }
        bytes[i] = was;
    }
    REQUIRE(accepted > accepted_least, "%zu", accepted); /* numbers and texts may be others */
    free(bytes);
}

#endif
