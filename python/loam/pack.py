"""Frozen packs."""

from __future__ import annotations

import os
from typing import Any

from . import _library
from ._handle import Handle
from .table import Table


def open_pack(directory: str | os.PathLike[str], public_key: str | None = None) -> "Pack":
    """Opens a pack: milliseconds, whatever its size.

    With `public_key`, Ed25519 in PEM, the signature of the manifest and the SHA-256 of the whole file are compared first.
    """
    key = None if public_key is None else _library.text(public_key)
    return Pack(_library.opened("loam_open_pack", _library.text(os.fsdecode(directory)), key))


class Pack(Handle):
    """One frozen version of a model. May be used in forked processes too."""

    def __init__(self, handle: int) -> None:
        super().__init__(handle)
        self.manifest: dict[str, Any] = self._describe()
        self.model: str = self.manifest["model"]

    @property
    def _reads_store(self) -> bool:
        return False

    @property
    def tables(self) -> dict[str, int]:
        """Rows of each table, by ID space."""
        return {table["space"]: table["rows"] for table in self.manifest["tables"]}

    def __repr__(self) -> str:
        return f"<loam.Pack {self.model}, version {self.manifest['version']}: {', '.join(self.tables)}>"

    def table(self, space: str) -> Table:
        return Table(_library.opened("loam_open_table", self._open_handle(), _library.text(space)), of_pack=True)
