"""Corrections keep their history, and old citations tell what became of them."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.config import Settings
from rag.files import file_hash
from rag.index import Index
from rag.index.former_texts import KEPT_VERSIONS
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.library.exported_quotes import CitedWords
from rag.library.verify_quotes import CheckedQuote, State, check_quotes, difference
from rag.types import Article, Version
from tests.fakes import (
    ARTICLES,
    CountingEncoder,
    make_article,
    settings_for,
    write_article,
    write_articles,
)

TEXT = ARTICLES["pont.txt"].removeprefix(" date 2024-03-01 ")
WORDS = "Le pont de l’Orge rouvrira le 3 juin."
COST = "Les travaux ont coûté 20 000 euros à la commune."


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    """An index of the small articles."""
    write_articles(tmp_path / "seeds")
    chosen = settings_for(tmp_path)
    build_folder(chosen, CountingEncoder())
    return chosen


def _cite(words: str, path: str = "pont.txt") -> CitedWords:
    start = TEXT.index(words)
    return CitedWords("1", words, path, start, start + len(words))


def _check(chosen: Settings, *cited: CitedWords) -> tuple[list[CheckedQuote], bool]:
    index = Index.open_current(chosen.index)
    found = check_quotes(cited, index, chosen)
    for one in found.quotes:
        if one.now is not None:
            article = index.articles.by_path(one.now.path)
            assert article is not None
            assert article.text[one.now.start : one.now.end] == one.now.text
    index.close()
    return list(found.quotes), found.fine


def _write(chosen: Settings, text: str, name: str = "pont.txt") -> None:
    write_article(chosen.articles, name, text)
    build_folder(chosen, CountingEncoder())


def _versions(chosen: Settings, path: str = "pont.txt") -> tuple[Version, ...]:
    index = Index.open_current(chosen.index)
    article = index.articles.by_path(path)
    assert article is not None
    found = index.articles.versions(article.id)
    index.close()
    return found


def _built_at(chosen: Settings) -> datetime.datetime:
    index = Index.open_current(chosen.index)
    index.close()
    return index.manifest.built_at


# What became of a citation


def test_words_that_stand_where_they_stood(chosen: Settings) -> None:
    quotes, fine = _check(chosen, _cite(WORDS), _cite(COST))
    assert [one.state for one in quotes] == [State.STILL_THERE] * 2
    assert fine


def test_white_space_does_not_count(chosen: Settings) -> None:
    cited = dataclasses.replace(_cite(WORDS), text=WORDS.replace(" ", "\n"))
    assert _check(chosen, cited)[0][0].state is State.STILL_THERE


def test_moved_words_tell_their_new_place(chosen: Settings) -> None:
    before = "Mise à jour. "
    _write(chosen, before + TEXT)
    (one,), fine = _check(chosen, _cite(WORDS))
    assert one.state is State.MOVED
    assert one.now is not None
    assert (one.now.start, one.now.text) == (len(before), WORDS)
    assert not fine


def test_of_two_places_the_nearest_is_told(chosen: Settings) -> None:
    _write(chosen, f"{COST} {TEXT[:-1]}, enfin. {WORDS}")
    (one,), _ = _check(chosen, _cite(WORDS))
    assert one.now is not None
    assert one.now.start == len(COST) + 1


def test_changed_words_show_their_difference_and_when(chosen: Settings) -> None:
    _write(chosen, TEXT.replace("le 3 juin", "le 10 juin au soir"))
    replaced = _built_at(chosen)
    _write(chosen, TEXT.replace("le 3 juin", "le 12 juin au soir"))
    (one,), fine = _check(chosen, _cite(WORDS))
    assert one.state is State.CHANGED
    assert one.difference == "… de l’Orge rouvrira le [-3 juin.-] {+12 juin au soir.+}"
    assert one.changed_on == replaced
    assert not fine


def test_words_that_nothing_resembles_are_gone(chosen: Settings) -> None:
    _write(chosen, "La piscine de Brest ferme en août. Les nageurs protestent.")
    (one,), fine = _check(chosen, _cite(WORDS))
    assert (one.state, one.now) == (State.GONE, None)
    assert one.changed_on == _built_at(chosen)
    assert not fine


def test_words_of_a_renamed_article_are_found(chosen: Settings) -> None:
    (chosen.articles / "pont.txt").rename(chosen.articles / "orge.txt")
    build_folder(chosen, CountingEncoder())
    (one,), _ = _check(chosen, _cite(WORDS))
    assert one.state is State.MOVED
    assert one.now is not None
    assert (one.now.path, one.now.start) == ("orge.txt", 0)


def test_words_of_a_removed_article_are_gone(chosen: Settings) -> None:
    (chosen.articles / "pont.txt").unlink()
    build_folder(chosen, CountingEncoder())
    (one,), fine = _check(chosen, _cite(WORDS))
    assert (one.state, one.changed_on, fine) == (State.GONE, None, False)


def test_an_article_that_changed_since_it_was_indexed_is_told(chosen: Settings) -> None:
    write_article(chosen.articles, "pont.txt", "Autre chose.")
    index = Index.open_current(chosen.index)
    found = check_quotes([_cite(WORDS)], index, chosen)
    index.close()
    assert found.outdated == ("pont.txt",)
    assert not found.fine


@pytest.mark.parametrize("path", ["lot.jsonl#https://a.invalid/b#c", "lot.jsonl/x/y.html"])
def test_an_article_of_a_file_of_several_is_outdated_with_it(tmp_path: Path, path: str) -> None:
    chosen = settings_for(tmp_path)
    file = write_article(chosen.articles, "lot.jsonl", "Un.")
    article = dataclasses.replace(make_article(TEXT, path), file_hash=file_hash(file))
    build(article_sources([article]), chosen, CountingEncoder())
    assert _check(chosen, _cite(WORDS, path))[1]
    file.write_text("Autre.", "utf-8")
    assert not _check(chosen, _cite(WORDS, path))[1]


@given(
    st.lists(st.sampled_from("un deux trois quatre".split()), max_size=30),
    st.lists(st.sampled_from("un deux trois quatre".split()), max_size=30),
)
def test_a_difference_shows_every_changed_word(before: list[str], now: list[str]) -> None:
    shown = difference(before, now)
    assert ("[-" in shown or "{+" in shown) == (before != now)
    old = sum(len(one.split("-]")[0].split()) for one in shown.split("[-")[1:])
    new = sum(len(one.split("+}")[0].split()) for one in shown.split("{+")[1:])
    assert len(now) - len(before) == new - old


# Former texts


def test_a_new_text_at_the_same_path_keeps_the_old_one(chosen: Settings) -> None:
    assert _versions(chosen) == ()
    _write(chosen, "Un nouveau texte.")
    assert _versions(chosen) == (Version(TEXT, _built_at(chosen)),)
    assert _versions(chosen, "école.txt") == ()
    kept = _versions(chosen)
    _write(chosen, "Un article de plus.", "plus.txt")
    assert _versions(chosen) == kept


def test_only_the_last_texts_are_kept(chosen: Settings) -> None:
    for number in range(KEPT_VERSIONS + 2):
        _write(chosen, f"Le texte numéro {number}.")
    texts = [version.text for version in _versions(chosen)]
    assert texts == [f"Le texte numéro {number}." for number in range(1, KEPT_VERSIONS + 1)]
    times = [version.replaced_at for version in _versions(chosen)]
    assert times == sorted(times)


def test_a_renamed_article_keeps_its_history(chosen: Settings) -> None:
    _write(chosen, "Un nouveau texte.")
    kept = _versions(chosen)
    (chosen.articles / "pont.txt").rename(chosen.articles / "orge.txt")
    build_folder(chosen, CountingEncoder())
    assert _versions(chosen, "orge.txt") == kept


def _at(path: str, text: str, url: str | None) -> Article:
    return dataclasses.replace(make_article(text, path), url=url)


@pytest.mark.parametrize("address", ["https://a.invalid/1", None])
def test_a_new_text_at_the_same_address_continues_the_old_one(
    tmp_path: Path, address: str | None
) -> None:
    chosen = settings_for(tmp_path)
    for article in (_at("a.txt", "Un.", address), _at("b.txt", "Deux.", address)):
        build(article_sources([article]), chosen, CountingEncoder())
    texts = [version.text for version in _versions(chosen, "b.txt")]
    assert texts == (["Un."] if address else [])


def test_two_articles_of_one_address_are_no_correction(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    one = _at("a", "Un.", "https://a.invalid/1")
    other = _at("b", "Deux.", "https://a.invalid/1")
    build(article_sources([one]), chosen, CountingEncoder())
    build(article_sources([one, other]), chosen, CountingEncoder())
    assert _versions(chosen, "a") == _versions(chosen, "b") == ()


def test_another_article_at_the_same_path_is_no_correction(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    before = [_at("a", "Un.", "https://a.invalid/1"), _at("b", "Deux.", "https://a.invalid/2")]
    now = [_at("a", "Deux, enfin.", "https://a.invalid/2"), _at("c", "Un !", before[0].url)]
    for articles in (before, now):
        build(article_sources(articles), chosen, CountingEncoder())
    assert [version.text for version in _versions(chosen, "a")] == ["Deux."]
    assert [version.text for version in _versions(chosen, "c")] == ["Un."]


def test_another_reading_of_an_unchanged_file_is_no_correction(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    first = make_article("Un.", "a.txt")
    again = dataclasses.replace(make_article("Un", "a.txt"), file_hash=first.file_hash)
    build(article_sources([first]), chosen, CountingEncoder())
    source = dataclasses.replace(article_sources([again])[0], file_hash="f" * 64)
    build([source], chosen, CountingEncoder())
    assert _versions(chosen, "a.txt") == ()
