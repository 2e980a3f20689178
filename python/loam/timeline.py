"""What happened to an entity, in time."""

from __future__ import annotations

import ctypes
from typing import Any

import numpy as np
import numpy.typing as npt

from . import _library
from ._handle import Handle
from ._ids import ids_of, refused, time_of

_end_of_time = 2**63 - 1


class Timeline(Handle):
    """A timeline of a version."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        text = self._describe()
        self.name: str = text["name"]
        self._events: int = text["events"]
        self.fields: dict[str, str] = {field["name"]: field["kind"] for field in text["fields"]}
        """Names of the fields, and whether they are `id` or `real`."""

    def __len__(self) -> int:
        return self._events

    def __repr__(self) -> str:
        return f"<loam.Timeline {self.name}: {self._events} events of {', '.join(self.fields)}>"

    def last(
        self, entity: Any, count: int = 50, *, before: Any = None, known_by: Any = None
    ) -> npt.NDArray[np.void]:
        """The newest events of an entity before a time, as far as they were known by then; newest first.

        One record an event: `time`, `known_at` (datetime64), and a field each (uint64 or float32). `before` is a
        datetime64, a datetime or microseconds; without it the whole timeline is seen.
        """
        if not 0 <= count <= 2**31:
            raise refused(f"count must be 0 to 2^31, found {count}")
        # No more than there are, so that asking for all is no request for memory.
        count = min(count, self._events)
        ids = ids_of([entity]).reshape(-1)
        until = _end_of_time if before is None else time_of(before)
        known = until if known_by is None else time_of(known_by)
        times, known_at = np.empty((2, count), dtype=np.int64)
        values = np.empty((len(self.fields), count), dtype=np.uint64)
        found = ctypes.c_uint64()
        _library.call(
            "loam_read_timeline",
            self._open_handle(),
            int(ids[0]),
            until,
            known,
            count,
            times.ctypes.data,
            known_at.ctypes.data,
            values.ctypes.data,
            ctypes.byref(found),
        )
        kinds = [(name, "<u8" if kind == "id" else "<f4") for name, kind in self.fields.items()]
        events = np.empty(found.value, dtype=[("time", "<M8[us]"), ("known_at", "<M8[us]"), *kinds])
        events["time"] = times[: found.value].view("<M8[us]")
        events["known_at"] = known_at[: found.value].view("<M8[us]")
        for column, (name, kind) in zip(values[:, : found.value], kinds):
            events[name] = column if kind == "<u8" else column.astype(np.uint32).view(np.float32)
        return events
