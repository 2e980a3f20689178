#ifndef LOAM_CLONES_H
#define LOAM_CLONES_H

// One function compiled for several vector widths; the loader picks one.
#if defined(__x86_64__) && defined(__linux__)
#define LOAM_CLONES __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define LOAM_CLONES
#endif

// The iterations of the next loop are independent even where `out` is an input: an element is read before it is written.
#define LOAM_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")

#define LOAM_INLINE static inline __attribute__((always_inline))

#endif
