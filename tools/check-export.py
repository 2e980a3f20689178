#!/usr/bin/env python3
"""Checks a directory that `loam export` wrote, with none of Loam's code: the PyPI packages safetensors and numpy read it.

  tools/check-export.py DIR                          digests, structure, IDs
  tools/check-export.py DIR --table item --id 42     and one row; --bits prints the f32 as hexadecimal bits
  tools/check-export.py DIR --table item --string x  the row of a string, by the dictionary

Exit code: 0 sound, 1 not, 2 usage.
"""
import argparse
import hashlib
import json
import pathlib
import sys

try:
    import numpy
    from safetensors import safe_open
except ImportError as error:
    sys.exit(f"{error}; install them with: pip install safetensors numpy")

MISSING, UNKNOWN = 2**64 - 1, 2**64 - 2
SPECIAL = {":missing": MISSING, ":unknown": UNKNOWN}


def sha256(path):
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()


def require(condition, message):
    if not condition:
        sys.exit(f"check-export: {message}")


def check_files(directory, manifest):
    require(manifest["format"] == "loam.export", "manifest.json is not that of an export")
    require(manifest["format_version"] == 1, f"format version {manifest['format_version']}, expected 1")
    for entry in manifest["files"]:
        path = directory / entry["name"]
        require(path.parent == directory and path.is_file() and not path.is_symlink(), f"{path} is no file of its own")
        size = path.stat().st_size
        require(size == entry["bytes"], f"{path}: {size} bytes, the manifest says {entry['bytes']}")
        require(sha256(path) == entry["sha256"], f"{path}: its SHA-256 is not the manifest's")
        print(f"{entry['name']}: {size} bytes, SHA-256 {entry['sha256'][:16]}... matches")


def check_table(directory, table):
    first = 0
    for part in table.get("shards") or [table]:
        check_part(directory, table, part["file"], part["rows"], first)
        first += part["rows"]
    require(first == table["rows"], f"table {table['space']}: {first} rows, the manifest says {table['rows']}")


def check_part(directory, table, name_of_file, rows, first):
    table = {**table, "file": name_of_file}
    with safe_open(directory / table["file"], framework="numpy") as file:
        names = set(file.keys())
        ids = file.get_tensor("ids")
        dimension = table["dimension"]
        require(ids.dtype == numpy.uint64 and ids.shape == (rows,), f"{table['file']}: ids are {ids.dtype}{ids.shape}")
        require(bool((ids[1:] > ids[:-1]).all()), f"{table['file']}: ids do not ascend, or one stands twice")
        for name, row in ((MISSING, table.get("missing_row")), (UNKNOWN, table.get("unknown_row"))):
            found = numpy.flatnonzero(ids == numpy.uint64(name)).tolist()
            row = row if row is not None and first <= row < first + rows else None
            require(found == ([] if row is None else [row - first]), f"{table['file']}: special row {name} at {found}, not {row}")
        expected = {"ids"}
        if dimension:
            vectors = file.get_slice("rows")
            found = (vectors.get_dtype(), vectors.get_shape())
            require(found == (table["dtype"], [rows, dimension]), f"{table['file']}: rows are {found}")
            expected.add("rows")
            if table["dtype"] == "I8":
                scale = file.get_slice("rows.scale")
                require((scale.get_dtype(), scale.get_shape()) == ("F16", [rows]), f"{table['file']}: rows.scale")
                expected.add("rows.scale")
        if table["has_weight"]:
            weight = file.get_tensor("weight")
            require(weight.dtype == numpy.float32 and weight.shape == (rows,), f"{table['file']}: weight")
            expected.add("weight")
        if table["has_dictionary"]:
            offsets, text = file.get_tensor("dictionary.offsets"), file.get_tensor("dictionary.bytes")
            require(offsets.shape == (rows + 1,) and offsets[0] == 0, f"{table['file']}: dictionary.offsets")
            require(bool((offsets[1:] >= offsets[:-1]).all()) and offsets[-1] == text.size, f"{table['file']}: offsets")
            text.tobytes().decode()
            expected |= {"dictionary.bytes", "dictionary.offsets"}
        require(names == expected, f"{table['file']}: tensors {sorted(names)}, expected {sorted(expected)}")
    print(f"{table['file']}: {rows} rows of {dimension}, IDs ascend")


def check_dense(directory, dense):
    with safe_open(directory / dense["file"], framework="numpy") as file:
        require(set(file.keys()) == {t["name"] for t in dense["tensors"]}, f"{dense['file']}: tensors")
        for entry in dense["tensors"]:
            tensor = file.get_slice(entry["name"])
            found = (tensor.get_dtype(), tensor.get_shape())
            require(found == (entry["dtype"], entry["shape"]), f"{dense['file']}: {entry['name']} is {found}")
    print(f"{dense['file']}: {len(dense['tensors'])} tensors")


def position(file, arguments):
    if arguments.string is None:
        identifier = SPECIAL[arguments.id] if arguments.id in SPECIAL else int(arguments.id)
        ids = file.get_tensor("ids")
        row = int(numpy.searchsorted(ids, numpy.uint64(identifier)))
        require(row < ids.size and int(ids[row]) == identifier, f"no row for ID {identifier}")
        return row
    offsets, text = file.get_tensor("dictionary.offsets"), file.get_tensor("dictionary.bytes").tobytes()
    wanted = arguments.string.encode()
    for row in numpy.flatnonzero(numpy.diff(offsets) == len(wanted)):
        if text[offsets[row] : offsets[row + 1]] == wanted:
            return int(row)
    sys.exit(f"check-export: no row for {arguments.string!r}")


def show(name, values, bits):
    if bits:
        print(name, " ".join(f"{b:08x}" for b in values.view(numpy.uint32)))
    else:
        print(name, " ".join(str(v) for v in values))


def print_row(directory, table, arguments):
    with safe_open(directory / table["file"], framework="numpy") as file:
        row = position(file, arguments)
        print(f"id {int(file.get_tensor('ids')[row])} row {row}")
        if table["dimension"]:
            # One row, read without the rest.
            show("vector", file.get_slice("rows")[row : row + 1].reshape(-1), arguments.bits)
        if table["has_weight"]:
            show("weight", file.get_slice("weight")[row : row + 1], arguments.bits)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--table", help="ID space of the table, as in the manifest")
    wanted = parser.add_mutually_exclusive_group()
    wanted.add_argument("--id", help="a number, :missing or :unknown")
    wanted.add_argument("--string", help="a string of the dictionary")
    parser.add_argument("--bits", action="store_true", help="print numbers as the hexadecimal bits of f32")
    arguments = parser.parse_args()
    manifest = json.loads((arguments.directory / "manifest.json").read_text())
    check_files(arguments.directory, manifest)
    for table in manifest["tables"]:
        check_table(arguments.directory, table)
    if manifest.get("dense"):
        check_dense(arguments.directory, manifest["dense"])
    if arguments.id is not None or arguments.string is not None:
        tables = {table["space"]: table for table in manifest["tables"]}
        if arguments.table not in tables:
            parser.error(f"--table must be one of: {', '.join(sorted(tables))}")
        print_row(arguments.directory, tables[arguments.table], arguments)
    print("sound")


if __name__ == "__main__":
    main()
