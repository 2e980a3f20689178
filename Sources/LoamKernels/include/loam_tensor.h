#ifndef LOAM_TENSOR_H
#define LOAM_TENSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loops over dense f32 tensors: element-wise, sums, copies.
///
/// With `add`, the result is added to `out`; without, it replaces it. `out` may be one of the inputs themselves (same
/// address) where shapes agree, never a shifted part of one. Sums have a fixed order, whatever the vector width.

/// scale a
void loam_f32_scale(float *out, const float *a, float scale, size_t count, bool add);

/// a + b
void loam_f32_sum(float *out, const float *a, const float *b, size_t count, bool add);

/// a - b
void loam_f32_difference(float *out, const float *a, const float *b, size_t count, bool add);

/// scale a b
void loam_f32_product(float *out, const float *a, const float *b, float scale, size_t count, bool add);

/// [rows, columns]: a[r][c] + row[c]
void loam_f32_add_row(float *out, const float *a, const float *row, size_t rows, size_t columns);

/// [rows, columns]: a[r][c] + column[r]
void loam_f32_add_column(float *out, const float *a, const float *column, size_t rows, size_t columns);

/// [rows, columns]: a[r][c] column[r]
void loam_f32_scale_rows(float *out, const float *a, const float *column, size_t rows, size_t columns, bool add);

/// [rows, columns] to [rows]: sum over c of a[r][c] b[r][c]
void loam_f32_row_dots(float *out, const float *a, const float *b, size_t rows, size_t columns, bool add);

/// [outer, axis, inner] to [outer, inner]: scale times the sum over the axis
void loam_f32_sum_axis(float *out, const float *a, float scale, size_t outer, size_t axis, size_t inner, bool add);

/// [outer, inner] to [outer, axis, inner]: scale times a, repeated along the axis
void loam_f32_spread_axis(float *out, const float *a, float scale, size_t outer, size_t axis, size_t inner, bool add);

/// [rows, columns] between rows that begin `out_stride` and `stride` elements apart
void loam_f32_copy_rows(
    float *out, size_t out_stride, const float *a, size_t stride, size_t rows, size_t columns, bool add);

void loam_f32_relu(float *out, const float *a, size_t count);
void loam_f32_sigmoid(float *out, const float *a, size_t count);
void loam_f32_tanh(float *out, const float *a, size_t count);

/// Gradients from the forward result y: dy [y > 0];  dy y (1 - y);  dy (1 - y^2)
void loam_f32_relu_gradient(float *out, const float *dy, const float *y, size_t count, bool add);
void loam_f32_sigmoid_gradient(float *out, const float *dy, const float *y, size_t count, bool add);
void loam_f32_tanh_gradient(float *out, const float *dy, const float *y, size_t count, bool add);

/// Sum of squares, in f64.
double loam_f32_square_sum(const float *a, size_t count);

#endif
