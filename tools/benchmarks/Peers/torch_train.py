"""DCN-v2, DeepFM or DHEN (two layers) in PyTorch: the rows lie in memory as tensors, IDs as places of one large table.

    torch_train.py dcnv2|deepfm|dhen THREADS ROWS f32|bf16

Prints `ready VERSION`, then for each line it reads the samples a second of one pass after five steps: with one thread by
the processor's time, otherwise by the wall's.
"""

import sys
import time

import numpy
import torch
from torch import nn

FIELDS, WIDTH, DENSE, ROWS_PER_FIELD, BATCH = 26, 16, 13, 5_000_000 // 26, 4096
INPUTS = FIELDS * WIDTH + DENSE


class Cross(nn.Module):
    """x_{l+1} = x_0 * (W x_l + b) + x_l"""

    def __init__(self, layers):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(INPUTS, INPUTS) for _ in range(layers)])

    def forward(self, x):
        y = x
        for layer in self.layers:
            y = torch.addcmul(y, x, layer(y))
        return y


def network():
    widths = [INPUTS, 400, 400, 400]
    parts = []
    for inner, outer in zip(widths, widths[1:]):
        parts += [nn.Linear(inner, outer), nn.ReLU()]
    return nn.Sequential(*parts)


class DCNv2(nn.Module):
    def __init__(self):
        super().__init__()
        self.cross, self.deep = Cross(3), network()
        self.output = nn.Linear(INPUTS + 400, 1)

    def forward(self, vectors, weights, dense):
        x = torch.cat([vectors.flatten(1), dense], 1)
        return self.output(torch.cat([self.cross(x), self.deep(x)], 1)).squeeze(1)


class DeepFM(nn.Module):
    def __init__(self):
        super().__init__()
        self.deep, self.output = network(), nn.Linear(400, 1)
        self.linear = nn.Linear(DENSE, 1)

    def forward(self, vectors, weights, dense):
        x = torch.cat([vectors.flatten(1), dense], 1)
        second = 0.5 * (vectors.sum(1).square() - vectors.square().sum(1)).sum(1)
        first = weights.sum((1, 2)) + self.linear(dense).squeeze(1)
        return self.output(self.deep(x)).squeeze(1) + first + second


class Mix(nn.Module):
    """A linear layer along the vectors: [batch, m, width] to the same."""

    def __init__(self, count):
        super().__init__()
        self.linear = nn.Linear(count, count, bias=False)

    def forward(self, x):
        return self.linear(x.transpose(1, 2)).transpose(1, 2)


class DHENLayer(nn.Module):
    """linear, attention, DCN and MLP modules, added up, with a shortcut and a norm: what Loam's `dhen` is by default"""

    def __init__(self, count):
        super().__init__()
        flat = count * WIDTH
        self.mix, self.attended = Mix(count), Mix(count)
        self.attention = nn.TransformerEncoderLayer(
            WIDTH, 2, 4 * WIDTH, dropout=0, activation="gelu", batch_first=True, norm_first=False)
        self.cross = nn.Linear(flat, flat)
        self.mlp = nn.Sequential(nn.Linear(flat, 256), nn.ReLU(), nn.Linear(256, flat))
        self.norm = nn.LayerNorm(WIDTH)

    def forward(self, x):
        flat = x.flatten(1)
        crossed = torch.addcmul(self.mlp(flat), flat, self.cross(flat)).view_as(x)
        return self.norm(self.mix(x) + self.attended(self.attention(x)) + crossed + x)


class DHEN(nn.Module):
    def __init__(self):
        super().__init__()
        count = FIELDS + 1
        self.dense = nn.Linear(DENSE, WIDTH)
        self.layers = nn.Sequential(DHENLayer(count), DHENLayer(count))
        self.tower = nn.Sequential(
            nn.Linear(count * WIDTH, 128), nn.ReLU(), nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def forward(self, vectors, weights, dense):
        x = torch.cat([vectors, self.dense(dense).unsqueeze(1)], 1)
        return self.tower(self.layers(x).flatten(1)).squeeze(1)


def main():
    name, threads, rows, kind = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4]
    torch.set_num_threads(threads)
    clock = time.process_time if threads == 1 else time.perf_counter
    random = numpy.random.default_rng(1)
    ids = random.zipf(1.2, size=(rows, FIELDS)) % ROWS_PER_FIELD + numpy.arange(FIELDS) * ROWS_PER_FIELD
    ids = torch.from_numpy(ids.astype(numpy.int64))
    dense, labels = torch.randn(rows, DENSE), (torch.rand(rows) < 0.25).float()
    vectors = nn.Embedding(FIELDS * ROWS_PER_FIELD, WIDTH, sparse=True)
    nn.init.normal_(vectors.weight, std=0.01)
    tables = [vectors]
    if name == "deepfm":
        tables.append(nn.Embedding(FIELDS * ROWS_PER_FIELD, 1, sparse=True))
    model = {"dcnv2": DCNv2, "deepfm": DeepFM, "dhen": DHEN}[name]()
    adam = torch.optim.Adam(model.parameters(), 1e-3)
    adagrad = torch.optim.Adagrad([table.weight for table in tables], 1e-2)
    loss_of = nn.BCEWithLogitsLoss()

    def step(start):
        batch = ids[start : start + BATCH]
        with torch.autocast("cpu", torch.bfloat16, enabled=kind == "bf16"):
            weights = tables[1](batch) if len(tables) > 1 else None
            logits = model(vectors(batch), weights, dense[start : start + BATCH])
        loss = loss_of(logits.float(), labels[start : start + BATCH])
        adam.zero_grad()
        adagrad.zero_grad()
        loss.backward()
        adam.step()
        adagrad.step()

    step(0)
    print("ready", torch.__version__, flush=True)
    for _ in sys.stdin:
        begin = 0.0
        for number in range(rows // BATCH):
            if number == 5:
                begin = clock()
            step(number * BATCH)
        print((rows // BATCH - 5) * BATCH / (clock() - begin), flush=True)


main()
