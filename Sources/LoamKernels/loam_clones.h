#ifndef LOAM_CLONES_H
#define LOAM_CLONES_H

// The loader picks before a sanitizer's own code is ready, and what picks would be instrumented too.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer) || __has_feature(address_sanitizer)
#define LOAM_SANITIZED 1
#endif
#endif

// One function compiled for several processors; the loader picks one.
#if defined(__x86_64__) && defined(__linux__) && !defined(LOAM_SANITIZED)
#define LOAM_CLONES_OF(...) __attribute__((target_clones(__VA_ARGS__)))
#else
#define LOAM_CLONES_OF(...)
#endif
#define LOAM_CLONES LOAM_CLONES_OF("avx512f", "avx2", "default")

// The iterations of the next loop are independent even where `out` is an input: an element is read before it is written.
#define LOAM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#define LOAM_INDEPENDENT_PAIRS _Pragma("clang loop vectorize(assume_safety) interleave_count(2)")

#define LOAM_INLINE static inline __attribute__((always_inline))

#endif
