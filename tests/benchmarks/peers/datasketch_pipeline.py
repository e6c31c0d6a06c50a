"""Deduplication with datasketch: MinHash (scheme affine32) of word shingles, its LSH, the first of each kind kept.

python datasketch_pipeline.py CORPUS OUT FIELD
"""

from __future__ import annotations

import sys
from itertools import islice

import orjson
from datasketch import MinHash, MinHashLSH
from shingling import shingles

THRESHOLD = 0.7
PERMUTATIONS = 128
BLOCK = 1_000


def main(corpus: str, out: str, name: str) -> None:
    lsh = MinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS)
    kept = []
    with open(corpus, "rb") as source, open(out, "wb") as sink:  # noqa: PTH123 (as the other pipelines)
        while block := list(islice(source, BLOCK)):
            texts = ([each.encode() for each in shingles(orjson.loads(line)[name])] for line in block)
            sketches = MinHash.generator(texts, num_perm=PERMUTATIONS, scheme="affine32")
            for line, sketch in zip(block, sketches, strict=True):
                if all(sketch.jaccard(kept[at]) < THRESHOLD for at in lsh.query(sketch)):
                    lsh.insert(len(kept), sketch)
                    kept.append(sketch)
                    sink.write(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
