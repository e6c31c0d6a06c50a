"""`corpus-tool compare`: what two collections share, near-duplicates included."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Annotated, Any

import typer

from corpus_tool.cli import options as given
from corpus_tool.cli import pages
from corpus_tool.cli.console import Notes, refuse_loss
from corpus_tool.cli.inputs import refuse_replacing, two_of
from corpus_tool.cli.ready import run_options
from corpus_tool.compression import strip_codec
from corpus_tool.errors import UsageError
from corpus_tool.sinks.atomic import Outputs
from corpus_tool.sources.inputs import look_again

if TYPE_CHECKING:
    from typing import BinaryIO

    from corpus_tool.comparison import Comparison

JSONL, MARKDOWN = FORMATS = ("jsonl", "markdown")
_MARKDOWN_ENDINGS = (".md", ".markdown")
_OTHER_ENDINGS = (
    ".csv",
    ".tsv",
    ".parquet",
    ".json",
    ".html",
    ".htm",
    ".sqlite",
    ".db",
    ".bib",
    ".ris",
    ".txt",
    ".xlsx",
)

EXAMPLES = given.examples(
    "corpus-tool compare monday.jsonl tuesday.jsonl -o changes.md",
    "corpus-tool compare old/ new/ -134 --format jsonl | jq .b.record.title",
)


def _column(number: int, name: str, text: str) -> Any:
    return typer.Option(f"-{number}", f"--hide-{name}", help=text, rich_help_panel=pages.OUTPUT)


def command(
    ctx: typer.Context,
    left: Annotated[str, typer.Argument(metavar="A", help="A collection: a file, folder, glob, URL, or -.")],
    right: Annotated[str, typer.Argument(metavar="B", help="Another.")],
    output: Annotated[
        str | None,
        typer.Option(
            "-o",
            "--output",
            metavar="FILE",
            help="Every row, as JSONL or (.md) Markdown.",
            show_default="counts alone",
            rich_help_panel=pages.OUTPUT,
        ),
    ] = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--format",
            metavar="FORMAT",
            help="jsonl, markdown; without -o, rows to stdout.",
            rich_help_panel=pages.OUTPUT,
            autocompletion=given.one_of(FORMATS),
        ),
    ] = None,
    hide_a: Annotated[bool, _column(1, "a", "No rows of what only A has.")] = False,
    hide_b: Annotated[bool, _column(2, "b", "No rows of what only B has.")] = False,
    hide_both: Annotated[bool, _column(3, "both", "No rows of what both say alike.")] = False,
    hide_revised: Annotated[bool, _column(4, "revised", "No rows of what was reworded.")] = False,
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
    source_name: given.SourceName = None,
    source_format: given.From = None,
    encoding: given.Encoding = "utf-8",
    year: given.Year = None,
    strict: given.Strict = False,
    on_error: given.OnError = "fail",
    rejects: given.Rejects = None,
    jobs: given.Jobs = 0,
    tmp_dir: given.TmpDir = None,
    allow_empty: given.AllowEmpty = False,
    max_line: given.MaxLine = "256M",
    max_expansion: given.MaxExpansion = 1000,
    quiet: given.Quiet = False,
    as_json: given.Json = False,
) -> None:
    """Tell what only A has, only B has, both have, and what was revised: each record by itself."""
    notes = Notes(ctx)
    options = run_options(ctx)
    form = _form(output, to)
    hidden = {"only_a": hide_a, "only_b": hide_b, "both": hide_both, "revised": hide_revised}
    wanted = [status for status, unwanted in hidden.items() if not unwanted]
    if form is None and len(wanted) < len(hidden):
        raise UsageError(
            "-1, -2, -3 and -4 choose among rows, and only counts are asked for: add -o FILE or --format"
        )
    first, second = two_of(ctx, notes, [left], [right], output, rejects)
    from corpus_tool.comparison import Comparison
    from corpus_tool.engines import side_by_side
    from corpus_tool.views import comparison as view

    every, names = [*first, *second], (left, right)
    refuse_replacing("--output", output, every)
    with Outputs(partial(look_again, every, allow_empty)) as outputs, notes.progress() as progress:
        writer = outputs.open(output) if form else None
        problems = notes.problems(options.reading, outputs)
        with side_by_side.of_files(first, second, options, problems, progress) as sides:
            refuse_loss(len(sides.store), problems, outputs, rejects, allow_empty=allow_empty)
            compared = Comparison.of(sides)
            progress.finish()
            if writer:
                _write(compared, names, wanted, form, writer)
            told = view.numbers(compared, names)
            lines = view.table(compared, names)
        if not as_json and not outputs.on_stdout:
            outputs.open(None).write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))
        elif not as_json:
            for line in lines:
                notes.say(line)
    if told["crowded"]:
        notes.warn(
            f"{told['crowded']:,} records stood among look-alikes too many to compare all pairs, and are told as only "
            "in A or B: some may be in both"
        )
    notes.say_of_year(ctx, every)
    sizes = told["a"]["records"], told["b"]["records"]
    notes.summary(
        f"compared {sizes[0]:,} records with {sizes[1]:,} ({told['why']})",
        told,
        as_json=as_json,
        outputs=outputs,
    )


def _form(output: str | None, asked: str | None) -> str | None:
    """How rows are written; None where only counts are asked for."""
    if asked is not None:
        if asked not in FORMATS:
            raise UsageError(f"--format {asked} is not one of {', '.join(FORMATS)}")
        return asked
    if output is None:
        return None
    plain = strip_codec(output).lower()
    if plain.endswith(_MARKDOWN_ENDINGS):
        return MARKDOWN
    if plain.endswith(_OTHER_ENDINGS):
        raise UsageError("rows are written as .jsonl or .md: name the file so, or say --format", path=output)
    return JSONL


def _write(
    compared: Comparison, names: tuple[str, str], wanted: list[str], form: str | None, writer: BinaryIO
) -> None:
    from corpus_tool.views import comparison as view

    if form == MARKDOWN:
        view.write_markdown(compared, names, wanted, writer)
    else:
        view.write_jsonl(compared, wanted, writer)
