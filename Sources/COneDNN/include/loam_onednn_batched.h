// Many small f32 products of matrices that lie in larger tensors, on one thread a call.
#ifndef LOAM_ONEDNN_BATCHED_H
#define LOAM_ONEDNN_BATCHED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Matrix (o, i) begins at pointer + o * outer_stride + i * inner_stride; its rows are row_stride apart and dense.
// With `transposed` that memory is read as its transpose.
typedef struct {
  float *pointer;
  int64_t outer_stride, inner_stride, row_stride;
  bool transposed;
} loam_onednn_matrices;

// c = factor a · b + (accumulate ? c : 0) for `outer` times `inner` matrices, [rows, inner_axis] by
// [inner_axis, columns]. c is not transposed. Returns 0, or oneDNN's status.
int loam_onednn_multiply_batched(
    loam_onednn_matrices a, loam_onednn_matrices b, loam_onednn_matrices c, int64_t outer, int64_t inner,
    int64_t rows, int64_t inner_axis, int64_t columns, float factor, bool accumulate);

#endif
