"""What a run did, in numbers for machines and in a sentence for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from corpus_tool.dedup.run import Run
    from corpus_tool.progress import Progress
    from corpus_tool.sources.problems import Problems


def numbers(run: Run, inputs: int, problems: Problems, progress: Progress) -> dict[str, Any]:
    """What a run did, as `--json` gives it.

    Args:
        run: Its store still open, or of files.
        inputs: How many were read.
        problems: What was wrong with them.
        progress: Which stages took how long.
    """
    return {
        "sources": inputs,
        "records": len(run.store),
        "kept": len(run.kept),
        "removed": len(run.removed),
        "exact_copies": int((run.score[run.removed] == 1).sum()),
        "pairs_decided": run.proposed,
        "crowded": run.crowded,
        "match": run.only or "auto",
        "compared_as": run.counts(),
        "not_compared": _first(run, ~run.compared),
        "why": run.why,
        "bytes": run.store.bytes_read,
        "bad": problems.bad_count,
        "unplaced": problems.unplaced_count,
        "stages": {
            stage: {"seconds": round(seconds, 4), "units": progress.counts[stage]}
            for stage, seconds in progress.seconds.items()
        },
    }


def _first(run: Run, some: NDArray[Any]) -> dict[str, Any]:
    """How many records these are, and where the first stands."""
    ordinals = some.nonzero()[0]
    place = ":".join(map(str, run.store.places(ordinals[:1])[0])) if len(ordinals) else None
    return {"records": len(ordinals), "first": place}


def remarks(numbers: dict[str, Any]) -> Iterator[str]:
    """What somebody who cleans a collection must not miss."""
    alone = numbers["not_compared"]
    if alone["records"]:
        some = (
            "a record, which stays"
            if alone["records"] == 1
            else f"{alone['records']:,} records, which all stay"
        )
        yield f"nothing was compared of {some}: no word is in what is compared; the first is {alone['first']}"


def sentence(numbers: dict[str, Any], annotated: bool = False) -> str:
    """The last line of a run."""
    text: str = "read {records:,} records from {sources:,} source" + "s" * (numbers["sources"] != 1)
    text += (
        ", kept all, marked {removed:,} as repeats" if annotated else ", kept {kept:,}, removed {removed:,}"
    )
    text += _copies(numbers["removed"], numbers["exact_copies"])
    text += ", skipped {bad:,}" if numbers["bad"] else ""
    text += (
        ", {crowded:,} of them in groups of look-alikes too large to compare all pairs"
        if numbers["crowded"]
        else ""
    )
    return (text + " ({why})").format(**numbers)


def _copies(removed: int, exact: int) -> str:
    """How many of the removed records `stats` counts as well: those that score 1."""
    if not removed:
        return ""
    if exact == removed:
        return ", an exact copy" if removed == 1 else ", all exact copies"
    if not exact:
        return ", no exact copy" if removed == 1 else ", none of them exact copies"
    return f", {exact:,} of them {'an exact copy' if exact == 1 else 'exact copies'}"
