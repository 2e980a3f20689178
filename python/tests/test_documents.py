"""Every Python block of docs/python.md and README.md runs as it stands, beside a store and a pack of these names."""

import os
import pathlib
import re

import pytest


def test_the_examples_run(store_path, pack_path, log_path, tmp_path, monkeypatch):
    root = pathlib.Path(os.environ["LOAM_TEST_ROOT"])
    text = (root / "README.md").read_text() + (root / "docs" / "python.md").read_text()
    monkeypatch.chdir(tmp_path)
    for name, place in ("ads.loam", store_path), ("ads.pack", pack_path), ("train.csv", log_path):
        (tmp_path / name).symlink_to(place)
    blocks = re.findall(r"```python\n(.*?)```", text, re.S)
    assert len(blocks) >= 4
    names, skipped = {}, 0
    for block in blocks:
        try:
            exec(compile(block, "docs/python.md", "exec"), names)
        except ModuleNotFoundError as error:
            if error.name != "torch":
                raise
            skipped += 1
    if skipped:
        pytest.skip(f"{skipped} blocks want torch, which is not installed")
