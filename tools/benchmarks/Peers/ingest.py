"""Read a Criteo-shaped TSV and count the IDs of its 26 categories: polars in memory, DuckDB into a database on disk.

Arguments: polars or duckdb, the file, a directory for the database, threads. The line "run" reads and counts, and answers
with seconds.
"""

import os
import sys
import time

what, path, scratch, threads = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])

if what == "polars":
    import polars

    version = polars.__version__

    def run():
        frame = polars.read_csv(path, separator="\t", has_header=False)
        for column in frame.columns[14:40]:
            frame[column].value_counts()

else:
    import duckdb

    version = duckdb.__version__
    database = os.path.join(scratch, "ingest-peer.duckdb")

    def run():
        connection = duckdb.connect(database)
        connection.execute(f"set threads = {threads}")
        connection.execute(f"create table log as select * from read_csv('{path}', delim='\t', header=false)")
        for column in range(14, 40):
            connection.execute(f"create table n{column} as select column{column:02d}, count(*) from log group by 1")
        connection.close()


print("ready", version, flush=True)
for line in sys.stdin:
    if what == "duckdb" and os.path.exists(database):
        os.remove(database)
    start = time.perf_counter()
    run()
    print(time.perf_counter() - start, flush=True)
if what == "duckdb" and os.path.exists(database):
    os.remove(database)
