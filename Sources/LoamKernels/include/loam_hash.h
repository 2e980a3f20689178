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
