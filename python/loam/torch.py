"""PyTorch over stores and packs: frozen embeddings, and a data set of point-in-time features."""

from __future__ import annotations

import os
from typing import Any, Iterator, Literal, Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch

from ._ids import ids_of, refused, times_of
from .store import open as open_store
from .table import Absent, Table


class Embedding(torch.nn.Module):
    """Looks vectors up by ID, as `torch.nn.Embedding` does by position: `[*input.shape, dimension]`.

    The rows are read from the table and are not parameters: no gradient reaches them. IDs are int64 tensors, read by their
    bits: -1 is `loam.MISSING`, -2 `loam.UNKNOWN`.
    """

    def __init__(
        self, table: Table, column: str = "vector", *, absent: Absent = "unknown", threads: int = 1
    ) -> None:
        super().__init__()
        self.table = table
        self.column = column
        self.absent: Absent = absent
        self.threads = threads
        self.embedding_dim = table.width(column)

    @property
    def num_embeddings(self) -> int:
        return len(self.table)

    def forward(self, input: torch.Tensor) -> torch.Tensor:
        rows = torch.empty((*input.shape, self.embedding_dim), dtype=torch.float32)
        self.table.lookup(
            _ids(input), self.column, absent=self.absent, out=rows.numpy(), threads=self.threads
        )
        return rows.to(input.device)


class EmbeddingBag(torch.nn.Module):
    """Looks bags of IDs up and pools each, as `torch.nn.EmbeddingBag` does: `[bags, dimension]`.

    `input` is `[bags, IDs]`, or one axis with `offsets`, where each bag begins. The row of an empty bag is zeros.
    """

    def __init__(
        self,
        table: Table,
        column: str = "vector",
        *,
        mode: Literal["sum", "mean"] = "mean",
        absent: Absent = "unknown",
        threads: int = 1,
    ) -> None:
        super().__init__()
        self.table = table
        self.column = column
        self.mode: Literal["sum", "mean"] = mode
        self.absent: Absent = absent
        self.threads = threads
        self.embedding_dim = table.width(column)

    def forward(self, input: torch.Tensor, offsets: torch.Tensor | None = None) -> torch.Tensor:
        if input.dim() == 2 and offsets is None:
            starts = np.arange(input.shape[0], dtype=np.int64) * input.shape[1]
        elif input.dim() == 1 and offsets is not None:
            starts = offsets.detach().cpu().numpy()
        else:
            raise refused("input must be [bags, IDs], or have one axis and come with offsets")
        rows = torch.empty((len(starts), self.embedding_dim), dtype=torch.float32)
        self.table.bags(
            _ids(input).reshape(-1),
            starts,
            self.column,
            mode=self.mode,
            absent=self.absent,
            out=rows.numpy(),
            threads=self.threads,
        )
        return rows.to(input.device)


def _ids(input: torch.Tensor) -> npt.NDArray[np.int64]:
    if input.dtype != torch.int64:
        raise refused(f"IDs must be a tensor of int64, found {input.dtype}")
    array: npt.NDArray[np.int64] = input.detach().cpu().contiguous().numpy()
    return array


class FeatureDataset(torch.utils.data.IterableDataset[dict[str, torch.Tensor]]):
    """Batches of requests with their features as they were known at each request's time.

    Give it to `torch.utils.data.DataLoader` with `batch_size=None`. A batch has a tensor for each feature of the view (reals
    float32, IDs and numbers int64), and one for each of `labels`. Every epoch comes in another order, which `seed` fixes.
    Worker processes share the batches; they open the store themselves, and must be started with 'spawn' or 'forkserver'
    where this process has it open.
    """

    def __init__(
        self,
        store: str | os.PathLike[str],
        view: str,
        ids: Mapping[str, Any],
        times: Any,
        labels: Mapping[str, Any] | None = None,
        *,
        at: str | int = "latest",
        batch_size: int = 4_096,
        shuffle: bool = True,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if batch_size < 1:
            raise refused(f"batch_size must be at least 1, found {batch_size}")
        self._store, self._view, self._at = os.fspath(store), view, str(at)
        self._ids = {name: ids_of(values) for name, values in ids.items()}
        self._times = times_of(times)
        self._labels = {name: np.ascontiguousarray(values, dtype=np.float32) for name, values in (labels or {}).items()}
        columns: dict[str, npt.NDArray[Any]] = {**self._ids, **self._labels}
        for name, column in columns.items():
            if len(column) != len(self._times):
                raise refused(f"{name} has {len(column)} rows, times have {len(self._times)}")
        self._batch_size, self._shuffle, self._seed = batch_size, shuffle, seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """The order of the next pass; without it every pass takes the next one."""
        self._epoch = epoch

    def __len__(self) -> int:
        return -(-len(self._times) // self._batch_size)

    def _batches(self) -> Sequence[npt.NDArray[np.int64]]:
        order = np.arange(len(self._times))
        if self._shuffle:
            np.random.default_rng([self._seed, self._epoch]).shuffle(order)
        self._epoch += 1
        return [order[start : start + self._batch_size] for start in range(0, len(order), self._batch_size)]

    def __iter__(self) -> Iterator[dict[str, torch.Tensor]]:
        worker = torch.utils.data.get_worker_info()
        batches = self._batches()
        if worker is not None:
            batches = batches[worker.id :: worker.num_workers]
        with open_store(self._store) as store, store.version(self._at) as version:
            with version.view(self._view) as view:
                for rows in batches:
                    features = view.features(
                        {name: column[rows] for name, column in self._ids.items()}, self._times[rows], threads=1
                    )
                    yield {
                        **{name: _tensor(features[name]) for name in features.dtype.names or ()},
                        **{name: torch.from_numpy(column[rows]) for name, column in self._labels.items()},
                    }


def _tensor(column: npt.NDArray[Any]) -> torch.Tensor:
    """PyTorch computes with int64, so IDs keep their bits."""
    values = np.ascontiguousarray(column)
    return torch.from_numpy(values.view(np.int64) if values.dtype == np.uint64 else values)
