"""Names that texts speak of, by how they are written."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable

from rag.language.analysis import OPENING_MARKS, terms
from rag.language.sentences import split_sentences

_CAPITALISED = r"[A-ZÀ-ÖØ-Þ][\w’'-]*\w"
# Not inside a word, but after an elision: « l’avis d’Elon Musk ».
_NAME = re.compile(
    rf"(?:(?<![\w’'.-])|(?<=[dlnuDLNU][’'])){_CAPITALISED}(?: {_CAPITALISED}){{0,2}}"
)
_ELIDED = re.compile(r"^[LDJCNMST][’']|^Qu[’']")
_LONGEST_ACRONYM = 3


def frequent_names(texts: Iterable[str], count: int) -> tuple[str, ...]:
    """The ``count`` names that occur most, most frequent first.

    A name is a run of up to three capitalised words that does not open its sentence. Short
    acronyms are none, nor words without content (« Je » that opens a quotation), nor is a
    name that is part of another that was kept.
    """
    seen: Counter[str] = Counter()
    for text in texts:
        for sentence in split_sentences(text, "fr"):
            opening = text[sentence.start : sentence.end].lstrip(OPENING_MARKS)
            first = sentence.end - len(opening)
            for found in _NAME.finditer(text, sentence.start, sentence.end):
                name = _ELIDED.sub("", found[0])
                if found.start() > first and not _is_acronym(name):
                    seen[name] += 1
    kept: list[str] = []
    for name, _ in sorted(seen.items(), key=lambda pair: (-pair[1], pair[0])):
        if len(kept) == count:
            break
        part = any(name in other or other in name for other in kept)
        if not part and terms(name):
            kept.append(name)
    return tuple(kept)


def _is_acronym(name: str) -> bool:
    return name.isupper() and len(name) <= _LONGEST_ACRONYM
