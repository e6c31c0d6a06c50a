"""Deduplication with rensa: full-set R-MinHash of word shingles, its LSH, the first of each kind kept.

python rensa_pipeline.py CORPUS OUT FIELD

In one pass over blocks of lines: orjson reads, Python cuts shingles, rensa sketches a block in one call. A record is
dropped when rensa's estimate with an earlier kept record that its LSH proposes reaches the threshold.
"""

from __future__ import annotations

import sys
from itertools import islice

import orjson
from rensa import RMinHash, RMinHashLSH
from shingling import shingles

THRESHOLD = 0.7
PERMUTATIONS = 128
BANDS = 16
"""rensa wants a divisor of the permutations; (1/16)^(1/8) = 0.707 is the nearest to the threshold."""
BLOCK = 10_000


def main(corpus: str, out: str, name: str) -> None:
    lsh = RMinHashLSH(threshold=THRESHOLD, num_perm=PERMUTATIONS, num_bands=BANDS)
    kept = []
    with open(corpus, "rb") as source, open(out, "wb") as sink:  # noqa: PTH123 (importing pathlib takes time)
        while block := list(islice(source, BLOCK)):
            texts = [shingles(orjson.loads(line)[name]) for line in block]
            sketches = RMinHash.from_token_sets(texts, num_perm=PERMUTATIONS, seed=42)
            for line, sketch in zip(block, sketches, strict=True):
                if all(sketch.jaccard(kept[at]) < THRESHOLD for at in lsh.query(sketch)):
                    lsh.insert(len(kept), sketch)
                    kept.append(sketch)
                    sink.write(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
