#ifndef LOAM_ROWS_H
#define LOAM_ROWS_H

#include <stddef.h>
#include <stdint.h>

/// Between the distinct rows of a batch, `values` [distinct, dimension], and what a model sees, `out`: a row each
/// `stride` elements. Row r is values[codes[r]], or for fields of several values, whose bag r is codes[offsets[r] ..<
/// offsets[r + 1]], the sum of shares[i] values[codes[i]].

void loam_gather(
    float *out, size_t stride, const float *values, size_t dimension, const uint32_t *codes, size_t rows);
void loam_gather_bags(
    float *out, size_t stride, const float *values, size_t dimension, const uint32_t *codes, const uint32_t *offsets,
    const float *shares, size_t rows);

/// Numbers of one element, added up over fields: sums[r] += values[codes[r]], or the bag's sum of shares[i] values[codes[i]].
void loam_add_weights(float *sums, const float *values, const uint32_t *codes, size_t rows);
void loam_add_weights_bags(
    float *sums, const float *values, const uint32_t *codes, const uint32_t *offsets, const float *shares,
    size_t rows);

/// Sequences: bag r is the events of row r, oldest first. `out` [rows, length, dimension] has its last `length` ones at the
/// end and zeros in front of shorter ones, `mask` [rows, length] 1 at events, `places` [rows, length] their codes.
void loam_gather_sequences(
    float *out, float *mask, float *places, const float *values, size_t dimension, const uint32_t *codes,
    const uint32_t *offsets, size_t length, size_t rows);
void loam_scatter_add_sequences(
    float *sums, const float *gradients, size_t dimension, const uint32_t *codes, const uint32_t *offsets,
    size_t length, size_t rows);

/// The way back: adds each row's gradient to the sums [distinct, dimension], in the order of rows.
void loam_scatter_add(
    float *sums, const float *gradients, size_t stride, size_t dimension, const uint32_t *codes, size_t rows);
void loam_scatter_add_bags(
    float *sums, const float *gradients, size_t stride, size_t dimension, const uint32_t *codes,
    const uint32_t *offsets, const float *shares, size_t rows);

#endif
