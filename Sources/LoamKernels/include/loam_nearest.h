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

/// Rows of codes that lie together, element by element: codes[group][width][LOAM_CODES_TOGETHER].
#define LOAM_CODES_TOGETHER 32

/// Products of a query's codes with those of `groups` groups of rows. Codes are -127 ... 127.
void loam_nearest_code_products(
    int32_t *products, const int8_t *query, const int8_t *codes, size_t groups, size_t width);

/// What a product of codes says of the product of the vectors, and how far that may be from the truth:
/// products[r] x queryScale x scales[r], and ofLength x lengths[r] + ofError x errors[r].
typedef struct {
  float queryScale, ofLength, ofError;
} loam_code_query;

/// Of `count` rows, how near each is at most, and twice how far that may be above the truth. Nearness is the product of the
/// vectors times the row's factor: its inverse length (cosine), or 1 where `factors` is null (dot); with `isDistance` twice the
/// product less the square of the row's length.
void loam_nearest_code_bounds(
    float *uppers, float *spans, const int32_t *products, const float *scales, const float *lengths,
    const float *errors, const float *factors, size_t count, loam_code_query query, int isDistance);

#endif
