#!/usr/bin/env python3
"""Prints the bytes of Tests/LoamExportTests/GoldenSafetensors.swift, as the PyPI package safetensors writes them."""
import numpy as np
from safetensors.numpy import save

tensors = {
    "rows": np.array([[1.5, -0.0], [3.25, 2.0**-140]], np.float32),
    "ids": np.array([7, 2**64 - 1], np.uint64),
    "weight": np.array([0.5, -2], np.float32),
    "dictionary.offsets": np.array([0, 2, 2], np.int64),
    "dictionary.bytes": np.frombuffer("é".encode(), np.uint8),
    'half "\\\t\u0001é': np.array([1, 2, 3], np.float16),
    "empty": np.zeros((0, 4), np.float32),
    "scalar": np.array(2.5, np.float64),
}
content = save(tensors, {"é\n": "x/\u007f\u0002"})
for start in range(0, len(content), 48):
    print(content[start : start + 48].hex())
