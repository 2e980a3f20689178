"""Logistic regression, FM, DeepFM and Wide & Deep."""
import torch


def lr(p, inputs, outputs, tasks):
    return p.first_order(inputs)


def pairs(inputs):
    total = torch.zeros(inputs.vectors.shape[0], 1, dtype=torch.float64)
    for i in range(inputs.fields):
        for j in range(i):
            total = total + (inputs.vectors[:, i] * inputs.vectors[:, j]).sum(1, keepdim=True)
    return total


def fm(p, inputs, outputs, tasks):
    return p.first_order(inputs) + pairs(inputs)


def deepfm(p, inputs, outputs, tasks, hidden, batch_norm=False):
    return p.first_order(inputs) + pairs(inputs) + p.mlp("mlp", inputs.flat(), hidden, outputs, batch_norm)


def wide_deep(p, inputs, outputs, tasks, hidden):
    return p.first_order(inputs) + p.mlp("mlp", inputs.flat(), hidden, outputs)


CASES = [
    ("lr", lr, {}, {"weights": True}),
    ("fm", fm, {}, {"weights": True}),
    ("deepfm", deepfm, {"hidden": [5, 4]}, {"weights": True}),
    ("deepfm", deepfm, {"hidden": [5, 4], "batch_norm": True}, {"weights": True}),
    ("deepfm", deepfm, {"hidden": [5]}, {"weights": True, "tasks": ("click", "spend", "kind")}),
    ("wide_deep", wide_deep, {"hidden": [6, 3]}, {"weights": True}),
]
