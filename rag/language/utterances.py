"""What somebody says between « and », over several sentences: whole, or with who says it.

A sentence from within reads as if it were the article's own, or all that was said.
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.language.sentences import LONGEST, split_sentences
from rag.types import Sentence

_OPENING = "«“„"
_CLOSING = "»”"
_BLANK_LINE = "\n\n"


def whole_utterance(text: str, sentence: Sentence, language: str) -> Sentence:
    """The sentences of the utterance that ``sentence`` stands in, or itself.

    An utterance ends where its paragraph does at the latest. One of more than
    ``LONGEST`` characters is not quoted whole.
    """
    sentences, place = _paragraph_of(text, sentence, language)
    depths = _depths(text, sentences)
    first, last = place, place
    while first > 0 and depths[first] > 0:
        first -= 1
    while last + 1 < len(sentences) and depths[last + 1] > 0:
        last += 1
    # What is never closed may be a mark that strayed in.
    is_closed = depths[last + 1] == 0
    whole = Sentence(sentences[first].start, sentences[last].end)
    return whole if is_closed and whole.end - whole.start <= LONGEST else sentence


def opening_of_utterance(text: str, sentence: Sentence, language: str) -> Sentence | None:
    """The sentence that opens the utterance ``sentence`` goes on with, mostly with who speaks.

    None where it stands in none, or opens it.
    """
    sentences, place = _paragraph_of(text, sentence, language)
    depths = _depths(text, sentences)
    first = place
    while first > 0 and depths[first] > 0:
        first -= 1
    return sentences[first] if first < place else None


def _paragraph_of(
    text: str, sentence: Sentence, language: str
) -> tuple[Sequence[Sentence], int]:
    """The sentences of the paragraph, and which of them ``sentence`` is."""
    before = text.rfind(_BLANK_LINE, 0, sentence.start)
    start = before + len(_BLANK_LINE) if before >= 0 else 0
    after = text.find(_BLANK_LINE, sentence.end)
    end = after if after >= 0 else len(text)
    sentences = [
        Sentence(one.start + start, one.end + start)
        for one in split_sentences(text[start:end], language)
    ]
    for place, one in enumerate(sentences):
        if one == sentence:
            return sentences, place
    # It was split by other rules, as indexes of before have it.
    return [sentence], 0


def _depths(text: str, sentences: Sequence[Sentence]) -> list[int]:
    """How many utterances are open before each sentence, and after the last."""
    depths = [0]
    for one in sentences:
        depth = depths[-1]
        for sign in text[one.start : one.end]:
            if sign in _OPENING:
                depth += 1
            elif sign in _CLOSING:
                depth = max(0, depth - 1)
        depths.append(depth)
    return depths
