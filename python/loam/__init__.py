"""Read Loam's stores and packs: embedding rows, counts, timelines and point-in-time features, as NumPy arrays.

    import loam

    with loam.open("ads.loam") as store:
        items = store.version("best").table("ctr/item")
        vectors = items.lookup([4711, 4712])          # [2, dimension] float32

`loam.torch` has an embedding bag and a data set for PyTorch.
"""

from ._errors import LoamError
from ._ids import MISSING, UNKNOWN, hash
from ._library import library_path
from .pack import Pack, open_pack
from .store import Store, Version, open
from .table import Column, Table
from .timeline import Timeline
from .view import View

__version__ = "0.1.0"
__all__ = [
    "MISSING",
    "UNKNOWN",
    "Column",
    "LoamError",
    "Pack",
    "Store",
    "Table",
    "Timeline",
    "Version",
    "View",
    "hash",
    "library_path",
    "open",
    "open_pack",
]
