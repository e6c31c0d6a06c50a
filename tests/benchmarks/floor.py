"""The floor: read a JSONL file line by line with orjson, look at one field, write the line. No deduplication.

python floor.py CORPUS OUT FIELD
"""

import sys

import orjson


def main(corpus: str, out: str, name: str) -> None:
    size = 0
    with open(corpus, "rb") as source, open(out, "wb") as sink:  # noqa: PTH123 (importing pathlib takes time)
        for line in source:
            size += len(orjson.loads(line).get(name) or "")
            sink.write(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
