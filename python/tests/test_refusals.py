"""Nothing that Python passes ends the process: each wrong input has its error."""

import ctypes
import multiprocessing

import numpy as np
import pytest

import loam
from loam import _library


def refusal(code, call, *arguments, **options):
    with pytest.raises(loam.LoamError) as caught:
        call(*arguments, **options)
    assert caught.value.code == code, caught.value
    return caught.value


def test_missing_things_are_named_with_what_is_near(store, version, pack):
    assert refusal("store.not-a-store", loam.open, "/nowhere").category == 2
    refusal("pack.not-a-pack", loam.open_pack, "/nowhere")
    refusal("store.unknown-name", store.version, "absent")
    assert "ads/item" in refusal("c.unknown-table", version.table, "ads/itme").message
    assert "item" in refusal("pack.unknown-table", pack.table, "itme").message
    refusal("c.unknown-table", version.timeline, "absent")
    refusal("schema.unknown-key", version.view, "view: 1\nnmae: x\n")


@pytest.mark.parametrize("source", ["items", "packed_items"])
def test_wrong_arrays_are_refused(request, source):
    table = request.getfixturevalue(source)
    bad = "python.bad-argument"
    ids = table.ids()[:8]
    refusal(bad, table.lookup, ids.astype(np.float32))
    refusal(bad, table.lookup, [-1, 2**64])
    refusal(bad, table.lookup, [None])
    refusal(bad, table.lookup, ids, "absent")
    refusal(bad, table.lookup, ids, absent="random")
    rows = np.empty((8, table.width()), dtype=np.float32)
    for out in (rows[:4], rows.astype(np.float64), rows.T, np.empty((8, 2 * table.width()), np.float32)[:, ::2], [1.0]):
        refusal(bad, table.lookup, ids, out=out)
    rows.flags.writeable = False
    refusal(bad, table.lookup, ids, out=rows)
    refusal("c.bad-argument", table.lookup, ids, threads=-1)
    for starts in ([0, 9], [-1], [0.5], [[0]]):
        refusal(bad, table.bags, ids, starts)
    refusal("c.bad-argument", table.bags, ids, [3, 4])
    refusal("c.bad-argument", table.bags, ids, [0, 5, 4])
    refusal(bad, table.bags, ids, [0], mode="max")


def test_what_is_no_string_has_no_hash(items):
    for wrong in ([None], [float("nan"), "a"], [1], ["\ud800"]):
        refusal("python.bad-argument", loam.hash, wrong)
    assert (loam.hash([b"K\xc3\xa4se"]) == loam.hash(["Käse"])).all()
    assert (items.find(np.array([b"a", b"bc"])) == items.find(np.array(["a", "bc"]))).all()


def test_texts_with_zeros_are_refused(store, version, pack):
    bad = "python.bad-argument"
    refusal(bad, loam.open, f"{store.path}\0x")
    refusal(bad, store.version, "latest\0x")
    refusal(bad, version.table, "ads/item\0x")
    refusal(bad, pack.table, "item\0x")
    refusal(bad, version.table, 7)


def test_columns_that_are_not_real_and_tables_that_count_nothing(version, items, packed_items):
    space = version.table("ids:item")
    refusal("c.bad-argument", space.lookup, [1], next(iter(space.columns)))
    refusal("c.bad-argument", items.counts, [1])
    refusal("c.bad-argument", packed_items.counts, [1])
    refusal("c.unknown-table", space.counts, [1], "absent")


def test_requests_of_views_have_the_view_s_ids(version):
    view = version.view("view: 1\nname: v\nids: [user]\nfeatures: [{name: n, count: user, log: train}]")
    bad = "python.bad-argument"
    refusal(bad, view.features, {"item": [1]}, [0])
    refusal(bad, view.features, {"user": [1, 2]}, [0])
    refusal(bad, view.features, {"user": [1]}, [0.5])
    refusal(bad, view.features, {"user": [1]}, np.array(["NaT"], dtype="datetime64[us]"))


def test_what_is_closed_is_refused(store_path, pack_path):
    store = loam.open(store_path)
    table = store.version().table("ads/item")
    pack = loam.open_pack(pack_path)
    for opened, use in (
        (table, lambda: table.lookup([1])),
        (store, store.versions),
        (pack, lambda: pack.table("item")),
    ):
        opened.close()
        opened.close()
        refusal("python.closed", use)


def test_the_library_refuses_what_the_package_would_not_pass(store, items):
    ids = items.ids()[:4]
    rows = np.empty((4, items.width()), dtype=np.float32)
    right = {
        "handle": items._handle,
        "column": b"vector",
        "ids": ids.ctypes.data,
        "count": 4,
        "absent": 0,
        "out": rows.ctypes.data,
        "values": rows.size,
    }

    def read(**wrong):
        a = {**right, **wrong}
        _library.call(
            "loam_read_rows", a["handle"], a["column"], a["ids"], a["count"], a["absent"], 1, a["out"], a["values"]
        )

    read()
    refusal("c.bad-handle", read, handle=0)
    refusal("c.bad-handle", read, handle=2**64 - 1)
    refusal("c.bad-handle", read, handle=store._handle)
    refusal("c.unknown-table", read, column=b"absent")
    refusal("c.bad-argument", read, column=b"\xff\xfe")
    refusal("c.bad-argument", read, column=None)
    refusal("c.bad-argument", read, ids=None)
    refusal("c.bad-argument", read, ids=ids.ctypes.data + 1)
    refusal("c.bad-argument", read, count=2**63)
    refusal("c.bad-argument", read, absent=7)
    refusal("c.bad-argument", read, out=None)
    refusal("c.bad-argument", read, out=rows.ctypes.data + 1)
    refusal("c.bad-argument", read, values=rows.size - 1)
    refusal("c.bad-argument", _library.call, "loam_open_store", None, ctypes.byref(ctypes.c_uint64()))
    refusal("pack.bad-key", _library.call, "loam_open_pack", b"/nowhere", b"no key", None)
    refusal("c.bad-handle", _library.described, 10**9)


def test_a_damaged_pack_is_refused(pack_path, tmp_path):
    content = bytearray((pack_path / "model.pack").read_bytes())
    content[100] ^= 1
    (tmp_path / "manifest.json").write_bytes((pack_path / "manifest.json").read_bytes())
    (tmp_path / "model.pack").write_bytes(content)
    assert refusal("pack.damaged", loam.open_pack, tmp_path).category == 3


def _answer(function, path, answers):
    try:
        answers.put(function(path))
    except loam.LoamError as error:
        answers.put(error.code)


def _count_versions(path):
    with loam.open(path) as store:
        return len(store.versions())


def _read_pack(path):
    table = loam.open_pack(path).table("item")
    return float(table.lookup(table.ids()).sum())


def in_child(method, function, path):
    context = multiprocessing.get_context(method)
    answers = context.Queue()
    process = context.Process(target=_answer, args=(function, path, answers))
    process.start()
    answer = answers.get(timeout=60)
    process.join(60)
    return answer


def test_a_forked_process_is_told_to_spawn_and_a_spawned_one_reads(store, store_path, pack_path):
    assert in_child("fork", _count_versions, store_path) == "python.forked"
    assert in_child("spawn", _count_versions, store_path) == len(store.versions())
    # A version keeps its store open.
    with loam.open(store_path) as other:
        version = other.version()
    store.close()
    assert in_child("fork", _count_versions, store_path) == "python.forked"
    version.close()
    assert in_child("fork", _read_pack, pack_path) == _read_pack(pack_path)
