"""MMoE and PLE."""
import torch
from golden import WIDTHS

TASKS = ("click", "buy", "spend", "kind")


def gate(p, name, x, experts, hidden):
    shares = torch.softmax(p.mlp(name, x, hidden, len(experts)), dim=1)
    return sum(shares[:, i:i + 1] * expert for i, expert in enumerate(experts))


def towers(p, tasks, inputs, hidden):
    return torch.cat([p.mlp(f"tower.{t}", x, hidden, WIDTHS[t]) for t, x in zip(tasks, inputs)], dim=1)


def mmoe(p, inputs, outputs, tasks, experts, expert_hidden, gate_hidden, tower_hidden):
    x = inputs.flat()
    found = [p.mlp(f"expert.{i}", x, expert_hidden) for i in range(experts)]
    return towers(p, tasks, [gate(p, f"gate.{t}", x, found, gate_hidden) for t in tasks], tower_hidden)


def ple(p, inputs, outputs, tasks, layers, shared_experts, specific_experts, expert_hidden, gate_hidden, tower_hidden):
    shared = inputs.flat()
    own = {task: shared for task in tasks}
    for layer in range(layers):
        name = f"layer.{layer}"
        common = [p.mlp(f"{name}.expert.shared.{i}", shared, expert_hidden) for i in range(shared_experts)]
        specific = {
            t: [p.mlp(f"{name}.expert.{t}.{i}", own[t], expert_hidden) for i in range(specific_experts)] for t in tasks
        }
        after = {t: gate(p, f"{name}.gate.{t}", own[t], specific[t] + common, gate_hidden) for t in tasks}
        if layer + 1 < layers:
            everyone = [expert for t in tasks for expert in specific[t]] + common
            shared = gate(p, f"{name}.gate.shared", shared, everyone, gate_hidden)
        own = after
    return towers(p, tasks, [own[t] for t in tasks], tower_hidden)


NETWORK = {"expert_hidden": [5, 4], "tower_hidden": [3]}
CASES = [
    ("mmoe", mmoe, {"experts": 3, "gate_hidden": [], **NETWORK}, {"tasks": ("click", "buy")}),
    ("mmoe", mmoe, {"experts": 2, "gate_hidden": [4], **NETWORK}, {"tasks": TASKS}),
    ("ple", ple, {"layers": 1, "shared_experts": 2, "specific_experts": 1, "gate_hidden": [], **NETWORK},
     {"tasks": ("click", "buy")}),
    ("ple", ple, {"layers": 2, "shared_experts": 2, "specific_experts": 2, "gate_hidden": [4], **NETWORK},
     {"tasks": TASKS}),
]
