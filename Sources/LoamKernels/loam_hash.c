#include "loam_hash.h"

#define XXH_STATIC_LINKING_ONLY
#include <xxhash.h>

uint64_t loam_hash_bytes(const void *bytes, size_t count) { return XXH3_64bits(bytes, count); }

loam_hash128 loam_hash128_bytes(const void *bytes, size_t count, uint64_t seed) {
  XXH128_hash_t hash = XXH3_128bits_withSeed(bytes, count, seed);
  loam_hash128 result = {hash.low64, hash.high64};
  return result;
}
