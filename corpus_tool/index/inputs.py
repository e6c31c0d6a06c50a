"""Which inputs were taken in before: by a hash of their bytes, whatever they are called."""

from __future__ import annotations

import stat
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus_tool.errors import InputError
from corpus_tool.sources import remote
from corpus_tool.sources.inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from corpus_tool.index.protocol import Storage
    from corpus_tool.sources.inputs import Input
    from corpus_tool.store import Store

_READ_AT_ONCE = 1 << 20
_RECORDS_AT_ONCE = 1 << 12


class Inputs:
    """The inputs of a run, of which some may have been taken in before.

    Args:
        storage: The index.
        inputs: What was named.

    Attributes:
        fresh: Those that are still to be read.
        before: Those that are not, with the runs that took them in.
        hashes: Of the fresh ones; of what cannot be read twice once it was read.
    """

    def __init__(self, storage: Storage, inputs: Sequence[Input]) -> None:
        self._storage = storage
        hashed = [(each, hash_of(each)) for each in inputs]
        known = storage.taken([found for _, found in hashed if found])
        self.fresh = [each for each, found in hashed if found not in known]
        self.before = {each.name: known[found] for each, found in hashed if found in known}
        self.hashes = {found: each.name for each, found in hashed if found and found not in known}
        self._later = {each.name for each, found in hashed if not found}

    def read(self, store: Store) -> bool:
        """Learn the hashes of what could only be read once; whether all of it was taken in before."""
        found = {}
        for name, first, last in store.sources():
            if name in self._later:
                found[_hash_of_records(store, first, last)] = name
        known = self._storage.taken(list(found)) if found else {}
        self.hashes.update((each, name) for each, name in found.items() if each not in known)
        self.before.update((found[each], run) for each, run in known.items())
        return bool(self._later) and len(known) == len(found) > 0 and not self.hashes


def hash_of(given: Input) -> bytes | None:
    """A hash of what an input holds; None where it can be read only once."""
    if given.path == STDIN or remote.is_address(given.path):
        return None
    found = blake2b((given.member or given.table or "").encode(), digest_size=16)
    try:
        with Path(given.path).open("rb", buffering=0) as file:
            if not stat.S_ISREG(Path(given.path).stat().st_mode):
                return None
            while data := file.read(_READ_AT_ONCE):
                found.update(data)
    except OSError as error:
        raise InputError(f"could not be read: {(error.strerror or '').lower()}", path=given.name) from error
    return found.digest()


def _hash_of_records(store: Store, first: int, last: int) -> bytes:
    found = blake2b(b"records", digest_size=16)
    for at in range(first, last, _RECORDS_AT_ONCE):
        lines = store.lines(np.arange(at, min(at + _RECORDS_AT_ONCE, last)))
        for place in range(len(lines)):
            found.update(lines.raw(place) + b"\n")
    return found.digest()
