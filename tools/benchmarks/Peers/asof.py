"""Last values before a time: polars' join_asof, DuckDB's ASOF JOIN, and DuckDB's lateral join for the last 50.

Arguments: directory of the arrays, what to run (polars, duckdb, duckdb50), threads. The line "run" joins all requests and
answers with requests a second; "check" with the number of requests that nothing was found for.
"""

import sys
import time

import numpy

directory, what, threads = sys.argv[1], sys.argv[2], int(sys.argv[3])
names = ["event_entity", "event_time", "event_item", "request_entity", "request_time"]
entity, when, item, asked_entity, asked_time = (numpy.fromfile(f"{directory}/{name}", dtype=numpy.int64) for name in names)
SMALL = 2_000

if what == "polars":
    import polars

    version = polars.__version__
    events = polars.DataFrame({"entity": entity, "time": when, "item": item}).sort("time")
    requests = polars.DataFrame({"entity": asked_entity, "time": asked_time})

    def run():
        return requests.join_asof(events, on="time", by="entity", strategy="backward", allow_exact_matches=False)

    def check():
        return run()["item"].null_count()

else:
    import duckdb
    import pyarrow

    version = duckdb.__version__
    connection = duckdb.connect()
    connection.execute(f"set threads = {threads}")
    connection.register("events", pyarrow.table({"entity": entity, "time": when, "item": item}))
    connection.register("requests", pyarrow.table({"entity": asked_entity, "time": asked_time}))
    connection.execute("create table e as select * from events order by entity, time")
    connection.execute("create table r as select * from requests")
    connection.execute(f"create table small as select * from requests using sample reservoir({SMALL} rows) repeatable (1)")

    def run():
        if what == "duckdb":
            text = "select r.entity, r.time, e.item from r asof left join e on r.entity = e.entity and r.time > e.time"
        else:
            text = """select r.entity, r.time, l.items from small r, lateral (select list(item) items from
                (select item from e where e.entity = r.entity and e.time < r.time order by e.time desc limit 50)) l"""
        connection.execute(f"create or replace table answer as {text}")

    def check():
        run()
        return connection.execute("select count(*) from answer where item is null").fetchone()[0]


print("ready", version, flush=True)
for line in sys.stdin:
    if line.strip() == "check":
        print(check(), flush=True)
        continue
    start = time.perf_counter()
    run()
    print((SMALL if what == "duckdb50" else len(asked_time)) / (time.perf_counter() - start), flush=True)
