/* Numbers as bytes, against numbers written out by hand and a loop that reverses bytes one by one. */
#include "base/bytes.h"
#include "support.h"

#include <stdlib.h>

static const unsigned char bytes[9] = {0x81, 0x92, 0xa3, 0xb4, 0xc5, 0xd6, 0xe7, 0xf8, 0x09};

START_TEST(numbers_are_read_in_both_orders)
{
    ck_assert_uint_eq(get_le16(bytes), 0x9281);
    ck_assert_uint_eq(get_be16(bytes), 0x8192);
    ck_assert_uint_eq(get_le32(bytes + 1), 0xc5b4a392);
    ck_assert_uint_eq(get_be32(bytes + 1), 0x92a3b4c5);
    ck_assert_uint_eq(get_bytes(bytes, 1, true), 0x81);
    ck_assert_uint_eq(get_bytes(bytes, 3, true), 0xa39281);
    ck_assert_uint_eq(get_bytes(bytes + 1, 8, true), 0x09f8e7d6c5b4a392);
    ck_assert_uint_eq(get_bytes(bytes + 1, 8, false), 0x92a3b4c5d6e7f809);
}
END_TEST

START_TEST(numbers_are_written_as_they_are_read)
{
    unsigned char to[10];
    for (size_t n = 1; n <= 8; n++)
        for (int little = 0; little < 2; little++) {
            memset(to, 0x55, sizeof to);
            put_bytes(to + 1, n, little, get_bytes(bytes, n, little) | (n < 8 ? ~(uint64_t)0 << 8 * n : 0));
            REQUIRE(memcmp(to + 1, bytes, n) == 0 && to[0] == 0x55 && to[n + 1] == 0x55, "%zu bytes, %d", n, little);
        }
    put_le16(to, 0x9281);
    put_be16(to + 2, 0xa3b4);
    put_be32(to + 4, 0xc5d6e7f8);
    ck_assert_mem_eq(to, bytes, 8);
    put_le32(to + 1, 0xb4a39281);
    ck_assert_mem_eq(to + 1, bytes, 4);
}
END_TEST

START_TEST(the_order_of_the_machine)
{
    const uint32_t number = 0x11223344;
    unsigned char native[4];
    memcpy(native, &number, sizeof native);
    ck_assert(native[0] == (machine_is_little() ? 0x44 : 0x11));
    ck_assert_uint_eq(get_bytes(native, 4, machine_is_little()), number);
}
END_TEST

START_TEST(runs_are_swapped)
{
    struct random r = {7};
    for (size_t size = 1; size <= 8; size *= 2)
        for (size_t n = 0; n < 70; n++) {
            unsigned char *was = must_alloc(n * size + 2), *is = must_alloc(n * size + 2);
            for (size_t i = 0; i < n * size + 2; i++)
                is[i] = was[i] = (unsigned char)random_bits(&r);
            swap_bytes(is + 1, n, size);
            REQUIRE(is[0] == was[0] && is[n * size + 1] == was[n * size + 1], "%zu of %zu: neighbours", n, size);
            for (size_t i = 0; i < n * size; i++)
                REQUIRE(is[1 + i] == was[1 + i / size * size + size - 1 - i % size], "byte %zu of %zu of %zu", i, n, size);
            free(was);
            free(is);
        }
}
END_TEST

START_TEST(names_are_numbers)
{
    ck_assert_uint_eq(FOUR_CHARACTERS('I', 'D', 'A', 'T'), get_be32((const unsigned char *)"IDAT"));
}
END_TEST

SUITE(bytes)
{
    TCase *cases = tcase_create("bytes");

    tcase_add_test(cases, numbers_are_read_in_both_orders);
    tcase_add_test(cases, numbers_are_written_as_they_are_read);
    tcase_add_test(cases, the_order_of_the_machine);
    tcase_add_test(cases, runs_are_swapped);
    tcase_add_test(cases, names_are_numbers);
    suite_add_tcase(suite, cases);
}
