"""Texts, Markdown and pages of the web, good and bad."""

from __future__ import annotations

import datetime
import json
import plistlib

from tests.ingest.format_cases.case import DAY, HTML, PAGE, Case, bad, good
from tests.ingest.format_files import (
    PROSE,
)

_LINKED = (
    '<script type="application/ld+json">{"@context": "https://schema.org", "@graph": '
    '[{"@type": "WebSite", "name": "Un site"}, {"@type": ["ReportageNewsArticle"], '
    '"headline": "L&rsquo;école", "datePublished": "2024-05-17T00:30:00+02:00", "author": '
    '["Claire Dubois", {"@type": "Person", "name": "Jean Petit"}], "publisher": "Le '
    'Courrier", "inLanguage": "en", "mainEntityOfPage": {"@id": "https://c.example/a"}}]}'
    "</script>"
)

_OPEN_GRAPH = (
    '<meta property="og:site_name" content="Le Courrier">'
    '<meta property="og:url" content="https://c.example/a">'
    '<meta property="og:locale" content="fr_FR">'
    '<meta property="article:author" content="https://reseau.example/claire">'
    '<meta property="article:published_time" content="2024-05-17T08:30:00+02:00">'
)

PAGES = [
    # Text, Markdown and pages
    good("2023-09-04-rentrée.txt", PROSE, text=PROSE, date=datetime.date(2023, 9, 4)),
    good("2023-09-04-b.txt", f" date 2024-05-17 {PROSE}", text=PROSE, date=DAY),
    good(
        "courrier/2024/note_20240517.md", f"# L’école\n\n{PROSE}", date=DAY, source="courrier"
    ),
    good("en-mots.md", f"---\ndate: 17 mai 2024\n---\n{PROSE}", date=DAY, text=PROSE),
    good(
        "json-ld.html",
        PAGE.format(_LINKED, HTML),
        date=DAY,
        source="Le Courrier",
        author="Claire Dubois, Jean Petit",
        url="https://c.example/a",
        language="en",
    ),
    good(
        "open-graph.htm",
        PAGE.format(_OPEN_GRAPH, HTML),
        title="Un titre de page",
        date=DAY,
        source="Le Courrier",
        author=None,
        url="https://c.example/a",
        language="fr",
    ),
    good(
        "par-script.html",
        "<html><head><script type='application/ld+json'>"
        + json.dumps({"@type": "NewsArticle", "headline": "L’école", "articleBody": PROSE})
        + "</script></head><body><div id='app'></div></body></html>",
        title="L’école",
        text=PROSE,
    ),
    good(
        "faux-json-ld.html",
        PAGE.format("<script type='application/ld+json'>[{</script>", HTML),
        title="Un titre de page",
        source=None,
    ),
    bad(
        "sans-article.html", "<html><body><script>a()</script></body></html>", "is a page with"
    ),
    good("page.xhtml", PAGE.format(_OPEN_GRAPH, HTML), title="Un titre de page", date=DAY),
    good(
        "page.mhtml",
        "Content-Type: text/html; charset=utf-8\r\nContent-Location: https://c.example/b\r\n\r\n"
        + PAGE.format("", HTML),
        url="https://c.example/b",
    ),
    bad("sans-page.mht", f"Subject: rien\r\n\r\n{PROSE}", "is damaged or no saved page"),
    good(
        "page.webarchive",
        plistlib.dumps(
            {"WebMainResource": {"WebResourceData": PAGE.format("", HTML).encode()}}
        ),
        title="Un titre de page",
    ),
    # Dates to come
    Case(
        "demain.txt",
        f" date 2999-01-01 {PROSE}",
        {"demain.txt": {"text": PROSE, "date": None}},
        {"demain.txt": "its date, 2999-01-01, is a day to come"},
    ),
]
