#include "loam.h"

_Static_assert(sizeof(loam_error) == 1024, "other languages lay it out by hand");
_Static_assert(sizeof(loam_request) == 48, "other languages lay it out by hand");
