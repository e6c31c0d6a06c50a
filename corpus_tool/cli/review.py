"""`corpus-tool review`: borderline pairs in the terminal, one key a label."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Annotated

import typer

from corpus_tool.cli import keyboard, pages
from corpus_tool.cli import options as given
from corpus_tool.cli.console import Notes
from corpus_tool.cli.inputs import inputs_of
from corpus_tool.cli.ready import run_options
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import STDIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import Console

    from corpus_tool.config import Options
    from corpus_tool.dedup.run import Run
    from corpus_tool.evaluation.borderline import Near
    from corpus_tool.evaluation.labels import Label, Labels
    from corpus_tool.sources.inputs import Input
    from corpus_tool.views.review import Shown

EXAMPLES = given.examples(
    "corpus-tool review papers.jsonl --labels labels.csv",
    "corpus-tool evaluate papers.jsonl --gold labels.csv",
)
_SEED = 1


def command(
    ctx: typer.Context,
    labels: Annotated[
        str,
        typer.Option(
            "--labels",
            metavar="FILE",
            help="Labels so far, and where more go (required).",
            rich_help_panel=pages.OUTPUT,
        ),
    ],
    inputs: given.Inputs = None,
    pairs: Annotated[
        int,
        typer.Option(
            "--pairs",
            metavar="N",
            min=1,
            help="Pairs on either side of the threshold.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = 50,
    sample: Annotated[
        int | None,
        typer.Option(
            "--sample",
            metavar="N",
            min=1,
            help="Instead, N removed records drawn by chance.",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    keep: given.Keep = "first",
    transitive: given.Transitive = False,
    unique_within: given.UniqueWithin = None,
    match: given.Match = "auto",
    strictness: given.Strictness = None,
    mapping: given.Map = None,
    policy: given.PolicyFile = None,
    versions: given.Versions = "merge",
    threshold: given.Threshold = 0.7,
    fields: given.Fields = None,
    shingle: given.Shingle = 5,
    permutations: given.Permutations = 128,
    recall: given.Recall = 0.99,
    seed: given.Seed = 1,
    include: given.Include = None,
    exclude: given.Exclude = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    on_error: given.OnError = "fail",
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    quiet: given.Quiet = False,
) -> None:
    """Label pairs near the threshold in the terminal, one key each, for evaluate and tune."""
    from corpus_tool.evaluation.gold import read_labels
    from corpus_tool.evaluation.labels import Labels

    keyboard.require("review asks at a terminal")
    if STDIN in (inputs or [STDIN]):
        raise UsageError("standard input is the keyboard here: name the files to review")
    notes, options = Notes(ctx), run_options(ctx)
    known = read_labels(labels) if Path(labels).exists() else Labels(labels)
    found = inputs_of(ctx, notes, inputs, labels)
    run, near = _found(found, options, notes, pairs, sample)
    with closing(run):
        walk = _Walk(run, near, known)
        if walk.todo:
            _at_terminal(walk, labels)
    if walk.nameless:
        notes.say(
            f"{walk.nameless:,} pairs are not asked for: their ids are empty, or one id stands for both records"
        )
    if sample and (judged := walk.judged()):
        notes.say(judged)
    counts = known.counts()
    notes.say(
        f"{labels}: {len(known.rows):,} labels: {counts['same']:,} same, {counts['different']:,} different, "
        f"{counts['unsure']:,} unsure; {len(walk.todo):,} of {len(near):,} pairs are left"
    )


def _found(
    inputs: Sequence[Input], options: Options, notes: Notes, pairs: int, sample: int | None
) -> tuple[Run, list[Near]]:
    """The run, and the pairs to ask for: those nearest to the threshold in turn, or removed ones by chance."""
    from corpus_tool.engines import local
    from corpus_tool.evaluation.borderline import Borderline, Near

    observed = Borderline(pairs)
    with Outputs() as outputs, notes.progress() as progress:
        run = local.deduplicate(inputs, options, notes.problems(options.reading, outputs), progress, observed)
    notes.say(run.why)
    if sample is None:
        above, below = observed.near(run, pairs)
        return run, [each for each in chain.from_iterable(zip_longest(above, below)) if each]
    removed = run.removed[run.score[run.removed] < 1].tolist()
    copies = len(run.removed) - len(removed)
    if copies:
        notes.say(f"{copies:,} removed records are copies that score 1: they are not asked for")
    drawn = Random(_SEED).sample(removed, min(sample, len(removed)))
    return run, [Near((int(run.witness[at]), at), float(run.score[at]), True) for at in drawn]


@dataclass(slots=True)
class _Asked:
    """A pair that may be asked for: its names, as labels have them, and places."""

    near: Near
    names: tuple[str, str]
    places: tuple[str, str]


class _Walk:
    """Pairs to ask for, in order; those of which labels already say something, or which follow from them, are passed.

    Args:
        run: Its store open.
        near: The pairs.
        labels: What is known; grows.

    Attributes:
        nameless: Pairs that no file of labels can name.
    """

    def __init__(self, run: Run, near: Sequence[Near], labels: Labels) -> None:
        from corpus_tool.evaluation.labels import may_be_labelled

        self._run, self.labels = run, labels
        every = [self._named(each) for each in near]
        self._every = [each for each in every if may_be_labelled(*each.names)]
        self.nameless = len(every) - len(self._every)

    @property
    def todo(self) -> list[_Asked]:
        """What is still to be asked."""
        return [each for each in self._every if self.labels.known(*each.names) is None]

    def judged(self) -> str:
        """How right those pairs are that were called duplicates, as far as labels tell; empty where they do not."""
        from corpus_tool.evaluation.labels import DIFFERENT, SAME, share

        known = [self.labels.known(*each.names) for each in self._every if each.near.duplicate]
        wrong, right = known.count(DIFFERENT), known.count(SAME)
        if not wrong + right:
            return ""
        low, high = share(wrong, wrong + right)
        return (
            f"of {wrong + right:,} judged removals {wrong:,} {'is' if wrong == 1 else 'are'} wrong: "
            f"{wrong / (wrong + right):.1%}, with 95% confidence {low:.1%} to {high:.1%}"
        )

    def _named(self, near: Near) -> _Asked:
        import numpy as np

        from corpus_tool.receipts import name_of
        from corpus_tool.store import records

        ordinals = np.array(near.ordinals)
        where = self._run.store.places(ordinals)
        one, other = (
            str(name_of(record, place))
            for record, place in zip(records(self._run.store, ordinals), where, strict=True)
        )
        return _Asked(near, (one, other), (f"{where[0][0]}:{where[0][1]}", f"{where[1][0]}:{where[1][1]}"))

    def shown(self, asked: _Asked) -> Shown:
        """A pair as it is drawn; the score is the run's own."""
        import numpy as np

        from corpus_tool.store import records
        from corpus_tool.views.review import Shown

        left, right = records(self._run.store, np.array(asked.near.ordinals))
        _, verdict = self._run.rules.explain(left, right)
        counts = self.labels.counts()
        progress = f"{len(self._every) - len(self.todo) + 1:,} of {len(self._every):,}   " + ", ".join(
            f"{count:,} {name}" for name, count in counts.items() if count
        )
        return Shown(asked.places, replace(verdict, score=asked.near.score), progress.rstrip())

    def label(self, asked: _Asked, verdict: str) -> None:
        """Note what was said of a pair."""
        from corpus_tool.evaluation.labels import Label

        self.labels.add(Label(*asked.names, verdict))

    def undo(self) -> Label | None:
        """Take back the last label, of this walk or an earlier one; None where there is none."""
        return self.labels.undo() if self.labels.rows else None


def _at_terminal(walk: _Walk, path: str) -> None:
    """Ask until all is labelled, or somebody quits; every label is in the file at once."""
    from rich.console import Console

    console = Console(stderr=True, highlight=False)
    with keyboard.keys() as key, console.screen(hide_cursor=True):
        told = ""
        while (todo := walk.todo) and (pressed := _asked(walk, todo[0], told, console, key)):
            told = _done(walk, todo[0], pressed)
            if told:
                with Outputs() as outputs:
                    outputs.open(path).write(walk.labels.as_csv())


def _asked(walk: _Walk, asked: _Asked, told: str, console: Console, key: Callable[[], str]) -> str:
    """Show a pair until a key is pressed that does something; empty to quit."""
    from corpus_tool.views import review

    shown = walk.shown(asked)
    first = 0
    while True:
        further = review.draw(shown, review.lines(shown, console), first, told, console)
        pressed = key().lower()
        if pressed in _MEANINGS:
            return "" if _MEANINGS[pressed] == "quit" else _MEANINGS[pressed]
        first = further if pressed in {" ", "\n"} else first


_MEANINGS = {
    "s": "same",
    "d": "different",
    "u": "unsure",
    "?": "unsure",
    "z": "undo",
    "\x7f": "undo",
    "\b": "undo",
    "q": "quit",
    "": "quit",
    "\x1b": "quit",
}


def _done(walk: _Walk, asked: _Asked, meaning: str) -> str:
    """Do what a key means, and say what was done; empty where nothing was."""
    if meaning == "undo":
        last = walk.undo()
        return f"taken back: {last.one} and {last.other} were {last.verdict}" if last else ""
    walk.label(asked, meaning)
    return f"{asked.names[0]} and {asked.names[1]}: {meaning}"
