"""faiss IndexFlatIP over vectors of length one, one thread.

Arguments: file of vectors, file of queries, elements a vector, neighbours. A line "FIRST COUNT" searches COUNT queries
in one call and answers with the seconds and the row numbers of the first query's neighbours.
"""

import sys
import time

import faiss
import numpy

vectors_path, queries_path, width, neighbours = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
faiss.omp_set_num_threads(1)


def unit_vectors(path):
    vectors = numpy.fromfile(path, dtype=numpy.float32).reshape(-1, width)
    faiss.normalize_L2(vectors)
    return vectors


index = faiss.IndexFlatIP(width)
index.add(unit_vectors(vectors_path))
queries = unit_vectors(queries_path)
index.search(queries[:64], neighbours)
print("ready", faiss.__version__, flush=True)
for line in sys.stdin:
    first, count = map(int, line.split())
    start = time.thread_time()
    _, rows = index.search(queries[first : first + count], neighbours)
    seconds = time.thread_time() - start
    print(f"{seconds:.9f}", *rows[0], flush=True)
