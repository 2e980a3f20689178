// CRC-32C (Castagnoli), the checksum of blocks.
#ifndef LOAM_CRC32C_H
#define LOAM_CRC32C_H

#include <stddef.h>
#include <stdint.h>

// Continues `crc` (0 to begin) over `count` bytes.
uint32_t loam_crc32c(uint32_t crc, const void *bytes, size_t count);

#endif
