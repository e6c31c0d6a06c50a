import pytest

from corpus_tool.config import Options
from corpus_tool.errors import InputError
from corpus_tool.match.choosing import choose


@pytest.mark.parametrize(
    ("record", "name"),
    [
        ({"title": "T", "abstract": "A"}, "papers"),
        ({"title": "T", "abstract": "", "authors": "X"}, "papers"),
        ({"title": "T", "abstract": ""}, "papers"),
        ({"title": "T", "authors": "X", "year": 2020}, "papers"),
        ({"TI": "T", "AB": "A"}, "papers"),
        ({"title": "T", "text": "body"}, "text"),
        ({"title": "T", "description": "d", "text": "body"}, "text"),
        ({"title": "", "abstract": "A"}, "text"),
        ({"abstract": "A"}, "text"),
        ({"text": "t"}, "text"),
    ],
)
def test_what_auto_takes(record, name):
    assert choose(Options(), [record] * 3)[0].name == name


def test_a_minority_does_not_decide():
    policy, why = choose(Options(), [{"title": "T", "abstract": "A"}, {"content": "c"}, {"content": "c"}])
    assert policy.name == "text"
    assert why == "matching text: content"


def test_fields_ask_for_text():
    assert choose(Options(fields=("title",)), [{"title": "T", "abstract": "A"}])[0].name == "text"


@pytest.mark.parametrize("options", [Options(), Options(fields=("body.html",))])
def test_records_without_any_of_the_fields_are_an_error_that_lists_their_keys(options):
    with pytest.raises(InputError, match=r"keys are name, size.*--fields"):
        choose(options, [{"name": "n", "size": 3}])
