#ifndef LOAM_NEAREST_H
#define LOAM_NEAREST_H

#include <stddef.h>
#include <stdint.h>

/// Loops of the exact search for the nearest rows. Sums have a fixed order, whatever the vector width.

/// [rows, width] with one query: query · row
void loam_nearest_products(float *products, const float *query, const float *rows, size_t count, size_t width);

/// [rows, width]: row · row
void loam_nearest_squares(float *squares, const float *rows, size_t count, size_t width);

/// Places of the rows with `products[r] * scales[r] + biases[r] >= least`, in order; `places` has room for all.
size_t loam_nearest_select(
    uint32_t *places, const float *products, const float *scales, const float *biases, size_t count, float least);

#endif
