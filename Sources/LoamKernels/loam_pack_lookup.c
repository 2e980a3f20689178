#include "loam_pack_lookup.h"

#include "loam_clones.h"

// As for lookups in a store: AVX-512 makes the comparison of a line no faster.
LOAM_CLONES_OF("arch=x86-64-v3", "default")
void loam_pack_locate(
    const loam_pack_column *column, const uint64_t *ids, size_t count, const void *absent, const void **places) {
  uint32_t rows[LOAM_PACK_GROUP];
  loam_pack_find_group(&column->table, ids, count, rows);
  loam_pack_places_group(column, rows, count, absent, places);
}
