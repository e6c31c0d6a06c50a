"""`python -m corpus_tool`."""

from corpus_tool.cli import main

if __name__ == "__main__":
    main()
