"""What is new since a day: each story once, in its own words."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.digest import Digest, DigestStory, default_since, make_digest
from rag.answering.digest_texts import counts, digest_to_json, digest_to_markdown, period
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Article, Filters
from tests.answering.test_news import STORY
from tests.fakes import CountingEncoder, make_article, settings_for

MARCH, APRIL, MAY = (dt.date(2025, month, 3) for month in (3, 4, 5))
BRIDGE = make_article(
    STORY, "pont.txt", title="Le pont", date=APRIL, source="La Gazette <de> l'Orge"
)
REPRINT = make_article(
    f"{STORY} La fête finira à minuit.", "reprise.txt", title="La fête", date=MAY, source="Écho"
)
SCHOOL = make_article(
    "L’école ouvre\n\nL’école du bourg ouvre trois classes de plus à la rentrée de septembre. "
    "La cantine servira chaque jour des légumes de la région aux élèves du bourg.",
    "école.txt",
    title="L’école ouvre",
    date=MARCH,
)
UNDATED = make_article("La mairie vend deux vélos.", "vélos.txt", title="Les vélos")


@pytest.fixture
def index(tmp_path: Path) -> Index:
    settings = settings_for(tmp_path)
    articles = [BRIDGE, REPRINT, SCHOOL, UNDATED]
    build(article_sources(articles), settings, CountingEncoder())
    return Index.open_current(settings.index)


def test_a_story_is_told_once_by_its_fullest_article(index: Index) -> None:
    found = make_digest(index, Filters(MARCH))
    assert (found.articles, found.left_out) == (3, 0)
    assert [one.article.path for one in found.stories] == ["reprise.txt", "école.txt"]
    bridge, school = found.stories
    assert [one.path for one in bridge.others] == ["pont.txt"]
    assert (bridge.outlets, bridge.last) == (2, MAY)
    assert school.outlets == 0
    for story in found.stories:
        assert 0 < len(story.quotes) <= 2
        for quote in story.quotes:
            assert story.article.text[quote.start : quote.end] == quote.text
        # The title stands above.
        assert story.article.title not in [quote.text for quote in story.quotes]


def test_only_its_days_count_and_what_is_left_out_is_counted(index: Index) -> None:
    assert [one.article.path for one in make_digest(index, Filters(MAY)).stories] == [
        "reprise.txt"
    ]
    until = make_digest(index, Filters(MARCH, APRIL))
    assert [(one.article.path, one.others) for one in until.stories] == [
        ("pont.txt", ()),
        ("école.txt", ()),
    ]
    most = make_digest(index, Filters(MARCH), most=1)
    assert (len(most.stories), most.left_out) == (1, 1)
    assert make_digest(index, Filters(dt.date(2090, 1, 1))) == Digest(
        dt.date(2090, 1, 1), None, 0, (), 0
    )
    with pytest.raises(ValueError, match="first day"):
        make_digest(index, Filters())


def test_without_a_day_it_is_a_week(index: Index) -> None:
    assert default_since(dt.date(2025, 5, 20)) == dt.date(2025, 5, 13)
    # Of an archive the last week.
    assert default_since(dt.date(2026, 1, 1), MAY) == dt.date(2025, 4, 26)
    assert default_since(MARCH, MAY) == dt.date(2025, 2, 24)


def test_it_is_told_in_words(index: Index) -> None:
    found = make_digest(index, Filters(MARCH, MAY), most=1)
    assert period(found, "fr") == "Du 3 mars 2025 au 3 mai 2025"
    assert period(make_digest(index, Filters(MARCH)), "en") == "Since 3 March 2025"
    assert counts(found, "en") == "3 articles · 2 stories · 1 older not shown"
    assert counts(make_digest(index, Filters(dt.date(2090, 1, 1))), "fr").startswith("Aucun")
    told = digest_to_markdown(found, "fr")
    assert "## La fête" in told
    assert "2 sources" in told
    assert (
        r"«\u202fLe pont\u202f» (La Gazette \<de\> l'Orge, 3 avril 2025)".replace(
            r"\u202f", "\u202f"
        )
        in told
    )
    assert "`reprise.txt`" in told
    as_json = digest_to_json(found)
    assert as_json["stories"][0]["also_in"][0]["path"] == "pont.txt"
    assert as_json["stories"][0]["outlets"] == 2


@given(st.text(min_size=1, max_size=60).filter(lambda text: "\n" not in text))
def test_markdown_holds_the_words_of_an_article(title: str) -> None:
    article = Article("a", "a.txt", "Un texte.", title, "hash", MARCH)
    digest = Digest(MARCH, None, 1, (DigestStory(article, (), (), MARCH),), 0)
    line = digest_to_markdown(digest, "en").split("\n## ", 1)[1].split("\n\n3 March")[0]
    assert re.sub(r"\\([\\`*_\[\]<>#|~&])", r"\1", line) == title
