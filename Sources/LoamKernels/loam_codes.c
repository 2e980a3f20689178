#include "loam_codes.h"

#include <stdbool.h>
#include <string.h>

#include "loam_clones.h"
#include "loam_hash.h"

// Iterations ahead of which memory that may not be in the cache is asked for.
enum { AHEAD = 16 };

#define LARGEST(type)                                  \
  for (size_t i = 0; i < count; i++) {                 \
    const uint32_t code = ((const type *)codes)[i];    \
    largest = code > largest ? code : largest;         \
  }

LOAM_CLONES uint32_t loam_largest_code(const void *codes, size_t bytes, size_t count) {
  uint32_t largest = 0;
  if (bytes == 1) {
    LARGEST(uint8_t)
  } else if (bytes == 2) {
    LARGEST(uint16_t)
  } else {
    LARGEST(uint32_t)
  }
  return largest;
}

#define PLACE(type)                                                \
  for (size_t i = 0; i < count; i++) {                             \
    const uint32_t code = ((const type *)codes)[i];                \
    out[i] = places[code < distinct ? code : distinct];            \
  }

void loam_place_codes(
    uint32_t *restrict out, const void *restrict codes, size_t bytes, size_t count, const uint32_t *restrict places,
    uint32_t distinct) {
  if (bytes == 1) {
    PLACE(uint8_t)
  } else if (bytes == 2) {
    PLACE(uint16_t)
  } else {
    PLACE(uint32_t)
  }
}

LOAM_INLINE uint64_t id_at(const void *ids, size_t i) {
  uint64_t id;
  memcpy(&id, (const char *)ids + i * sizeof id, sizeof id);
  return id;
}

LOAM_INLINE size_t slot_of(const loam_id_set *set, uint64_t hash) { return (size_t)(hash >> (64 - set->bits)); }

LOAM_INLINE uint64_t entry_of(uint64_t hash, size_t place) { return hash << 32 | place; }

void loam_place_ids(loam_id_set *set, const void *ids, size_t count, uint32_t *places) {
  const size_t mask = ((size_t)1 << set->bits) - 1;
  for (size_t i = 0; i < count; i++) {
    if (i + AHEAD < count) __builtin_prefetch(set->slots + slot_of(set, loam_mix64(id_at(ids, i + AHEAD))), 1);
    const uint64_t id = id_at(ids, i), hash = loam_mix64(id);
    size_t slot = slot_of(set, hash);
    uint64_t entry;
    while ((entry = set->slots[slot]) != 0) {
      if (entry >> 32 == (uint32_t)hash && set->ids[(uint32_t)entry] == id) break;
      slot = (slot + 1) & mask;
    }
    if (entry == 0) {
      entry = entry_of(hash, set->count);
      set->slots[slot] = entry;
      set->ids[set->count++] = id;
    }
    places[i] = (uint32_t)entry;
  }
}

void loam_fill_slots(const loam_id_set *set) {
  const size_t mask = ((size_t)1 << set->bits) - 1;
  for (size_t place = 1; place < set->count; place++) {
    const uint64_t hash = loam_mix64(set->ids[place]);
    size_t slot = slot_of(set, hash);
    while (set->slots[slot] != 0) slot = (slot + 1) & mask;
    set->slots[slot] = entry_of(hash, place);
  }
}

size_t loam_number_in_order(
    uint32_t *restrict out, const uint32_t *restrict codes, const uint32_t *restrict order, size_t count,
    uint32_t *restrict numbers, uint32_t *restrict listed) {
  size_t total = 1;
  listed[0] = 0;
  // One more than the number, so that 0 is none.
  numbers[0] = 1;
  for (size_t i = 0; i < count; i++) {
    if (i + 2 * AHEAD < count) {
      __builtin_prefetch(codes + order[i + 2 * AHEAD]);
      __builtin_prefetch(numbers + codes[order[i + AHEAD]], 1);
    }
    const uint32_t code = codes[order[i]], known = numbers[code];
    // Whether a code is new is a matter of chance: no branch.
    const bool is_new = __builtin_unpredictable(known == 0);
    const uint32_t next = is_new ? (uint32_t)total + 1 : known;
    numbers[code] = next;
    listed[total] = code;
    total += is_new;
    out[i] = next - 1;
  }
  return total;
}
