#include "loam_hash.h"

#include "loam_clones.h"

// In line, so that rows of four and eight bytes are hashed without a call.
#define XXH_INLINE_ALL
#include <xxhash.h>

uint64_t loam_hash_bytes(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }

loam_hash128 loam_hash128_bytes(const void *bytes, size_t count, uint64_t seed) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, count, seed);
  loam_hash128 result = {hash.low64, hash.high64};
  return result;
}

LOAM_INLINE void add(loam_hash128 *sum, const void *payload, size_t count, uint64_t row, uint64_t salt) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(payload, count, loam_mix64(row) + salt);
  sum->low += hash.low64;
  sum->high += hash.high64 + (sum->low < hash.low64);
}

loam_hash128 loam_hash128_reals(const uint32_t *bits, size_t count, uint64_t first, uint64_t salt) {
  loam_hash128 sum = {0, 0};
  for (size_t row = 0; row < count; row++) {
    if ((bits[row] & 0x7FFFFFFFu) <= 0x7F800000u) add(&sum, bits + row, 4, first + row, salt);
  }
  return sum;
}

loam_hash128 loam_hash128_times(const int64_t *values, size_t count, uint64_t first, uint64_t salt) {
  loam_hash128 sum = {0, 0};
  for (size_t row = 0; row < count; row++) {
    if (values[row] != INT64_MIN) add(&sum, values + row, 8, first + row, salt);
  }
  return sum;
}

loam_hash128 loam_hash128_ids(const uint64_t *distinct, const uint32_t *codes, size_t count, uint64_t first,
                              uint64_t salt) {
  loam_hash128 sum = {0, 0};
  for (size_t row = 0; row < count; row++) {
    if (codes[row] != UINT32_MAX) add(&sum, distinct + codes[row], 8, first + row, salt);
  }
  return sum;
}
