# What a contributor does often. `make` alone says what there is.
.PHONY: help check test golden wheel clean

help:
	@echo "make check    lint, format and types, as CI does"
	@echo "make test     the tests"
	@echo "make golden   write what the commands print now into the golden cases and documents"
	@echo "make wheel    sdist and wheel in dist/"
	@echo "make clean    what builds and tests leave behind"

check:
	ruff check .
	ruff format --check .
	mypy

test:
	pytest

golden:
	CORPUS_TOOL_REWRITE=1 pytest tests/test_cases.py tests/test_docs.py
	git diff --stat

wheel:
	python3 -m build

clean:
	rm -rf build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis corpus_tool/kernel/built
