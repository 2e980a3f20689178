"""IDs and times as the library takes them: contiguous arrays of 64-bit numbers."""

from __future__ import annotations

import datetime
from typing import Any, Sequence

import numpy as np
import numpy.typing as npt

from ._errors import LoamError
from . import _library

IDs = npt.NDArray[np.uint64]

MISSING = 2**64 - 1
"""The ID of an absent field."""
UNKNOWN = 2**64 - 2
"""The ID whose row a model reads for IDs that it never admitted."""


def refused(message: str) -> LoamError:
    return LoamError("python.bad-argument", 2, message)


def hash(strings: Sequence[str] | npt.NDArray[Any]) -> IDs:
    """IDs of a string field: XXH3-64 of the UTF-8 bytes of each. Bytes are taken as they are."""
    texts = [_utf8(text) for text in np.asarray(strings, dtype=object).reshape(-1)]
    offsets = np.zeros(len(texts) + 1, dtype=np.uint64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    ids = np.empty(len(texts), dtype=np.uint64)
    _library.call("loam_hash_strings", b"".join(texts), offsets.ctypes.data, len(texts), ids.ctypes.data)
    return ids.reshape(np.shape(strings))


def _utf8(text: Any) -> bytes:
    if isinstance(text, bytes):
        return bytes(text)
    if not isinstance(text, str):
        raise refused(f"expected strings, found {text!r}")
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        raise refused(f"{text!r} is no text: {error}") from error


def ids_of(values: Any) -> IDs:
    """Unsigned numbers as they are, signed ones by their bits (-1 is MISSING), strings hashed; contiguous.

    Copies only where it must: an array of int64 or uint64 without gaps is used as it lies.
    """
    try:
        array = np.asarray(values)
        if array.dtype.kind == "f" and array.size and not hasattr(values, "dtype"):
            # What NumPy makes of a list with numbers on both sides of 2^63.
            array = np.asarray(values, dtype=object)
    except (OverflowError, ValueError) as error:
        raise refused(f"these are no IDs: {error}") from error
    if array.dtype.kind in "US" or (array.dtype.kind == "O" and all(isinstance(v, str) for v in array.flat)):
        return hash(array)
    if array.dtype.kind == "O":
        wrong = [value for value in array.flat if not isinstance(value, (int, np.integer))]
        if wrong:
            raise refused(f"IDs are whole numbers or strings, found {wrong[0]!r}")
        try:
            return np.ascontiguousarray(array, dtype=np.uint64)
        except (OverflowError, TypeError, ValueError) as error:
            raise refused(f"these are no IDs: {error}") from error
    if array.size == 0:
        return np.empty(array.shape, dtype=np.uint64)
    if array.dtype.kind not in "ui":
        raise refused(f"IDs are whole numbers or strings, found {array.dtype}")
    if not array.dtype.isnative:
        array = array.astype(array.dtype.newbyteorder("="))
    if array.dtype.itemsize < 8:
        array = array.astype(np.int64 if array.dtype.kind == "i" else np.uint64)
    shape = array.shape
    return np.ascontiguousarray(array).reshape(shape).view(np.uint64)


def times_of(values: Any) -> npt.NDArray[np.int64]:
    """Microseconds since 1970, UTC: of whole numbers as they are, of datetime64 and datetime converted."""
    if isinstance(values, datetime.datetime):
        if values.tzinfo:
            values = values.astimezone(datetime.timezone.utc).replace(tzinfo=None)
        values = np.datetime64(values, "us")
    array = np.asarray(values)
    if array.size == 0:
        return np.empty(array.shape, dtype=np.int64)
    if array.dtype.kind == "M":
        if np.isnat(array).any():
            raise refused("a time is NaT")
        array = array.astype("datetime64[us]").astype(np.int64)
    if array.dtype.kind not in "ui":
        raise refused(f"times are microseconds or datetime64, found {array.dtype}")
    if array.dtype.kind == "u" and array.max() >= 2**63:
        raise refused("a time is beyond 2^63 microseconds")
    # Of a single time ascontiguousarray would make an axis.
    return np.ascontiguousarray(array, dtype=np.int64).reshape(array.shape)


def time_of(value: Any) -> int:
    """A single time in microseconds."""
    moment = times_of(value)
    if moment.ndim != 0:
        raise refused(f"expected one time, found {moment.size}")
    return int(moment)


def output_of(
    out: npt.NDArray[np.float32] | None, shape: tuple[int, ...]
) -> npt.NDArray[np.float32]:
    """The array to write to: a new one, or that of the caller where it can be written as it lies."""
    if out is None:
        return np.empty(shape, dtype=np.float32)
    if not isinstance(out, np.ndarray) or out.dtype != np.float32:
        raise refused(f"out must be an array of float32, found {getattr(out, 'dtype', type(out).__name__)}")
    if out.shape != shape:
        raise refused(f"out has shape {out.shape}, expected {shape}")
    if not out.flags.c_contiguous or not out.flags.writeable or not out.flags.aligned:
        raise refused("out must be contiguous, aligned and writeable")
    return out
