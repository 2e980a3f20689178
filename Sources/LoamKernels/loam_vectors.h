#ifndef LOAM_VECTORS_H
#define LOAM_VECTORS_H

#include <stddef.h>

#include "loam_clones.h"

// In what includes this, too: a fused multiply-add rounds once where a multiply and an add round twice, and the clones
// would differ.
#pragma STDC FP_CONTRACT OFF

// Sixteen numbers. The compiler cuts them to the width of a processor's vectors, and results do not depend on it.
// Functions take them by pointer: how they are passed by value is up to the processor.
typedef float wide __attribute__((ext_vector_type(16)));
typedef float narrow __attribute__((ext_vector_type(8)));
enum { LANES = 16, NARROW = 8 };

// Sixteen numbers in memory, wherever they begin.
typedef float wide_in_memory __attribute__((ext_vector_type(16), aligned(4), may_alias));
#define AT(place) (*(wide_in_memory *)(place))
#define FROM(place) (*(const wide_in_memory *)(place))

#define LARGER(a, b) ((a) > (b) ? (a) : (b))

LOAM_INLINE float sum_of(const wide *v) {
  const __typeof__(v->lo) eight = v->lo + v->hi;
  const __typeof__(eight.lo) four = eight.lo + eight.hi;
  const __typeof__(four.lo) two = four.lo + four.hi;
  return two.x + two.y;
}

LOAM_INLINE float largest_of(const wide *v) {
  const __typeof__(v->lo) eight = LARGER(v->lo, v->hi);
  const __typeof__(eight.lo) four = LARGER(eight.lo, eight.hi);
  const __typeof__(four.lo) two = LARGER(four.lo, four.hi);
  return LARGER(two.x, two.y);
}

// A row of LANES or more ends with a vector that may begin over numbers of the one before: 1 for what it alone has, 0
// for the others.
LOAM_INLINE const float *new_in_last(size_t count) {
  static const float mask[2 * LANES] = {[LANES ... 2 * LANES - 1] = 1};
  return mask + count % LANES;
}

#endif
