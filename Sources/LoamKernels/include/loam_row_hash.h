// Hashes of many rows at once, for roots.
#ifndef LOAM_ROW_HASH_H
#define LOAM_ROW_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "loam_hash.h"

/// What changed rows add to a root: the sum of the hashes of their new bytes less that of their old ones', modulo 2^128.
///
/// - ids: of the rows. fresh, old: where their bytes lie, `stride` of each; NULL counts nothing.
loam_hash128 loam_row_changes(
    const uint64_t *ids, const void *const *fresh, const void *const *old, size_t count, size_t stride, uint64_t salt);

#endif
