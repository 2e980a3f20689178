"""The same rows as tensors, and batches that depend on the seed alone."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

import loam
from loam.torch import Embedding, EmbeddingBag, FeatureDataset
from requests_of_log import VIEW, requests


@pytest.mark.parametrize("source", ["items", "packed_items"])
def test_embeddings_are_torch_s_own_over_the_same_rows(request, source):
    table = request.getfixturevalue(source)
    ids = np.sort(table.ids())[:30]
    weights = torch.from_numpy(table.lookup(ids))
    places = torch.tensor([[3, 1, 2], [29, 0, 0]])
    asked = torch.from_numpy(ids.astype(np.int64))[places]
    assert torch.equal(Embedding(table)(asked), torch.nn.functional.embedding(places, weights))
    for mode in ("sum", "mean"):
        bag = EmbeddingBag(table, mode=mode)
        assert torch.allclose(bag(asked), torch.nn.functional.embedding_bag(places, weights, mode=mode))
        offsets = torch.tensor([0, 2, 2])
        assert torch.allclose(
            bag(asked.reshape(-1), offsets),
            torch.nn.functional.embedding_bag(places.reshape(-1), weights, offsets, mode=mode),
        )
    assert not list(EmbeddingBag(table).parameters())
    assert torch.equal(Embedding(table)(torch.tensor([-2])), torch.from_numpy(table.lookup([loam.UNKNOWN])))
    for wrong in (torch.tensor([1.5]), torch.tensor([1], dtype=torch.int32)):
        with pytest.raises(loam.LoamError):
            Embedding(table)(wrong)
    with pytest.raises(loam.LoamError):
        EmbeddingBag(table)(asked.reshape(-1))


def dataset(store_path, log_path, **options):
    ids, times, clicks = requests(log_path)
    return FeatureDataset(store_path, VIEW, ids, times, {"click": clicks}, batch_size=64, **options)


def test_batches_have_every_request_once_and_depend_on_the_seed(store_path, log_path):
    first, again = dataset(store_path, log_path, seed=3), dataset(store_path, log_path, seed=3)
    batches = list(first)
    assert len(batches) == len(first) == 4
    assert all(torch.equal(a["item_vector"], b["item_vector"]) for a, b in zip(batches, again))
    second = list(first)
    assert not torch.equal(batches[0]["item_vector"], second[0]["item_vector"])
    assert sum(batch["click"].sum() for batch in batches) == sum(batch["click"].sum() for batch in second)
    assert batches[0]["history"].dtype == torch.int64 and batches[0]["clicks_7d"].shape == (64,)


def test_workers_share_the_batches(store_path, log_path):
    data = dataset(store_path, log_path, shuffle=False)
    loader = torch.utils.data.DataLoader(data, batch_size=None, num_workers=2, multiprocessing_context="spawn")
    together = sorted(batch["item_vector"].numpy().tobytes() for batch in loader)
    assert together == sorted(batch["item_vector"].numpy().tobytes() for batch in data)
