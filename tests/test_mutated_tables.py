"""Bibliographies and tables that were damaged on their way: read, or refused in a sentence; never a traceback."""

from __future__ import annotations

import io
import sqlite3
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from running import run
from test_bibliographies import SAMPLES

if TYPE_CHECKING:
    from pathlib import Path

    from hypothesis.strategies import DrawFn

CSV = 'id,title,abstract,"auth\nors"\n1,"One, two","a ""quoted"" b",x\n2,Two;b\tc,"long\nlong",y\n'
TABLE = pa.table({"title": ["One", "Two", None] * 5, "authors": [["A"], [], None] * 5, "n": [1, None, 3] * 5})


def parquet() -> bytes:
    data = io.BytesIO()
    pq.write_table(TABLE, data)
    return data.getvalue()


def arrow() -> bytes:
    data = io.BytesIO()
    with pa.ipc.new_stream(data, TABLE.schema) as stream:
        stream.write_table(TABLE)
    return data.getvalue()


def database(folder: Path) -> bytes:
    path = folder / "d.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("create table papers (title, abstract, n)")
    connection.executemany(
        "insert into papers values (?, ?, ?)", [(f"Paper {n}", "We. " * n, n) for n in range(40)]
    )
    connection.commit()
    connection.close()
    return path.read_bytes()


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    texts = {
        name: text.encode() for name, text in {**SAMPLES, "csv": CSV, "tsv": CSV.replace(",", "\t")}.items()
    }
    return {
        **texts,
        "parquet": parquet(),
        "arrow": arrow(),
        "sqlite": database(tmp_path_factory.mktemp("made")),
    }


@st.composite
def damage(draw: DrawFn) -> list[tuple[str, float, bytes]]:
    """What is done to some bytes: where (a share of their length), and with what."""
    what = st.sampled_from(["cut", "insert", "replace", "double", "drop"])
    odd = st.sampled_from(
        [
            b"\0",
            b"\xff\xfe",
            b'"',
            b"{",
            b"}",
            b"\n",
            b"\r",
            b"<",
            b"ER  - ",
            b"@x{",
            b",,,",
            b"&#1114112;",
            b"\xed\xa0\x80",
        ]
    )
    return draw(
        st.lists(st.tuples(what, st.floats(0, 1), odd | st.binary(max_size=6)), min_size=1, max_size=4)
    )


def damaged(data: bytes, steps: list[tuple[str, float, bytes]]) -> bytes:
    for what, share, extra in steps:
        at = int(share * len(data))
        data = {
            "cut": data[:at],
            "insert": data[:at] + extra + data[at:],
            "replace": data[:at] + extra + data[at + len(extra) :],
            "double": data[:at] + data[max(0, at - 40) :],
            "drop": data[:at] + data[at + 7 :],
        }[what]
    return data


@pytest.mark.parametrize("name", [*SAMPLES, "csv", "tsv", "parquet", "arrow", "sqlite"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=damage(), named=st.booleans(), skip=st.booleans())
def test_damage_is_read_or_refused(
    name: str,
    steps: list[tuple[str, float, bytes]],
    named: bool,
    skip: bool,
    samples: dict[str, bytes],
    tmp_path: Path,
) -> None:
    path = tmp_path / "in"
    path.write_bytes(damaged(samples[name], steps))
    arguments = ["parse", str(path), "-o", str(tmp_path / "out")]
    arguments += ["--from", "csv" if name == "tsv" else name] if named else []
    done = run(*arguments, *(["--on-error", "skip"] if skip else []))
    assert done.code in {0, 2}, done.err
    assert "Traceback" not in done.err
    assert "Internal error" not in done.err


def test_an_arrow_file_whose_offsets_lead_astray_is_refused(tmp_path: Path) -> None:
    """Such a file, read as it stands, ends the process."""
    data = bytearray(arrow())
    at = data.rindex(b"OneTwo") - 64
    data[at : at + 8] = b"\xff\xff\xff\x7f" * 2
    (tmp_path / "in.arrow").write_bytes(data)
    done = run("parse", tmp_path / "in.arrow")
    assert done.code in {0, 2}
    assert "Traceback" not in done.err
