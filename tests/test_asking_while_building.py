"""Asking while the index is rebuilt: no question fails, no generation mixes with another."""

from __future__ import annotations

import itertools
import threading
from pathlib import Path

import pytest

from rag import filling
from rag.assistant import Assistant
from rag.building import build_folder
from rag.types import Answer
from tests.fakes import CountingEncoder, settings_for, write_article

ASKING = 4
BUILDS = 12
PLACES = ("Nantes", "Brest", "Lyon", "Lille", "Dijon")


def _text(place: str, edition: int) -> str:
    """An article whose every sentence tells its edition."""
    return " ".join(
        f"À {place}, la mairie a compté {number} écoles dans l’édition {edition}."
        for number in range(2, 8)
    )


def _check(answer: Answer) -> set[int]:
    """The editions that an answer's quotes and articles are of."""
    editions = set()
    for citation in answer.shown():
        quote, article = citation.quote, citation.article
        assert article.text[quote.start : quote.end] == quote.text
        edition = int(article.text.rsplit(" ", 1)[1].rstrip("."))
        assert article.text == _text(article.path.removesuffix(".txt"), edition)
        editions.add(edition)
    return editions


def test_four_threads_ask_while_the_index_is_rebuilt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(filling, "STEP", 4)
    chosen = settings_for(tmp_path)

    def rebuild(edition: int) -> None:
        # Every edition has articles more, so that no row stays where it was.
        for place in (*PLACES, *(f"Ville {number}" for number in range(edition % 3))):
            write_article(chosen.articles, f"{place}.txt", _text(place, edition))
        for number in range(edition % 3, 3):
            (chosen.articles / f"Ville {number}.txt").unlink(missing_ok=True)
        build_folder(chosen, CountingEncoder())

    rebuild(0)
    assistant = Assistant(chosen, CountingEncoder())
    finished = threading.Event()
    failures: list[BaseException] = []
    seen: list[set[int]] = []

    def ask(place: str) -> None:
        try:
            last = 0
            for number in itertools.count(2):
                # At least one question after the last build, which must be of it.
                ending = finished.is_set()
                question = f"Combien d’écoles la mairie de {place} a-t-elle comptées {number} ?"
                answer = assistant.ask(question)
                assert answer.hits
                editions = _check(answer)
                assert len(editions) == 1, "quotes of two generations"
                (edition,) = editions
                assert edition >= last, "an older generation after a newer one"
                last = edition
                seen.append(editions)
                if ending:
                    assert edition == BUILDS
                    return
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=ask, args=(place,)) for place in PLACES[:ASKING]]
    for thread in threads:
        thread.start()
    try:
        for edition in range(1, BUILDS + 1):
            rebuild(edition)
    finally:
        finished.set()
        for thread in threads:
            thread.join(60)
    assert failures == []
    assert len(seen) >= 2 * ASKING
    assert len({edition for editions in seen for edition in editions}) > 2
