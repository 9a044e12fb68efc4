"""However an index came about, it is the one that the same articles give at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.index import Index, Order
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.library.build import build
from rag.library.fill_vectors import Steps
from rag.types import Filters, Passage
from tests.examples import examples
from tests.fakes import CountingEncoder, PartsCountingEncoder, make_article, settings_for
from tests.index.held_rows import passage_rows

pytestmark = pytest.mark.slow

SENTENCES = (
    "Le pont de l’Orge rouvrira le 3 juin.",
    "Les travaux ont coûté 20 000 euros à la commune.",
    "La cantine servira des légumes de la région.",
    "Claire Morel a marqué neuf buts.",
    "L’équipe retrouvera Brest en octobre.",
    "Le maire attend les cyclistes sur le pont.",
    "Les familles ont visité les classes samedi.",
)
# A folder: what each article holds, as numbers of SENTENCES.
Folder = dict[str, list[int]]
folders = st.dictionaries(
    st.sampled_from(["a.txt", "b/c.txt", "d.txt", "é.txt", "z.txt"]),
    st.lists(st.integers(0, len(SENTENCES) - 1), max_size=12),
    max_size=5,
)


Encoders = type[CountingEncoder]


def _build(
    folder: Folder, chosen: Settings, steps: Steps, open_encoder: Encoders
) -> CountingEncoder:
    encoder = open_encoder()
    articles = [
        make_article(" ".join(SENTENCES[one] for one in numbers), path, title=f"Titre {path}")
        for path, numbers in sorted(folder.items())
    ]
    build(article_sources(articles), chosen, encoder, steps=steps)
    return encoder


def _vectors(index: Index) -> list[tuple[Passage, bytes, list[bytes]]]:
    """Each passage with its vector and those of its sentences, by article."""
    found = []
    for stored in index.passages.every():
        first = stored.first_sentence
        of_passage = index.rows.passages_at(np.array([stored.number]))
        sentences = np.arange(first, first + len(stored.passage.sentences))
        of_sentences = [one.tobytes() for one in index.rows.sentences_at(sentences)]
        found.append((stored.passage, of_passage.tobytes(), of_sentences))
    return found


def _ranked(index: Index, found: list[tuple[int, float]]) -> list[tuple[Passage, float]]:
    stored = index.passages.read([number for number, _ in found])
    return [(stored[number].passage, score) for number, score in found]


def _check_same(grown: Index, fresh: Index) -> None:
    assert list(grown.articles.every()) == list(fresh.articles.every())
    assert _vectors(grown) == _vectors(fresh)
    for index in (grown, fresh):
        assert list(index.integrity.check_files()) == []
        assert list(index.integrity.check_engine()) == []
    assert grown.articles.stories() == fresh.articles.stories()
    assert grown.articles.lines.select("", Order.DATE, True) == fresh.articles.lines.select(
        "", Order.DATE, True
    )
    chosen = [Filters(), Filters(excluded_articles=frozenset(fresh.articles.newest_ids(1)))]
    for sentence in SENTENCES:
        query = terms(sentence)
        assert grown.search.document_frequencies(query) == fresh.search.document_frequencies(
            query
        )
        vector = CountingEncoder().embed_question(sentence)
        for filters in chosen:
            for count in (1, 3, 100):
                matched, near = [], []
                for index in (grown, fresh):
                    selection = index.search.select(filters)
                    matched.append(
                        _ranked(index, index.search.matching(query, count, selection))
                    )
                    near.append(_ranked(index, index.search.nearest(vector, count, selection)))
                # To the last digit, and of equals the same ones.
                assert matched[0] == matched[1]
                assert near[0] == near[1]


@given(
    st.lists(folders, min_size=2, max_size=5),
    st.sampled_from([3, 8192]),
    st.sampled_from([CountingEncoder, PartsCountingEncoder]),
)
@settings(max_examples=examples(1 / 4), suppress_health_check=[HealthCheck.too_slow])
def test_any_history_gives_the_same_index(
    history: Sequence[Folder], window: int, encoder: Encoders
) -> None:
    place = Path(tempfile.mkdtemp())
    steps = Steps(window=window)
    try:
        chosen = settings_for(place / "grown", passage_tokens=20)
        for folder in history:
            _build(folder, chosen, steps, encoder)
        fresh = settings_for(place / "fresh", passage_tokens=20)
        _build(history[-1], fresh, steps, encoder)
        opened = [Index.open_current(one.index) for one in (chosen, fresh)]
        _check_same(*opened)
        for index in opened:
            index.close()
        # What was known at any time of the last step is not embedded again.
        assert _build(history[-1], chosen, steps, encoder).passages == []
    finally:
        shutil.rmtree(place)


# With the smaller window each finds what the one before embedded.
@pytest.mark.parametrize("window", [1, 8192])
def test_texts_that_stand_in_several_articles_are_embedded_once(
    window: int, tmp_path: Path
) -> None:
    chosen = settings_for(tmp_path)
    text = " ".join(SENTENCES[:3])
    articles = [make_article(text, f"{number}.txt") for number in range(5)]
    encoder = CountingEncoder()
    steps = Steps(window=window)
    summary = build(article_sources(articles), chosen, encoder, steps=steps)
    assert len(encoder.passages) == len(set(encoder.passages)) == summary.texts_embedded == 4
    # Also across windows.
    assert summary.passages == 5
    index = Index.open_current(chosen.index)
    assert len(np.unique(passage_rows(index), axis=0)) == 1
    index.close()
