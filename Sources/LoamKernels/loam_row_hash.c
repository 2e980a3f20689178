#include "loam_row_hash.h"

// Within the loop: the hash of a short row is a dozen multiplications, and those of several rows run side by side.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "loam_clones.h"

// Longer ones gain nothing from it, and the library may know the processor's vectors.
enum { inlinedMax = 128 };

LOAM_INLINE unsigned __int128 hash_of(const void *row, size_t stride, uint64_t seed) {
  const XXH128_hash_t hash = XXH3_128bits_withSeed(row, stride, seed);
  return (unsigned __int128)hash.high64 << 64 | hash.low64;
}

LOAM_INLINE unsigned __int128 changes(
    const uint64_t *ids, const void *const *fresh, const void *const *old, size_t count, size_t stride, uint64_t salt) {
  unsigned __int128 sum = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t seed = loam_mix64(ids[i]) + salt;
    if (fresh[i]) sum += hash_of(fresh[i], stride, seed);
    if (old[i]) sum -= hash_of(old[i], stride, seed);
  }
  return sum;
}

static unsigned __int128 changes_of_long(
    const uint64_t *ids, const void *const *fresh, const void *const *old, size_t count, size_t stride, uint64_t salt) {
  unsigned __int128 sum = 0;
  for (size_t i = 0; i < count; i++) {
    const uint64_t seed = loam_mix64(ids[i]) + salt;
    loam_hash128 hash = {0, 0};
    if (fresh[i]) hash = loam_hash128_bytes(fresh[i], stride, seed);
    sum += (unsigned __int128)hash.high << 64 | hash.low;
    hash = (loam_hash128){0, 0};
    if (old[i]) hash = loam_hash128_bytes(old[i], stride, seed);
    sum -= (unsigned __int128)hash.high << 64 | hash.low;
  }
  return sum;
}

loam_hash128 loam_row_changes(
    const uint64_t *ids, const void *const *fresh, const void *const *old, size_t count, size_t stride, uint64_t salt) {
  unsigned __int128 sum;
  // Strides known to the compiler leave one case of the hash.
  switch (stride) {
    case 4: sum = changes(ids, fresh, old, count, 4, salt); break;
    case 8: sum = changes(ids, fresh, old, count, 8, salt); break;
    case 32: sum = changes(ids, fresh, old, count, 32, salt); break;
    case 64: sum = changes(ids, fresh, old, count, 64, salt); break;
    case 128: sum = changes(ids, fresh, old, count, 128, salt); break;
    default:
      sum = stride <= inlinedMax ? changes(ids, fresh, old, count, stride, salt)
                                 : changes_of_long(ids, fresh, old, count, stride, salt);
  }
  return (loam_hash128){(uint64_t)sum, (uint64_t)(sum >> 64)};
}
