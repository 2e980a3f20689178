"""Rows by ID."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from . import _library
from ._handle import Handle
from ._ids import IDs, ids_of, output_of, refused

Absent = Literal["unknown", "zeros"]
Floats = npt.NDArray[np.float32]
_absent = {"unknown": 0, "zeros": 1}
_pooling = {"sum": 0, "mean": 1}


def absent_code(absent: str) -> int:
    if absent not in _absent:
        raise refused(f"absent must be 'unknown' or 'zeros', found {absent!r}")
    return _absent[absent]


@dataclass(frozen=True)
class Column:
    """A column of a table: `width` elements of `dtype` a row."""

    name: str
    dtype: str
    width: int


class Table(Handle):
    """A table of a version (`MODEL/SPACE`, `ids:SPACE`) or of a pack (`SPACE`).

    May be used from several threads; the interpreter's lock is free while rows are read.
    """

    def __init__(self, handle: int, *, of_pack: bool) -> None:
        self._of_pack = of_pack
        super().__init__(handle)
        text = self._describe()
        self.name: str = text["name"]
        self.columns = {entry["name"]: Column(**entry) for entry in text["columns"]}
        self._rows: int = text["rows"]

    @property
    def _reads_store(self) -> bool:
        return not self._of_pack

    def __len__(self) -> int:
        return self._rows

    def __repr__(self) -> str:
        columns = ", ".join(f"{column.name} {column.dtype}[{column.width}]" for column in self.columns.values())
        return f"<loam.Table {self.name}: {self._rows} rows, {columns}>"

    def width(self, column: str = "vector") -> int:
        """Elements of a row."""
        if column not in self.columns:
            raise refused(f"table {self.name} has no column {column!r}; it has: {', '.join(self.columns)}")
        return self.columns[column].width

    def ids(self) -> IDs:
        """All IDs that have a row, the reserved ones among them, in no order that means anything."""
        ids = np.empty(self._rows, dtype=np.uint64)
        _library.call("loam_read_ids", self._open_handle(), ids.ctypes.data, ids.size)
        return ids

    def find(self, ids: Any) -> npt.NDArray[np.bool_]:
        """Which IDs have a row of their own."""
        ids = ids_of(ids)
        found = np.empty(ids.shape, dtype=np.bool_)
        _library.call("loam_find_ids", self._open_handle(), ids.ctypes.data, ids.size, found.ctypes.data)
        return found

    def lookup(
        self,
        ids: Any,
        column: str = "vector",
        *,
        absent: Absent = "unknown",
        out: Floats | None = None,
        threads: int = 1,
    ) -> Floats:
        """Rows as float32, shape `[*ids.shape, width]`, of whatever type they are stored.

        `absent` is what an ID without a row reads: the row of `UNKNOWN`, as the model does, or zeros. With `out`, a
        contiguous array of that shape, nothing is allocated. `threads`: at most so many, 0 one a core.
        """
        ids = ids_of(ids)
        rows = output_of(out, (*ids.shape, self.width(column)))
        _library.call(
            "loam_read_rows",
            self._open_handle(),
            _library.text(column),
            ids.ctypes.data,
            ids.size,
            absent_code(absent),
            threads,
            rows.ctypes.data,
            rows.size,
        )
        return rows

    def bags(
        self,
        ids: Any,
        offsets: Any,
        column: str = "vector",
        *,
        mode: Literal["sum", "mean"] = "mean",
        absent: Absent = "unknown",
        out: Floats | None = None,
        threads: int = 1,
    ) -> Floats:
        """The rows of bags as one each, `[bags, width]`: bag b is `ids[offsets[b]:offsets[b + 1]]`, the last one ends with
        the IDs. The row of an empty bag is zeros."""
        ids = ids_of(ids).reshape(-1)
        if mode not in _pooling:
            raise refused(f"mode must be 'sum' or 'mean', found {mode!r}")
        starts = np.asarray(offsets)
        if starts.size == 0 and ids.size == 0:
            starts = np.empty(0, dtype=np.int64)
        if starts.dtype.kind not in "ui" or starts.ndim != 1:
            raise refused("offsets must be whole numbers along one axis")
        if starts.size and (starts.min() < 0 or starts.max() > ids.size or ids.size >= 2**32):
            raise refused(f"offsets must be 0 to the number of IDs, {ids.size}")
        ends = np.append(starts, ids.size).astype(np.uint32)
        rows = output_of(out, (starts.size, self.width(column)))
        if starts.size == 0:
            return rows
        _library.call(
            "loam_read_bags",
            self._open_handle(),
            _library.text(column),
            ids.ctypes.data,
            ids.size,
            ends.ctypes.data,
            starts.size,
            _pooling[mode],
            absent_code(absent),
            threads,
            rows.ctypes.data,
            rows.size,
        )
        return rows

    def counts(self, ids: Any, log: str | None = None) -> IDs:
        """How often IDs occur in a log, or in all; of a table `ids:SPACE`."""
        ids = ids_of(ids)
        counts = np.empty(ids.shape, dtype=np.uint64)
        _library.call(
            "loam_read_counts",
            self._open_handle(),
            None if log is None else _library.text(log),
            ids.ctypes.data,
            ids.size,
            counts.ctypes.data,
        )
        return counts


def lookup_tables(
    tables: dict[str, Table], ids: dict[str, Any], column: str, absent: Absent, threads: int
) -> dict[str, Floats]:
    """Rows of several tables in one call."""
    wanted = {name: ids_of(values) for name, values in ids.items()}
    rows = {name: np.empty((*wanted[name].shape, tables[name].width(column)), dtype=np.float32) for name in wanted}
    requests = (_library.CRequest * len(wanted))(
        *(
            _library.CRequest(
                tables[name]._open_handle(),
                _library.text(column),
                wanted[name].ctypes.data,
                wanted[name].size,
                rows[name].ctypes.data,
                rows[name].size,
            )
            for name in wanted
        )
    )
    _library.call("loam_read_tables", ctypes.byref(requests), len(wanted), absent_code(absent), threads)
    return rows
