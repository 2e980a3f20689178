#ifndef LOAM_PREFETCH_H
#define LOAM_PREFETCH_H

/// Asks for a cache line that is soon read or written; the address may be anything.
static inline void loam_prefetch(const void *address) { __builtin_prefetch(address, 1, 3); }

/// The same for a line that is only read.
static inline void loam_prefetch_read(const void *address) { __builtin_prefetch(address, 0, 3); }

#endif
