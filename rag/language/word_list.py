"""The words that French and English write, to tell a hyphen from a word parted at a line's end.

The lists are those of pyspellchecker (MIT, 0.5 MB a language, nothing it needs in turn): it
has words as they stand in sentences, plurals and conjugated verbs too, where lemmatisers
have roots and hyphenators only patterns. Nothing of the package is run.
"""

from __future__ import annotations

import functools
import gzip
import importlib.resources
import json
import logging

logger = logging.getLogger(__name__)
_LANGUAGES = ("fr", "en")


@functools.cache
def written_words(language: str) -> frozenset[str]:
    """The words of ``language`` in lower case, compounds with their hyphens among them.

    Those of French for a language without a list; none where the list is not installed.
    """
    name = language if language in _LANGUAGES else _LANGUAGES[0]
    try:
        file = importlib.resources.files("spellchecker") / "resources" / f"{name}.json.gz"
        return frozenset(json.loads(gzip.decompress(file.read_bytes())))
    except (ImportError, OSError, ValueError) as error:
        logger.warning("no list of words (%s): hyphens at line ends are judged by rules", error)
        return frozenset()
