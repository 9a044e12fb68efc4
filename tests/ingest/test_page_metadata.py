"""What a saved page tells of its article besides the text."""

from __future__ import annotations

import datetime
from pathlib import Path

import pytest

from tests.ingest.reading_one import read_one, refusal

PROSE = (
    "Le maire a inauguré hier l’école rénovée « Jean-Moulin » ; les élèves y étudieront dès "
    "septembre. Coût : 3 millions d’euros, financés à 40 % par l’État."
)
MORE_PROSE = (
    "Le chantier a duré dix-huit mois et mobilisé une dizaine d’entreprises de la région, a "
    "précisé l’adjointe aux travaux lors de la visite."
)
SPEECH = (
    "« Nous attendions ce moment depuis longtemps », a déclaré la directrice, Mme Leroy, "
    "devant les familles réunies dans la cour."
)


def saved_page(head: str, body: str) -> str:
    return (
        f'<!DOCTYPE html>\n<html lang="fr"><head>{head}</head><body>'
        '<header><nav><ul><li><a href="/">Accueil</a></li><li><a href="/sport">Sport</a></li>'
        '<li><a href="/abonnement">Abonnez-vous</a></li></ul></nav></header>'
        f"<main>{body}</main>"
        "<footer><p>© 2019 Le Courrier de l’Orge. Mentions légales. Tous droits réservés.</p>"
        "</footer><script>console.log('suivi')</script></body></html>"
    )


BODY = (
    "<article><h1>L’école Jean-Moulin rénovée</h1>"
    f"<p>{PROSE}</p>\n<p>{MORE_PROSE}</p>\n<p>{SPEECH}</p></article>"
)
CANONICAL = '<link rel="canonical" href="https://www.courrier-orge.fr/2024/05/ecole.html">'


def check_body(text: str) -> None:
    paragraphs = text.split("\n\n")
    assert [p for p in paragraphs if p in (PROSE, MORE_PROSE, SPEECH)] == [
        PROSE,
        MORE_PROSE,
        SPEECH,
    ]
    for around in ("Accueil", "Abonnez-vous", "Mentions légales", "suivi", "<"):
        assert around not in text


def test_a_saved_page(tmp_path: Path) -> None:
    head = (
        '<meta charset="utf-8"><title>L’école rénovée - Le Courrier de l’Orge</title>'
        '<meta property="og:title" content="L’école Jean-Moulin rénovée">'
        '<meta property="og:site_name" content="Le Courrier de l’Orge">'
        '<meta property="article:published_time" content="2024-05-17T08:30:00+02:00">'
        '<meta name="author" content="Claire Dubois">' + CANONICAL
    )
    article = read_one(tmp_path, "a.html", saved_page(head, BODY))
    check_body(article.text)
    assert article.title == "L’école Jean-Moulin rénovée"
    assert article.date == datetime.date(2024, 5, 17)
    assert article.source == "Le Courrier de l’Orge"
    assert article.url == "https://www.courrier-orge.fr/2024/05/ecole.html"
    assert article.author == "Claire Dubois"
    assert article.language == "fr"


def test_a_page_that_tells_in_json_ld(tmp_path: Path) -> None:
    head = (
        '<meta charset="utf-8"><title>École</title><script type="application/ld+json">'
        '{"@context": "https://schema.org", "@type": "NewsArticle", '
        '"headline": "Une école toute neuve", "datePublished": "2024-05-17T08:30:00+02:00", '
        '"author": {"@type": "Person", "name": "Claire Dubois"}, '
        '"publisher": {"@type": "Organization", "name": "Le Courrier"}}</script>' + CANONICAL
    )
    article = read_one(tmp_path, "a.htm", saved_page(head, BODY))
    check_body(article.text)
    assert article.title == "Une école toute neuve"
    assert article.date == datetime.date(2024, 5, 17)
    assert article.author == "Claire Dubois"
    assert article.source == "Le Courrier"


def test_a_page_that_names_only_its_address(tmp_path: Path) -> None:
    head = '<meta charset="utf-8"><title>École</title>' + CANONICAL
    article = read_one(tmp_path, "dossier/a.html", saved_page(head, BODY))
    assert article.source == "courrier-orge.fr"
    # The footer's year is not the article's date.
    assert article.date is None


@pytest.mark.parametrize(
    "declared",
    [
        '<meta charset="windows-1252">',
        "<meta charset=iso-8859-1>",
        '<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-1">',
        '<meta charset="no-such-charset">',
        '<meta charset="undefined">',
        "",
    ],
)
def test_a_page_of_windows(tmp_path: Path, declared: str) -> None:
    page = saved_page(declared + "<title>École</title>", BODY)
    check_body(read_one(tmp_path, "a.html", page.encode("cp1252")).text)


def test_a_page_in_utf_8_that_declares_otherwise(tmp_path: Path) -> None:
    page = saved_page('<meta charset="iso-8859-1"><title>École</title>', BODY)
    check_body(read_one(tmp_path, "a.html", page).text)


@pytest.mark.parametrize(
    "page",
    [
        "<html><head><title>Rien</title></head><body></body></html>",
        "<html><body><script>var a = 1;</script></body></html>",
    ],
)
def test_a_page_without_article_is_refused(tmp_path: Path, page: str) -> None:
    assert "page without an article" in refusal(tmp_path, "a.html", page)
