"""``python -m rag`` is ``rag``."""

from rag.cli.commands import run

if __name__ == "__main__":
    run()
