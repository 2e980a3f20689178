#ifndef LOAM_CELLS_H
#define LOAM_CELLS_H

#include <string.h>

#include "loam_clones.h"
#include "loam_ingest.h"

LOAM_INLINE int is_missing(const loam_markers *missing, const uint8_t *text, uint32_t count) {
  if (count == 0) return 1;
  const uint8_t *marker = missing->bytes;
  for (size_t i = 0; i < missing->count; i++) {
    if (missing->counts[i] == count && memcmp(marker, text, count) == 0) return 1;
    marker += missing->counts[i];
  }
  return 0;
}

// A chunk is larger than the near caches, and each column of it is read for itself.
LOAM_INLINE void prefetch(const loam_column *column, size_t row) {
  __builtin_prefetch(column->bytes + column->cells[row].start);
}

#endif
