"""Features of requests as they were known at their times."""

from __future__ import annotations

from typing import Any, Mapping

import numpy as np
import numpy.typing as npt

from . import _library
from ._handle import Handle
from ._ids import ids_of, refused, times_of


class View(Handle):
    """A view at one version: the same features for training and for serving."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        text = self._describe()
        self.name: str = text["name"]
        self.ids: tuple[str, ...] = tuple(text["ids"])
        """The ID fields that a request has."""
        columns = text["columns"]
        self.dtype = np.dtype(
            {
                "names": [column["name"] for column in columns],
                "formats": [
                    (column["dtype"], (column["count"],)) if "count" in column else column["dtype"]
                    for column in columns
                ],
                "offsets": [column["offset"] for column in columns],
                "itemsize": text["row_bytes"],
            }
        )
        """One record a request: a field each feature. Missing reals are NaN, missing IDs `MISSING`."""

    def __repr__(self) -> str:
        return f"<loam.View {self.name} of {', '.join(self.ids)}: {', '.join(self.dtype.names or ())}>"

    def features(
        self, ids: Mapping[str, Any], times: Any, *, known_by: Any = None, threads: int = 0
    ) -> npt.NDArray[np.void]:
        """Answers requests, a record each.

        Of every request the features are made of events before its time, as far as they were known by then (or by
        `known_by`). Answers do not depend on what is asked beside them, nor on the number of threads.
        """
        if set(ids) != set(self.ids):
            raise refused(f"the view has the IDs {', '.join(self.ids)}, found {', '.join(map(str, ids))}")
        moments = times_of(times)
        if moments.ndim != 1:
            raise refused("times must be along one axis")
        known = None if known_by is None else times_of(known_by)
        columns = np.empty((len(self.ids), moments.size), dtype=np.uint64)
        for place, name in enumerate(self.ids):
            column = ids_of(ids[name])
            if column.shape != moments.shape:
                raise refused(f"{name} has shape {column.shape}, times have {moments.shape}")
            columns[place] = column
        if known is not None and known.shape != moments.shape:
            raise refused(f"known_by has shape {known.shape}, times have {moments.shape}")
        rows = np.empty(moments.size, dtype=self.dtype)
        _library.call(
            "loam_answer_view",
            self._open_handle(),
            columns.ctypes.data,
            moments.ctypes.data,
            None if known is None else known.ctypes.data,
            moments.size,
            threads,
            rows.ctypes.data,
            rows.nbytes,
        )
        return rows
