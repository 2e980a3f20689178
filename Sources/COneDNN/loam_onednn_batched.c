#include "loam_onednn_batched.h"

#include <oneapi/dnnl/dnnl.h>

extern void omp_set_num_threads(int count);

// oneDNN's matrix product as a plain function: primitives for batches of strided matrices cost more to run than such
// small products themselves, and each shape would keep one.
int loam_onednn_multiply_batched(
    loam_onednn_matrices a, loam_onednn_matrices b, loam_onednn_matrices c, int64_t outer, int64_t inner,
    int64_t rows, int64_t inner_axis, int64_t columns, float factor, bool accumulate) {
  static _Thread_local bool alone = false;
  if (!alone) {
    omp_set_num_threads(1);
    alone = true;
  }
  for (int64_t o = 0; o < outer; o++)
    for (int64_t i = 0; i < inner; i++) {
      dnnl_status_t status = dnnl_sgemm(
          a.transposed ? 'T' : 'N', b.transposed ? 'T' : 'N', rows, columns, inner_axis, factor,
          a.pointer + o * a.outer_stride + i * a.inner_stride, a.row_stride,
          b.pointer + o * b.outer_stride + i * b.inner_stride, b.row_stride, accumulate ? 1.0f : 0.0f,
          c.pointer + o * c.outer_stride + i * c.inner_stride, c.row_stride);
      if (status != dnnl_success) return status;
    }
  return dnnl_success;
}
