"""Questions that lean on the one before, and questions put to the tool itself.

Heuristics of ours over closed lists of words: no model rewrites a question. What is
understood is shown to the reader, who can ask the question as it stands instead.
"""

from __future__ import annotations

import re

from rag.language.analysis import OPENING_MARKS, fold, words

_OPENING = re.compile(r"^\s*(?:et|and)\b[\s,]*", re.I)
_POINTING_BACK = re.compile(
    r"\b(?:il|elle|ils|elles|lui|eux|leurs?|celui-ci|celle-ci|ceux-ci|celles-ci|son|sa|ses"
    r"|he|she|they|him|her|them|his|their)\b"
)
# "Il" that stands for nobody.
_NOBODY = re.compile(r"\bil y a\b|\by a-t-il\b|\bfaut-il\b|\bs agit-il\b")
# More words than these say by themselves what they are about.
_MOST_WORDS_POINTING_BACK = 1
_MOST_WORDS_AFTER_OPENING = 3
_MOST_WORDS_CARRIED = 8

_GREETING = r"^(?:(?:et|mais|dis|bonjour|salut|and|but|hello|hi|hey) )*"
_TO_THE_TOOL = re.compile(
    _GREETING + r"(?:"
    r"(?:(?:qui|que|quoi|comment|quel\w* \w+) )?"
    r"(?:es|etes|vas|allez|penses|ressens|t appelles|vous appelez)[- ](?:tu|vous)\b"
    r"|tu es (?:qui|quoi|une?)\b|m aimes?[- ]tu\b|tu m aimes?\b|aimes[- ]tu\b|je t aime\b"
    r"|fais (?:semblant|comme si)\b|joue (?:le role|a etre)\b|imagine que tu es\b"
    r"|(?:(?:who|what|how) )?are you\b|do you (?:love|feel|have)\b|i love you\b"
    r"|what do you (?:think|feel)\b|what is your name\b|pretend (?:to be|you)\b"
    r"|act as\b|role ?play\b)"
)


def complete(question: str, previous: str) -> str | None:
    """``question`` with the words of ``previous`` that it leans on.

    None when it stands by itself: it names somebody, or has words enough.
    """
    opened = _OPENING.match(question)
    own = list(words(question))
    first = opened.end() if opened else len(question) - len(question.lstrip(OPENING_MARKS))
    names = any(word.text[0].isupper() and word.start > first for word in own)
    spaced = _NOBODY.sub(" ", re.sub(r"[^\w-]+", " ", fold(question)))
    if opened:
        leans = len(own) <= _MOST_WORDS_AFTER_OPENING
    elif names:
        leans = False
    else:
        points_back = _POINTING_BACK.search(spaced.replace("-", " ")) is not None
        leans = not own or (points_back and len(own) <= _MOST_WORDS_POINTING_BACK)
    if not leans:
        return None
    known = {word.term for word in own}
    carried = dict.fromkeys(word.text for word in words(previous) if word.term not in known)
    if not carried:
        return None
    return f"{question.strip()} ({', '.join([*carried][:_MOST_WORDS_CARRIED])})"


def is_put_to_the_tool(question: str) -> bool:
    """Whether a question asks the tool who it is, or to feel or play something."""
    spaced = re.sub(r"[^\w-]+", " ", fold(question)).strip()
    return _TO_THE_TOOL.search(spaced) is not None
