/* Sums of some pixels: of those that weigh more than nothing. */
#include "base/kernel.h"
#include "base/sums.h"

static void add(struct wide *to, uint64_t from)
{
    wide_add(to, (struct wide){0, from});
}

/* Sums of less than 2^32 numbers; those of squares are modulo 2^64. */
struct part {
    uint64_t n, sum, squares;
    uint32_t least, most;
};

KERNEL void sum_where(const uint32_t *x, const float *weight, size_t n, struct part *to)
{
    uint64_t counted = 0, sum = 0, squares = 0;
    uint32_t least = UINT32_MAX, most = 0;
    for (size_t i = 0; i < n; i++) {
        bool counts = !weight || weight[i] > 0;
        uint32_t v = counts ? x[i] : 0, w = counts ? x[i] : UINT32_MAX;
        counted += counts;
        sum += v;
        squares += (uint64_t)v * v;
        least = w < least ? w : least;
        most = v > most ? v : most;
    }
    *to = (struct part){counted, sum, squares, least, most};
}

KERNEL uint64_t multiply_where(const uint32_t *x, const uint32_t *y, const float *weight, size_t n)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += (!weight || weight[i] > 0) ? (uint64_t)x[i] * y[i] : 0;
    return sum;
}

/* Products of so many numbers fit 64 bits if the numbers fit 16. */
enum { PART = 1 << 12, SMALL = 1 << 16 };

static void add_part(const uint32_t *x, const float *weight, size_t n, struct sums *to)
{
    struct part part;
    sum_where(x, weight, n, &part);
    if (part.n == 0)
        return;
    sums_widen(to, part.least, part.most);
    to->n += part.n;
    add(&to->sum, part.sum);
    if (part.most < SMALL)
        add(&to->squares, part.squares);
    for (size_t i = 0; part.most >= SMALL && i < n; i++)
        add(&to->squares, (!weight || weight[i] > 0) ? (uint64_t)x[i] * x[i] : 0);
}

void sums_add_where(const uint32_t *x, const float *weight, size_t n, struct sums *to)
{
    for (size_t i = 0; i < n; i += PART)
        add_part(x + i, weight ? weight + i : NULL, n - i < PART ? n - i : PART, to);
}

static bool are_small(const uint32_t *x, size_t n)
{
    uint32_t all = 0;
    for (size_t i = 0; i < n; i++)
        all |= x[i];
    return all < SMALL;
}

void sums_multiply_where(const uint32_t *x, const uint32_t *y, const float *weight, size_t n, struct wide *products)
{
    bool small = n <= PART && are_small(x, n) && are_small(y, n);
    if (small)
        add(products, multiply_where(x, y, weight, n));
    for (size_t i = 0; !small && i < n; i++)
        add(products, (!weight || weight[i] > 0) ? (uint64_t)x[i] * y[i] : 0);
}
