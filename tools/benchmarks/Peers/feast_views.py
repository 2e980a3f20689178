"""Feast: ten views of a hundred features of 10,000 entities, SQLite online store, files offline.

A line "join" answers with the seconds of a historical join of 17,000 requests, "peak" with the megabytes resident at the
process's peak so far, "online COUNT" with the median seconds of 50 features of COUNT entities.
"""

import os
import resource
import shutil
import statistics
import sys
import tempfile
import time
import warnings
from datetime import datetime, timedelta, timezone

import feast
import numpy
import pandas
from feast import Entity, FeatureStore, FeatureView, Field, FileSource
from feast.types import Float32

warnings.filterwarnings("ignore")
answers, sys.stdout = sys.stdout, sys.stderr
ENTITIES, VIEWS, WIDTH, REQUESTS = 10_000, 10, 100, 17_000
folder = tempfile.mkdtemp()
os.chdir(folder)
with open("feature_store.yaml", "w") as config:
    config.write(
        "project: p\nregistry: r.db\nprovider: local\nonline_store:\n  type: sqlite\n  path: o.db\n"
        "entity_key_serialization_version: 3\n"
    )
now = datetime.now(timezone.utc)
random = numpy.random.default_rng(1)
user = Entity(name="user", join_keys=["user"])
objects = [user]
for view in range(VIEWS):
    frame = pandas.DataFrame(random.random((ENTITIES, WIDTH), dtype=numpy.float32), columns=[f"f{i}" for i in range(WIDTH)])
    frame["user"] = numpy.arange(ENTITIES)
    frame["ts"] = now - timedelta(hours=1)
    frame.to_parquet(f"{view}.parquet")
    objects.append(
        FeatureView(
            name=f"v{view}",
            entities=[user],
            ttl=timedelta(days=2),
            schema=[Field(name=f"f{i}", dtype=Float32) for i in range(WIDTH)],
            source=FileSource(path=f"{view}.parquet", timestamp_field="ts"),
        )
    )
store = FeatureStore(".")
store.apply(objects)
names = [f"v{view}:f{i}" for view in range(VIEWS) for i in range(WIDTH)]
request = pandas.DataFrame({"user": random.integers(0, ENTITIES, REQUESTS), "event_timestamp": now})
store.materialize(now - timedelta(days=1), now, feature_views=["v0"])


def join():
    start = time.perf_counter()
    frame = store.get_historical_features(entity_df=request, features=names, full_feature_names=True).to_df()
    numpy.save("join.npy", frame[[name.replace(":", "__") for name in names]].to_numpy(dtype=numpy.float32))
    return time.perf_counter() - start


def online(count):
    took = []
    for _ in range(40):
        asked = [{"user": int(i)} for i in random.integers(0, ENTITIES, count)]
        start = time.perf_counter()
        store.get_online_features(features=[f"v0:f{i}" for i in range(50)], entity_rows=asked)
        took.append(time.perf_counter() - start)
    return statistics.median(took[10:])


print("ready", feast.__version__, file=answers, flush=True)
for line in sys.stdin:
    words = line.split()
    if words[0] == "join":
        answer = join()
    elif words[0] == "peak":
        answer = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    else:
        answer = online(int(words[1]))
    print(answer, file=answers, flush=True)
shutil.rmtree(folder)
