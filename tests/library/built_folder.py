"""A folder built by a test, and what is in its index."""

from __future__ import annotations

import numpy as np

from rag.config import Settings
from rag.index import Index
from rag.index.generations import SEGMENTS
from rag.index.half_floats import HALF
from rag.library.build import build_folder
from rag.library.build_summary import BuildSummary
from rag.types import Passage, Sentence
from tests.fakes import CountingEncoder
from tests.index.held_rows import passage_rows, sentence_rows


def build_again(
    chosen: Settings, fingerprint: str = "counting@1"
) -> tuple[BuildSummary, list[str]]:
    """What a build did, and the texts that it had embedded."""
    encoder = CountingEncoder(fingerprint)
    summary = build_folder(chosen, encoder)
    assert encoder.questions == []
    assert summary.texts_embedded == len(encoder.passages)
    return summary, encoder.passages


def texts_of(chosen: Settings, path: str | None = None) -> set[str]:
    """What the model is given for an indexed article, or for all of them."""
    index = Index.open_current(chosen.index)
    given: set[str] = set()
    for article in index.articles.every():
        if path is None or article.path == path:
            spans: list[Sentence | Passage] = [
                *index.passages.sentences(article.id),
                *(stored.passage for stored in index.passages.of_article(article.id)),
            ]
            given.update(f"{article.title}\n{article.text[s.start : s.end]}" for s in spans)
    index.close()
    return given


def paths_in(chosen: Settings) -> list[str]:
    index = Index.open_current(chosen.index)
    paths = [article.path for article in index.articles.every()]
    index.close()
    return paths


def generations_in(chosen: Settings) -> set[str]:
    folders = {path.name for path in chosen.index.iterdir() if path.is_dir()}
    return folders - {SEGMENTS}


def changes_of(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.changed, summary.removed, summary.unchanged


def check_vectors(chosen: Settings) -> None:
    index = Index.open_current(chosen.index)
    encoder = CountingEncoder()
    for article in index.articles.every():
        for stored in index.passages.of_article(article.id):
            spans: list[Sentence | Passage] = [stored.passage, *stored.passage.sentences]
            expected = encoder.embed_passages(
                [f"{article.title}\n{article.text[span.start : span.end]}" for span in spans]
            )
            first, last = stored.first_sentence, stored.first_sentence + len(spans) - 1
            np.testing.assert_array_equal(
                passage_rows(index)[stored.number], expected[0].astype(HALF)
            )
            np.testing.assert_array_equal(
                sentence_rows(index)[first:last], expected[1:].astype(HALF)
            )
    index.close()
