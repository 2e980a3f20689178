"""Requests out of the log that the store was filled from."""

import numpy as np

VIEW = """
view: 1
name: clicks
ids: [user, item]
time: {column: time_ms, unit: milliseconds}
features:
  - {name: item_vector, vector: item, model: ads}
  - {name: history, sequence: item, timeline: user, last: 5}
  - {name: clicks_7d, window: count, timeline: user, over: 7d}
"""


def requests(log_path, rows=200):
    """IDs, times and labels of the first rows."""
    columns = ("time_ms", "click", "user", "item")
    log = np.genfromtxt(log_path, delimiter=",", names=True, dtype=np.int64, usecols=columns, max_rows=rows)
    return {"user": log["user"], "item": log["item"]}, log["time_ms"] * 1000, log["click"]
