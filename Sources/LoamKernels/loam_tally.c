#define XXH_INLINE_ALL
#include <xxhash.h>

#include <stdlib.h>
#include <string.h>

#include "loam_cells.h"
#include "loam_clones.h"
#include "loam_hash.h"
#include "loam_ingest.h"

// Rows whose slots are on their way to the cache together.
enum { GROUP = 32 };

static void *room(size_t bytes) {
  void *memory = aligned_alloc(64, (bytes + 63) & ~(size_t)63);
  // An array of Swift's ends the program likewise.
  if (memory == NULL) abort();
  return memory;
}

void loam_tally_clear(loam_tally *tally) {
  if (tally->slots != NULL) memset(tally->slots, 0, ((size_t)tally->slotsMask + 1) * sizeof(uint64_t));
  tally->count = 0;
  tally->textBytes = 0;
}

void loam_tally_free(loam_tally *tally) {
  free(tally->entries);
  free(tally->slots);
  free(tally->texts);
  *tally = (loam_tally){0};
}

const uint8_t *loam_tally_text(const loam_tally *tally, const loam_tally_entry *entry) {
  return entry->textCount <= 8 ? (const uint8_t *)&entry->head : tally->texts + entry->text;
}

static void grow(loam_tally *tally) {
  uint32_t entries = tally->room == 0 ? 512 : 2 * tally->room;
  loam_tally_entry *larger = room(entries * sizeof(loam_tally_entry));
  if (tally->count > 0) memcpy(larger, tally->entries, tally->count * sizeof(loam_tally_entry));
  free(tally->entries);
  free(tally->slots);
  size_t slots = 2 * (size_t)entries;
  tally->entries = larger;
  tally->room = entries;
  tally->slots = room(slots * sizeof(uint64_t));
  memset(tally->slots, 0, slots * sizeof(uint64_t));
  tally->slotsMask = (uint32_t)(slots - 1);
  for (uint32_t code = 0; code < tally->count; code++) {
    uint64_t hash = loam_mix64(larger[code].id);
    uint32_t place = (uint32_t)hash & tally->slotsMask;
    while (tally->slots[place] != 0) place = (place + 1) & tally->slotsMask;
    tally->slots[place] = (hash >> 32) << 32 | (code + 1);
  }
}

static uint64_t keep_text(loam_tally *tally, const uint8_t *text, size_t count) {
  if (tally->textBytes + count > tally->textRoom) {
    size_t larger = 2 * tally->textRoom + count + 4096;
    tally->texts = realloc(tally->texts, larger);
    if (tally->texts == NULL) abort();
    tally->textRoom = larger;
  }
  memcpy(tally->texts + tally->textBytes, text, count);
  tally->textBytes += count;
  return tally->textBytes - count;
}

static __attribute__((noinline)) uint32_t insert(loam_tally *tally, uint64_t hash, uint64_t id, const uint8_t *text,
                                                 uint32_t count, uint64_t head, int64_t time, uint32_t row) {
  if (tally->count == tally->room) grow(tally);
  uint32_t place = (uint32_t)hash & tally->slotsMask;
  while (tally->slots[place] != 0) place = (place + 1) & tally->slotsMask;
  uint32_t code = tally->count++;
  tally->slots[place] = (hash >> 32) << 32 | (code + 1);
  tally->entries[code] = (loam_tally_entry){
      .id = id, .count = 1, .first = time, .last = time, .head = head, .textCount = count, .row = row};
  if (count > 8) tally->entries[code].text = keep_text(tally, text, count);
  return code;
}

LOAM_INLINE uint32_t add(loam_tally *tally, uint64_t hash, uint64_t id, const uint8_t *text, uint32_t count,
                         uint64_t head, int64_t time, uint32_t row) {
  if (tally->slots == NULL) grow(tally);
  uint32_t place = (uint32_t)hash & tally->slotsMask;
  uint64_t slot;
  while ((slot = tally->slots[place]) != 0) {
    if (slot >> 32 == hash >> 32) {
      uint32_t code = (uint32_t)slot - 1;
      loam_tally_entry *entry = tally->entries + code;
      if (entry->id == id) {
        if (entry->textCount != count || entry->head != head) return LOAM_TALLY_COLLISION;
        if (count > 8 && memcmp(tally->texts + entry->text, text, count) != 0) return LOAM_TALLY_COLLISION;
        entry->count += 1;
        if (time < entry->first) entry->first = time;
        if (time > entry->last) entry->last = time;
        return code;
      }
    }
    place = (place + 1) & tally->slotsMask;
  }
  return insert(tally, hash, id, text, count, head, time, row);
}

uint32_t loam_tally_add(loam_tally *tally, uint64_t id, const uint8_t *text, size_t count, int64_t time, uint32_t row) {
  uint64_t head = 0;
  if (text == NULL) count = 0;
  if (count > 0) memcpy(&head, text, count < 8 ? count : 8);
  return add(tally, loam_mix64(id), id, text, (uint32_t)count, head, time, row);
}

LOAM_INLINE uint64_t head_of(const uint8_t *text, uint32_t count) {
  uint64_t head;
  memcpy(&head, text, 8);
  return count >= 8 ? head : head & ((1ull << (8 * count)) - 1);
}

// Digits alone, up to 19 of them: below 2^64 whatever they are. Others are for the caller.
LOAM_INLINE int parse_integer(const uint8_t *text, uint32_t count, uint64_t *value) {
  if (count > 19) return 0;
  uint64_t number = 0;
  for (uint32_t at = 0; at < count; at++) {
    uint8_t digit = (uint8_t)(text[at] - '0');
    if (digit > 9) return 0;
    number = number * 10 + digit;
  }
  *value = number;
  return 1;
}

// The IDs of a group are computed and their slots asked for, then the entries of those, and then they are counted.
LOAM_INLINE size_t tally_column(loam_tally *tally, loam_column column, size_t first, size_t rows, const int64_t *times,
                                uint32_t *codes, int isString) {
  uint64_t ids[GROUP], hashes[GROUP];
  if (tally->slots == NULL) grow(tally);
  for (size_t start = first; start < rows; start += GROUP) {
    size_t count = rows - start < GROUP ? rows - start : GROUP;
    uint32_t present = 0;
    for (size_t i = 0; i < count; i++) {
      size_t row = start + i;
      if (row + LOAM_TEXTS_AHEAD < rows) prefetch(&column, row + LOAM_TEXTS_AHEAD);
      loam_cell cell = column.cells[row];
      const uint8_t *text = column.bytes + cell.start;
      if (is_missing(&column.missing, text, cell.count)) continue;
      if (isString) {
        ids[i] = XXH3_64bits(text, cell.count);
      } else if (!parse_integer(text, cell.count, ids + i)) {
        return start;
      }
      hashes[i] = loam_mix64(ids[i]);
      __builtin_prefetch(tally->slots + ((uint32_t)hashes[i] & tally->slotsMask));
      present |= 1u << i;
    }
    for (size_t i = 0; i < count; i++) {
      if ((present >> i & 1) == 0) continue;
      uint64_t slot = tally->slots[(uint32_t)hashes[i] & tally->slotsMask];
      if (slot != 0) __builtin_prefetch(tally->entries + ((uint32_t)slot - 1), 1);
    }
    for (size_t i = 0; i < count; i++) {
      size_t row = start + i;
      if ((present >> i & 1) == 0) {
        codes[row] = LOAM_TALLY_MISSING;
        continue;
      }
      int64_t time = times ? times[row] : (int64_t)row;
      if (isString) {
        loam_cell cell = column.cells[row];
        const uint8_t *text = column.bytes + cell.start;
        codes[row] =
            add(tally, hashes[i], ids[i], text, cell.count, head_of(text, cell.count), time, (uint32_t)row);
      } else {
        codes[row] = add(tally, hashes[i], ids[i], NULL, 0, 0, time, (uint32_t)row);
      }
      if (codes[row] == LOAM_TALLY_COLLISION) return row;
    }
  }
  return rows;
}

size_t loam_tally_strings(loam_tally *tally, loam_column column, size_t first, size_t rows, const int64_t *times,
                          uint32_t *codes) {
  return tally_column(tally, column, first, rows, times, codes, 1);
}

size_t loam_tally_integers(loam_tally *tally, loam_column column, size_t first, size_t rows, const int64_t *times,
                           uint32_t *codes) {
  return tally_column(tally, column, first, rows, times, codes, 0);
}
