"""DIN, SASRec and DHEN."""
import math

import torch
import torch.nn.functional as F
from golden import ACTIONS, masked_softmax, next_event_loss

from models.crossing import dots
from models.tasks import towers


def field(inputs, name):
    return inputs.vectors[:, inputs.place(name)]


def din(p, inputs, outputs, tasks, target, attention_hidden, hidden, softmax=False, pooling="attention"):
    e, t = inputs.events, field(inputs, target).unsqueeze(1).expand(-1, inputs.length, -1)
    if pooling == "mean":
        weights = inputs.mask / inputs.mask.sum(1, keepdim=True).clamp(min=1)
    else:
        pairs = torch.cat([e, t, e - t, e * t], dim=2)
        scores = p.mlp(f"attention.{inputs.sequence}", pairs, attention_hidden, 1).squeeze(2)
        weights = masked_softmax(scores, inputs.mask) if softmax else scores * inputs.mask
    interest = (weights.unsqueeze(2) * e).sum(1)
    return p.mlp("mlp", torch.cat([interest, inputs.flat()], dim=1), hidden, outputs)


def sasrec(p, inputs, outputs, tasks, target, layers, heads, dropout, next_event_weight, temperature=1, inner=None,
           log_q_correction=True):
    states = p.sequence_encoder("encoder", inputs.events, inputs.mask, layers, heads, inner)
    logits = (states[:, -1] * field(inputs, target)).sum(1, keepdim=True)
    if next_event_weight == 0:
        return logits
    return logits, next_event_weight * next_event_loss(states, inputs, temperature, log_q_correction)


def dhen_layer(p, name, x, count, modules, ensemble, heads, hidden):
    batch, m, d = x.shape
    each = count if ensemble == "sum" else count // len(modules)
    along = lambda where, t, outputs: p.linear(where, t.transpose(1, 2), outputs, bias=False).transpose(1, 2)
    flat, parts = x.flatten(1), []
    for index, kind in enumerate(modules):
        module = f"{name}.{index}.{kind}"
        if kind == "linear":
            parts.append(along(f"{module}.mix", x, each))
            continue
        if kind == "attention":
            parts.append(along(f"{module}.mix", p.transformer(module, x, heads), each))
            continue
        if kind == "dcn":
            part = flat * p.linear(module, flat, m * d)
        else:
            part = p.mlp(module, dots(x) if kind == "dot" else flat, hidden)
        if kind != "dcn" or m != each:
            part = p.linear(f"{module}.project", part, each * d)
        parts.append(part.reshape(batch, each, d))
    joined = sum(parts) if ensemble == "sum" else torch.cat(parts, dim=1)
    return p.layer_norm(f"{name}.norm", joined + (x if m == count else along(f"{name}.shortcut", x, count)))


def dhen(p, inputs, outputs, tasks, layers, modules, heads, hidden, tower_hidden, ensemble="sum", vectors=0, target="",
         sequence_layers=1, sequence_states=4, next_event_weight=0.1, temperature=0.1,
         log_q_correction=True):
    d, tokens, auxiliary = inputs.dimension, [inputs.vectors], 0
    if inputs.dense is not None:
        tokens.append(p.linear("dense", inputs.dense, d).unsqueeze(1))
    if inputs.events is not None:
        name, events = f"sequence.{inputs.sequence}", inputs.events
        if target:
            candidate = field(inputs, target).unsqueeze(1).expand(-1, inputs.length, -1)
            events = p.linear(f"{name}.merge", torch.cat([events, candidate], dim=2), d)
        if inputs.actions is not None:
            there = inputs.mask.unsqueeze(2)
            events = events + p.get(f"{name}.actions", ACTIONS, d)[inputs.actions] * there
            buckets = torch.floor(torch.log2(1 + inputs.ages)).long().clamp(max=31)
            events = events + p.get(f"{name}.ages", 32, d)[buckets] * there
        states = p.sequence_encoder(name, events, inputs.mask, sequence_layers, heads)
        kept = min(sequence_states, inputs.length)
        largest = states.masked_fill(inputs.mask.unsqueeze(2) == 0, -math.inf).max(dim=1).values
        largest = torch.where(inputs.mask.sum(1, keepdim=True) > 0, largest, torch.zeros_like(largest))
        tokens += [states[:, -kept:], largest.unsqueeze(1)]
        if next_event_weight:
            loss = next_event_loss(states, inputs, temperature, log_q_correction)
            if inputs.actions is not None:
                scores = p.linear(f"{name}.next_action", states, ACTIONS)
                there = (inputs.mask[:, :-1] * inputs.mask[:, 1:]) > 0
                loss = loss + F.cross_entropy(scores[:, :-1][there], inputs.actions[:, 1:][there])
            auxiliary = next_event_weight * loss
    x = torch.cat(tokens, dim=1)
    count = vectors or x.shape[1]
    if ensemble == "concat":
        count = max(count // len(modules), 1) * len(modules)
    for layer in range(layers):
        x = dhen_layer(p, f"layer.{layer}", x, count, modules, ensemble, heads, hidden)
    return towers(p, tasks, [x.flatten(1)] * len(tasks), tower_hidden), auxiliary


DIN = {"target": "b", "attention_hidden": [5], "hidden": [6]}
SASREC = {"target": "a", "layers": 2, "heads": 2, "dropout": 0}
DHEN = {"layers": 2, "heads": 2, "hidden": [5], "tower_hidden": [3]}
EVERY = ["linear", "attention", "dcn", "dot", "mlp"]
CASES = [
    ("din", din, DIN, {"sequence": True}),
    ("din", din, {**DIN, "softmax": True}, {"sequence": True, "dense": 0}),
    ("din", din, {**DIN, "pooling": "mean"}, {"sequence": True}),
    ("sasrec", sasrec, {**SASREC, "next_event_weight": 0}, {"sequence": True, "fields": 1, "dense": 0}),
    ("sasrec", sasrec, {**SASREC, "next_event_weight": 0.5, "temperature": 0.7, "inner": 6},
     {"sequence": True, "fields": 1, "dense": 0}),
    ("sasrec", sasrec, {**SASREC, "next_event_weight": 0.5, "log_q_correction": False},
     {"sequence": True, "fields": 1, "dense": 0}),
    ("dhen", dhen, {**DHEN, "modules": EVERY}, {}),
    ("dhen", dhen, {**DHEN, "modules": ["linear", "attention"], "ensemble": "concat", "vectors": 3}, {"dense": 0}),
    ("dhen", dhen, {**DHEN, "modules": EVERY, "vectors": 3, "target": "a", "sequence_states": 2, "temperature": 0.5},
     {"sequence": True, "actions": True, "tasks": ("click", "buy", "spend")}),
]
