/*
 * What keeps the bits the same on every compiler and instruction set. Included first by each file of the library.
 *
 * A product and a sum must not be contracted into one fused operation, double must be double, and every kernel is compiled
 * from one source for each instruction set.
 */
#ifndef EXACT_H
#define EXACT_H

#include <float.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

/* 16 speaks of _Float16 alone. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "float and double must be evaluated in their own precision (x87 arithmetic is not exact): use -msse2 -mfpmath=sse"
#endif

/* KERNEL marks a static function that is compiled for several instruction sets and chosen at load time. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(BASELINE) &&         \
    !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("avx512f", "avx2", "default"), noinline)) static
#else
#define KERNEL static
#endif

#endif
