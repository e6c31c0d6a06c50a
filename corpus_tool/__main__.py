"""Where the process begins: `corpus-tool`, `python -m corpus_tool`, and this file, which is what `spark-submit` wants.

It loads the command line where an interrupt can already be caught.
"""

import sys
from typing import NoReturn


def main() -> NoReturn:
    """Run the command line and end the process."""
    try:
        from corpus_tool.cli import main as run
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        sys.exit(130)
    run()


if __name__ == "__main__":
    if not __package__:  # as a file: its folder holds no modules to be found by their own names
        del sys.path[0]
    main()
