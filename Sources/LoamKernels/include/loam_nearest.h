#ifndef LOAM_NEAREST_H
#define LOAM_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/// Loops of the exact search for the nearest rows. Sums have a fixed order, whatever the vector width.

/// Rows of `width` elements with one query: query · row and row · row
void loam_nearest_products(
    float *products, float *squares, const float *query, const void *const *rows, size_t count, size_t width);

/// [rows, width]: row · row
void loam_nearest_squares(float *squares, const float *rows, size_t count, size_t width);

/// 1 / √square, 0 where the square is
void loam_nearest_inverse_lengths(float *inverse, const float *squares, size_t count);

/// Places of the rows with `products[r] * scales[r] + biases[r] >= least`, in order; `places` has room for all.
size_t loam_nearest_select(
    uint32_t *places, const float *products, const float *scales, const float *biases, size_t count, float least);

#endif
