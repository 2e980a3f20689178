#ifndef LOAM_PICKED_H
#define LOAM_PICKED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A matrix x [rows, fields * width + tail_width] whose fields pick few distinct vectors over and over:
///
///   x[r] = distinct[places[r][0]], distinct[places[r][1]], ..., tail[r]
///
/// and the way back: vector u is picked by the rows picks[firsts[u] ..< firsts[u + 1]], which rise. There is a row, and
/// each vector is picked by one at least. Products ask for a width that is a multiple of 8.
typedef struct {
  const float *distinct;   // [starts[fields], width], field after field
  const uint32_t *starts;  // fields + 1
  const uint32_t *places;  // [rows, fields]
  const uint32_t *firsts;  // starts[fields] + 1
  const uint32_t *picks;   // rows * fields
  const float *tail;       // [rows, tail_width], a row each tail_row numbers
  size_t rows, fields, width, tail_width, tail_row;
} loam_picked;

/// Numbers the distinct ones of a field's codes from `start`, in the order of their first row: places[r * stride] is
/// the number of codes[r], codes_of[n] the code of number n. Returns the next number.
///
/// `marks`, one a code, are zero before the first field and kept for the next ones.
uint32_t loam_picked_number(
    uint32_t *places, size_t stride, uint32_t *codes_of, uint32_t *marks, const uint32_t *codes, size_t rows,
    uint32_t start);

/// Lists the rows of each vector: `firsts` and `picks` of loam_picked.
void loam_picked_order(
    uint32_t *firsts, uint32_t *picks, const uint32_t *places, size_t rows, size_t fields, size_t distinct);

/// out [rows, fields, width] = the picked vectors, and from its gradient that of `distinct`: written, or added.
void loam_picked_gather(float *out, const loam_picked *x);
void loam_picked_gather_gradient(float *ddistinct, const float *dout, const loam_picked *x, bool add);

/// Numbers of `room`, on a cache line's boundary, that the products of x need.
size_t loam_picked_room(const loam_picked *x);

/// y = relu?(x weightᵀ + bias). Weight [outputs, columns of x], bias [outputs] or NULL, y [rows, outputs].
///
/// A vector is multiplied once for all rows that pick it; a row adds what its vectors came to.
void loam_picked_multiply(
    float *y, const loam_picked *x, const float *weight, const float *bias, size_t outputs, bool relu, float *room);

/// From dy [rows, outputs] the gradients of `distinct` (NULL: not wanted) and of weight, each written or added to what
/// is there.
///
/// A vector's share of dy is summed over the rows that pick it first, and multiplied once.
void loam_picked_gradients(
    float *ddistinct, bool add_distinct, float *dweight, bool add_weight, const float *dy, const loam_picked *x,
    const float *weight, size_t outputs, float *room);

#endif
