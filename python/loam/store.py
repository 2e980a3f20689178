"""Stores and their versions."""

from __future__ import annotations

import os
from typing import Any, Mapping

import numpy as np

from . import _library
from ._handle import Handle, require_unforked
from ._ids import IDs
from .table import Absent, Floats, Table, lookup_tables
from .timeline import Timeline
from .view import View


def open(path: str | os.PathLike[str]) -> "Store":
    """Opens a store for reading; others may write to it meanwhile."""
    require_unforked()
    return Store(_library.opened("loam_open_store", _library.text(os.fsdecode(path))))


class Store(Handle):
    """A store, opened for reading."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        self.path: str = self._describe()["path"]

    def __repr__(self) -> str:
        return f"<loam.Store {self.path}>"

    def versions(self) -> list[dict[str, Any]]:
        """The records of all kept versions, the oldest first: version, parent, time, note, root, tables, metrics."""
        records: list[dict[str, Any]] = self._describe()["versions"]
        return sorted(records, key=lambda record: record["version"])

    def version(self, at: str | int = "latest") -> "Version":
        """A version by number, tag or alias. What is read from it does not change when others are published."""
        return Version(_library.opened("loam_open_version", self._open_handle(), _library.text(str(at))))


class Version(Handle):
    """One version of a store: everything read from it is of one instant."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        text = self._describe()
        self.number: int = text["version"]
        self.parent: int | None = text.get("parent")
        self.time = np.datetime64(text["time"], "us")
        self.note: str = text["note"]
        self.root: str = text["root"]
        self.metrics: dict[str, float] = {name: float(value) for name, value in text["metrics"].items()}
        self.tables: dict[str, int] = {f"{table['kind']}:{table['name']}": table["rows"] for table in text["tables"]}
        """Rows of each table, by `kind:name`."""
        self._tables: dict[str, Table] = {}

    def __repr__(self) -> str:
        return f"<loam.Version {self.number}: {', '.join(self.tables)}>"

    def _table(self, name: str) -> Table:
        """Opened once, for calls that name tables."""
        self._open_handle()
        if name not in self._tables:
            self._tables[name] = self.table(name)
        return self._tables[name]

    def table(self, name: str) -> Table:
        """An embedding table `MODEL/SPACE`, or an ID space `ids:SPACE`."""
        return Table(_library.opened("loam_open_table", self._open_handle(), _library.text(name)), of_pack=False)

    def lookup(
        self, ids: Mapping[str, Any], column: str = "vector", *, absent: Absent = "unknown", threads: int = 1
    ) -> dict[str, Floats]:
        """Rows of several tables in one call, by table name; their memory accesses are under way together, so that many
        tables with few IDs each take little longer than one with as many."""
        return lookup_tables({name: self._table(name) for name in ids}, dict(ids), column, absent, threads)

    def counts(self, space: str, ids: Any, log: str | None = None) -> IDs:
        """How often IDs of a space occur in a log; in all logs together where none is named."""
        return self._table(f"ids:{space}").counts(ids, log)

    def timeline(self, name: str) -> Timeline:
        return Timeline(_library.opened("loam_open_timeline", self._open_handle(), _library.text(name)))

    def view(self, yaml: str) -> View:
        """A view by its YAML text: docs/views.md."""
        return View(_library.opened("loam_open_view", self._open_handle(), _library.text(yaml)))
