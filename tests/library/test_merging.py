"""Segments: a build writes what is new, and many become one without anybody noticing."""

from __future__ import annotations

import contextlib
import logging
from pathlib import Path

import pytest

from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.index import Index
from rag.index.generations import SEGMENTS, current_name
from rag.index.merge_plan import PER_TIER
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.library.build_summary import BuildSummary
from rag.library.rollback import roll_back
from rag.types import Article
from tests.fakes import CountingEncoder, make_article, settings_for


def _article(number: int, text: str = "") -> Article:
    text = (
        text or f"Le pont {number} de la ville {number % 7} a rouvert. Il a coûté {number} €."
    )
    return make_article(text, f"{number:03}.txt", title=f"Titre {number}")


def _build(
    chosen: Settings, articles: list[Article], *, check: bool = False
) -> tuple[BuildSummary, list[str]]:
    encoder = CountingEncoder()
    summary = build(article_sources(articles), chosen, encoder, check=check)
    return summary, encoder.passages


def _segments(chosen: Settings) -> list[int]:
    """How many articles each segment has."""
    with contextlib.closing(Index.open_current(chosen.index)) as index:
        return [one.articles for one in index.segments]


def _files(chosen: Settings) -> dict[Path, tuple[int, int]]:
    """The files of the segments, and what changes when one is written."""
    return {
        file: (file.stat().st_size, file.stat().st_mtime_ns)
        for file in (chosen.index / SEGMENTS).rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize("count", [3, 60])
def test_a_new_article_is_written_alone(tmp_path: Path, count: int) -> None:
    chosen = settings_for(tmp_path)
    articles = [_article(number) for number in range(count)]
    _build(chosen, articles)
    before = _files(chosen)
    _build(chosen, [*articles, _article(count)])
    after = _files(chosen)
    assert before.items() <= after.items()
    assert _segments(chosen) == [count, 1]
    # As many bytes as an index of that article alone, whatever is there already.
    alone = settings_for(tmp_path / "alone")
    _build(alone, [_article(count)])
    new = sum(size for file, (size, _) in after.items() if file not in before)
    assert new == sum(size for size, _ in _files(alone).values())
    generation = chosen.index / str(current_name(chosen.index))
    assert sum(file.stat().st_size for file in generation.iterdir()) < 2_000


def test_a_removed_article_writes_no_segment(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    articles = [_article(number) for number in range(9)]
    _build(chosen, articles)
    before = _files(chosen)
    _build(chosen, articles[1:])
    assert _files(chosen) == before
    assert _segments(chosen) == [8]
    roll_back(chosen.index)
    assert _segments(chosen) == [9]


def test_many_small_segments_become_one(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    articles: list[Article] = []
    for number in range(PER_TIER):
        assert _segments(chosen) == [1] * number if number else True
        articles.append(_article(number))
        summary, _ = _build(chosen, articles)
        assert summary.generation == current_name(chosen.index)
    assert _segments(chosen) == [PER_TIER]
    summary, embedded = _build(chosen, articles)
    assert (summary.written, embedded) == (False, [])
    with contextlib.closing(Index.open_current(chosen.index)) as index:
        assert list(index.articles.every()) == articles
        assert list(index.integrity.check_files()) == []
        assert list(index.integrity.check_engine()) == []
    # Going back leads to what was there before the last article came.
    roll_back(chosen.index)
    assert _segments(chosen) == [1] * (PER_TIER - 1)


def test_who_asks_meanwhile_goes_on(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    articles = [_article(number) for number in range(PER_TIER)]
    for count in range(1, PER_TIER):
        _build(chosen, articles[:count])
    question = "Combien a coûté le pont 3 de la ville 3 ?"
    before = Index.open_current(chosen.index)
    assistant = Assistant(chosen, CountingEncoder())
    with assistant.snapshot() as snapshot:
        _build(chosen, articles)
        assert snapshot.overview().articles == PER_TIER - 1
        assert snapshot.search(question)
    assert assistant.overview().articles == PER_TIER
    assert assistant.search(question)
    # One that was opened without being warmed up, too.
    assert before.search.nearest(CountingEncoder().embed_question(question), 3, None)
    before.close()


def test_versions_and_reprints_lead_across_segments(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    told = " ".join(
        f"La rive {number} du fleuve est fermée aux passants." for number in range(9)
    )
    first, other = _article(1, told), _article(2, f"{told} La mairie le confirme.")
    _build(chosen, [first])
    _build(chosen, [first, other])
    corrected = _article(1, f"{told} Elle rouvrira.")
    _build(chosen, [corrected, other])
    for grown in ([corrected, other], [corrected, other, *map(_article, range(10, 20))]):
        _build(chosen, grown)
        with contextlib.closing(Index.open_current(chosen.index)) as index:
            assert [one.text for one in index.articles.versions(corrected.id)] == [told]
            assert index.articles.count_corrected() == 1
            story = sorted([corrected.id, other.id])
            assert index.articles.stories()[story[0]] == story
            assert index.articles.story_of(other.id) == story[0]
            assert index.articles.reprints_of(other.id) == (corrected.id,)


def test_damage_is_not_merged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    chosen = settings_for(tmp_path)
    articles = [_article(number) for number in range(PER_TIER)]
    for count in range(1, PER_TIER):
        _build(chosen, articles[:count])
    file = min((chosen.index / SEGMENTS).glob("*/sentences.npy"))
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with caplog.at_level(logging.WARNING):
        _build(chosen, articles)
    assert "sentences.npy has sha256" in caplog.text
    assert "rag build --check" in caplog.text
    assert _segments(chosen) == [1] * PER_TIER
    summary, embedded = _build(chosen, articles, check=True)
    assert summary.texts_embedded == len(embedded) == 3 * PER_TIER
    assert _segments(chosen) == [PER_TIER]
