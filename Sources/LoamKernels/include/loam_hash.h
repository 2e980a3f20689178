// The hashes that Loam's format names. All are stable across machines (little-endian) and builds.
#ifndef LOAM_HASH_H
#define LOAM_HASH_H

#include <stddef.h>
#include <stdint.h>

// XXH3-64, seed 0: string IDs.
uint64_t loam_hash_bytes(const void *bytes, size_t count);

typedef struct {
  uint64_t low, high;
} loam_hash128;

// XXH3-128 with a seed: row hashes, of which roots are sums.
loam_hash128 loam_hash128_bytes(const void *bytes, size_t count, uint64_t seed);

// Sums modulo 2^128 of the hashes of rows `first`, `first + 1`, ... of a column: of 4-byte floats that are not NaN, of
// 8-byte numbers that are not INT64_MIN, and of the IDs behind codes that are not UINT32_MAX.
loam_hash128 loam_hash128_reals(const uint32_t *bits, size_t count, uint64_t first, uint64_t salt);
loam_hash128 loam_hash128_times(const int64_t *values, size_t count, uint64_t first, uint64_t salt);
loam_hash128 loam_hash128_ids(const uint64_t *distinct, const uint32_t *codes, size_t count, uint64_t first,
                              uint64_t salt);

// The finaliser of MurmurHash3: shard and place of an ID in the index.
static inline uint64_t loam_mix64(uint64_t x) {
  x ^= x >> 33;
  x *= 0xff51afd7ed558ccdULL;
  x ^= x >> 33;
  x *= 0xc4ceb9fe1a85ec53ULL;
  x ^= x >> 33;
  return x;
}

#endif
