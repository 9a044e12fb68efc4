"""Starts the chat with the settings in force."""

from __future__ import annotations

import os
import sys

from rag.cli.saying import PASSIVE_WAITING
from rag.config import load_settings
from rag.errors import RagError
from rag.ui import serve


def main() -> int:
    """Serve until interrupted; return the exit status."""
    os.environ.setdefault(*PASSIVE_WAITING)
    try:
        serve(load_settings())
    except RagError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
