"""DCN-v2, DLRM, FinalMLP, MaskNet, AutoInt and FiBiNET."""
import math

import torch
import torch.nn.functional as F


def cross_network(p, x0, layers, rank, experts):
    x, columns = x0, x0.shape[1]
    for layer in range(layers):
        name = f"cross.{layer}"
        if rank == 0:
            x = x0 * p.linear(name, x, columns) + x
            continue
        weight = p.get(f"{name}.weight", columns, rank * experts)
        down, inner = p.get(f"{name}.down.weight", rank * experts, columns), p.get(f"{name}.inner", experts, rank, rank)
        gates = torch.softmax(p.linear(f"{name}.gate", x, experts), dim=1)
        total = 0
        for expert in range(experts):
            rows = slice(expert * rank, (expert + 1) * rank)
            low = torch.tanh(torch.tanh(x @ down[rows].T) @ inner[expert])
            total = total + gates[:, expert:expert + 1] * (x0 * (low @ weight[:, rows].T + p.get(f"{name}.bias", columns)))
        x = total + x
    return x


def dcnv2(p, inputs, outputs, tasks, structure="parallel", cross_layers=3, low_rank=0, experts=4, hidden=(),
          batch_norm=False):
    x = inputs.flat()
    crossed = cross_network(p, x, cross_layers, low_rank, experts)
    if structure == "cross":
        return p.linear("output.cross", crossed, outputs)
    deep = p.mlp("mlp", crossed if structure == "stacked" else x, hidden, batch_norm=batch_norm)
    logits = p.linear("output.deep", deep, outputs)
    return logits if structure == "stacked" else logits + p.linear("output.cross", crossed, outputs, bias=False)


def dots(vectors):
    count = vectors.shape[1]
    found = [(vectors[:, i] * vectors[:, j]).sum(1) for i in range(count) for j in range(i)]
    return torch.stack(found, dim=1)


def dlrm(p, inputs, outputs, tasks, bottom, hidden):
    if inputs.dense is None:
        return p.mlp("top", dots(inputs.vectors), hidden, outputs)
    dense = p.mlp("bottom", inputs.dense, bottom + [inputs.dimension])
    vectors = torch.cat([dense.unsqueeze(1), inputs.vectors], dim=1)
    return p.mlp("top", torch.cat([dense, dots(vectors)], dim=1), hidden, outputs)


def finalmlp(p, inputs, outputs, tasks, hidden1, hidden2, heads, gate_hidden, context1=(), context2=(),
             context_only=(), feature_selection=True, batch_norm=False):
    hidden_fields = [inputs.place(name) for name in context_only]
    seen = [i for i in range(inputs.fields) if i not in hidden_fields]
    x = torch.cat([inputs.vectors[:, seen].flatten(1)] + inputs.dense_parts(), dim=1)
    streams = []
    for index, (hidden, context) in enumerate([(hidden1, context1), (hidden2, context2)], start=1):
        gated = x
        if feature_selection:
            if context:
                given = inputs.vectors[:, [inputs.place(name) for name in context]].flatten(1)
            else:
                given = p.get(f"gate{index}.context", 1, inputs.dimension)
            gated = x * 2 * torch.sigmoid(p.mlp(f"gate{index}", given, gate_hidden, x.shape[1]))
        streams.append(p.mlp(f"mlp{index}", gated, hidden, batch_norm=batch_norm))
    a, b = streams
    logits = p.linear("output1", a, outputs) + p.linear("output2", b, outputs)
    wa, wb = a.shape[1] // heads, b.shape[1] // heads
    forms = []
    for output in range(outputs):
        matrix = p.get(f"bilinear.{output}", heads, wa, wb)
        total = 0
        for head in range(heads):
            left, right = a[:, head * wa:(head + 1) * wa], b[:, head * wb:(head + 1) * wb]
            total = total + ((left @ matrix[head]) * right).sum(1)
        forms.append(total)
    return logits + torch.stack(forms, dim=1)


def masknet(p, inputs, outputs, tasks, structure, hidden, reduction_ratio, blocks=0, block_width=0):
    x, size = inputs.flat(), inputs.fields * inputs.dimension
    normal = F.layer_norm(inputs.vectors, [inputs.dimension]).flatten(1)
    h = normal * p.get("norm.gamma", size) + p.get("norm.beta", size)
    h = torch.cat([h] + inputs.dense_parts(), dim=1)

    def block(index, h, width):
        name = f"block.{index}"
        mask = torch.relu(p.linear(f"{name}.mask1", x, max(1, int(width * reduction_ratio))))
        mask = p.linear(f"{name}.mask2", mask, h.shape[1])
        return torch.relu(p.layer_norm(f"{name}.norm", p.linear(f"{name}.linear", h * mask, width, bias=False)))

    if structure == "serial":
        for index, width in enumerate(hidden):
            h = block(index, h, width)
        return p.linear("output", h, outputs)
    return p.mlp("mlp", torch.cat([block(i, h, block_width) for i in range(blocks)], dim=1), hidden, outputs)


def autoint(p, inputs, outputs, tasks, attention_layers, attention_width, heads, scale=True, residual=True,
            layer_norm=False, hidden=()):
    h = inputs.vectors
    batch, fields = h.shape[:2]
    for layer in range(attention_layers):
        name = f"attention.{layer}"
        part = lambda which: p.linear(f"{name}.{which}", h, attention_width, bias=False)
        split = lambda t: t.reshape(batch, fields, heads, attention_width // heads).transpose(1, 2)
        q, k, v = split(part("query")), split(part("key")), split(part("value"))
        scores = q @ k.transpose(2, 3) / (math.sqrt(attention_width // heads) if scale else 1)
        after = (torch.softmax(scores, dim=-1) @ v).transpose(1, 2).reshape(batch, fields, attention_width)
        if residual:
            after = after + part("residual")
        if layer_norm:
            after = p.layer_norm(f"{name}.norm", after)
        h = torch.relu(after)
    logits = p.linear("output", h.flatten(1), outputs)
    return logits + p.mlp("mlp", inputs.flat(), hidden, outputs) if hidden else logits


def fibinet(p, inputs, outputs, tasks, bilinear, reduction_ratio, hidden):
    e, fields, d = inputs.vectors, inputs.fields, inputs.dimension
    squeezed = torch.relu(p.linear("senet.squeeze", e.mean(2), max(1, fields // reduction_ratio), bias=False))
    v = e * torch.relu(p.linear("senet.excite", squeezed, fields, bias=False)).unsqueeze(2)
    pairs = [(i, j) for i in range(fields) for j in range(i + 1, fields)]
    matrices = p.get("bilinear", {"all": 1, "each": fields, "interaction": len(pairs)}[bilinear], d, d)
    which = lambda pair, i: {"all": 0, "each": i, "interaction": pair}[bilinear]
    products = [(x[:, i] @ matrices[which(n, i)]) * x[:, j] for x in (e, v) for n, (i, j) in enumerate(pairs)]
    return p.first_order(inputs) + p.mlp("mlp", torch.cat(products + inputs.dense_parts(), dim=1), hidden, outputs)


CASES = [
    ("dcnv2", dcnv2, {"cross_layers": 2, "hidden": [5, 4]}, {}),
    ("dcnv2", dcnv2, {"cross_layers": 2, "hidden": [5], "structure": "stacked", "batch_norm": True}, {}),
    ("dcnv2", dcnv2, {"cross_layers": 2, "low_rank": 3, "experts": 2, "structure": "cross"}, {"dense": 0}),
    ("dcnv2", dcnv2, {"cross_layers": 2, "low_rank": 2, "experts": 3, "hidden": [4]}, {"tasks": ("click", "spend")}),
    ("dlrm", dlrm, {"bottom": [5], "hidden": [6, 3]}, {}),
    ("dlrm", dlrm, {"bottom": [5], "hidden": [6]}, {"dense": 0}),
    ("finalmlp", finalmlp,
     {"hidden1": [6], "hidden2": [4], "heads": 2, "gate_hidden": [5], "context1": ["a"], "context2": ["b", "c"]}, {}),
    ("finalmlp", finalmlp,
     {"hidden1": [6, 4], "hidden2": [6], "heads": 1, "gate_hidden": [5], "context2": ["d"], "context_only": ["d"],
      "batch_norm": True}, {"tasks": ("click", "buy")}),
    ("finalmlp", finalmlp, {"hidden1": [4], "hidden2": [4], "heads": 2, "gate_hidden": [], "feature_selection": False}, {}),
    ("masknet", masknet, {"structure": "serial", "hidden": [6, 4], "reduction_ratio": 2}, {}),
    ("masknet", masknet,
     {"structure": "parallel", "hidden": [5], "blocks": 2, "block_width": 8, "reduction_ratio": 1}, {}),
    ("autoint", autoint, {"attention_layers": 2, "attention_width": 6, "heads": 2}, {}),
    ("autoint", autoint,
     {"attention_layers": 2, "attention_width": 4, "heads": 1, "scale": False, "layer_norm": True, "hidden": [5]}, {}),
    ("fibinet", fibinet, {"bilinear": "all", "reduction_ratio": 2, "hidden": [5]}, {"weights": True}),
    ("fibinet", fibinet, {"bilinear": "each", "reduction_ratio": 3, "hidden": [5]}, {"weights": True}),
    ("fibinet", fibinet, {"bilinear": "interaction", "reduction_ratio": 2, "hidden": [5]}, {"weights": True}),
]
