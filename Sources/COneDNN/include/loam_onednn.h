// The part of oneDNN that Loam uses, behind plain C types: f32 matrix products on one thread a call.
#ifndef LOAM_ONEDNN_H
#define LOAM_ONEDNN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// c = relu?(a · b + bias + (accumulate ? c : 0)), all row-major and dense.
typedef struct {
  const float *a;     // [rows, inner]; with transpose_a stored as [inner, rows]
  const float *b;     // [inner, columns]; with transpose_b stored as [columns, inner]
  const float *bias;  // [columns] or NULL
  float *c;           // [rows, columns]
  int64_t rows, inner, columns;
  bool transpose_a, transpose_b, accumulate, relu;
  bool bf16;  // factors rounded to bf16, sums in f32; see below
} loam_onednn_product;

// Runs the product on the calling thread alone. Any thread may call; each keeps its own primitives, made at the first
// use of a shape. Returns 0, or oneDNN's status.
int loam_onednn_multiply(const loam_onednn_product *product);

// Whether `bf16` makes a difference: oneDNN rounds f32 factors on the way into the matrix units of AMX, and on any other
// processor computes in f32.
bool loam_onednn_has_bf16(void);

// Primitives that the calling thread has made so far. In a steady state this does not grow.
uint64_t loam_onednn_primitives_made(void);

typedef struct {
  int major, minor, patch;
} loam_onednn_version;

loam_onednn_version loam_onednn_compiled_version(void);
loam_onednn_version loam_onednn_loaded_version(void);

#endif
