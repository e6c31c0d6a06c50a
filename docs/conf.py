"""The site: the pages of this repository as they stand, and what is made from the code.

    sphinx-build -W -b html -c docs . build/site

Sources are named from the root of the repository, so that links between pages hold here as they do there.
"""

from corpus_tool import __version__

project = "corpus-tool"
author = copyright = "The corpus-tool authors"  # noqa: A001 - Sphinx's name
version = release = __version__
root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/*.rst",
    "README.md",
    "examples/*.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "tests/benchmarks/*.md",
    "tests/benchmarks/results/*.md",
]
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_heading_anchors = 3
napoleon_custom_sections = [("Settings", "params_style")]
autodoc_typehints = "none"
autodoc_member_order = "bysource"
nitpicky = False
html_theme = "furo"
html_title = f"corpus-tool {__version__}"
html_copy_source = False
html_show_sphinx = False
