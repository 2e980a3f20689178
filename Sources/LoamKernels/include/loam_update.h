// Steps of a writer's batches: as lookups (loam_lookup.h), but over words of which some are the writer's own copies.
//
//   tag    1 not verified, or read by row    2 a copy of the writer's own    4 a copy that is to be put
//
// A gather reads whatever is verified; an update wants copies that are to be put, and lists the rows whose block is not
// one yet. After the first touch of its block a row costs no branch and no call.
#ifndef LOAM_UPDATE_H
#define LOAM_UPDATE_H

#include <stddef.h>
#include <stdint.h>

#include "loam_lookup.h"

// Home lines of the IDs, under way to the cache. Returns how many positions `listed` names: their block is not verified.
size_t loam_update_lines(
    const loam_lookup_index *index, const uint64_t *ids, size_t count, const void **lines, uint32_t *listed);

// Addresses of rows to be read, under way to the cache; `absent` for LOAM_LOOKUP_NONE. Slots must be in use. Returns how
// many positions `listed` names: their block is not verified, or stored nowhere while its initial rows depend on the ID.
size_t loam_update_gather(
    const loam_lookup_column *column, const uint64_t *references, size_t count, const void *absent, const void **rows,
    uint32_t *listed);

// Addresses of rows to be changed, under way to the cache; marked in `changed`. References must be of rows in use. Returns how many positions
// `listed` names: their block is not a copy that is to be put.
size_t loam_update_rows(
    const loam_lookup_column *column, const uint64_t *references, size_t count, void **rows, uint32_t *listed);

// The first reference that is not of a row in use, `count` where all are. Of any length.
size_t loam_update_check(const loam_lookup_index *index, const uint64_t *references, size_t count);

#endif
