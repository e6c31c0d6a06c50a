# What a contributor does often. `make` alone says what there is.
.PHONY: help check test search golden site wheel clean

help:
	@echo "make check    lint, format and types, as CI does"
	@echo "make test     the tests"
	@echo "make search   properties, ten times with fresh examples"
	@echo "make golden   write what the commands print now into the golden cases, documents and manual pages"
	@echo "make site     the pages as a site in build/site, with every link checked"
	@echo "make wheel    sdist and wheel in dist/"
	@echo "make clean    what builds and tests leave behind"

check:
	ruff check .
	ruff format --check .
	mypy

test:
	pytest

search:
	for round in 1 2 3 4 5 6 7 8 9 10; do pytest -q -m hypothesis --hypothesis-profile=search || exit 1; done

golden:
	CORPUS_TOOL_REWRITE=1 pytest tests/test_cases.py tests/test_docs.py tests/test_reference.py
	git diff --stat

site:
	sphinx-build -q -W --keep-going -b html -c docs . build/site
	@echo "build/site/docs/index.html"

wheel:
	python3 -m build

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis corpus_tool/kernel/built
