"""What Python reads is what the command line reads."""

import datetime

import numpy as np
import pytest

import loam
from loam._ids import times_of
from requests_of_log import VIEW, requests


def some_ids(table, count=40):
    return np.sort(table.ids())[:count]


def test_rows_are_those_of_the_command_line(store_path, items, command):
    ids = some_ids(items, 20)
    rows = command("lookup", store_path, "--table", "ads/item", "--id", *ids, "--json")["rows"]
    expected = np.array([row["columns"]["vector"] for row in rows], dtype=np.float32)
    assert items.lookup(ids).tobytes() == expected.tobytes()


def test_store_and_pack_give_the_same_bits(items, packed_items):
    ids = np.concatenate([items.ids(), np.array([10**15, 10**15 + 1], dtype=np.uint64)])
    assert sorted(items.ids()) == sorted(packed_items.ids())
    for column in ("vector", "weight"):
        for absent in ("unknown", "zeros"):
            stored = items.lookup(ids, column, absent=absent)
            assert stored.tobytes() == packed_items.lookup(ids, column, absent=absent).tobytes()
    assert np.array_equal(items.find(ids), packed_items.find(ids))
    assert items.find(ids)[:-2].all() and not items.find(ids)[-2:].any()


@pytest.mark.parametrize("absent", ["unknown", "zeros"])
def test_an_absent_id_reads_what_was_asked_for(items, absent):
    row = items.lookup([10**15], absent=absent)[0]
    assert np.array_equal(row, items.lookup([loam.UNKNOWN])[0] if absent == "unknown" else np.zeros_like(row))


@pytest.mark.parametrize("source", ["items", "packed_items"])
def test_shapes_types_and_threads_change_nothing(request, source):
    table = request.getfixturevalue(source)
    ids = np.resize(some_ids(table), (50, 300))
    expected = table.lookup(ids)
    assert expected.shape == (50, 300, table.width())
    assert np.array_equal(table.lookup(ids.astype(np.int64)), expected)
    assert np.array_equal(table.lookup(ids.tolist()), expected)
    assert np.array_equal(table.lookup(np.asfortranarray(ids)), expected)
    assert np.array_equal(table.lookup(ids[::2, ::3]), expected[::2, ::3])
    assert np.array_equal(table.lookup(ids.astype(">u8")), expected)
    assert np.array_equal(table.lookup(ids, threads=2), expected)
    out = np.empty_like(expected)
    assert table.lookup(ids, out=out) is out and np.array_equal(out, expected)
    assert table.lookup([]).shape == (0, table.width())


@pytest.mark.parametrize("source", ["items", "packed_items"])
@pytest.mark.parametrize("mode", ["sum", "mean"])
def test_bags_are_sums_and_means_of_their_rows(request, source, mode):
    table = request.getfixturevalue(source)
    ids = some_ids(table, 30)
    starts, ends = [0, 4, 4, 29], [4, 4, 29, 30]
    rows = table.lookup(ids)
    expected = np.zeros((4, table.width()), dtype=np.float32)
    for bag, (start, end) in enumerate(zip(starts, ends)):
        for row in rows[start:end]:
            expected[bag] += row
        if mode == "mean" and end > start:
            expected[bag] /= np.float32(end - start)
    assert np.array_equal(table.bags(ids, starts, mode=mode), expected)
    assert table.bags([], []).shape == (0, table.width())


def test_several_tables_in_one_call_are_what_each_gives_alone(version, items):
    users = version.table("ads/user")
    wanted = {"ads/item": some_ids(items), "ads/user": some_ids(users, 3).reshape(3, 1)}
    rows = version.lookup(wanted, threads=2)
    assert np.array_equal(rows["ads/item"], items.lookup(wanted["ads/item"]))
    assert np.array_equal(rows["ads/user"], users.lookup(wanted["ads/user"]))


def test_counts_are_those_of_the_command_line(store_path, version, command):
    for options, log in ([], None), (["--log", "train"], "train"):
        top = command("counts", store_path, "--ids", "item", "--top", "30", *options, "--json")["top"]
        ids = [int(entry["id"]) for entry in top]
        assert version.counts("item", ids, log).tolist() == [entry["count"] for entry in top]
    assert version.counts("item", [10**15]).tolist() == [0]


def test_timelines_are_those_of_the_command_line(store_path, version, command):
    timeline = version.timeline("user")
    seen = 0
    for entity in np.sort(version.table("ads/user").ids())[:12].tolist():
        told = command("timeline", store_path, "--entity", "user", "--id", entity, "--limit", "5", "--json")["events"]
        events = timeline.last(entity, 5)
        assert events["time"].astype(np.int64).tolist() == [event["time_microseconds"] for event in told]
        assert [str(item) for item in events["item"]] == [str(event["values"]["item"]) for event in told]
        seen += len(told)
        if len(events) > 1:
            assert (timeline.last(entity, 5, before=events["time"][0])["time"] < events["time"][0]).all()
    assert seen > 0


def test_features_are_those_of_the_command_line(store_path, version, log_path, command, tmp_path):
    view, asked, told = (tmp_path / name for name in ("view.yaml", "requests.csv", "told.npy"))
    view.write_text(VIEW)
    asked.write_text("\n".join(log_path.read_text().splitlines()[:201]) + "\n")
    command("features", store_path, "--view", view, "--entities", asked, "--output", told, "--quiet")
    ids, times, _ = requests(log_path)
    expected = np.load(told)
    for threads in (1, 2):
        answers = version.view(VIEW).features(ids, times, threads=threads)
        for name in answers.dtype.names:
            assert answers[name].tobytes() == expected[name].tobytes()
    assert version.view(VIEW).features({"user": [], "item": []}, []).shape == (0,)
    moments = times.astype("datetime64[us]")
    assert version.view(VIEW).features(ids, moments).tobytes() == version.view(VIEW).features(ids, times).tobytes()


def test_versions_have_roots_and_numbers(store):
    records = store.versions()
    latest = store.version()
    assert records[-1]["version"] == latest.number and records[-1]["root"] == latest.root
    assert store.version(latest.number).root == latest.root
    assert latest.tables["embedding:ads/item"] == len(latest.table("ads/item"))


def test_strings_hash_as_ingest_hashes_them(store_path, version, command):
    top = command("counts", store_path, "--ids", "device", "--top", "3", "--json")["top"]
    names = [entry["id"] for entry in top]
    assert loam.hash(names).tolist() == [entry["number"] for entry in top]
    assert version.counts("device", names).tolist() == [entry["count"] for entry in top]


def test_what_was_opened_outlives_what_it_was_opened_from(store_path):
    store = loam.open(store_path)
    again = loam.open(store_path)
    items = store.version().table("ads/item")
    expected = items.lookup(items.ids())
    store.close()
    assert np.array_equal(items.lookup(items.ids()), expected)
    assert again.versions()
    again.close()


def test_times_keep_their_microseconds():
    zone, begin = datetime.timezone(datetime.timedelta(hours=5, minutes=30)), datetime.datetime(1970, 1, 1)
    for microseconds in range(0, 10**6, 997):
        moment = datetime.datetime(2026, 3, 1, 12, 30, 7, microseconds)
        exact = (moment - begin) // datetime.timedelta(microseconds=1)
        assert times_of(moment) == exact
        assert times_of(moment.replace(tzinfo=datetime.timezone.utc).astimezone(zone)) == exact
