"""Pairs of a question and a passage as the reader sees them, without a tokenizer."""

from __future__ import annotations

import numpy as np

from rag.models.span_reader import Pair


def tokens_of(tokens: list[int], sentence: list[int]) -> Pair:
    """These tokens, each with its sentence's number, or -1 outside of any."""
    places = np.arange(len(tokens))
    return Pair(tokens, np.array(sentence), places, places + 1, max(sentence) + 2)
