#ifndef LOAM_PICKED_BLOCK_H
#define LOAM_PICKED_BLOCK_H

#include <string.h>

#include "loam_clones.h"
#include "loam_picked.h"
#include "loam_vectors.h"

// As in oneDNN, whose products these stand for, a processor with fused multiply-adds rounds once.
#pragma clang fp contract(fast)

#define PICKED_CLONES LOAM_CLONES_OF("arch=x86-64-v4", "arch=x86-64-v3", "default")

// Outputs are taken up to BLOCK at a time, three wide vectors: what the distinct vectors of a lane come to stays in the
// near caches, and two rows of it in the registers.
enum { BLOCK = 3 * LANES };

#define LOAD(vector, from) ({ vector loaded; memcpy(&loaded, (from), sizeof loaded); loaded; })
#define STORE(to, vector) memcpy((to), &(vector), sizeof(vector))

// Calls work(..., first, count, vectors) for each block of outputs, with a number of vectors that the compiler knows.
#define FOR_BLOCKS(outputs, work, ...)                                                                              \
  for (size_t first = 0; first < (outputs); first += BLOCK) {                                                       \
    const size_t count = (outputs) - first < BLOCK ? (outputs) - first : BLOCK;                                     \
    if (count > 2 * LANES)                                                                                           \
      work(__VA_ARGS__, first, count, 3);                                                                           \
    else if (count > LANES)                                                                                          \
      work(__VA_ARGS__, first, count, 2);                                                                           \
    else                                                                                                            \
      work(__VA_ARGS__, first, count, 1);                                                                           \
  }

LOAM_INLINE size_t picked_columns(const loam_picked *x) { return x->fields * x->width + x->tail_width; }

#endif
