"""Under which licence each file of the project is, its code and what it carries along."""

from __future__ import annotations

import fnmatch

# The first pattern that fits a path decides; licences are SPDX's names.
LICENCES = {
    # Made of data that asks for the same licence: rag/models/span_reader.md.
    "rag/models/span_reader.safetensors": "CC-BY-SA-4.0",
    # An article of the press, as an example; its rights are its publisher's.
    "seeds/*": "NOASSERTION",
    # Questions about it.
    "tests/gold/seeds.jsonl": "MIT",
    # Made-up press and questions: tests/gold/press/README.md.
    "tests/gold/press/*": "CC0-1.0",
    "*": "MIT",
}


def licence_of(path: str) -> str:
    """The licence of the file at ``path``, seen from the top of the project."""
    return next(one for pattern, one in LICENCES.items() if fnmatch.fnmatch(path, pattern))
