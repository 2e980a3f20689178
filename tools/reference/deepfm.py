"""Golden numbers of DeepFM: logits, loss and every gradient at step 0, by PyTorch in float64.

Inputs and weights come from formula(stream, index), which the test in Tests/LoamModelsTests/GoldenTests.swift states
again, so that the file holds results only.

    python3 tools/reference/deepfm.py > Tests/LoamModelsTests/Golden/deepfm.json

Needs torch (any version from 2.0, CPU).
"""
import json
import math
import sys

import torch

BATCH, FIELDS, DIMENSION, DENSE, HIDDEN = 6, 3, 4, 2, [5, 4]


def formula(stream, *shape):
    count = math.prod(shape)
    values = [0.8 * math.sin(1.0 + 0.7 * i + 2.3 * stream) for i in range(count)]
    # Through float32, as the values are in Loam.
    return torch.tensor(values, dtype=torch.float32).double().reshape(shape)


def deepfm(batch_norm):
    vectors = formula(0, BATCH, FIELDS, DIMENSION).requires_grad_()
    weights = formula(1, BATCH, FIELDS).requires_grad_()
    dense = formula(2, BATCH, DENSE)
    labels = torch.tensor([1.0, 0, 1, 1, 0, 0], dtype=torch.float64)

    shapes = [("linear.bias", [1]), ("linear.dense.weight", [1, DENSE])]
    inputs = FIELDS * DIMENSION + DENSE
    for layer, outputs in enumerate(HIDDEN):
        shapes += [(f"mlp.{layer}.weight", [outputs, inputs]), (f"mlp.{layer}.bias", [outputs])]
        if batch_norm:
            shapes += [(f"mlp.{layer}.norm.gamma", [outputs]), (f"mlp.{layer}.norm.beta", [outputs])]
        inputs = outputs
    shapes += [("mlp.output.weight", [1, inputs]), ("mlp.output.bias", [1])]
    parameters = {
        name: formula(3 + stream, *shape).requires_grad_() for stream, (name, shape) in enumerate(shapes)
    }

    x = torch.cat([vectors.flatten(1), dense], dim=1)
    for layer in range(len(HIDDEN)):
        x = torch.nn.functional.linear(x, parameters[f"mlp.{layer}.weight"], parameters[f"mlp.{layer}.bias"])
        if batch_norm:
            gamma, beta = parameters[f"mlp.{layer}.norm.gamma"], parameters[f"mlp.{layer}.norm.beta"]
            x = torch.nn.functional.batch_norm(x, None, None, gamma, beta, training=True)
        x = torch.relu(x)
    deep = torch.nn.functional.linear(x, parameters["mlp.output.weight"], parameters["mlp.output.bias"]).squeeze(1)
    pairs = torch.zeros(BATCH, dtype=torch.float64)
    for i in range(FIELDS):
        for j in range(i + 1, FIELDS):
            pairs = pairs + (vectors[:, i] * vectors[:, j]).sum(1)
    first = weights.sum(1) + dense @ parameters["linear.dense.weight"][0] + parameters["linear.bias"]
    logits = first + pairs + deep
    loss = torch.nn.functional.binary_cross_entropy_with_logits(logits, labels)
    loss.backward()
    gradients = {"vectors": vectors, "weights": weights, **parameters}
    return {
        "logits": logits.tolist(),
        "loss": loss.item(),
        "gradients": {name: tensor.grad.flatten().tolist() for name, tensor in gradients.items()},
    }


def rounded(value):
    if isinstance(value, dict):
        return {key: rounded(part) for key, part in value.items()}
    if isinstance(value, list):
        return [rounded(part) for part in value]
    return float(f"{value:.10g}")


json.dump(rounded({"plain": deepfm(False), "batch_norm": deepfm(True)}), sys.stdout, indent=1)
print()
