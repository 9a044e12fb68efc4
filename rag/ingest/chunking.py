"""Article to Passages: whole sentences, within a budget of tokens."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from rag.language.sentences import split_sentences
from rag.types import Article, Passage

TokenCounter = Callable[[Sequence[str]], list[int]]


def chunk_article(
    article: Article, count_tokens: TokenCounter, budget: int, overlap: int
) -> tuple[Passage, ...]:
    """Passages of at most ``budget`` tokens, in order, covering every sentence.

    Two neighbours share ``overlap`` sentences where the budget allows it. A sentence
    that is longer than the budget is a passage of its own: it is embedded by its
    beginning, but quoted whole. An article of white space gives none.
    """
    sentences = split_sentences(article.text, article.language)
    costs = count_tokens([article.text[s.start : s.end] for s in sentences])
    return tuple(
        Passage(article.id, sentences[first].start, sentences[last - 1].end, run)
        for first, last in _runs(costs, budget, overlap)
        for run in (tuple(sentences[first:last]),)
    )


def _runs(costs: Sequence[int], budget: int, overlap: int) -> list[tuple[int, int]]:
    """Runs [first, last) of sentences whose costs add up to at most ``budget``."""
    runs: list[tuple[int, int]] = []
    first = 0
    while first < len(costs):
        last, total = first + 1, costs[first]
        while last < len(costs) and total + costs[last] <= budget:
            total += costs[last]
            last += 1
        runs.append((first, last))
        if last == len(costs):
            break
        # The next run must reach further than this one, so the overlap gives way
        # when it would leave no room for the sentence that comes next.
        back = min(overlap, last - first - 1)
        while back and sum(costs[last - back : last + 1]) > budget:
            back -= 1
        first = last - back
    return runs
