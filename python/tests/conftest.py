"""A trained store, its pack, and the command line to compare with: tools/check-python makes them."""

import json
import os
import pathlib
import subprocess

import pytest

import loam


def place(name):
    if name not in os.environ:
        pytest.skip(f"{name} is not set: run tools/check-python", allow_module_level=True)
    return pathlib.Path(os.environ[name]).resolve()


@pytest.fixture(scope="session")
def store_path():
    return place("LOAM_TEST_STORE")


@pytest.fixture(scope="session")
def pack_path():
    return place("LOAM_TEST_PACK")


@pytest.fixture(scope="session")
def log_path():
    return place("LOAM_TEST_LOG")


@pytest.fixture(scope="session")
def command():
    def run(*arguments):
        done = subprocess.run([place("LOAM_TEST_COMMAND"), *map(str, arguments)], check=True, capture_output=True)
        return json.loads(done.stdout) if "--json" in arguments else None

    return run


@pytest.fixture
def store(store_path):
    with loam.open(store_path) as store:
        yield store


@pytest.fixture
def version(store):
    with store.version() as version:
        yield version


@pytest.fixture
def items(version):
    return version.table("ads/item")


@pytest.fixture
def pack(pack_path):
    with loam.open_pack(pack_path) as pack:
        yield pack


@pytest.fixture
def packed_items(pack):
    return pack.table("item")
