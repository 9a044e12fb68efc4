"""Reprints as the catalogue keeps them, build after build."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.index import reprint_tables
from rag.language.near_duplicates import sign
from tests.fakes import make_article, settings_for
from tests.index.printed_stories import articles_of, build_stories, stories_of
from tests.language.reprint_pairs import STORIES, retyped, text_of, with_other_lead

BODY = text_of(STORIES[0].body)
LED = text_of(with_other_lead(STORIES[0]))


def test_stories_are_kept_in_the_catalogue_and_follow_the_articles(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    one, led, other = articles_of({"a.txt": BODY, "b.txt": LED, "c.txt": "Tout autre chose."})
    build_stories(chosen, [one, other])
    assert stories_of(chosen) == []
    build_stories(chosen, [one, led, other])
    assert stories_of(chosen) == [["a.txt", "b.txt"]]
    third = make_article(retyped(BODY), "d.txt")
    build_stories(chosen, [one, led, other, third])
    assert stories_of(chosen) == [["a.txt", "b.txt", "d.txt"]]
    build_stories(chosen, [led, other])
    assert stories_of(chosen) == []


def test_only_new_articles_are_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[str] = []

    def sign_and_note(text: str) -> object:
        signed.append(text)
        return sign(text)

    monkeypatch.setattr(reprint_tables, "sign", sign_and_note)
    chosen = settings_for(tmp_path)
    one, led = articles_of({"a.txt": BODY, "b.txt": LED})
    build_stories(chosen, [one])
    assert BODY in signed
    signed.clear()
    build_stories(chosen, [one, led])
    assert LED in signed
    assert BODY not in signed


def test_signatures_of_another_kind_are_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen = settings_for(tmp_path)
    one, led = articles_of({"a.txt": BODY, "b.txt": LED})
    with monkeypatch.context() as patched:
        patched.setattr(reprint_tables, "sign", lambda text: np.zeros_like(sign(text)))
        build_stories(chosen, [one])
    build_stories(chosen, [one, led])
    assert stories_of(chosen) == [["a.txt", "b.txt"]]


def test_an_exact_duplicate_is_not_embedded_twice(tmp_path: Path) -> None:
    once = build_stories(settings_for(tmp_path / "once"), [make_article(BODY, "a.txt")])
    twice = build_stories(
        settings_for(tmp_path / "twice"),
        [make_article(BODY, "a.txt"), make_article(BODY, "b.txt")],
    )
    assert once.passages == twice.passages
