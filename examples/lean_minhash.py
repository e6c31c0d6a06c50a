"""Signatures from an index of your own to `corpus-tool index add INDEX FILE --lean-minhash`, and back.

python lean_minhash.py > signatures.jsonl
corpus-tool index add moved.idx signatures.jsonl --lean-minhash
"""

from __future__ import annotations

import base64
import json

from datasketch import LeanMinHash, MinHash


def to_line(key: str, minhash: MinHash, hashed: str) -> str:
    """One line of JSON; `hashed` says in your own words what was hashed, such as `sha1 of words`."""
    lean = LeanMinHash(minhash)
    data = bytearray(lean.bytesize())
    lean.serialize(data)
    return json.dumps({"id": key, "lean_minhash": base64.b64encode(data).decode(), "hashed": hashed})


def from_line(line: str) -> tuple[str, LeanMinHash]:
    """The key and the signature in a line of `corpus-tool index export INDEX --lean-minhash`."""
    record = json.loads(line)
    return record["id"], LeanMinHash.deserialize(base64.b64decode(record["lean_minhash"]))


if __name__ == "__main__":
    texts = {"first": "one two three four", "second": "five six seven eight"}
    for name, text in texts.items():
        mine = MinHash(num_perm=128, seed=1)
        mine.update_batch([word.encode() for word in text.split()])
        print(to_line(name, mine, "sha1 of words"))
