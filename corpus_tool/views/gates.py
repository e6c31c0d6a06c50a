"""What a check found: for people, for JSON, for JUnit readers, and as annotations of GitHub Actions."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

from corpus_tool.sources.inputs import STDIN
from corpus_tool.sources.remote import is_address
from corpus_tool.views.terminal import visible

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from corpus_tool.evaluation.gates import Finding, Gate
    from corpus_tool.sources.inputs import Input

_UNPRINTABLE = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MORE = "and {:,} more; --list 0 lists all"


def as_text(gates: Sequence[Gate]) -> Iterator[str]:
    """A line a limit, and under it a line a finding: `path:line: what is wrong (which limit)`."""
    for gate in gates:
        yield visible(f"{'passed' if gate.passed else 'failed'} {gate.limit}: {gate.sentence}")
        for finding in gate.findings:
            yield visible(f"{_where(finding)}{finding.message} ({gate.limit})")
        if left := gate.count - len(gate.findings):
            yield _MORE.format(left)


def as_json(gates: Sequence[Gate]) -> dict[str, Any]:
    """Whether all passed, and each limit with its findings."""
    return {
        "passed": all(gate.passed for gate in gates),
        "gates": [
            {
                "limit": gate.limit,
                "passed": gate.passed,
                "found": gate.sentence,
                "count": gate.count,
                "findings": [_finding(each) for each in gate.findings],
            }
            for gate in gates
        ],
    }


def as_junit(gates: Sequence[Gate]) -> bytes:
    """A suite with a test a limit, in the form that CI servers read from JUnit.

    Without times: the same check of the same collection gives the same bytes.
    """
    failed = sum(not gate.passed for gate in gates)
    totals = f'tests="{len(gates)}" failures="{failed}" errors="0" skipped="0"'
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<testsuites name="corpus-tool check" {totals}>',
        f'  <testsuite name="corpus-tool check" {totals}>',
    ]
    for gate in gates:
        opening = f'    <testcase classname="corpus-tool.check" name={_attribute(gate.limit)}'
        if gate.passed:
            lines.append(f"{opening}/>")
            continue
        told = "\n".join(f"{_where(each)}{each.message}" for each in gate.findings)
        more = f"\n{_MORE.format(gate.count - len(gate.findings))}" if gate.count > len(gate.findings) else ""
        lines += [
            f"{opening}>",
            f'      <failure type="limit" message={_attribute(gate.sentence)}>{escape(_clean(told + more))}</failure>',
            "    </testcase>",
        ]
    return ("\n".join([*lines, "  </testsuite>", "</testsuites>"]) + "\n").encode("utf-8", "replace")


def as_annotations(gates: Sequence[Gate], inputs: Sequence[Input]) -> Iterator[str]:
    """Workflow commands of GitHub Actions, an `::error` a finding; limits that are kept are plain lines.

    A file is named from the root of the repository (`GITHUB_WORKSPACE`), wherever the check was started.
    """
    files = {each.name: each for each in inputs}
    for gate in gates:
        if gate.passed:
            yield visible(f"passed {gate.limit}: {gate.sentence}")
            continue
        title = {"title": f"corpus-tool check {gate.limit}"}
        yield _command({**title}, gate.sentence)
        for finding in gate.findings:
            message = f"{_where(finding)}{finding.message}"
            yield _command({**_file(finding, files), **title}, message)
        if left := gate.count - len(gate.findings):
            yield _command(title, _MORE.format(left))


def _command(properties: Mapping[str, str], message: str) -> str:
    """A workflow command, in which nothing that a name or a text holds can end a property or begin a command."""
    said = ",".join(
        f"{name}={_escaped(value).replace(':', '%3A').replace(',', '%2C')}"
        for name, value in properties.items()
    )
    return f"::error {said}::{_escaped(message)}"


def _escaped(text: str) -> str:
    return visible(text).replace("%", "%25")


def _file(finding: Finding, files: Mapping[str, Input]) -> dict[str, str]:
    """The file and the line of a finding, as GitHub wants them; nothing for what is no file of the repository."""
    if finding.place is None:
        return {}
    source, line = finding.place
    given = files.get(source)
    path = given.path if given else source
    if path == STDIN or is_address(path):
        return {}
    root = os.environ.get("GITHUB_WORKSPACE") or os.curdir
    shown = os.path.relpath(os.path.abspath(path), os.path.abspath(root))  # noqa: PTH100 - links stay links
    place = {"file": Path(shown).as_posix()}
    return place if given and given.member else {**place, "line": str(line)}


def _finding(finding: Finding) -> dict[str, Any]:
    source, line = finding.place or (None, None)
    told: dict[str, Any] = {"source": source, "line": line, "message": finding.message}
    if finding.other is not None:
        told |= {"other_source": finding.other[0], "other_line": finding.other[1], "score": finding.score}
    return told


def _where(finding: Finding) -> str:
    return "" if finding.place is None else f"{finding.place[0]}:{finding.place[1]}: "


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Text without what XML cannot hold."""
    return _UNPRINTABLE.sub("\ufffd", text)
