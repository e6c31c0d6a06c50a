import subprocess
import sys

import pytest

import corpus_tool


@pytest.mark.parametrize("name", [name for name in corpus_tool.__all__ if name != "__version__"])
def test_every_public_name_is_there(name):
    assert getattr(corpus_tool, name).__doc__


def test_unknown_names_are_not():
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = corpus_tool.no_such_name
    assert "deduplicate" in dir(corpus_tool)


def test_importing_the_package_loads_nothing_else():
    code = "import sys, corpus_tool; print([m for m in sys.modules if m.startswith('corpus_tool.') or m == 'numpy'])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
