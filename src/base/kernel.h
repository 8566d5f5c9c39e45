#ifndef BASE_KERNEL_H
#define BASE_KERNEL_H

/* KERNEL marks a static function that is compiled for several instruction sets and chosen at load time. */
#if defined(__x86_64__) && defined(__linux__) && defined(__GNUC__) && !defined(__clang__) && !defined(BASELINE) &&         \
    !defined(__SANITIZE_THREAD__)
#define KERNEL __attribute__((target_clones("avx512f", "avx2", "default"), noinline)) static
#else
#define KERNEL static
#endif

#endif
