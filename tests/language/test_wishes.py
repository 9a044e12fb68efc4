from __future__ import annotations

import datetime

import pytest

from rag.language.wishes import (
    news_since,
    subject_of_list,
    subject_of_summary,
    subject_of_timeline,
    wish_of,
)
from rag.types import Wish

NEWS = "Quoi de neuf ?"


@pytest.mark.parametrize(
    ("request_", "wish"),
    [
        ("Résume l’article", Wish.SUMMARY),
        ("Peux-tu résumer l’article sur le pont ?", Wish.SUMMARY),
        ("Fais-moi un résumé", Wish.SUMMARY),
        ("De quoi parle l’article ?", Wish.SUMMARY),
        ("Summarise the article", Wish.SUMMARY),
        ("What is the article about?", Wish.SUMMARY),
        ("De quoi parlent les articles ?", Wish.SURVEY),
        ("Résume-moi tous les articles", Wish.SURVEY),
        ("What are the articles about?", Wish.SURVEY),
        ("Quels articles parlent de Wika ?", Wish.LIST),
        ("Which articles mention the bridge?", Wish.LIST),
        ("Quel film est cité dans l’article ?", Wish.ANSWER),
        ("Qui a résumé l’affaire ?", Wish.ANSWER),
        ("Quel article de loi a été voté ?", Wish.ANSWER),
        ("De quoi parle l’accord avec les syndicats ?", Wish.ANSWER),
        ("Un résumé du procès a-t-il été publié ?", Wish.ANSWER),
        ("Le résumé de la décision est-il public ?", Wish.ANSWER),
        ("Sum up to how much?", Wish.ANSWER),
        ("Quoi de neuf à Nantes ?", Wish.ANSWER),
        ("Which film does the article mention?", Wish.ANSWER),
        ("Un résumé de l’article", Wish.SUMMARY),
        ("", Wish.ANSWER),
    ],
)
def test_what_is_wanted(request_: str, wish: Wish) -> None:
    assert wish_of(request_) is wish


@pytest.mark.parametrize(
    ("request_", "subject"),
    [
        ("Quels articles parlent de Wika ?", "Wika ?"),
        ("Quels articles parlent de l’école ?", "école ?"),
        ("Quels articles parlent d’Elon Musk ?", "Elon Musk ?"),
        ("Which articles are about the bridge?", "the bridge?"),
        ("Liste les articles sur Brest", "Brest"),
        ("Qui est Wika ?", "Qui est Wika ?"),
    ],
)
def test_what_a_list_is_about(request_: str, subject: str) -> None:
    assert subject_of_list(request_) == subject


@pytest.mark.parametrize(
    ("request_", "subject"),
    [
        ("Résume l’article", None),
        ("Résume l’article sur le pont", "le pont"),
        ("Summarise the article about the bridge", "the bridge"),
    ],
)
def test_what_a_summary_is_about(request_: str, subject: str | None) -> None:
    assert subject_of_summary(request_) == subject


@pytest.mark.parametrize(
    ("request_", "first"),
    [
        ("Quoi de neuf depuis le 3 mars 2025 ?", datetime.date(2025, 3, 3)),
        ("Qu’y a-t-il de nouveau depuis mars 2025 ?", datetime.date(2025, 3, 1)),
        ("What’s new since 3 March 2025?", datetime.date(2025, 3, 3)),
        (NEWS, None),
        ("Quoi de neuf depuis le départ du maire ?", None),
        ("Que s’est-il passé depuis le 3 mars 2025 ?", None),
    ],
)
def test_news_are_asked_for_since_a_day(request_: str, first: datetime.date | None) -> None:
    assert news_since(request_) == first
    assert (wish_of(request_) is Wish.SURVEY) == (first is not None or request_ == NEWS)


@pytest.mark.parametrize(
    ("request_", "subject"),
    [
        ("Chronologie du procès de Castelmourre", "procès de Castelmourre"),
        ("Fais-moi la chronologie de la grève des ferries", "grève des ferries"),
        ("Peux-tu me faire une chronologie de l’affaire ?", "affaire ?"),
        ("Retrace la chronologie des événements de Kermor", "Kermor"),
        ("Timeline of the ferry strike", "ferry strike"),
        ("Give me a timeline of cyclone Hédara", "cyclone Hédara"),
    ],
)
def test_a_timeline_is_asked_for(request_: str, subject: str) -> None:
    assert wish_of(request_) is Wish.TIMELINE
    assert subject_of_timeline(request_) == subject


@pytest.mark.parametrize(
    "request_", ["Chronologie", "Qui a écrit la chronologie de Kermor ?", "La chronologie ment"]
)
def test_other_requests_want_no_timeline(request_: str) -> None:
    assert wish_of(request_) is not Wish.TIMELINE


@pytest.mark.parametrize(
    ("request_", "first"),
    [
        ("Quoi de neuf depuis hier\u202f?", "2025-08-14"),
        ("Quoi de neuf depuis la semaine dernière ?", "2025-08-04"),
        ("What is new since March?", "2025-03-01"),
        ("Quoi de neuf depuis le procès ?", "None"),
    ],
)
def test_news_since_days_that_are_counted_from_today(request_: str, first: str) -> None:
    assert str(news_since(request_, lambda: datetime.date(2025, 8, 15))) == first
