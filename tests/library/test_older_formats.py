"""Indexes of older formats: what is in them is taken over, and nothing is embedded again."""

from __future__ import annotations

import contextlib
import json
import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from rag.config import Settings
from rag.errors import IndexDamagedError
from rag.files import file_hashes
from rag.index import Index
from rag.index.catalogue import CATALOGUE
from rag.index.engines.faiss_vectors import FAISS
from rag.index.engines.word_files import FILES
from rag.index.generations import FORMAT, MANIFEST, SEGMENTS, current_name
from rag.index.row_files import KEYS, SENTENCE_KEYS, SENTENCE_VECTORS, VECTORS
from rag.index.segments import DESCRIPTION
from rag.index.stored_rows import Vectors
from rag.types import Passage, Sentence
from tests.fakes import CountingEncoder, settings_for, write_article, write_articles
from tests.index.held_rows import file_in, passage_rows, sentence_rows
from tests.library.built_folder import build_again, texts_of

NEW = "Une crue menace la vallée. Les pompiers évacuent deux cents personnes ce soir."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """Settings whose folder holds the small articles."""
    write_articles(tmp_path / "seeds")
    return settings_for(tmp_path)


@pytest.mark.parametrize("older", [3, 4, 5])
def test_an_older_format_is_refused_to_search_and_taken_over(
    chosen: Settings, tmp_path: Path, older: int
) -> None:
    build_again(chosen)
    _make_older(chosen, older)
    refused = f"format {older}, this version reads {FORMAT}"
    with pytest.raises(IndexDamagedError, match=refused):
        Index.open_current(chosen.index)
    second, embedded = build_again(chosen)
    assert (second.written, embedded) == (True, [])
    _assert_as_fresh(chosen, tmp_path)


def test_what_is_new_stands_beside_what_was_taken_over(
    chosen: Settings, tmp_path: Path
) -> None:
    build_again(chosen)
    _make_older(chosen, 4)
    write_article(chosen.articles, "crue.txt", NEW)
    _, embedded = build_again(chosen)
    assert sorted(embedded) == sorted(texts_of(chosen, "crue.txt"))
    _assert_as_fresh(chosen, tmp_path)


def _assert_as_fresh(chosen: Settings, tmp_path: Path) -> None:
    """The files are, to the last digit, those that the same articles give at once."""
    fresh = settings_for(tmp_path / "fresh").model_copy(update={"articles": chosen.articles})
    build_again(fresh)
    one, other = (Index.open_current(each.index, warm=True) for each in (chosen, fresh))
    for name in (VECTORS, SENTENCE_VECTORS, KEYS, SENTENCE_KEYS, *FILES):
        files = [file_in(each.folder, name) for each in (one, other)]
        assert files[0].read_bytes() == files[1].read_bytes()
    assert one.segments[0].manifest.files.keys() == other.segments[0].manifest.files.keys()
    for each in (one, other):
        assert list(each.integrity.check_files()) == list(each.integrity.check_engine()) == []
        each.close()


def _make_older(chosen: Settings, older: int) -> None:
    """Make of the generation one of format 3, 4 or 5, which were a folder each.

    Up to 4 vectors are floats, and stand in a FAISS file as well; in 3 no file holds words.
    """
    import faiss

    passages, sentences = _floats_of(chosen)
    folder = chosen.index / str(current_name(chosen.index))
    (segment,) = (chosen.index / SEGMENTS).iterdir()
    described = json.loads((segment / DESCRIPTION).read_text())
    names = {CATALOGUE, VECTORS, SENTENCE_VECTORS, KEYS, SENTENCE_KEYS, *FILES}
    for name in names:
        (segment / name).rename(folder / name)
    shutil.rmtree(chosen.index / SEGMENTS)
    with contextlib.closing(sqlite3.connect(folder / CATALOGUE)) as database:
        database.executescript(
            "CREATE TABLE broken (path TEXT PRIMARY KEY, reason TEXT, file_hash TEXT);"
            "INSERT INTO broken VALUES ('vide.txt', 'is empty', NULL);"
            "CREATE TABLE stories (article_id TEXT PRIMARY KEY, story TEXT NOT NULL)"
        )
    if older < 5:
        np.save(folder / VECTORS, passages)
        np.save(folder / SENTENCE_VECTORS, sentences)
        flat = faiss.IndexFlatIP(passages.shape[1])
        flat.add(passages)
        faiss.write_index(flat, str(folder / FAISS))
        names.add(FAISS)
    if older == 3:
        for name in FILES:
            (folder / name).unlink()
        names.difference_update(FILES)
    written = json.loads((folder / MANIFEST).read_text())
    del written["segments"]
    written |= {name: described[name] for name in ("collection", "search", "effort")}
    written |= {"format": older, "files": file_hashes(folder, sorted(names))}
    (folder / MANIFEST).write_text(json.dumps(written))


def _floats_of(chosen: Settings) -> tuple[Vectors, Vectors]:
    """The vectors of passages and sentences as the encoder gave them."""
    index = Index.open_current(chosen.index)
    encoder = CountingEncoder()
    passages = np.empty(passage_rows(index).shape, np.float32)
    sentences = np.empty(sentence_rows(index).shape, np.float32)
    for article in index.articles.every():
        for stored in index.passages.of_article(article.id):
            spans: list[Sentence | Passage] = [stored.passage, *stored.passage.sentences]
            vectors = encoder.embed_passages(
                [f"{article.title}\n{article.text[one.start : one.end]}" for one in spans]
            )
            first = stored.first_sentence
            passages[stored.number] = vectors[0]
            sentences[first : first + len(spans) - 1] = vectors[1:]
    index.close()
    return passages, sentences
