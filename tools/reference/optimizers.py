"""Golden numbers of the optimizers: weights after every hundredth of 1,000 steps, by PyTorch in float64.

Four rows of five elements; row r has a gradient at step t where (7 t + 3 r) mod 5 <= r, so that row 0 is rare and row 3
nearly always there. The gradient pulls at the row and wobbles: 0.1 w - 0.15 (i - 2) + 0.8 sin(0.37 t + 1.1 i + 0.5 r). SGD, Adagrad and
Adam (every row) are torch.optim's, with zero gradients for the rows that have none. torch has no lazy Adam with the
table's step for its bias, no row-wise Adagrad, no FTRL, and its AdamW multiplies the decay with the rate: those follow
their formulas here.

    python3 tools/reference/optimizers.py > Tests/LoamTrainingTests/Golden/optimizers.json

Needs torch (any version from 2.0, CPU).
"""
import json
import math
import sys

import torch

ROWS, WIDTH, STEPS, RATE = 4, 5, 1000, 0.05
BETA1, BETA2, L2 = 0.9, 0.999, 0.05


def first_values():
    values = [[0.6 * math.sin(1 + 1.3 * i + 2.1 * r) for i in range(WIDTH)] for r in range(ROWS)]
    return torch.tensor(values, dtype=torch.float32).double()


def is_used(step, row):
    return (7 * step + 3 * row) % 5 <= row


def gradient(step, weights):
    wobble = [[0.8 * math.sin(0.37 * step + 1.1 * i + 0.5 * r) for i in range(WIDTH)] for r in range(ROWS)]
    used = torch.tensor([is_used(step, r) for r in range(ROWS)])
    pull = 0.1 * weights - 0.15 * (torch.arange(WIDTH, dtype=torch.float64) - 2)
    return (pull + torch.tensor(wobble, dtype=torch.float64)) * used[:, None], used


def run(update):
    weights = first_values()
    rows = []
    for step in range(1, STEPS + 1):
        slope, used = gradient(step, weights)
        weights = update(weights, slope, used, step)
        if step % 100 == 0:
            rows.append(weights.flatten().tolist())
    return rows


def of_torch(make):
    parameter = torch.nn.Parameter(first_values())
    optimizer = make([parameter])

    def update(weights, slope, used, step):
        parameter.grad = slope
        optimizer.step()
        return parameter.detach().clone()

    return run(update)


def lazy_adam(late, decay, l2=0.0, gap_decay=0.0):
    m = torch.zeros(ROWS, WIDTH, dtype=torch.float64)
    v = torch.zeros(ROWS, WIDTH, dtype=torch.float64)
    last = [0] * ROWS

    def update(weights, slope, used, step):
        weights = weights.clone()
        bias1, bias2 = 1 - BETA1**step, 1 - BETA2**step
        for r in range(ROWS):
            if not used[r]:
                continue
            g = slope[r] + l2 * weights[r]
            gap = step - last[r] if last[r] else 0
            last[r] = step
            w = weights[r] * (1 - decay) * (1 - RATE * min(1, gap_decay * gap))
            m[r] = BETA1 * m[r] + (1 - BETA1) * g
            v[r] = BETA2 * v[r] + (1 - BETA2) * g * g
            if late:
                weights[r] = w - RATE * math.sqrt(bias2) / bias1 * m[r] / (v[r].sqrt() + 1e-8)
            else:
                weights[r] = w - RATE * (m[r] / bias1) / ((v[r] / bias2).sqrt() + 1e-8)
        return weights

    return run(update)


def rowwise_adagrad():
    sums = torch.zeros(ROWS, 1, dtype=torch.float64)

    def update(weights, slope, used, step):
        sums.add_((slope * slope).mean(1, keepdim=True))
        return weights - torch.where(used[:, None], RATE * slope / (sums.sqrt() + 1e-10), 0.0)

    return run(update)


def ftrl(alpha, beta, l1, l2):
    z = torch.zeros(ROWS, WIDTH, dtype=torch.float64)
    n = torch.zeros(ROWS, WIDTH, dtype=torch.float64)

    def update(weights, slope, used, step):
        after = n + slope * slope
        z.add_(slope - (after.sqrt() - n.sqrt()) / alpha * weights)
        n.copy_(after)
        shrunk = torch.sign(z) * (z.abs() - l1).clamp(min=0)
        return torch.where(n > 0, -shrunk / ((beta + n.sqrt()) / alpha + l2), weights)

    return run(update)


goldens = {
    "sgd": of_torch(lambda p: torch.optim.SGD(p, lr=RATE)),
    "adagrad": of_torch(lambda p: torch.optim.Adagrad(p, lr=RATE, eps=1e-10)),
    "rowwise_adagrad": rowwise_adagrad(),
    "every_row_adam": of_torch(lambda p: torch.optim.Adam(p, lr=RATE, betas=(BETA1, BETA2), eps=1e-8)),
    "every_row_adam_l2": of_torch(
        lambda p: torch.optim.Adam(p, lr=RATE, betas=(BETA1, BETA2), eps=1e-8, weight_decay=L2)
    ),
    "adam": lazy_adam(late=False, decay=0),
    "adam_l2": lazy_adam(late=False, decay=0, l2=L2),
    "adamw": lazy_adam(late=True, decay=0.01),
    "adam_ar": lazy_adam(late=False, decay=0, gap_decay=0.2),
    "ftrl": ftrl(alpha=0.5, beta=1.0, l1=0.3, l2=0.1),
}
json.dump(
    {name: [[float(f"{x:.9g}") for x in row] for row in rows] for name, rows in goldens.items()}, sys.stdout
)
print()
