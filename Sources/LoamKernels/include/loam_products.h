#ifndef LOAM_PRODUCTS_H
#define LOAM_PRODUCTS_H

#include <stdbool.h>
#include <stddef.h>

/// Matrices inside a larger tensor: matrix (o, i) begins at o outer_stride + i inner_stride, and its rows are row_stride
/// apart. With `transposed` that memory is read as its transpose.
typedef struct {
  size_t outer_stride, inner_stride, row_stride;
  bool transposed;
} loam_matrices;

/// Longest inner axis of the products below.
enum { loam_small_product_max = 128 };

/// c = factor a b + (add ? c : 0) for `outer` times `inner` matrices, [rows, shared] by [shared, columns]; `shared` is at
/// most loam_small_product_max. c is not transposed and overlaps neither a nor b. Each element is one sum in the order of
/// the inner axis. For matrices that lie in the nearest cache, where a call of a library costs more than the product.
void loam_f32_small_products(
    float *c, loam_matrices c_at, const float *a, loam_matrices a_at, const float *b, loam_matrices b_at, size_t outer,
    size_t inner, size_t rows, size_t shared, size_t columns, float factor, bool add);

#endif
