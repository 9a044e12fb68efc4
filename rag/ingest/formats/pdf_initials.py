"""A drop cap and the word that it begins, put together again."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from rag.ingest.formats.pdf_types import Line
from rag.language.word_list import written_words

# How much larger than its text a drop cap is set, and how near it the text stands.
_LARGER = 1.6
_NEAR = 1.6
# Letters that are words by themselves: « À Kermor, le phare … ».
_WORDS = frozenset("AÀYÔ")
_OPENS = '«“"‘(  '


def with_initials(lines: Sequence[Line]) -> list[Line]:
    """``lines`` with every drop cap before the words beside its head."""
    found = list(lines)
    for cap in lines:
        if not _is_cap(cap.text):
            continue
        beside = [line for line in found if line is not cap and _stands_beside(cap, line)]
        if not beside:
            continue
        first = max(beside, key=lambda line: line.bottom)
        joined = _joined(cap.text, first.text)
        found.remove(cap)
        # What stands beside the letter is set in for it, and begins no paragraph.
        found = [
            replace(line, left=cap.left, text=joined if line is first else line.text)
            if line in beside
            else line
            for line in found
        ]
    return found


def _is_cap(text: str) -> bool:
    letters = text.strip(_OPENS).rstrip("’'")
    return len(text) <= 5 and len(letters) == 1 and letters.isupper()


def _stands_beside(cap: Line, line: Line) -> bool:
    if cap.size < _LARGER * line.size:
        return False
    top = cap.bottom + cap.size
    near = -0.3 * line.size <= line.left - cap.right <= _NEAR * line.size
    return near and cap.bottom - 0.4 * line.size <= line.bottom <= top


def _joined(cap: str, text: str) -> str:
    if cap.endswith(("’", "'")):
        return cap + text
    word = text.split(" ", 1)[0].strip(",.;:!?»")
    letter = cap.strip(_OPENS)
    if letter in _WORDS and not _is_word(letter + word, written_words("fr")):
        is_apart = _is_word(word, written_words("fr")) or word[:1].isupper()
        return f"{cap} {text}" if is_apart else cap + text
    return cap + text


def _is_word(word: str, words: Collection[str]) -> bool:
    return word.lower() in words
