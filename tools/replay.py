#!/usr/bin/env python3
"""Scores the golden requests of an export with other programs than Loam, and compares with the scores of the model.

  tools/replay.py DIR                     onnxruntime for each graph, PyTorch for the safetensors, what is installed of them
  tools/replay.py DIR --with torch        only this one, which must be installed then

The tables are read from their files where the export has them, else from golden.safetensors. Needs numpy and safetensors
(PyPI). Exit code: 0 every score within the tolerance, 1 not, 2 usage.
"""
import argparse
import importlib.util
import json
import pathlib
import sys

import numpy
from safetensors.numpy import load_file

MISSING, UNKNOWN = numpy.uint64(2**64 - 1), numpy.uint64(2**64 - 2)


def read_table(path, dtype):
    """IDs, vectors as f32, and weights of one file."""
    found = {}
    with open(path, "rb") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        for name in ("ids", "rows", "rows.scale", "weight"):
            if name not in header:
                continue
            begin, end = header[name]["data_offsets"]
            file.seek(8 + length + begin)
            kind = {"U64": "<u8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "I8": "<i1"}[header[name]["dtype"]]
            found[name] = numpy.frombuffer(file.read(end - begin), kind).reshape(header[name]["shape"])
    if dtype == "BF16" and "rows" in found:
        # NumPy has no bf16: it is the upper half of an f32.
        found["rows"] = (found["rows"].astype(numpy.uint32) << 16).view(numpy.float32)
    scale = found.pop("rows.scale", None)
    if "rows" in found:
        found["rows"] = found["rows"].astype(numpy.float32)
        if scale is not None:
            found["rows"] *= scale.astype(numpy.float32)[:, None]
    return found


class Table:
    """Rows by ID, as a model reads them: an ID without a row reads the row of unknown."""

    def __init__(self, directory, manifest, golden, table):
        space = table["space"]
        entries = [entry for entry in manifest["tables"] if entry["space"] == space]
        if entries:
            files = [shard["file"] for shard in entries[0].get("shards") or [entries[0]]]
            parts = [read_table(directory / file, entries[0]["dtype"]) for file in files]
            found = {name: numpy.concatenate([part[name] for part in parts]) for name in parts[0]}
        else:
            found = {name.rsplit(":", 1)[1]: golden[name] for name in golden if name.startswith(f"table:{space}:")}
        self.ids, self.rows, self.weight = found["ids"], found.get("rows"), found.get("weight")

    def positions(self, ids):
        places = numpy.minimum(numpy.searchsorted(self.ids, ids), len(self.ids) - 1)
        return numpy.where(self.ids[places] == ids, places, numpy.searchsorted(self.ids, UNKNOWN))


class Requests:
    """The golden requests, and what a network reads of them."""

    def __init__(self, directory):
        self.directory = pathlib.Path(directory)
        self.manifest = json.loads((self.directory / "manifest.json").read_text())
        if not self.manifest.get("golden"):
            sys.exit(f"{directory} has no golden requests")
        self.definition = self.manifest["definition"]
        self.golden = load_file(self.directory / self.manifest["golden"]["file"])
        self.count = self.manifest["golden"]["rows"]
        self.tables = [Table(self.directory, self.manifest, self.golden, table) for table in self.definition["tables"]]
        self.pooled = [field for field in self.definition["fields"] if field["length"] == 0]
        self.sequences = [field for field in self.definition["fields"] if field["length"] > 0]

    def table(self, field):
        return self.tables[field["table"]]

    def values(self, field):
        """IDs [requests, values] and their weights; padded with missing IDs of weight 0."""
        ids = self.golden[f"request:{field['name']}"]
        if field["shape"] == "single":
            return ids[:, None], numpy.ones((self.count, 1), numpy.float32)
        offsets = self.golden[f"request:{field['name']}:offsets"]
        weights = self.golden.get(f"request:{field['name']}:weights", numpy.ones(len(ids), numpy.float32))
        width = max(1, int(numpy.diff(offsets).max(initial=0)))
        padded = numpy.full((self.count, width), MISSING)
        mask = numpy.zeros((self.count, width), numpy.float32)
        for row in range(self.count):
            begin, end = offsets[row], offsets[row + 1]
            padded[row, : end - begin], mask[row, : end - begin] = ids[begin:end], weights[begin:end]
        return padded, mask

    def pool(self, field, column):
        """The mean of a field's rows, by weight; a row without values has that of missing."""
        ids, mask = self.values(field)
        if field["shape"] != "single":
            empty = (ids == MISSING).all(axis=1)
            mask[empty, 0] = 1
        total = mask.sum(axis=1, keepdims=True)
        shares = numpy.divide(mask, total, out=numpy.zeros_like(mask), where=total != 0)
        rows = getattr(self.table(field), column)[self.table(field).positions(ids)]
        return (rows.T * shares.T).T.sum(axis=1) if rows.ndim == 2 else (rows * shares[:, :, None]).sum(axis=1)

    def events(self, field):
        """Vectors [requests, length, dimension] and mask, the newest event last."""
        ids = self.golden[f"request:{field['name']}"]
        offsets = self.golden[f"request:{field['name']}:offsets"]
        table, length = self.table(field), field["length"]
        vectors = numpy.zeros((self.count, length, table.rows.shape[1]), numpy.float32)
        mask = numpy.zeros((self.count, length), numpy.float32)
        for row in range(self.count):
            events = ids[offsets[row] : offsets[row + 1]][-length:]
            if len(events):
                vectors[row, -len(events) :] = table.rows[table.positions(events)]
                mask[row, -len(events) :] = 1
        return vectors, mask

    def dense(self):
        """What the network reads for the raw numbers, [requests, fields]."""
        columns = []
        for field in self.definition["dense"]:
            raw = self.golden[f"request:{field['name']}"].astype(numpy.float64)
            x = raw
            for step in field["steps"]:
                ((kind, given),) = step.items()
                if kind == "log1p":
                    x = numpy.sign(x) * numpy.log1p(numpy.abs(x))
                elif kind == "shift":
                    x = (x - given["mean"]) * given["scale"]
                elif kind == "clip":
                    x = numpy.clip(x, given["lower"], given["upper"])
                else:
                    x = (numpy.array(given["_0"])[None, :] <= x[:, None]).sum(axis=1)
            columns.append(numpy.where(numpy.isnan(raw), 0, x).astype(numpy.float32))
        return numpy.stack(columns, axis=1) if columns else None

    def compare(self, what, scores):
        """`scores` by label; the largest difference counts as Loam counts it."""
        tolerance, largest = self.manifest["golden"]["tolerance"], 0.0
        for task in self.definition["tasks"]:
            wanted = self.golden[f"score:{task['label']}"].astype(numpy.float64)
            found = numpy.asarray(scores[task["label"]], numpy.float64).reshape(wanted.shape)
            largest = max(largest, float((abs(found - wanted) / numpy.maximum(1, abs(wanted))).max(initial=0)))
        print(f"{what}: {self.count} requests, scores within {largest:.1e}")
        if not largest <= tolerance:
            sys.exit(f"{what}: a score is off by {largest:.2e}, allowed are {tolerance:.0e}")


def replay_graph(requests, graph):
    import onnxruntime

    inputs = {f["name"]: requests.golden[f"request:{f['name']}"] for f in requests.definition["dense"]}
    session = onnxruntime.InferenceSession(str(requests.directory / graph["file"]))
    for field in requests.pooled:
        if graph["form"] == "self_contained":
            ids, mask = requests.values(field)
            if field["shape"] == "single":
                inputs[field["name"]] = ids[:, 0].view(numpy.int64)
            else:
                inputs[field["name"]], inputs[f"{field['name']}:mask"] = ids.view(numpy.int64), mask
            continue
        table = requests.table(field)
        if table.rows is not None:
            inputs[field["name"]] = requests.pool(field, "rows").astype(numpy.float32)
        if table.weight is not None:
            inputs[f"{field['name']}:weight"] = requests.pool(field, "weight").astype(numpy.float32)
    for field in requests.sequences:
        inputs[field["name"]], inputs[f"{field['name']}:mask"] = requests.events(field)
    labels = [task["label"] for task in requests.definition["tasks"]]
    scores = dict(zip(labels, session.run(labels, inputs)))
    requests.compare(f"{graph['file']}, onnxruntime", scores)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--with", dest="program", choices=["onnxruntime", "torch"])
    arguments = parser.parse_args()
    requests = Requests(arguments.directory)
    has = lambda name: importlib.util.find_spec(name) is not None
    if arguments.program and not has(arguments.program):
        parser.error(f"{arguments.program} is not installed")
    graphs = requests.manifest.get("graphs", [])
    if graphs and (arguments.program == "onnxruntime" or not arguments.program and has("onnxruntime")):
        for graph in graphs:
            replay_graph(requests, graph)
    if arguments.program == "torch" or not arguments.program and has("torch"):
        sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "reference"))
        from exported import scores

        requests.compare("safetensors, PyTorch", scores(requests))


if __name__ == "__main__":
    main()
