#ifndef PACK_READING_H
#define PACK_READING_H

#include <stddef.h>

// Opens a pack in memory and reads all of it. `is_sealed`: with the length and the checksum that the header should name.
void read_pack_bytes(const void *bytes, size_t count, int is_sealed);

#endif
