import io
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus_tool.lines import blocks
from corpus_tool.lines.decode import decode
from corpus_tool.lines.lines import Lines, field_texts

pytestmark = pytest.mark.usefixtures("each_step")

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text('ab"\\/\n\t\r\b\f\x00\x1f\x7f é'),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["text", "a", 'q"', "é"]), inner)
    ),
    max_leaves=8,
)


def extracted(raw, field="text"):
    """The field's text of one line, or None where the kernel calls it odd."""
    lines = Lines.joined([raw])
    found = field_texts(lines, field)
    assert len(lines) == 1
    return None if len(found.odd) else found.buffer[: found.offsets[1]].tobytes().decode()


@settings(deadline=None, max_examples=300)
@given(
    st.dictionaries(st.sampled_from(["text", "a", "te", "texts"]), values),
    st.booleans(),
    st.sampled_from([None, 1]),
)
def test_what_is_accepted_is_what_decoding_gives(record, ascii_only, indent):
    raw = (
        json.dumps(record, ensure_ascii=ascii_only, indent=indent)
        .replace("\n", " ")
        .encode("utf-8", "surrogatepass")
    )
    found = extracted(raw)
    if found is not None:
        text = decode(raw).get("text")
        assert found == (text or "")
        assert text is None or isinstance(text, str)


@settings(deadline=None, max_examples=500)
@given(
    st.binary(max_size=60)
    | st.text(st.sampled_from('{}[]:,"\\ntrueflasn0123.eE+- u8d'), max_size=40).map(str.encode)
)
def test_nothing_is_accepted_that_decoding_refuses(junk):
    raw = junk.replace(b"\n", b" ") or b" "
    for line in (raw, b'{"text":"x","a":' + raw + b"}", b'{"text":' + raw + b"}", b'{"text":"' + raw + b'"}'):
        found = extracted(line)
        if found is not None:
            assert found == (decode(line).get("text") or "")


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b'{"text":"plain"}', "plain"),
        (b' { "id" : 1 , "text" : "a\\n\\"b\\"\\\\ c\\/" } \r', 'a\n"b"\\ c/'),
        (b'{"text":"first","text":"last"}', "last"),
        (b'{"a":{"text":"inner"},"b":[{"text":"inner"}]}', ""),
        (b'{"text":null,"n":[1.0,-0.5e+10,0,-0,12,[],{}]}', ""),
        (b'{"n":1e400}', None),
        (b'{"n":%s}' % (b"1" * 310), None),
        (b'{"n":-}', None),
        (b'{"n":1.}', None),
        (b'{"n":1e+}', None),
        (b'{"text":" "}', " "),
        (b"{}", ""),
        (b"{", None),
        (b'{"a":1', None),
        (b'{"a":[}', None),
        (b'{"a"}', None),
        (b'{"text":"\\u0041"}', None),
        (b'{"text":7}', None),
        (b'{"te\\u0078t":"disguised"}', None),
        (b'{"a":"\\ud800"}', None),
        (b'{"a":"\\u00e9","text":"x"}', "x"),
        ('{"text":"é"}'.encode(), None),
        (b'{"text":"x"} y', None),
        (b'{"a":01}', None),
        (b'{"a":NaN}', None),
        (b'{"a":1,}', None),
        (b'{"a":[1,]}', None),
        (b'["text"]', None),
        (b"[" * 100, None),
        (b'{"a":' * 70 + b"1" + b"}" * 70, None),
    ],
)
def test_lines_by_hand(raw, text):
    assert extracted(raw) == text


@pytest.mark.parametrize("size", [0, 1, 62, 63, 64, 65, 127, 128, 129, 5000])
def test_texts_of_every_length_around_a_vector(size):
    text = ("word " * 2000)[:size]
    raws = [json.dumps({"text": text, "n": n}).encode() for n in range(3)]
    lines = Lines.joined(raws)
    found = field_texts(lines, "text")
    assert [
        bytes(found.buffer[a:b]).decode() for a, b in zip(found.offsets, found.offsets[1:], strict=False)
    ] == [text] * 3


def test_lines_of_a_chunk():
    content = b'{"a":1}\n\n{"a":2}'
    lines = Lines.of(np.frombuffer(content, np.uint8), 0, len(content))
    assert [lines.raw(place) for place in range(3)] == [b'{"a":1}', b"", b'{"a":2}']
    assert lines.take(np.array([2, 0]))[0] == {"a": 2}
    assert len(Lines.of(np.zeros(0, np.uint8), 0, 0)) == 0


@given(
    st.lists(st.binary(max_size=12).map(lambda raw: raw.replace(b"\n", b"")), max_size=12),
    st.integers(1, 30),
    st.booleans(),
)
def test_blocks_of_any_size_hold_the_same_lines(raws, size, closed):
    content = b"\n".join(raws) + (b"\n" if closed and raws else b"")
    found = list(blocks.read(io.BytesIO(content), "x", size))
    lines = [block.lines.raw(place) for block in found for place in range(len(block.lines))]
    expected = [line.removeprefix(b"\xef\xbb\xbf") for line in content.split(b"\n")]
    assert lines == expected[: len(lines)]
    assert expected[len(lines) :] in ([], [b""])
    for block in found:
        assert content[block.start :].removeprefix(b"\xef\xbb\xbf").startswith(block.lines.raw(0))
        assert block.opens == (block is found[0])
