// The lookup of loam_pack.h, compiled for several instruction sets.
#ifndef LOAM_PACK_LOOKUP_H
#define LOAM_PACK_LOOKUP_H

#include "loam_pack.h"

// Addresses of the rows of at most LOAM_PACK_GROUP IDs, on their way to the cache; `absent` for IDs that have no row.
void loam_pack_locate(
    const loam_pack_column *column, const uint64_t *ids, size_t count, const void *absent, const void **places);

#endif
