#include "loam_changed.h"

#include <string.h>

// Within the loop: the hash of a short row is a dozen multiplications, and those of several rows run side by side.
#define XXH_INLINE_ALL
#include <xxhash.h>

#include "loam_clones.h"

// Longer rows gain nothing from it, and the library may know the processor's vectors.
enum { inlinedMax = 128, lineBytes = 64, linesAheadMax = 4 };

size_t loam_changed_collect(
    const loam_changed_block *block, size_t first, size_t end, const uint64_t *ids, loam_changed_group *group) {
  const size_t stride = block->stride;
  size_t count = group->count;
  for (size_t word = first / 64; word * 64 < end; word++) {
    uint64_t left = block->marks[word];
    if (word == first / 64) left &= ~0ull << first % 64;
    if (end - word * 64 < 64) left &= ~(~0ull << end % 64);
    if (!left) continue;
    const loam_patch_word *patches = block->words ? block->words + word : NULL;
    const uint64_t patched = patches ? patches->bits : 0;
    for (; left; left &= left - 1) {
      const size_t bit = (size_t)__builtin_ctzll(left), row = word * 64 + bit;
      if (count == LOAM_CHANGED_GROUP) {
        group->count = count;
        return row;
      }
      const char *old = NULL;
      if (row < block->oldCount) {
        old = (const char *)block->oldRows + row * stride;
        if (patched >> bit & 1) {
          const uint32_t entry = block->entries[patches->first + __builtin_popcountll(patched & ((1ull << bit) - 1))];
          old = (const char *)block->packs[entry >> 24] + (size_t)(entry & 0xFFFFFF) * stride;
        }
      }
      group->rows[count] = (const char *)block->rows + row * stride;
      group->oldRows[count] = old;
      group->ids[count] = ids + row;
      count++;
    }
  }
  group->count = count;
  return end;
}

LOAM_INLINE unsigned __int128 hash_of(const char *row, size_t stride, uint64_t seed) {
  if (stride <= inlinedMax) {
    const XXH128_hash_t hash = XXH3_128bits_withSeed(row, stride, seed);
    return (unsigned __int128)hash.high64 << 64 | hash.low64;
  }
  const loam_hash128 hash = loam_hash128_bytes(row, stride, seed);
  return (unsigned __int128)hash.high << 64 | hash.low;
}

// Where the stride is known, a few vectors without a call.
LOAM_INLINE int are_equal(const char *a, const char *b, size_t stride) {
  if (stride % 8 || stride > inlinedMax) return memcmp(a, b, stride) == 0;
  uint64_t different = 0;
  for (size_t i = 0; i < stride; i += 8) {
    uint64_t x, y;
    memcpy(&x, a + i, 8);
    memcpy(&y, b + i, 8);
    different |= x ^ y;
  }
  return !different;
}

LOAM_INLINE int are_zeros(const char *row, size_t stride) {
  uint64_t first = 0;
  memcpy(&first, row, stride < 8 ? stride : 8);
  if (first) return 0;
  char any = 0;
  for (size_t i = 0; i < stride; i++) any |= row[i];
  return !any;
}

// Far above the rounding of a bound and of the element to f32.
LOAM_INLINE int may_be_between(const double *bounds, double scale, const char *row) {
  float element;
  memcpy(&element, row, sizeof element);
  const double value = element, tolerance = __builtin_fabs(value) * 1e-5 + 1e-40;
  return bounds[0] * scale <= value + tolerance && value - tolerance <= bounds[1] * scale;
}

LOAM_INLINE void prefetch_row(const loam_changed_group *group, size_t i, size_t stride) {
  const size_t end = stride < linesAheadMax * lineBytes ? stride : linesAheadMax * lineBytes;
  const char *row = group->rows[i], *old = group->oldRows[i] ? group->oldRows[i] : row;
  for (size_t ahead = 0; ahead < end; ahead += lineBytes) {
    __builtin_prefetch(row + ahead);
    __builtin_prefetch(old + ahead);
  }
  __builtin_prefetch(group->ids[i]);
}

LOAM_INLINE loam_hash128 sum_of(
    const loam_changed_group *group, const loam_changed_group *next, size_t stride, uint64_t salt,
    const loam_initial_rows *initial, loam_possibly_initial *listed, size_t *listedCount) {
  const size_t ahead = next ? next->count : 0;
  size_t found = 0;
  unsigned __int128 sum = 0;
  for (size_t i = 0; i < group->count; i++) {
    if (i < ahead) prefetch_row(next, i, stride);
    const char *row = group->rows[i], *old = group->oldRows[i];
    if (old && are_equal(old, row, stride)) continue;
    const uint64_t id = *group->ids[i], seed = loam_mix64(id) + salt;
    int isInitial = 0, wasInitial = 0;
    if (initial->areZeros) {
      // For certain: they are not listed.
      if (!are_zeros(row, stride)) sum += hash_of(row, stride, seed);
      if (old && !are_zeros(old, stride)) sum -= hash_of(old, stride, seed);
      continue;
    }
    if (initial->bounds) {
      const uint64_t bits = loam_mix64(loam_initial_key(initial, id) + 0x9E3779B97F4A7C15ull);
      const double *bounds = initial->bounds + (bits >> 56);
      isInitial = may_be_between(bounds, initial->scale, row);
      wasInitial = old && may_be_between(bounds, initial->scale, old);
    } else {
      isInitial = 1;
      wasInitial = old != NULL;
    }
    if (!isInitial) sum += hash_of(row, stride, seed);
    if (old && !wasInitial) sum -= hash_of(old, stride, seed);
    if (isInitial) listed[found++] = (loam_possibly_initial){id, row, 0};
    if (wasInitial) listed[found++] = (loam_possibly_initial){id, old, 1};
  }
  for (size_t i = group->count; i < ahead; i++) prefetch_row(next, i, stride);
  *listedCount = found;
  return (loam_hash128){(uint64_t)sum, (uint64_t)(sum >> 64)};
}

loam_hash128 loam_changed_sum(
    const loam_changed_group *group, const loam_changed_group *next, size_t stride, uint64_t salt,
    const loam_initial_rows *initial, loam_possibly_initial *listed, size_t *listedCount) {
  // Strides known to the compiler leave one case of the hash.
  switch (stride) {
    case 4: return sum_of(group, next, 4, salt, initial, listed, listedCount);
    case 8: return sum_of(group, next, 8, salt, initial, listed, listedCount);
    case 32: return sum_of(group, next, 32, salt, initial, listed, listedCount);
    case 64: return sum_of(group, next, 64, salt, initial, listed, listedCount);
    case 128: return sum_of(group, next, 128, salt, initial, listed, listedCount);
    default: return sum_of(group, next, stride, salt, initial, listed, listedCount);
  }
}

void loam_changed_prefetch(const uint64_t *marks, size_t words, const void *rows, size_t stride) {
  const size_t end = stride < linesAheadMax * lineBytes ? stride : linesAheadMax * lineBytes;
  for (size_t word = 0; word < words; word++) {
    for (uint64_t left = marks[word]; left; left &= left - 1) {
      const char *row = (const char *)rows + (word * 64 + (size_t)__builtin_ctzll(left)) * stride;
      for (size_t ahead = 0; ahead < end; ahead += lineBytes) __builtin_prefetch(row + ahead);
    }
  }
}

LOAM_INLINE void *copy_of(const uint64_t *marks, size_t words, const char *rows, size_t stride, char *out) {
  for (size_t word = 0; word < words; word++) {
    for (uint64_t left = marks[word]; left; left &= left - 1) {
      memcpy(out, rows + (word * 64 + (size_t)__builtin_ctzll(left)) * stride, stride);
      out += stride;
    }
  }
  return out;
}

void *loam_changed_copy(const uint64_t *marks, size_t words, const void *rows, size_t stride, void *out) {
  switch (stride) {
    case 4: return copy_of(marks, words, rows, 4, out);
    case 8: return copy_of(marks, words, rows, 8, out);
    case 32: return copy_of(marks, words, rows, 32, out);
    case 64: return copy_of(marks, words, rows, 64, out);
    case 128: return copy_of(marks, words, rows, 128, out);
    default: return copy_of(marks, words, rows, stride, out);
  }
}
