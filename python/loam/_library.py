"""libloamc through ctypes: loam.h, call by call."""

from __future__ import annotations

import ctypes
import json
import os
import pathlib
import threading
from typing import Any

from ._errors import LoamError

ABI = 1


class CError(ctypes.Structure):
    _fields_ = [("category", ctypes.c_int32), ("code", ctypes.c_char * 64), ("message", ctypes.c_char * 956)]


class CRequest(ctypes.Structure):
    _fields_ = [
        ("table", ctypes.c_uint64),
        ("column", ctypes.c_char_p),
        ("ids", ctypes.c_void_p),
        ("count", ctypes.c_uint64),
        ("out", ctypes.c_void_p),
        ("values", ctypes.c_uint64),
    ]


_u64, _i64, _i32, _text, _memory = (
    ctypes.c_uint64,
    ctypes.c_int64,
    ctypes.c_int32,
    ctypes.c_char_p,
    ctypes.c_void_p,
)
# Arguments of each call, but for the error at the end.
_calls: dict[str, list[Any]] = {
    "loam_hash_strings": [_text, _memory, _u64, _memory],
    "loam_open_store": [_text, _memory],
    "loam_open_version": [_u64, _text, _memory],
    "loam_open_pack": [_text, _text, _memory],
    "loam_open_table": [_u64, _text, _memory],
    "loam_open_timeline": [_u64, _text, _memory],
    "loam_open_view": [_u64, _text, _memory],
    "loam_describe": [_u64, _memory],
    "loam_read_ids": [_u64, _memory, _u64],
    "loam_find_ids": [_u64, _memory, _u64, _memory],
    "loam_read_rows": [_u64, _text, _memory, _u64, _i32, _i32, _memory, _u64],
    "loam_read_tables": [_memory, _u64, _i32, _i32],
    "loam_read_bags": [_u64, _text, _memory, _u64, _memory, _u64, _i32, _i32, _i32, _memory, _u64],
    "loam_read_counts": [_u64, _text, _memory, _u64, _memory],
    "loam_read_timeline": [_u64, _u64, _i64, _i64, _u64, _memory, _memory, _memory, _memory],
    "loam_answer_view": [_u64, _memory, _memory, _memory, _u64, _i32, _memory, _u64],
}

_loading = threading.Lock()
_loaded: ctypes.CDLL | None = None


def library_path() -> pathlib.Path:
    """Where the library is: that of LOAM_LIBRARY, or the one that came with the package."""
    chosen = os.environ.get("LOAM_LIBRARY")
    return pathlib.Path(chosen) if chosen else pathlib.Path(__file__).parent / "lib" / "libloamc.so"


def library() -> ctypes.CDLL:
    global _loaded
    with _loading:
        if _loaded is None:
            _loaded = _load(library_path())
        return _loaded


def _load(path: pathlib.Path) -> ctypes.CDLL:
    try:
        loaded = ctypes.CDLL(str(path))
    except OSError as error:
        raise LoamError("python.no-library", 1, f"cannot load {path}: {error}") from error
    loaded.loam_abi.argtypes, loaded.loam_abi.restype = [], _i32
    if (found := loaded.loam_abi()) != ABI:
        raise LoamError("python.no-library", 1, f"{path} has interface {found}, this package needs {ABI}")
    for name, arguments in _calls.items():
        function = getattr(loaded, name)
        function.argtypes, function.restype = [*arguments, ctypes.POINTER(CError)], _i32
    loaded.loam_close.argtypes, loaded.loam_close.restype = [_u64], None
    loaded.loam_free.argtypes, loaded.loam_free.restype = [_memory], None
    return loaded


def text(value: str) -> bytes:
    """A text as C reads it: to its first zero, so it must have none."""
    if not isinstance(value, str) or "\0" in value:
        raise LoamError("python.bad-argument", 2, f"expected a text without zeros, found {value!r}")
    return value.encode("utf-8", "surrogateescape")


def call(name: str, *arguments: Any) -> None:
    """Calls a function; other threads of Python run meanwhile."""
    error = CError()
    if getattr(library(), name)(*arguments, ctypes.byref(error)):
        raise LoamError(
            error.code.decode(), int(error.category), error.message.decode("utf-8", "replace")
        )


def opened(name: str, *arguments: Any) -> int:
    """The handle that a function opens."""
    handle = _u64()
    call(name, *arguments, ctypes.byref(handle))
    return handle.value


def described(handle: int) -> Any:
    text = ctypes.c_void_p()
    call("loam_describe", handle, ctypes.byref(text))
    try:
        return json.loads(ctypes.string_at(text.value or 0))
    finally:
        library().loam_free(text)
