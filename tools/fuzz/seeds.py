#!/usr/bin/env python3
"""Writes tools/fuzz/corpus: small inputs that reach the depths of each parser."""

import io
import pathlib
import struct
import zipfile

corpus = pathlib.Path(__file__).resolve().parent / "corpus"


def seed(target, name, content):
    folder = corpus / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(content.encode() if isinstance(content, str) else content)


# Format and bytes at a time, then the file.
rows = '1,0.5,"a, ""b""",7,x:1|y:0.5,1 2 3 4,2019-11-24T00:01:03.9+01:00\r\n0,NA,c,8,,,\n'
seed("records", "csv", b"\x00\x3f" + rows.encode())
seed("records", "tsv", b"\x01\x05" + rows.replace(",", "\t").encode())
line = '{"y":1,"x":-2.5e3,"s":"\\u00e9\\ud83e\\uded6","n":7,"m":["a","b"],"q":[1,2],"t":"2019-11-24","z":{"a":[null,true]}}\n'
seed("records", "jsonl", b"\x02\x07" + line.encode())
seed("records", "libsvm", b"\x03\x3f" + b"+1 3:1 7:0.5 # comment\n-1 2:1\n")
seed("records", "libffm", b"\x04\x01" + b"1 1:3:1 2:7:0.5\n0\n")

for name, text in {
    "integer": "18446744073709551615", "real": "-123.456e-7", "long": "3.14159265358979323846264338327950288",
    "seconds": "1574553663.979311", "time": "2019-11-24 00:01:03,979311-0830", "text": "Käse",
}.items():
    seed("values", name, text)

seed("schema", "all", """schema: 1
name: all
format: {kind: csv, delimiter: ";", missing: ["?"], trim: true}
event_time: {column: t, unit: iso8601}
known_at: now
weight: w
labels: [click, {name: price, kind: real}, {name: shop, kind: class, classes: [a, b]}]
dense: [{name: x, transforms: [log1p, standardise]}, y]
ids:
  - user
  - {name: item, kind: integer, space: item}
  - {name: past, kind: integer, shape: sequence, space: item, separator: " ", maximum_length: 20}
  - {name: tags, shape: multi, weight_separator: ":"}
  - {name: age, bucketise: [18, 30.5]}
timelines: [{name: user, entity: user, fields: [item]}]
""")
seed("schema", "small", "schema: 1\nname: a\nformat: csv\nlabels: [y]\nids: [&a u, v]\n")


def tensors(header, content=b""):
    return struct.pack("<Q", len(header)) + header.encode() + content


seed("safetensors", "two", tensors(
    '{"__metadata__":{"a":"\\u00e9\\n"},"ids":{"dtype":"U64","shape":[1],"data_offsets":[0,8]},'
    '"rows":{"dtype":"F16","shape":[1,2],"data_offsets":[8,12]}}', bytes(12)))
seed("safetensors", "none", tensors("{}"))


def npy(descr, shape, content, major=1):
    text = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([major, 0]) + struct.pack("<H" if major == 1 else "<I", len(text)) + text + content


floats = struct.pack("<4f", 1, -2.5, float("nan"), 1e30)
seed("vectors", "npy", b"\x00\x3e" + npy("<f4", "(2, 2)", floats))
seed("vectors", "npy-half", b"\x00\x05" + npy("<f2", "(2, 4)", floats, major=2))
seed("vectors", "ids", b"\x01\x3f" + npy("<i2", "(8,)", bytes(16)))
seed("vectors", "word2vec", b"\x02\x3f" + b"2 2\na " + floats[:8] + b"\n\xc3\xa9 " + floats[8:])
seed("vectors", "word2vec-text", b"\x03\x01" + b"2 2\na 1 2 \nb c 3e-4 -inf\n")
seed("vectors", "glove", b"\x04\x3f" + b"the 0.1 -0.2\n. . . 1 2\r\n")
seed("vectors", "csv", b"\x05\x3f" + b'id,x,y\n"a, ""b""",1,2\n<m>,3,4')
seed("vectors", "tsv", b"\x06\x3f" + b"x\tid\n1.5\t7\n")
for name, method in [("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)]:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for entry in ["ids.npy", "vectors.npy"]:
            with archive.open(zipfile.ZipInfo(entry), "w", force_zip64=name == "stored") as out:
                out.write(npy("<f4", "(2, 2)", floats))
    seed("vectors", f"npz-{name}", b"\x07\x3f" + file.getvalue())


def blocks(choice, number, name, content):
    seed("blocks", name, bytes([choice, number]) + content)


def text(string):
    return struct.pack("<I", len(string)) + string.encode()


blocks(0, 0, "removed", b"\x01" + struct.pack("<IQQ", 2, 5, 1))
blocks(0, 0, "rows", b"\x02\x01" + struct.pack("<I", 1) + bytes(8) + b"\x01" + struct.pack("<I", 1) + b"a"
       + struct.pack("<I", 1) + text("vector") + struct.pack("<IB", 8, 4) + bytes(8))
column = struct.pack("<BBBBI", 0, 0, 0, 0, 1) + floats[:4]
blocks(0, 0, "log-rows", b"\x03" + struct.pack("<II", 1, 1) + text("label/y") + text("real")
       + struct.pack("<I", len(column)) + column)
blocks(0, 0, "sources", b"\x04[]")
blocks(0, 0, "events", b"\x05" + struct.pack("<QII", 0, 1, 1) + b"\x00" + bytes(32))
blocks(0, 0, "blob", b"\x06" + text("config") + b"\x01" + struct.pack("<Q", 2) + b"ab")
blocks(1, 0, "meta", struct.pack("<5I", 2, 9, 0, 1, 3))
blocks(2, 2, "dictionary", struct.pack("<II", 1, 0xFFFFFFFF) + b"a")
blocks(3, 1, "real", column)
# kind, widths, 0, rows, distinct, values, IDs, codes, lengths
many = struct.pack("<BBBBI", 3, 1, 1, 0, 3) + struct.pack("<IIQ", 1, 2, 7) + b"\x00\x00" + b"\x01\x00\x01"
blocks(3, 3, "ids", many)
blocks(4, 0, "timeline", struct.pack("<IIQI", 2, 1, 5, 1) + struct.pack("<III", 0, 0, 1) + struct.pack("<QqI", 3, 4, 5))
packed = struct.pack("<QQIIIB3x", 5, 1, 0, 0, 0, 0)
blocks(5, 1, "event-block", struct.pack("<IIII", 1, 1, 7, 0) + (struct.pack("<QQIIIB3x", 0, 1, 240, 0, 0, 0)) * 7
       + bytes(4032 - 16 - 7 * 32))
rows_of_pack = struct.pack("<IIQQ", 64, 1, 1, 3) + bytes(40) + bytes(16)
header = struct.pack("<IIIHBBQQIIII", 0x4D414F4C, 0, 1, 16 | 0x8000, 1, 2, 0, 1, 2, 8, 4032, 0)
blocks(6, 0, "patch", header + rows_of_pack + bytes(4032 - len(rows_of_pack)))
blocks(7, 0, "manifest", b'{"format":1}')


def crc32c(content):
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def pack(kind, stride):
    """Two home lines and one more, three rows of four numbers, a tensor, a blob; docs/pack.md has the bytes."""
    names = b"itemvectorbiasschema"
    directory = 64 * 4 + len(names)
    index = -(-(64 + directory) // 64) * 64
    rows = index + 3 * 64
    tensor = -(-(rows + 3 * stride) // 64) * 64
    blob = tensor + 64
    checksums = blob + 64
    entries = struct.pack("<IIIIQQIIIIII8x", 0, 4, 3, 1, index, 0, 2, 3, 0, 1, 0, 2)
    entries += struct.pack("<IIIIIIQ32x", 4, 6, kind, 4, stride, 0, rows)
    entries += struct.pack("<IIIIQQQ24x", 10, 4, 2, 0, tensor, 2, 2)
    entries += struct.pack("<IIQQ40x", 14, 6, blob, 5)
    tail = struct.pack("<QIIIIIIQII", checksums + 4, directory, 1, 1, 1, 1, len(names), checksums, 1 << 20, 1)
    tail += entries + names
    content = b"LOAMPACK" + struct.pack("<II", 1, crc32c(tail)) + tail
    line = lambda ids, first, more: struct.pack("<7QIBB2x", *(ids + [0] * 7)[:7], first, len(ids), more)
    content = content.ljust(index, b"\0") + line([2**64 - 1], 0, 1) + line([7], 1, 1) + line([14], 2, 0)
    content = content.ljust(rows, b"\0") + bytes(range(3 * stride))
    content = content.ljust(tensor, b"\0") + floats
    content = content.ljust(blob, b"\0") + b"name:"
    content = content.ljust(checksums, b"\0")
    return content + struct.pack("<I", crc32c(content))


for name, kind, stride in ("f32", 0, 16), ("f16", 1, 8), ("bf16", 2, 8), ("int8", 3, 8):
    seed("packs", name, b"\1" + pack(kind, stride))
seed("packs", "whole", b"\0" + pack(0, 16))
