"""How several finished files take their places together: a journal beside them, completed by whoever comes next.

A rename is all or nothing, several are not: a process that is killed between the first and the last leaves new
kept records beside old receipts. So a journal says beforehand what is to be renamed. It stands beside the first
target (by path), and at every other target a pointer to it:

    1. the pointers are written, then the journal: from here on the run counts as done
    2. the files are renamed
    3. the journal is removed, then the pointers

Each of these files is locked by the process that publishes, so two runs on one target publish one after the other.
One that nobody has locked was left by a process that was killed. `finish_at` then takes the renames that are missing
(all files were whole before the journal was), or, where there is no whole journal yet, takes the pointer away and
leaves the old files. A target that was written again by somebody else meanwhile is not touched.

What is left: until somebody finishes the job, who does not look for a journal sees some of the files new and some old.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

JOURNAL = ".corpus-tool.journal"
_LONGEST_STEM = 180
"""Bytes of a target's name that stand in its journal's; a longer name is told from others by its hash."""

Identity = tuple[int, int, int]
"""Inode, size and time of change: a file that has another one is another file, or was written again."""


@dataclass(frozen=True, slots=True)
class Move:
    """One file on its way.

    Attributes:
        temporary: Where it was written.
        target: Where it belongs.
    """

    temporary: Path
    target: Path


def identity(path: Path) -> Identity | None:
    """What tells a file from a later one at the same path; None where there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def journal_of(target: Path) -> Path:
    """Where the journal of a target, or the pointer to it, stands."""
    name = os.fsencode(target.name)
    stem = name[:_LONGEST_STEM]
    if stem != name:
        stem += b"." + blake2b(name, digest_size=6).hexdigest().encode()
    return target.parent / f".{os.fsdecode(stem)}{JOURNAL}"


@contextmanager
def announced(moves: Sequence[Move]) -> Iterator[None]:
    """Keep a journal of renames for as long as the block takes; of a single one there is nothing to say.

    Raises:
        OSError: The journal cannot be written. Nothing has been renamed then.
    """
    if len(moves) < 2:
        yield
        return
    ordered = sorted(moves, key=lambda move: os.fsencode(move.target))
    places = [journal_of(move.target) for move in ordered]
    with ExitStack() as held:
        descriptors = [held.enter_context(_locked(place)) for place in places]
        try:
            for descriptor in descriptors[1:]:
                _write(descriptor, {"journal": str(places[0])})
            _write(descriptors[0], {"moves": [_described(move) for move in ordered]})
            yield
        finally:  # by whom it is left with an error, that says which files are new
            for place in places:
                with suppress(OSError):
                    place.unlink()


def _described(move: Move) -> dict[str, object]:
    return {
        "temporary": str(move.temporary),
        "target": str(move.target),
        "new": identity(move.temporary),
        "old": identity(move.target),
    }


def _write(descriptor: int, content: dict[str, object]) -> None:
    data = json.dumps(content).encode() + b"\n"
    os.ftruncate(descriptor, 0)
    while data:
        data = data[os.write(descriptor, data) :]


@contextmanager
def _locked(place: Path) -> Iterator[int]:
    """The descriptor of a journal that is ours alone. Who has it now publishes to the same target: that is waited for.

    What a killed process left there is finished first.
    """
    while True:
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            with suppress(OSError):  # a file system without locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            found = os.fstat(descriptor)
            if found.st_uid != os.geteuid():
                raise PermissionError(errno.EPERM, f"{place} belongs to somebody else")
            if found.st_nlink and not found.st_size:
                break
            if found.st_nlink:
                _finish(place, descriptor)
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def unfinished(target: Path) -> bool:
    """Whether a process was killed while it put a file and others in their places, so that they may not agree."""
    place = journal_of(target)
    with _abandoned(place) as descriptor:
        return descriptor is not None and bool(_moves(place, descriptor)[1])


def finish_at(target: Path) -> list[Path]:
    """Finish what a killed process left at a target; the files that took their places now.

    Raises:
        OSError: A file could not be renamed.
    """
    return _finish_journal(journal_of(target))


def finish_in(folder: Path) -> list[Path]:
    """As `finish_at`, for all targets of a folder."""
    with os.scandir(folder) as entries:
        names = sorted(entry.name for entry in entries if entry.name.endswith(JOURNAL))
    return [path for name in names for path in _finish_journal(folder / name)]


def _finish_journal(place: Path) -> list[Path]:
    with _abandoned(place) as descriptor:
        return [] if descriptor is None else _finish(place, descriptor)


@contextmanager
def _abandoned(place: Path) -> Iterator[int | None]:
    """The descriptor of a journal of ours, locked, whose writer is dead; None where there is no such."""
    descriptor = None
    try:
        descriptor = os.open(place, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        ours = os.fstat(descriptor)
        found = descriptor if ours.st_uid == os.geteuid() and ours.st_nlink else None
    except OSError:  # there is none, or its writer lives
        found = None
    try:
        yield found
    finally:
        if descriptor is not None:
            os.close(descriptor)


def _finish(place: Path, descriptor: int) -> list[Path]:
    """Take the renames that are missing, where a whole journal names them; the journal goes in any case."""
    primary, moves = _moves(place, descriptor)
    done = [move.target for move, new, old in moves if _take(move, new, old)]
    for other in [primary, *(journal_of(move.target) for move, *_ in moves)]:
        if other != place:
            _drop(other)
    place.unlink()
    return done


def _take(move: Move, new: Identity | None, old: Identity | None) -> bool:
    """Rename a file that has not been, unless somebody wrote the target meanwhile; whether it was."""
    if identity(move.temporary) != new:
        return False
    if identity(move.target) != old:
        move.temporary.unlink()
        return False
    move.temporary.replace(move.target)
    return True


def _drop(place: Path) -> None:
    """Remove a journal or pointer that belongs to what was finished, unless somebody uses it now."""
    with _abandoned(place) as descriptor:
        if descriptor is not None:
            place.unlink()


_Announced = list[tuple[Move, Identity | None, Identity | None]]


def _moves(place: Path, descriptor: int) -> tuple[Path, _Announced]:
    """The journal that a file is or points to, and what is announced there; nothing where it is not whole."""
    content = _content(descriptor)
    if "journal" not in content:
        return place, _announced(content)
    primary = Path(content["journal"])
    with _abandoned(primary) as other:
        moves = [] if other is None else _announced(_content(other))
    if place not in {journal_of(move.target) for move, *_ in moves}:
        return place, []  # it was finished, and perhaps another run is at it
    return primary, moves


def _announced(content: dict[str, Any]) -> _Announced:
    return [
        (Move(Path(move["temporary"]), Path(move["target"])), _identity(move["new"]), _identity(move["old"]))
        for move in content.get("moves", ())
    ]


def _identity(value: list[int] | None) -> Identity | None:
    return None if value is None else (value[0], value[1], value[2])


def _content(descriptor: int) -> dict[str, Any]:
    """What stands in a journal; nothing where it was not written to its end."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    data = b""
    while part := os.read(descriptor, 1 << 16):
        data += part
    try:
        content = json.loads(data)
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
