/*
 * What keeps the bits the same on every compiler and instruction set. Included first by each file of the library.
 *
 * A product and a sum must not be contracted into one fused operation, double must be double, and every kernel is compiled
 * from one source for each instruction set.
 */
#ifndef EXACT_H
#define EXACT_H

#include "../base/kernel.h"

#include <float.h>

#if defined(__clang__)
#pragma STDC FP_CONTRACT OFF
#elif defined(__GNUC__)
#pragma GCC optimize("fp-contract=off")
#endif

/* A value of 16 concerns _Float16 only. */
#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0 && FLT_EVAL_METHOD != 16
#error "float and double must be evaluated in their own precision (x87 arithmetic is not exact): use -msse2 -mfpmath=sse"
#endif

#endif
