"""Runs the reference programs with the tensors of an export: `scores(requests)`, for tools/replay.py."""
import inspect
import sys

import golden
import torch
import torch.nn.functional as F
from models import classic, crossing, sequences, tasks
from safetensors.torch import load_file

PROGRAMS = {case[0]: case[1] for module in (classic, crossing, sequences, tasks) for case in module.CASES}
# Options that change nothing when a trained model scores, or that the names of the tensors tell.
SILENT = {"sequence", "sequences", "dropout", "dropout1", "dropout2", "batch_norm", "next_event_weight", "temperature"}


class Trained(golden.Parameters):
    """The tensors of the file; batch norm goes by its running statistics, where the file has them."""

    def get(self, name, *shape):
        if tuple(self[name].shape) != shape:
            sys.exit(f"{name} is {tuple(self[name].shape)}, expected {shape}")
        return self[name]

    def mlp(self, name, x, hidden, outputs=None, batch_norm=False, activation=torch.relu):
        for layer, width in enumerate(hidden):
            x = self.linear(f"{name}.{layer}", x, width)
            norm = f"{name}.{layer}.norm"
            if f"{norm}.gamma" in self:
                x = F.batch_norm(
                    x, self[f"{norm}.running_mean"], self[f"{norm}.running_variance"], self[f"{norm}.gamma"],
                    self[f"{norm}.beta"])
            x = activation(x)
        return x if outputs is None else self.linear(f"{name}.output", x, outputs)


class Given(golden.Inputs):
    """The golden requests as a network reads them."""

    def __init__(self, requests):
        double = lambda array: torch.tensor(array, dtype=torch.float64)
        tables = requests.definition["tables"]
        self.names = [field["name"] for field in requests.pooled]
        self.fields = len(self.names)
        self.dimension = max(table["dimension"] for table in tables)
        self.vectors = self.weights = self.dense = self.events = self.mask = self.actions = None
        if self.fields and self.dimension:
            self.vectors = torch.stack([double(requests.pool(field, "rows")) for field in requests.pooled], dim=1)
        if self.fields and tables[0]["hasWeight"]:
            self.weights = torch.stack([double(requests.pool(field, "weight")) for field in requests.pooled], dim=1)
        dense = requests.dense()
        if dense is not None:
            self.dense = double(dense)
        if len(requests.sequences) > 1:
            sys.exit("the reference programs read one sequence")
        for field in requests.sequences:
            self.sequence, self.length = field["name"], field["length"]
            self.events, self.mask = map(double, requests.events(field))

    def place(self, name):
        return self.names.index(name)


def scores(requests):
    definition = requests.definition
    program = PROGRAMS[definition["architecture"]]
    known = inspect.signature(program).parameters
    options = {name: value for name, value in definition["options"].items() if name in known and name != "batch_norm"}
    if "next_event_weight" in known:
        options["next_event_weight"] = 0
    for name, value in definition["options"].items():
        if name not in known and name not in SILENT and not (name.endswith("activation") and value == "relu"):
            sys.exit(f"the reference program of {definition['architecture']} has no option {name}")
    tensors = load_file(requests.directory / requests.manifest["dense"]["file"]) if requests.manifest.get("dense") else {}
    parameters = Trained({name: tensor.double() for name, tensor in tensors.items()})
    labels = [task["label"] for task in definition["tasks"]]
    golden.WIDTHS.update({t["label"]: len(t["classes"]) if t["kind"] == "class" else 1 for t in definition["tasks"]})
    logits = program(parameters, Given(requests), golden.outputs_of(labels), labels, **options)
    logits = (logits[0] if isinstance(logits, tuple) else logits).detach()
    found, begin = {}, 0
    for task in definition["tasks"]:
        own = logits[:, begin : begin + golden.WIDTHS[task["label"]]]
        begin += own.shape[1]
        kind = task["kind"]
        found[task["label"]] = (
            torch.sigmoid(own) if kind == "binary" else torch.softmax(own, dim=1) if kind == "class" else own
        ).numpy()
    return found
