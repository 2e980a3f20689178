#ifndef LOAM_CROSSING_H
#define LOAM_CROSSING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Loops of feature-crossing layers over dense f32 tensors. `add` as in loam_tensor.h; sums have a fixed order.

/// x0 u + skip; `skip` may be null: 0
void loam_f32_cross(float *out, const float *x0, const float *u, const float *skip, size_t count);

/// [rows, columns], in one pass: du = dy x0, dx0 = dy u, sums[c] = sum over the rows of du. `dx0` may be null.
void loam_f32_cross_gradient(
    float *du, float *sums, float *dx0, const float *dy, const float *x0, const float *u, size_t rows, size_t columns,
    bool add);

/// [batch, fields, dimension] to [batch, fields (fields - 1) / 2]: <e_i, e_j> for i = 1, 2, ... and j < i
void loam_f32_pair_dots(float *out, const float *e, size_t batch, size_t fields, size_t dimension);
void loam_f32_pair_dots_gradient(
    float *out, const float *dy, const float *e, size_t batch, size_t fields, size_t dimension, bool add);

/// [batch, fields, dimension] to [batch, taken, dimension]: field indices[t] at place t
void loam_f32_take(
    float *out, const float *a, const int32_t *indices, size_t batch, size_t fields, size_t taken, size_t dimension);
void loam_f32_take_gradient(
    float *out, const float *dy, const int32_t *indices, size_t batch, size_t fields, size_t taken, size_t dimension,
    bool add);

/// [rows, columns] to [count, columns]: row indices[r], zeros where the index is negative. The gradient is added.
void loam_f32_pick_rows(float *out, const float *a, const float *indices, size_t count, size_t columns);
void loam_f32_pick_rows_gradient(float *out, const float *dy, const float *indices, size_t count, size_t columns);

/// [rows, columns]: a[r][c] row[c];  its gradient for `row`: sum over r of dy[r][c] a[r][c]
void loam_f32_scale_columns(float *out, const float *a, const float *row, size_t rows, size_t columns, bool add);
void loam_f32_column_dots(float *out, const float *dy, const float *a, size_t rows, size_t columns, bool add);

/// [batch, steps, columns] to [batch, columns]: the largest over the steps where mask, [batch, steps], is not 0, and in
/// `places` which step it was (the first of equal ones); 0 and -1 where there is none.
void loam_f32_largest_step(
    float *out, float *places, const float *a, const float *mask, size_t batch, size_t steps, size_t columns);
void loam_f32_largest_step_gradient(
    float *out, const float *dy, const float *places, size_t batch, size_t steps, size_t columns);

/// [batch, rows, columns] to [batch, columns, rows]
void loam_f32_transpose(float *out, const float *a, size_t batch, size_t rows, size_t columns, bool add);

#endif
