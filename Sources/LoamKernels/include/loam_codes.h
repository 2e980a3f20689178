#ifndef LOAM_CODES_H
#define LOAM_CODES_H

#include <stddef.h>
#include <stdint.h>

/// The codes of a log's column of one ID a row on their way into a window. `bytes` a code is 1, 2 or 4.
///
///   groups of the log     IDs 5 9 | 9 7 | ...        codes 0 1 0 | 0 1 0 | ...      each with IDs of its own
///   all of them           IDs : 5 9 7                codes 1 2 1 2 3 2              an ID once; 0 (:) is a row without one
///   in reading order      IDs : 9 7 5                codes 1 2 3 1 ...              numbered as they are first read

/// The largest of `count` codes; 0 of none.
uint32_t loam_largest_code(const void *codes, size_t bytes, size_t count);

/// IDs of several groups, each once, and where they are found by hash.
typedef struct {
  uint64_t *ids;
  size_t count;
  /// 2^bits of them, at most three quarters in use: half of the hash << 32 | place; 0 is empty.
  uint64_t *slots;
  uint32_t bits;
} loam_id_set;

/// places[i] = the place of ids[i] in the set, at its end where it is new. `ids` is aligned to nothing. There is room.
void loam_place_ids(loam_id_set *set, const void *ids, size_t count, uint32_t *places);

/// Lists the IDs from place 1 on in slots that are all empty: place 0 is found by nobody.
void loam_fill_slots(const loam_id_set *set);

/// out[i] = places[codes[i]]; codes from `distinct` on have places[distinct].
void loam_place_codes(
    uint32_t *out, const void *codes, size_t bytes, size_t count, const uint32_t *places, uint32_t distinct);

/// out[i] is the number of codes[order[i]], numbers being given from 1 on as codes are met; 0 is 0. `numbers` by code are
/// 0 before. `listed` gets the code of each number, and has room for one more. Returns how many there are, 0 included.
size_t loam_number_in_order(
    uint32_t *out, const uint32_t *codes, const uint32_t *order, size_t count, uint32_t *numbers, uint32_t *listed);

#endif
