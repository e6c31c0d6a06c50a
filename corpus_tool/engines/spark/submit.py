"""The command line as a file, which is what `spark-submit` wants."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.path.pop(0)  # this folder, whose modules are no others' business

    from corpus_tool.__main__ import main

    main()
