"""What the reference programs of models share: inputs, parameters and the numbers that are kept.

A program describes cases; `numbers` runs one in float64: logits, loss and every gradient at step 0, then the losses of
ten steps of plain gradient descent on the dense parameters. Inputs and parameters come from formula(name, shape), which
Tests/LoamModelsTests/GoldenCase.swift states again, so that a file holds settings and results only.
"""
import math

import torch
import torch.nn.functional as F

BATCH, RATE, STEPS = 6, 0.05, 10
LABELS = {
    "click": [1.0, 0, 1, 1, 0, 0],
    "buy": [0.0, 1, math.nan, 0, 1, 1],
    "spend": [0.5, 0, 2, 1, math.nan, 0],
    "kind": [2.0, 0, math.nan, 1, 1, 0],
}
KINDS = {"click": "binary", "buy": "binary", "spend": "real", "kind": "classes"}
CLASSES = 3
WIDTHS = {task: CLASSES if kind == "classes" else 1 for task, kind in KINDS.items()}
LENGTH = 5
EVENTS = [5, 3, 0, 1, 4, 2]  # of each row's sequence
ACTIONS = 3


def formula(name, shape):
    stream = sum((place + 1) * byte for place, byte in enumerate(name.encode())) % 997
    values = [0.4 * math.sin(1.0 + 0.7 * i + 2.3 * stream) for i in range(math.prod(shape))]
    # Through float32, as the values are in Loam.
    values = torch.tensor(values, dtype=torch.float32).double().reshape(shape)
    return values + 1 if name.endswith(".gamma") else values


class Inputs:
    """vectors [batch, fields, dimension], weights [batch, fields], dense [batch, dense], one sequence."""

    def __init__(self, fields=4, dimension=4, dense=2, weights=False, sequence=False, actions=False):
        self.fields, self.dimension = fields, dimension
        self.vectors = formula("vectors", [BATCH, fields, dimension]).requires_grad_()
        self.weights = formula("weights", [BATCH, fields]).requires_grad_() if weights else None
        self.dense = formula("dense", [BATCH, dense]) if dense else None
        self.mask = self.events = self.actions = None
        self.sequence, self.length = "history", LENGTH
        if sequence:
            self.mask = torch.zeros(BATCH, LENGTH, dtype=torch.float64)
            for row, count in enumerate(EVENTS):
                if count:
                    self.mask[row, -count:] = 1
            self.events = (formula("events", [BATCH, LENGTH, dimension]) * self.mask.unsqueeze(2)).requires_grad_()
            places = torch.arange(BATCH * LENGTH).reshape(BATCH, LENGTH)
            self.codes = (places * 7) % 11
            self.frequencies = (self.codes + 1) / 100
            if actions:
                self.actions = (places * 5) % ACTIONS
                self.ages = 3.0 ** (places % 9)

    def place(self, name):
        return ord(name) - ord("a")

    def flat(self):
        return torch.cat([self.vectors.flatten(1)] + self.dense_parts(), dim=1)

    def dense_parts(self):
        return [] if self.dense is None else [self.dense]

    def leaves(self):
        named = {"vectors": self.vectors, "weights": self.weights, "events": self.events}
        return {name: value for name, value in named.items() if value is not None}


class Parameters(dict):
    """Parameters by name, made by the formula when a model first asks for them."""

    def get(self, name, *shape):
        if name not in self:
            self[name] = formula(name, shape).requires_grad_()
        assert self[name].shape == shape, (name, self[name].shape, shape)
        return self[name]

    def linear(self, name, x, outputs, bias=True):
        weight = self.get(f"{name}.weight", outputs, x.shape[-1])
        return F.linear(x, weight, self.get(f"{name}.bias", outputs) if bias else None)

    def layer_norm(self, name, x):
        columns = x.shape[-1]
        return F.layer_norm(x, [columns], self.get(f"{name}.gamma", columns), self.get(f"{name}.beta", columns))

    def mlp(self, name, x, hidden, outputs=None, batch_norm=False, activation=torch.relu):
        for layer, width in enumerate(hidden):
            x = self.linear(f"{name}.{layer}", x, width)
            if batch_norm:
                gamma, beta = self.get(f"{name}.{layer}.norm.gamma", width), self.get(f"{name}.{layer}.norm.beta", width)
                x = F.batch_norm(x, None, None, gamma, beta, training=True)
            x = activation(x)
        return x if outputs is None else self.linear(f"{name}.output", x, outputs)

    def first_order(self, inputs):
        total = inputs.weights.sum(1, keepdim=True) + self.get("linear.bias", 1)
        if inputs.dense is not None:
            total = total + self.linear("linear.dense", inputs.dense, 1, bias=False)
        return total

    def transformer(self, name, x, heads, mask=None, causal=False, inner=None):
        batch, steps, width = x.shape
        split = lambda t: t.reshape(batch, steps, heads, width // heads).transpose(1, 2)
        q, k, v = (split(self.linear(f"{name}.{part}", x, width)) for part in ["query", "key", "value"])
        scores = q @ k.transpose(2, 3) / math.sqrt(width // heads)
        shares = masked_softmax(scores, mask[:, None, None, :] if mask is not None else None, causal)
        attended = (shares @ v).transpose(1, 2).reshape(batch, steps, width)
        y = self.layer_norm(f"{name}.norm1", x + self.linear(f"{name}.output", attended, width))
        up = F.gelu(self.linear(f"{name}.up", y, inner or 4 * width))
        return self.layer_norm(f"{name}.norm2", y + self.linear(f"{name}.down", up, width))

    def sequence_encoder(self, name, events, mask, layers, heads, inner=None):
        batch, steps, width = events.shape
        x = events + self.get(f"{name}.positions", steps * width).reshape(1, steps, width)
        x = self.layer_norm(f"{name}.norm", x)
        for layer in range(layers):
            x = self.transformer(f"{name}.{layer}", x, heads, mask, causal=True, inner=inner)
        return x


def masked_softmax(scores, mask=None, causal=False):
    """0 where the mask is 0 or, causally, for later columns; a row that may see nothing is 0."""
    allowed = torch.ones_like(scores) if mask is None else mask.expand_as(scores).clone()
    if causal:
        allowed = allowed * torch.tril(torch.ones(scores.shape[-2:], dtype=scores.dtype))
    shares = torch.softmax(scores.masked_fill(allowed == 0, -1e30), dim=-1)
    return shares * allowed


def next_event_loss(states, inputs, temperature, log_q_correction):
    first = {}
    for row in range(BATCH):
        for step in range(LENGTH):
            if inputs.mask[row, step]:
                first.setdefault(inputs.codes[row, step].item(), (row, step))
    candidates = list(first)
    shares = torch.stack([inputs.frequencies[place] for place in first.values()]).double()
    chances = 1 - (1 - shares) ** inputs.mask.sum() if log_q_correction else torch.ones_like(shares)
    events = torch.stack([inputs.events[first[code]] for code in candidates])
    losses = []
    for row in range(BATCH):
        for step in range(LENGTH - 1):
            if inputs.mask[row, step] and inputs.mask[row, step + 1]:
                scores = events @ states[row, step] / temperature - torch.log(chances)
                label = candidates.index(inputs.codes[row, step + 1].item())
                losses.append(torch.logsumexp(scores, 0) - scores[label])
    return torch.stack(losses).mean()


def outputs_of(tasks):
    return sum(WIDTHS[task] for task in tasks)


def loss_of(logits, tasks):
    total, begin = 0, 0
    for task in tasks:
        labels = torch.tensor(LABELS[task], dtype=torch.float64)
        present = ~labels.isnan()
        width = WIDTHS[task]
        scores, y = logits[present, begin:begin + width], labels[present]
        begin += width
        if KINDS[task] == "binary":
            total = total + F.binary_cross_entropy_with_logits(scores[:, 0], y)
        elif KINDS[task] == "real":
            total = total + F.mse_loss(scores[:, 0], y)
        else:
            total = total + F.cross_entropy(scores, y.long())
    return total


def numbers(model, forward, options, tasks=("click",), **shape):
    """`forward(parameters, inputs, outputs, **options)` gives logits, or logits and a loss of the model's own."""
    inputs, parameters = Inputs(**shape), Parameters()

    def step():
        result = forward(parameters, inputs, outputs_of(tasks), list(tasks), **options)
        logits, auxiliary = result if isinstance(result, tuple) else (result, 0)
        loss = loss_of(logits, tasks) + auxiliary
        for tensor in {**parameters, **inputs.leaves()}.values():
            tensor.grad = None
        loss.backward()
        return logits, loss

    logits, loss = step()
    found = {**inputs.leaves(), **parameters}
    gradients = {name: tensor.grad.flatten().tolist() for name, tensor in found.items() if tensor.grad is not None}
    losses = []
    for _ in range(STEPS):
        with torch.no_grad():
            for tensor in parameters.values():
                if tensor.grad is not None:
                    tensor -= RATE * tensor.grad
        losses.append(step()[1].item())
    return {
        "model": model, "options": options, "tasks": list(tasks),
        "fields": inputs.fields, "dimension": inputs.dimension,
        "dense": 0 if inputs.dense is None else inputs.dense.shape[1],
        "sequence": inputs.events is not None, "actions": inputs.actions is not None,
        "logits": logits.flatten().tolist(), "loss": loss.item(), "gradients": gradients, "losses": losses,
    }


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.9g}") if isinstance(value, float) else value
