#ifndef BASE_KERNEL_H
#define BASE_KERNEL_H

/*
 * KERNEL marks a static function that is compiled for several instruction sets and chosen at load time. Those of bytes and
 * of 16 bits gain from AVX-512BW, which is in x86-64-v4.
 */
#if defined(__GNUC__) && __GNUC__ >= 12
#define KERNEL_WIDEST "arch=x86-64-v4"
#else
#define KERNEL_WIDEST "avx512f"
#endif

#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(BASELINE) &&         \
    !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones(KERNEL_WIDEST, "avx2", "default"), noinline)) static
#else
#define KERNEL static
#endif

#endif
