"""What is open, and ends."""

from __future__ import annotations

import os
import weakref
from types import TracebackType
from typing import Any, TypeVar

from . import _library
from ._errors import LoamError

Self = TypeVar("Self", bound="Handle")

# LMDB's files may not be used, nor opened again, by a process that was forked off one which has them open.
_forked = False
# Handles that keep a store open.
_of_stores: set[int] = set()


def _after_fork() -> None:
    global _forked
    _forked = _forked or bool(_of_stores)


os.register_at_fork(after_in_child=_after_fork)


def forked() -> LoamError:
    return LoamError(
        "python.forked",
        2,
        "a store was open when this process was forked; start it with the method 'spawn' or 'forkserver' "
        "(DataLoader: multiprocessing_context='spawn'), or read from a pack",
    )


def _end(handle: int, process: int) -> None:
    if os.getpid() != process:
        return
    _library.library().loam_close(handle)
    _of_stores.discard(handle)


class Handle:
    """Ends with `close`, with a `with` block, or when nothing refers to it."""

    def __init__(self, handle: int) -> None:
        self._handle = handle
        self._process = os.getpid()
        if self._reads_store:
            _of_stores.add(handle)
        self._finalizer = weakref.finalize(self, _end, handle, self._process)

    @property
    def closed(self) -> bool:
        return not self._finalizer.alive

    def _open_handle(self) -> int:
        if self.closed:
            raise LoamError("python.closed", 2, f"this {type(self).__name__.lower()} is closed")
        if self._reads_store and os.getpid() != self._process:
            raise forked()
        return self._handle

    @property
    def _reads_store(self) -> bool:
        return True

    def _describe(self) -> Any:
        return _library.described(self._open_handle())

    def close(self) -> None:
        """Ends it; what was opened from it stays open."""
        self._finalizer()

    def __enter__(self: Self) -> Self:
        self._open_handle()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def require_unforked() -> None:
    if _forked:
        raise forked()
