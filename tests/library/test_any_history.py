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
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.language.analysis import terms
from rag.library.build import build
from rag.library.fill_vectors import Steps
from tests.examples import examples
from tests.fakes import CountingEncoder, PartsCountingEncoder, make_article, settings_for

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


def _check_same(grown: Index, fresh: Index) -> None:
    assert list(grown.articles.every()) == list(fresh.articles.every())
    assert list(grown.passages.every()) == list(fresh.passages.every())
    for name in ("passages", "sentences", "passage_keys", "sentence_keys"):
        np.testing.assert_array_equal(getattr(grown.rows, name), getattr(fresh.rows, name))
    assert list(grown.integrity.check_engine()) == []
    assert grown.articles.stories() == fresh.articles.stories()
    numbers = range(grown.manifest.passages)
    assert grown.passages.read(numbers) == fresh.passages.read(numbers)
    for sentence in SENTENCES:
        query = terms(sentence)
        expected = dict(fresh.search.matching(query, 100, None))
        assert dict(grown.search.matching(query, 100, None)) == pytest.approx(expected)
        for term in query:
            assert (
                grown.search.document_frequencies([term])[term]
                == fresh.search.document_frequencies([term])[term]
            )


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
    assert len(np.unique(index.rows.passages, axis=0)) == 1
    index.close()
