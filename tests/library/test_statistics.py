"""What an index holds, counted, and as a page that asks nothing of anyone."""

from __future__ import annotations

import dataclasses
import datetime
from pathlib import Path

import pytest

from rag.errors import SENTENCES, Code, Problem
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.library.statistics import Statistics, collect
from rag.types import Article, BrokenFile
from rag.ui.statistics_page import SHOWN_SOURCES, render_statistics
from rag.ui.texts import TEXTS
from tests.fakes import CountingEncoder, make_article, settings_for, write_article
from tests.ingest.page_reading import Page
from tests.language.reprint_pairs import STORIES, text_of, with_other_lead

HOSTILE = "<script>hurt()</script>\"'><img src=//evil.invalid/x>"


def _collected(tmp_path: Path, articles: list[Article]) -> Statistics:
    chosen = settings_for(tmp_path)
    build(article_sources(articles), chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    found = collect(index)
    index.close()
    return found


def _article(path: str, words: int, date: str | None, source: str | None = None) -> Article:
    text = " ".join(f"{path}{number}" for number in range(words))
    day = datetime.date.fromisoformat(date) if date else None
    return make_article(text, path, title=f"Titre {path}", date=day, source=source)


def _stories() -> list[Article]:
    body, led = text_of(STORIES[0].body), text_of(with_other_lead(STORIES[0]))
    day = datetime.date(2024, 3, 1)
    return [
        make_article(body, "a.txt", title="Après", source="Est"),
        make_article(led, "b.txt", title="Avant", date=day, source="Ouest"),
        make_article(text_of(STORIES[1].body), "c.txt"),
    ]


def _shown(found: Statistics, language: str = "fr") -> Page:
    html = render_statistics(found, language)
    return Page(html.removeprefix("<!doctype html>"))


def test_months_lengths_and_words_are_counted(tmp_path: Path) -> None:
    found = _collected(
        tmp_path,
        [
            _article("a", 99, "2023-11-30"),
            _article("b", 100, "2024-02-01"),
            _article("c", 299, "2024-02-29"),
            _article("d", 2000, None),
        ],
    )
    assert found.months == (("2023-11", 1), ("2023-12", 0), ("2024-01", 0), ("2024-02", 2))
    assert found.undated == 1
    assert dict(found.lengths) == {
        "< 100": 1,
        "100–299": 2,
        "300–599": 0,
        "600–999": 0,
        "1000–1999": 0,
        "≥ 2000": 1,
    }
    assert found.words == round((100 + 299) / 2)
    assert found.overview.articles == 4
    assert (found.stories, found.reprinted, found.largest, found.corrected) == (0, 0, (), 0)
    assert found.size > 0


def test_a_wrong_date_makes_no_thousand_empty_months(tmp_path: Path) -> None:
    found = _collected(
        tmp_path, [_article("a", 9, "0001-01-01"), _article("b", 9, "9999-12-31")]
    )
    assert found.months == (("0001-01", 1), ("9999-12", 1))


def test_stories_and_corrections_are_counted(tmp_path: Path) -> None:
    articles = _stories()
    _collected(tmp_path, articles)
    articles[2] = make_article("Corrigé.", "c.txt")
    found = _collected(tmp_path, articles)
    assert (found.stories, found.reprinted, found.corrected) == (1, 2, 1)
    (story,) = found.largest
    assert [one.path for one in story.articles] == ["b.txt", "a.txt"]


def test_an_empty_index_is_counted_and_shown(tmp_path: Path) -> None:
    found = _collected(tmp_path, [])
    assert (found.months, found.words) == ((), 0)
    assert TEXTS["fr"].statistics.nothing in _shown(found).words


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_page_shows_every_count(tmp_path: Path, language: str) -> None:
    found = _collected(tmp_path, _stories())
    page, texts = _shown(found, language), TEXTS[language].statistics
    for title in (
        *(texts.title, texts.by_month, texts.by_source, texts.by_language, texts.by_length),
        *(texts.largest_stories, "Avant", "Après", "Ouest"),
    ):
        assert title in page.words
    titles = [one.words for one in page.all("title")[1:]]
    # One month, three sources (one of them none), one language, six lengths.
    assert len(titles) == len(page.all("rect")) == 1 + 3 + 1 + 6
    assert "2024-03 – 1" in titles
    assert f"{texts.no_source} – 1" in titles


def test_bars_are_as_long_as_their_counts(tmp_path: Path) -> None:
    articles = [
        _article(name, 9, None, source) for name, source in zip("abc", "EEO", strict=True)
    ]
    page = _shown(_collected(tmp_path, articles))
    lengths = {
        title.words: float(bar.attributes["width"] or "")
        for title, bar in zip(page.all("title")[1:], page.all("rect"), strict=True)
    }
    assert lengths["E – 2"] == 2 * lengths["O – 1"] > 0


def test_the_page_asks_nothing_and_nothing_foreign_is_markup(tmp_path: Path) -> None:
    found = _collected(tmp_path, _stories())
    hostile = tuple(
        dataclasses.replace(one, title=HOSTILE, source=HOSTILE)
        for one in found.largest[0].articles
    )
    overview = dataclasses.replace(
        found.overview,
        model=HOSTILE,
        sources=((HOSTILE, 3),),
        languages=((HOSTILE, 3),),
        broken=(BrokenFile(HOSTILE, Problem.other(HOSTILE)),) * 501,
    )
    largest = (dataclasses.replace(found.largest[0], articles=hostile),)
    page = _shown(dataclasses.replace(found, overview=overview, largest=largest))
    assert page.words.count(HOSTILE) >= 6
    assert not {"script", "img", "a", "link", "iframe", "object"} & set(page.tags())
    loading = {"src", "href", "action", "style", "onload", "onerror"}
    assert not loading & {name for one in page.elements for name in one.attributes}
    (policy,) = [one for one in page.all("meta") if "http-equiv" in one.attributes]
    assert policy.attributes["content"] == "default-src 'none'; style-src 'unsafe-inline'"
    style = page.all("style")[0].words
    assert "url(" not in style
    assert "prefers-color-scheme: dark" in style


def test_many_sources_are_summed_up(tmp_path: Path) -> None:
    articles = [
        _article(f"{n:02}", 9, None, f"Source {n:02}") for n in range(SHOWN_SOURCES + 5)
    ]
    titles = [one.words for one in _shown(_collected(tmp_path, articles), "en").all("title")]
    assert "Others – 5" in titles
    assert sum(title.startswith("Source ") for title in titles) == SHOWN_SOURCES


@pytest.mark.parametrize("language", TEXTS)
def test_broken_files_are_named_with_their_reasons(tmp_path: Path, language: str) -> None:
    chosen = settings_for(tmp_path)
    write_article(chosen.articles, "vide.txt", "")
    build_folder(chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    page = _shown(collect(index), language)
    index.close()
    cells = page.all("td")
    assert cells[0].words == "vide.txt"
    assert cells[1].words == SENTENCES[language][Code.EMPTY]
    assert cells[1].attributes["lang"] == language


@pytest.mark.parametrize(
    ("first", "last", "named"),
    [
        ("2024-03-01", "2024-05-01", ["2024-03"]),
        ("2023-11-01", "2025-02-01", ["2024", "2025"]),
        ("2009-06-01", "2021-06-01", ["2010", "2015", "2020"]),
    ],
)
def test_years_are_named_where_there_is_room(
    tmp_path: Path, first: str, last: str, named: list[str]
) -> None:
    found = _collected(tmp_path, [_article("a", 9, first), _article("b", 9, last)])
    # After the months come a source, a language and six lengths, with two texts each.
    texts = [one.words for one in _shown(found).all("text")]
    assert texts[: -2 * (1 + 1 + 6)] == named
