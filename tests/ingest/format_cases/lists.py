"""Feeds, subtitles and lists in JSON and CSV, good and bad."""

from __future__ import annotations

import codecs
import json

from tests.ingest.format_cases.case import (
    BOTH,
    DAY,
    ENTRY,
    HTML,
    READ_ENTRY,
    READ_RECORD,
    RECORD,
    Case,
    bad,
    good,
)
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    json_lines,
    rss,
)

_ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="fr"><title>Le Courrier</title>'
    "<entry><id>urn:a:1</id><title>L’école</title><link href='https://c.example/1'/>"
    "<updated>2024-06-01T00:00:00Z</updated><published>2024-05-16T23:00:00Z</published>"
    "<author><name>Claire Dubois</name></author><author><name>Jean Petit</name></author>"
    f"<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>{HTML}</div></content>"
    "</entry></feed>"
)

_NEWS = {
    "status": "ok",
    "totalResults": 1,
    "articles": [
        {
            "source": {"id": None, "name": "Le Courrier"},
            "authors": [{"name": "Claire Dubois"}, {"name": "Jean Petit"}],
            "title": {"rendered": "L&rsquo;école"},
            "url": "https://c.example/a",
            "publishedAt": "2024-05-16T23:59:00Z",
            "content": {"rendered": HTML},
        }
    ],
}

LISTS = [
    # Feeds
    Case(
        "flux.rss",
        rss([ENTRY, {"title": "Vide", "link": "https://c.example/42"}]),
        {"flux.rss#courrier-41": READ_ENTRY},
        {"flux.rss#https://c.example/42": "holds no words"},
    ),
    Case(
        "flux.atom",
        _ATOM,
        {
            "flux.atom#urn:a:1": {
                **READ_ENTRY,
                "title": "L’école",
                "author": "Claire Dubois, Jean Petit",
                "url": "https://c.example/1",
            }
        },
    ),
    Case("flux.xml", rss([ENTRY]), {"flux.xml#courrier-41": READ_ENTRY}),
    bad("plan.xml", "<urlset><url/></urlset>", "is XML but no RSS or Atom"),
    bad("sans-entrée.rss", rss([]), "is a feed without entries"),
    # Subtitles
    good(
        "2024-05-17-conseil.srt",
        "1\n00:12:31,000 --> 00:12:34,000\nLe pont a coûté\n\n"
        "2\n00:12:34,500 --> 00:12:36,000\n"
        "<i>douze</i> millions.\n",
        title="2024-05-17-conseil",
        text="Le pont a coûté\ndouze millions.",
        date=DAY,
    ),
    good(
        "conseil.vtt",
        "WEBVTT - Conseil\n\n00:31.000 --> 00:34.000\n<v Nora>Le pont &amp; la rive.\n",
        title="Conseil",
        text="Le pont & la rive.",
    ),
    bad("sans.srt", PROSE, "holds no subtitles"),
    # Lists
    Case("un.json", json.dumps(RECORD), {"un.json#https://c.example/a": READ_RECORD}),
    Case(
        "liste.json",
        codecs.BOM_UTF8 + json.dumps([{"id": 7, **RECORD}, {"id": 8}, 3]).encode(),
        {"liste.json#7": READ_RECORD},
        {"liste.json#entry 2": "has no text, only id"},
    ),
    Case(
        "nouvelles.json",
        json.dumps(_NEWS),
        {
            "nouvelles.json#https://c.example/a": {
                **READ_RECORD,
                "title": "L’école",
                "text": BOTH,
                "author": "Claire Dubois, Jean Petit",
            }
        },
    ),
    Case(
        "lignes.jsonl",
        json_lines([RECORD, {"title": "Le pont", "body": MORE_PROSE, "date": 1715904000}])
        + "\n{pas fini\n[1]\n",
        {
            "lignes.jsonl#https://c.example/a": READ_RECORD,
            "lignes.jsonl#Le pont": {"text": MORE_PROSE, "date": DAY},
        },
        {
            "lignes.jsonl#line 4": "is not JSON in UTF-8",
            "lignes.jsonl#line 5": "is no JSON object",
        },
    ),
    Case(
        "excel.csv",
        f'Titre;Texte;Publié le;Média\r\nL’école;"{PROSE}";17/05/2024;Le Courrier\r\n;;;\r\n'
        f'Le pont;"Un.\r\n\r\nDeux.";demain;\r\n'.encode("cp1252"),
        {
            "excel.csv#L’école": {"text": PROSE, "date": DAY, "source": "Le Courrier"},
            "excel.csv#Le pont": {"text": "Un.\n\nDeux.", "date": None, "source": None},
        },
    ),
    Case(
        "utf-16.csv",
        f"id\ttext\n1\t{PROSE}\n".encode("utf-16"),
        {"utf-16.csv#1": {"text": PROSE}},
    ),
    bad(
        "sans-texte.csv", "a,b\n1,2\n", "has no column for the text: its first line names a, b"
    ),
    bad("binaire.csv", b"\0\1\2\xff", "is binary"),
    bad("vide.json", "[]", "holds no article"),
    bad("coupé.json", '[{"title": "L', "is not JSON"),
]
