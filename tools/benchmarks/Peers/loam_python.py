"""The package loam on the store of the lookups: IDs in a NumPy array to rows in one. Speaks as peer.h says."""

import os
import sys
import time

import numpy as np

import loam

BATCH = 65_536
store, table = sys.argv[1:3]
rows = loam.open_pack(store).table(table) if os.path.exists(f"{store}/manifest.json") else (
    loam.open(store).version().table(table)
)
draws = {}
for path in sys.argv[3:]:
    numbers = np.fromfile(path, dtype=np.uint32)
    draws[os.path.basename(path)] = numbers[: len(numbers) // BATCH * BATCH].reshape(-1, BATCH)
out = np.empty((BATCH, rows.width()), dtype=np.float32)


def ids_of(numbers):
    x = (numbers.astype(np.uint64) + np.uint64(1)) * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ x >> np.uint64(33)) * np.uint64(0xFF51AFD7ED558CCD)
    x = (x ^ x >> np.uint64(33)) * np.uint64(0xC4CEB9FE1A85EC53)
    return x ^ x >> np.uint64(33)


def seconds_of(batches):
    seconds = 0.0
    for number, batch in enumerate(batches):
        ids = ids_of(batch)
        start = time.thread_time()
        rows.lookup(ids, out=out)
        if number > 0:
            seconds += time.thread_time() - start
        assert np.array_equal(out[:, 15], batch.astype(np.float32))
    return seconds


for batches in draws.values():
    seconds_of(batches)
print("ready", loam.__version__, flush=True)
for line in sys.stdin:
    name, first, count = line.split()
    print(f"{seconds_of(draws[name][int(first) : int(first) + 1 + int(count)]):.9f}", flush=True)
