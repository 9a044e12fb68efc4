"""Files of every format, good and bad: what is read, what they tell, what is refused."""

from __future__ import annotations

import codecs
import datetime
import io
import json
import plistlib
import tempfile
import tracemalloc
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.errors import ArticleError
from rag.index import Index
from rag.ingest import FORMATS, ReadingOptions, find_article_files, read_articles
from rag.ingest.folder import folder_sources, reading_options
from rag.ingest.formats.dates import date_in_name, find_date
from rag.ingest.formats.line_ends import join
from rag.ingest.formats.markup import is_markup, paragraphs
from rag.ingest.formats.member import Budget, Opened
from rag.ingest.formats.member_keys import Keys, Named, tell_apart
from rag.ingest.formats.pdf_paragraphs import paragraphs_of
from rag.ingest.formats.pdf_running import without_running_lines
from rag.ingest.formats.pdf_types import Line
from rag.library.build import build, build_folder
from rag.library.build_summary import BuildSummary
from rag.library.verify_index import verify
from rag.types import Article, BrokenFile
from tests.fakes import CountingEncoder, settings_for
from tests.ingest.format_files import (
    MORE_PROSE,
    PROSE,
    chapter,
    column,
    docx,
    epub,
    json_lines,
    mail,
    mail_with,
    packed,
    pdf,
    rss,
)
from tests.ingest.word_files import odt, rtf

DAY = datetime.date(2024, 5, 17)
BOTH = f"{PROSE}\n\n{MORE_PROSE}"
HTML = f"<p>{PROSE}</p><p>{MORE_PROSE}</p>"


@dataclass(frozen=True)
class Case:
    """A file, the articles expected of it by path, and the reasons for what is left out.

    Of an article, what is given is compared; a reason is compared by how it begins.
    """

    name: str
    content: bytes | str
    articles: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name


def _good(name: str, content: bytes | str, **expected: object) -> Case:
    return Case(name, content, {name: expected})


def _bad(name: str, content: bytes | str, reason: str) -> Case:
    return Case(name, content, reasons={name: reason})


_PAGE = "<html lang='fr-FR'><head>{}</head><body><article><h1>Un titre de page</h1>{}</article>"
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
_RECORD = {
    "titre": "L’école rouvre",
    "texte": PROSE,
    "date_publication": "17 mai 2024",
    "auteur": "Claire Dubois",
    "journal": "Le Courrier",
    "lien": "https://c.example/a",
    "langue": "fr",
}
_READ_RECORD = {
    "title": "L’école rouvre",
    "text": PROSE,
    "date": DAY,
    "author": "Claire Dubois",
    "source": "Le Courrier",
    "url": "https://c.example/a",
    "language": "fr",
}
_ENTRY = {
    "guid": "courrier-41",
    "title": "L’école &amp; la mairie",
    "link": "https://c.example/41",
    "pubDate": "Fri, 17 May 2024 00:30:00 +0200",
    "dc:creator": "Claire Dubois",
    "description": "Un résumé.",
    "content:encoded": HTML,
}
_READ_ENTRY = {
    "title": "L’école & la mairie",
    "text": BOTH,
    "date": DAY,
    "author": "Claire Dubois",
    "source": "Le Courrier",
    "url": "https://c.example/41",
    "language": "fr",
}
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
_TWO_PARTS = (
    "--limite\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nVoir en ligne\r\n"
    "--limite\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\n"
    f"<style>p {{}}</style>{HTML}\r\n--limite--\r\n"
)


def _damaged_member() -> bytes:
    content = bytearray(packed({"bon.txt": PROSE, "faux.txt": MORE_PROSE * 3}))
    # Somewhere in the second member's packed bytes.
    content[content.index(b"faux.txt") + 30] ^= 0xFF
    return bytes(content)


def _encrypted_member() -> bytes:
    content = bytearray(packed({"bon.txt": PROSE, "secret.txt": MORE_PROSE}))
    # The flags of https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT 4.3.7, 4.3.12.
    content[content.rindex(b"PK\3\4") + 6] |= 1
    content[content.rindex(b"PK\1\2") + 8] |= 1
    return bytes(content)


def _dos_names() -> bytes:
    content = packed({"XXXXX.txt": PROSE, "YYYYYY.txt": MORE_PROSE})
    content = content.replace(b"XXXXX.txt", "Àété1.txt".encode("cp850"))
    return content.replace(b"YYYYYY.txt", "été2.txt".encode())


CASES = [
    # Text, Markdown and pages
    _good("2023-09-04-rentrée.txt", PROSE, text=PROSE, date=datetime.date(2023, 9, 4)),
    _good("2023-09-04-b.txt", f" date 2024-05-17 {PROSE}", text=PROSE, date=DAY),
    _good(
        "courrier/2024/note_20240517.md", f"# L’école\n\n{PROSE}", date=DAY, source="courrier"
    ),
    _good("en-mots.md", f"---\ndate: 17 mai 2024\n---\n{PROSE}", date=DAY, text=PROSE),
    _good(
        "json-ld.html",
        _PAGE.format(_LINKED, HTML),
        date=DAY,
        source="Le Courrier",
        author="Claire Dubois, Jean Petit",
        url="https://c.example/a",
        language="en",
    ),
    _good(
        "open-graph.htm",
        _PAGE.format(_OPEN_GRAPH, HTML),
        title="Un titre de page",
        date=DAY,
        source="Le Courrier",
        author=None,
        url="https://c.example/a",
        language="fr",
    ),
    _good(
        "par-script.html",
        "<html><head><script type='application/ld+json'>"
        + json.dumps({"@type": "NewsArticle", "headline": "L’école", "articleBody": PROSE})
        + "</script></head><body><div id='app'></div></body></html>",
        title="L’école",
        text=PROSE,
    ),
    _good(
        "faux-json-ld.html",
        _PAGE.format("<script type='application/ld+json'>[{</script>", HTML),
        title="Un titre de page",
        source=None,
    ),
    _bad(
        "sans-article.html", "<html><body><script>a()</script></body></html>", "is a page with"
    ),
    _good("page.xhtml", _PAGE.format(_OPEN_GRAPH, HTML), title="Un titre de page", date=DAY),
    _good(
        "page.mhtml",
        "Content-Type: text/html; charset=utf-8\r\nContent-Location: https://c.example/b\r\n\r\n"
        + _PAGE.format("", HTML),
        url="https://c.example/b",
    ),
    _bad("sans-page.mht", f"Subject: rien\r\n\r\n{PROSE}", "is damaged or no saved page"),
    _good(
        "page.webarchive",
        plistlib.dumps(
            {"WebMainResource": {"WebResourceData": _PAGE.format("", HTML).encode()}}
        ),
        title="Un titre de page",
    ),
    # PDF
    _good(
        "école.pdf",
        pdf(
            [
                [
                    (60, 790, 20, "L’école rouvre à Orge"),
                    *column(
                        [
                            "Le maire a inau-",
                            "guré hier l’école « Jean-",
                            "Moulin » au rendez-",
                            "vous fixé, dit-",
                            "il. Tout est prêt.",
                            "Les élèves entrent.",
                        ]
                    ),
                ]
            ],
            Title="Microsoft Word - brouillon.doc",
            Author="Claire  Dubois",
            CreationDate="D:20240517093000+02'00'",
            lang="fr-FR",
        ),
        title="L’école rouvre à Orge",
        text="L’école rouvre à Orge\n\nLe maire a inauguré hier l’école « Jean-Moulin » au "
        "rendez-vous fixé, dit-il. Tout est prêt.\n\nLes élèves entrent.",
        author="Claire Dubois",
        date=DAY,
        language="fr",
    ),
    _good(
        "2024-05-17-titre.pdf",
        pdf(
            [column(["Un seul paragraphe de deux", "lignes, sans plus."])],
            Title="L’école",
            CreationDate="D:20230101",
        ),
        title="L’école",
        date=DAY,
        text="Un seul paragraphe de deux lignes, sans plus.",
    ),
    _bad("scan.pdf", pdf([[], []]), "is a PDF without text"),
    _bad("chiffré.pdf", pdf([column([PROSE])], encrypted=True), "is encrypted"),
    _bad("coupé.pdf", pdf([column([PROSE])])[:90], "is damaged or no PDF"),
    _bad("faux.pdf", PROSE, "is damaged or no PDF"),
    # Pictures
    *(
        _bad(f"faux{suffix}", PROSE, "is damaged or no picture")
        for suffix in (".png", ".jpg", ".jpeg", ".tif", ".tiff")
    ),
    # Word
    _good(
        "école.docx",
        docx([PROSE, MORE_PROSE], "L’école rouvre", ["Lundi", "8 h"], author="Claire Dubois"),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{BOTH}\n\nLundi · 8 h",
        author="Claire Dubois",
        date=DAY,
    ),
    _good(
        "titre.docx",
        docx([PROSE], title="Un titre", language="en"),
        title="Un titre",
        language="en",
    ),
    _bad("vide.docx", docx([]), "holds no words"),
    _bad("faux.docx", PROSE, "is damaged or no zip file"),
    _bad("autre.docx", packed({"a.bin": PROSE}), "is damaged or no Word file"),
    _bad(
        "ancien.docx", b"\xd0\xcf\x11\xe0" + bytes(600), "is encrypted or in Word's old format"
    ),
    # OpenDocument and RTF
    _good(
        "école.odt",
        odt(
            f"<text:h>L’école rouvre</text:h><text:p>{PROSE}</text:p>",
            "<meta:initial-creator>Claire Dubois</meta:initial-creator>"
            "<meta:creation-date>2024-05-17T09:30:00</meta:creation-date>",
        ),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{PROSE}",
        author="Claire Dubois",
        date=DAY,
    ),
    _bad("vide.odt", odt("<text:p/>"), "holds no words"),
    _bad("faux.odt", PROSE, "is damaged or no zip file"),
    _bad("autre.odt", packed({"a.bin": PROSE}), "is damaged or no OpenDocument text"),
    _bad(
        "chiffré.odt",
        odt("", manifest="<manifest:encryption-data/>"),
        "is encrypted",
    ),
    _good(
        "école.rtf",
        rtf("{\\info{\\creatim\\yr2024\\mo5\\dy17}}{\\b L’école rouvre}\\par " + PROSE),
        title="L’école rouvre",
        text=f"L’école rouvre\n\n{PROSE}",
        date=DAY,
    ),
    _bad("vide.rtf", rtf(""), "holds no words"),
    _bad("faux.rtf", PROSE, "is damaged or no RTF file"),
    # EPUB
    Case(
        "revue.epub",
        epub(
            {
                "couverture.xhtml": chapter(),
                "un.xhtml": chapter(PROSE, MORE_PROSE),
                "deux.xhtml": chapter(MORE_PROSE, heading="Le chantier"),
            },
            {"un.xhtml": "L’école & nous"},
        ),
        {
            "revue.epub#OEBPS/un.xhtml": {
                "title": "L’école & nous",
                "text": BOTH,
                "date": DAY,
                "source": "Le Courrier de l’Orge",
                "author": "Claire Dubois",
                "language": "fr",
            },
            "revue.epub#OEBPS/deux.xhtml": {
                "title": "Le chantier",
                "text": f"Le chantier\n\n{MORE_PROSE}",
            },
        },
    ),
    Case(
        "incomplet.epub",
        epub({"un.xhtml": chapter(PROSE), "deux.xhtml": ""}, missing="deux.xhtml"),
        {"incomplet.epub#OEBPS/un.xhtml": {"title": "Le Courrier, mai 2024", "text": PROSE}},
        {"incomplet.epub#OEBPS/deux.xhtml": "is damaged: OEBPS/deux.xhtml is not in it"},
    ),
    _bad(
        "droits.epub",
        epub({"un.xhtml": chapter(PROSE)}, beside={"META-INF/rights.xml": "<rights/>"}),
        "is encrypted (DRM)",
    ),
    _bad(
        "chiffré.epub",
        epub(
            {"un.xhtml": chapter(PROSE)},
            beside={
                "META-INF/encryption.xml": "<encryption xmlns:e='urn:x'><e:CipherReference "
                "URI='OEBPS/un.xhtml'/></encryption>"
            },
        ),
        "is encrypted (DRM)",
    ),
    Case(
        "polices.epub",
        epub(
            {"un.xhtml": chapter(PROSE)},
            beside={
                "META-INF/encryption.xml": "<encryption><CipherReference URI='a.otf'/>"
                "</encryption>"
            },
        ),
        {"polices.epub#OEBPS/un.xhtml": {"text": PROSE}},
    ),
    _bad("images.epub", epub({"a.xhtml": chapter()}), "holds no words"),
    _bad("faux.epub", PROSE, "is damaged or no EPUB"),
    _bad("autre.epub", packed({"a.bin": PROSE}), "is damaged: META-INF/container.xml"),
    # Mails
    _good(
        "lettre.eml",
        mail(f"{PROSE}\r\n\r\n{MORE_PROSE}\r\n-- \r\nLa rédaction"),
        title="L’école rouvre",
        text=BOTH,
        author="Rédaction du Courrier",
        source="courrier.example",
        date=DAY,
    ),
    _good(
        "page.eml",
        mail(_TWO_PARTS, "multipart/alternative; boundary=limite", Organization="Le Courrier"),
        text=BOTH,
        source="Le Courrier",
    ),
    _bad("faux.eml", PROSE, "is no mail"),
    _bad("vide.eml", mail(""), "holds no words"),
    _bad("secret.eml", mail("", "multipart/encrypted; boundary=x"), "is encrypted"),
    Case(
        "communiqué.eml",
        mail_with(
            ("communiqué.pdf", pdf([column(["Un mot de la mairie."])])),
            ("../../etc/note.txt", MORE_PROSE.encode()),
            ("note.txt", PROSE.encode()),
            ("logo.png", b"\x89PNG"),
            ("smime.p7s", b"0"),
            (".caché.txt", PROSE.encode()),
            ("dossier.zip", packed({"a.md": "# Le pont\n\nIl rouvre."})),
            ("vide.txt", b" "),
            body=PROSE,
        ),
        {
            "communiqué.eml": {"text": PROSE, "title": "L’école rouvre", "date": DAY},
            "communiqué.eml/communiqué.pdf": {
                "text": "Un mot de la mairie.",
                "source": "courrier.example",
                "date": DAY,
            },
            "communiqué.eml/note.txt": {"text": MORE_PROSE, "author": None},
            "communiqué.eml/note (2).txt": {"text": PROSE},
            "communiqué.eml/dossier.zip/a.md": {"title": "Le pont", "date": DAY},
        },
        {"communiqué.eml/vide.txt": "is empty"},
    ),
    Case(
        "transmis.eml",
        mail_with(
            ("", mail(MORE_PROSE, Subject="Le pont/la rive", Organization="La Mairie")),
            ("daté.docx", docx([PROSE])),
        ),
        {
            "transmis.eml/Le pont la rive.eml": {"text": MORE_PROSE, "source": "La Mairie"},
            "transmis.eml/daté.docx": {"text": PROSE, "source": "courrier.example"},
        },
    ),
    _bad("images.eml", mail_with(("photo.jpg", b"\xff\xd8")), "holds no words"),
    # Feeds
    Case(
        "flux.rss",
        rss([_ENTRY, {"title": "Vide", "link": "https://c.example/42"}]),
        {"flux.rss#courrier-41": _READ_ENTRY},
        {"flux.rss#https://c.example/42": "holds no words"},
    ),
    Case(
        "flux.atom",
        _ATOM,
        {
            "flux.atom#urn:a:1": {
                **_READ_ENTRY,
                "title": "L’école",
                "author": "Claire Dubois, Jean Petit",
                "url": "https://c.example/1",
            }
        },
    ),
    Case("flux.xml", rss([_ENTRY]), {"flux.xml#courrier-41": _READ_ENTRY}),
    _bad("plan.xml", "<urlset><url/></urlset>", "is XML but no RSS or Atom"),
    _bad("sans-entrée.rss", rss([]), "is a feed without entries"),
    # Subtitles
    _good(
        "2024-05-17-conseil.srt",
        "1\n00:12:31,000 --> 00:12:34,000\nLe pont a coûté\n\n"
        "2\n00:12:34,500 --> 00:12:36,000\n"
        "<i>douze</i> millions.\n",
        title="2024-05-17-conseil",
        text="Le pont a coûté\ndouze millions.",
        date=DAY,
    ),
    _good(
        "conseil.vtt",
        "WEBVTT - Conseil\n\n00:31.000 --> 00:34.000\n<v Nora>Le pont &amp; la rive.\n",
        title="Conseil",
        text="Le pont & la rive.",
    ),
    _bad("sans.srt", PROSE, "holds no subtitles"),
    # Lists
    Case("un.json", json.dumps(_RECORD), {"un.json#https://c.example/a": _READ_RECORD}),
    Case(
        "liste.json",
        codecs.BOM_UTF8 + json.dumps([{"id": 7, **_RECORD}, {"id": 8}, 3]).encode(),
        {"liste.json#7": _READ_RECORD},
        {"liste.json#entry 2": "has no text, only id"},
    ),
    Case(
        "nouvelles.json",
        json.dumps(_NEWS),
        {
            "nouvelles.json#https://c.example/a": {
                **_READ_RECORD,
                "title": "L’école",
                "text": BOTH,
                "author": "Claire Dubois, Jean Petit",
            }
        },
    ),
    Case(
        "lignes.jsonl",
        json_lines([_RECORD, {"title": "Le pont", "body": MORE_PROSE, "date": 1715904000}])
        + "\n{pas fini\n[1]\n",
        {
            "lignes.jsonl#https://c.example/a": _READ_RECORD,
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
    _bad(
        "sans-texte.csv", "a,b\n1,2\n", "has no column for the text: its first line names a, b"
    ),
    _bad("binaire.csv", b"\0\1\2\xff", "is binary"),
    _bad("vide.json", "[]", "holds no article"),
    _bad("coupé.json", '[{"title": "L', "is not JSON"),
    # Archives
    Case(
        "archive.zip",
        packed(
            {
                "courrier/2024-05-17-a.txt": PROSE,
                "courrier/flux.rss": rss([_ENTRY]),
                "dedans.zip": packed({"b.pdf": pdf([column(["Un mot de la mairie."])])}),
                "vide.txt": "",
                "photo.jpg": b"\xff\xd8",
                ".caché.txt": PROSE,
                "__MACOSX/._a.txt": "x",
            }
        ),
        {
            "archive.zip/courrier/2024-05-17-a.txt": {
                "text": PROSE,
                "date": DAY,
                "source": "courrier",
            },
            "archive.zip/courrier/flux.rss#courrier-41": _READ_ENTRY,
            "archive.zip/dedans.zip/b.pdf": {"text": "Un mot de la mairie.", "source": None},
        },
        {"archive.zip/vide.txt": "is empty"},
    ),
    Case(
        "dehors.zip",
        packed({"../a.txt": PROSE, "/etc/b.txt": PROSE, "C:/c.txt": PROSE, "d.txt": PROSE}),
        {"dehors.zip/d.txt": {}},
        {
            "dehors.zip/../a.txt": "points outside",
            "dehors.zip//etc/b.txt": "points outside",
            "dehors.zip/C:/c.txt": "points outside",
        },
    ),
    Case(
        "lien.zip",
        packed({"a.txt": "/etc/passwd", "b.txt": PROSE}, links=["a.txt"]),
        {"lien.zip/b.txt": {}},
        {"lien.zip/a.txt": "is a link"},
    ),
    Case(
        "secret.zip",
        _encrypted_member(),
        {"secret.zip/bon.txt": {}},
        {"secret.zip/secret.txt": "is encrypted"},
    ),
    Case(
        "abîmé.zip",
        _damaged_member(),
        {"abîmé.zip/bon.txt": {}},
        {"abîmé.zip/faux.txt": "cannot be unpacked"},
    ),
    Case(
        "bombe.zip",
        packed({"a.txt": "a" * 2_000_000, "b.txt": PROSE}),
        {"bombe.zip/b.txt": {}},
        {"bombe.zip/a.txt": "unpacks to "},
    ),
    Case(
        "dos.zip",
        _dos_names(),
        {"dos.zip/Àété1.txt": {"text": PROSE}, "dos.zip/été2.txt": {"text": MORE_PROSE}},
    ),
    _bad("faux.zip", PROSE, "is damaged or no zip file"),
    _bad("images.zip", packed({"a.jpg": b"\xff"}), "holds no article"),
    # Dates to come
    Case(
        "demain.txt",
        f" date 2999-01-01 {PROSE}",
        {"demain.txt": {"text": PROSE, "date": None}},
        {"demain.txt": "its date, 2999-01-01, is a day to come"},
    ),
]


def _write(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def _read(file: Path, folder: Path, **options: Any) -> tuple[list[Article], dict[str, str]]:
    """The articles of a file, and the reasons by path."""
    articles: list[Article] = []
    reasons: dict[str, str] = {}
    try:
        for found in read_articles(file, folder, ReadingOptions(**options), "hash"):
            if isinstance(found, BrokenFile):
                assert found.path not in reasons
                reasons[found.path] = found.reason
            else:
                articles.append(found)
    except ArticleError as error:
        reasons[file.relative_to(folder).as_posix()] = str(error)
    return articles, reasons


@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_file(tmp_path: Path, case: Case) -> None:
    articles, reasons = _read(_write(tmp_path, case.name, case.content), tmp_path)
    assert [article.path for article in articles] == list(case.articles)
    for article in articles:
        expected = case.articles[article.path]
        assert {name: getattr(article, name) for name in expected} == dict(expected)
        assert article.file_hash == "hash"
    assert reasons.keys() == case.reasons.keys()
    for path, reason in reasons.items():
        assert reason.startswith(case.reasons[path])
        assert "\n" not in reason


def test_a_folder_of_all_of_them(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    assert len(CASES) >= 30
    assert {Path(case.name).suffix for case in CASES} | {".markdown"} == FORMATS.keys()
    for case in CASES:
        _write(chosen.articles, case.name, case.content)
    summary = build_folder(chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    found = [article.path for article in index.articles.every()]
    assert sorted(found) == sorted(path for case in CASES for path in case.articles)
    assert summary.added == summary.articles == len(found)
    broken = sorted(path for case in CASES for path in case.reasons)
    assert [file.path for file in summary.broken] == broken
    assert verify(index, chosen, CountingEncoder()).problems == ()
    index.close()

    again = build_folder(chosen, CountingEncoder())
    assert (again.written, again.unchanged, again.broken) == (False, len(found), summary.broken)


# Files of several articles, built again


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    return chosen


def _build(chosen: Settings) -> tuple[BuildSummary, list[str]]:
    encoder = CountingEncoder()
    return build_folder(chosen, encoder), encoder.passages


def _changes(summary: BuildSummary) -> tuple[int, int, int, int]:
    return summary.added, summary.changed, summary.removed, summary.unchanged


def _entries(*numbers: int) -> list[dict[str, str]]:
    return [
        {"title": f"Titre {n}", "description": f"<p>Le village {n} a fêté son marché.</p>"}
        for n in numbers
    ]


_MAKERS: list[tuple[str, Callable[..., bytes | str]]] = [
    ("flux.rss", lambda *numbers: rss(_entries(*numbers))),
    ("liste.jsonl", lambda *numbers: json_lines(_entries(*numbers))),
    ("liste.json", lambda *numbers: json.dumps(_entries(*numbers))),
    (
        "liste.csv",
        lambda *numbers: (
            "title,description\n"
            + "".join(f"{one['title']},{one['description']}\n" for one in _entries(*numbers))
        ),
    ),
    (
        "a.zip",
        lambda *numbers: packed({f"{n}.txt": f"Le village {n} a fêté." for n in numbers}),
    ),
    (
        "a.eml",
        lambda *numbers: mail_with(
            *((f"{n}.txt", f"Le village {n} a fêté.".encode()) for n in numbers)
        ),
    ),
]


@pytest.mark.parametrize(("name", "made"), _MAKERS, ids=[name for name, _ in _MAKERS])
def test_what_is_new_in_a_file_is_counted_and_embedded_alone(
    chosen: Settings, name: str, made: Callable[..., bytes | str]
) -> None:
    _write(chosen.articles, name, made(1, 2, 3))
    summary, _ = _build(chosen)
    assert _changes(summary) == (3, 0, 0, 0)

    _write(chosen.articles, name, made(4, 1, 2, 3))
    summary, embedded = _build(chosen)
    assert _changes(summary) == (1, 0, 0, 3)
    assert embedded
    assert all("village 4" in text for text in embedded)

    _write(chosen.articles, name, made(4, 3, 1))
    summary, embedded = _build(chosen)
    assert (_changes(summary), embedded) == ((0, 0, 1, 3), [])
    # Another order is another file with the same articles.
    _write(chosen.articles, name, made(1, 3, 4))
    summary, embedded = _build(chosen)
    assert (_changes(summary), embedded, summary.written) == ((0, 0, 0, 3), [], True)
    assert not _build(chosen)[0].written
    index = Index.open_current(chosen.index)
    assert verify(index, chosen, CountingEncoder()).problems == ()
    index.close()

    (chosen.articles / name).unlink()
    summary, _ = _build(chosen)
    assert _changes(summary) == (0, 0, 3, 0)


def test_an_article_corrected_in_a_feed_is_one_change(chosen: Settings) -> None:
    entries = _entries(1, 2)
    _write(chosen.articles, "flux.rss", rss(entries))
    _build(chosen)
    entries[1]["description"] = "Le village 2 a annulé sa fête."
    _write(chosen.articles, "flux.rss", rss(entries))
    summary, embedded = _build(chosen)
    assert _changes(summary) == (0, 1, 0, 1)
    assert all("annulé" in text for text in embedded)


def test_an_unchanged_file_of_several_is_not_read_again(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(chosen.articles, "a.zip", packed({"a.txt": PROSE, "b.txt": ""}))
    first, _ = _build(chosen)
    assert [file.path for file in first.broken] == ["a.zip/b.txt"]

    def refuse(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("rag.ingest.folder.read_articles", refuse)
    summary, _ = _build(chosen)
    assert not summary.written
    assert (_changes(summary), summary.broken) == ((0, 0, 0, 1), first.broken)
    _write(chosen.articles, "neuf.txt", MORE_PROSE)
    summary, _ = _build(chosen)
    assert [file.path for file in summary.broken] == ["a.zip/b.txt", "neuf.txt"]
    assert _changes(summary) == (0, 0, 0, 1)


def test_other_limits_and_names_read_files_again(chosen: Settings) -> None:
    _write(chosen.articles, "a.csv", f'text,brut\nCourt.,"{PROSE}"\n')
    _write(chosen.articles, "b.zip", packed({"a.txt": PROSE * 10, "b.txt": MORE_PROSE}))
    small = chosen.model_copy(update={"max_file_bytes": 1_000})
    summary, _ = _build(small)
    assert [file.path for file in summary.broken] == ["b.zip/a.txt"]
    summary, _ = _build(chosen)
    assert (_changes(summary), summary.broken) == ((1, 0, 0, 2), ())
    named = chosen.model_copy(update={"field_names": {"text": ["Brut"]}})
    summary, _ = _build(named)
    assert _changes(summary) == (1, 0, 1, 2)
    index = Index.open_current(chosen.index)
    assert PROSE in [article.text for article in index.articles.every()]
    index.close()
    assert not _build(named)[0].written


def test_a_file_that_takes_the_place_of_a_folder(chosen: Settings) -> None:
    _write(chosen.articles, "a.zip/a.txt", PROSE)
    _build(chosen)
    (chosen.articles / "a.zip" / "a.txt").unlink()
    (chosen.articles / "a.zip").rmdir()
    _write(chosen.articles, "a.zip", packed({"a.txt": PROSE, "b.txt": MORE_PROSE}))
    summary, _ = _build(chosen)
    assert _changes(summary) == (1, 0, 0, 1)


def test_verify_tells_what_changed_in_a_file_of_several(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(chosen.articles, "flux.rss", rss(_entries(1, 2)))
    _build(chosen)
    index = Index.open_current(chosen.index)

    def fewer(*arguments: object) -> list[Article | BrokenFile]:
        first, _ = read_articles(*arguments)  # type: ignore[arg-type]
        return [first]

    with monkeypatch.context() as patched:
        patched.setattr("rag.ingest.folder.read_articles", fewer)
        problems = verify(index, chosen, CountingEncoder()).problems
        assert problems == ("flux.rss#Titre 2: is no longer read in flux.rss; run: rag build",)
    _write(chosen.articles, "flux.rss", rss(_entries(1, 2, 3)))
    problems = verify(index, chosen, CountingEncoder()).problems
    assert problems == ("flux.rss: changed since it was indexed; run: rag build",)
    (chosen.articles / "flux.rss").unlink()
    assert len(verify(index, chosen, CountingEncoder()).problems) == 2
    index.close()


def test_a_date_that_has_come_is_taken_up(
    chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    ahead = datetime.date.today() + datetime.timedelta(30)
    _write(chosen.articles, "a.txt", f" date {ahead} {PROSE}")
    summary, _ = _build(chosen)
    assert (summary.articles, len(summary.broken)) == (1, 1)

    class Later(datetime.date):
        @classmethod
        def today(cls) -> Later:
            return cls(ahead.year, ahead.month, ahead.day)

    monkeypatch.setattr("rag.ingest.read_files.datetime.date", Later)
    summary, embedded = _build(chosen)
    assert (_changes(summary), summary.broken, embedded) == ((0, 1, 0, 0), (), [])
    index = Index.open_current(chosen.index)
    assert [article.date for article in index.articles.every()] == [ahead]
    index.close()


# Limits and files that will not hold still


def test_limits_of_archives(tmp_path: Path) -> None:
    inner = packed({"a.txt": PROSE})
    file = _write(tmp_path, "a.zip", packed({"b.txt": MORE_PROSE, "c.zip": inner}))
    size = len(MORE_PROSE.encode()) + len(inner) + len(PROSE.encode())
    assert len(_read(file, tmp_path, container_bytes=size, members=3, zip_depth=2)[0]) == 2
    for limit, where, reason in (
        ({"container_bytes": size - 1}, "a.zip", "raise the setting max_container_bytes"),
        ({"members": 3 - 1}, "a.zip", "raise the setting max_container_members"),
        ({"zip_depth": 1}, "a.zip/c.zip", "max_zip_depth"),
    ):
        articles, reasons = _read(file, tmp_path, **limit)
        # What stands before the limit is kept.
        assert [article.text for article in articles] == [MORE_PROSE]
        assert list(reasons) == [where]
        assert reasons[where].endswith(reason)


def test_attachments_have_the_limits_of_archives(tmp_path: Path) -> None:
    files = [("a.txt", MORE_PROSE.encode()), ("b.txt", PROSE.encode())]
    nested = mail_with(*files, ("c.zip", packed({"d.txt": PROSE})))
    file = _write(tmp_path, "a.eml", nested)
    assert len(_read(file, tmp_path)[0]) == 3
    for limit, where, count in (
        ({"container_bytes": len(MORE_PROSE.encode())}, "a.eml", 1),
        ({"members": 1}, "a.eml", 1),
        ({"zip_depth": 1}, "a.eml/c.zip", 2),
        ({"file_bytes": len(nested) - 1}, "a.eml", 0),
    ):
        articles, reasons = _read(file, tmp_path, **limit)
        assert (len(articles), list(reasons)) == (count, [where])


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
@settings(deadline=None)
def test_a_damaged_mail_gives_articles_or_a_reason(place: int, damage: bytes) -> None:
    content = bytearray(
        mail_with(("à lire.txt", PROSE.encode()), ("", mail(MORE_PROSE)), body=PROSE)
    )
    place %= len(content)
    content[place : place + len(damage)] = damage
    with tempfile.TemporaryDirectory() as folder:
        articles, reasons = _read(_write(Path(folder), "a.eml", bytes(content)), Path(folder))
    assert articles or reasons
    paths = [article.path for article in articles]
    assert len(paths) == len(set(paths))
    assert all(path.isprintable() and ".." not in path.split("/") for path in paths)


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.jsonl", json_lines(_entries(1, 2, 3))), ("a.rss", rss(_entries(1, 2, 3)))],
)
def test_a_list_that_is_too_long_gives_its_beginning(
    tmp_path: Path, name: str, content: str
) -> None:
    articles, reasons = _read(_write(tmp_path, name, content), tmp_path, members=2)
    assert len(articles) == 2
    assert "max_container_members" in reasons[name]


@pytest.mark.slow
def test_two_hundred_megabytes_of_one_line(tmp_path: Path) -> None:
    for name in ("a.txt", "b.jsonl", "c.rss"):
        with (tmp_path / name).open("wb") as file:
            file.truncate(200_000_000)
    tracemalloc.start()
    assert "at most 20000000 are read" in _read(tmp_path / "a.txt", tmp_path)[1]["a.txt"]
    assert "max_file_bytes" in _read(tmp_path / "c.rss", tmp_path)[1]["c.rss"]
    _, reasons = _read(tmp_path / "b.jsonl", tmp_path)
    assert "max_file_bytes" in reasons["b.jsonl#line 1"]
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 100_000_000


def test_a_long_line_costs_one_article(tmp_path: Path) -> None:
    long = {"title": "Long", "text": "mot " * 500}
    for name, content in (
        ("a.jsonl", json_lines([long, _RECORD])),
        ("a.json", json.dumps([long, _RECORD])),
    ):
        articles, reasons = _read(_write(tmp_path, name, content), tmp_path, file_bytes=1_000)
        assert [article.title for article in articles] == ["L’école rouvre"]
        (reason,) = reasons.values()
        assert "max_file_bytes" in reason


def test_a_word_file_that_unpacks_to_too_much(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.docx", docx(["mot " * 50_000]))
    _, reasons = _read(file, tmp_path, file_bytes=100_000)
    assert reasons["a.docx"].startswith("unpacks to ")
    assert len(_read(file, tmp_path)[0]) == 1


def test_chapters_have_limits(tmp_path: Path) -> None:
    chapters = {"un.xhtml": chapter(PROSE), "deux.xhtml": chapter(MORE_PROSE * 40)}
    file = _write(tmp_path, "a.epub", epub(chapters))
    articles, reasons = _read(file, tmp_path, file_bytes=4_000)
    assert [article.text for article in articles] == [PROSE]
    assert "max_file_bytes" in reasons["a.epub#OEBPS/deux.xhtml"]
    assert "max_container_members" in _read(file, tmp_path, members=1)[1]["a.epub"]
    assert "max_container_bytes" in _read(file, tmp_path, container_bytes=5_000)[1]["a.epub"]


def test_many_broken_members_end_in_one_line(tmp_path: Path) -> None:
    records: list[object] = [{"title": f"Titre {n}"} for n in range(80)]
    file = _write(tmp_path, "a.jsonl", json_lines([*records, _RECORD]))
    articles, reasons = _read(file, tmp_path)
    assert len(articles) == 1
    assert len(reasons) == 50 + 1
    assert reasons["a.jsonl"].startswith("holds 30 more articles that cannot be read")


def test_lists_and_archives_are_read_as_they_come(tmp_path: Path) -> None:
    text = "mot " * 15_000
    records = [{"title": f"Titre {n}", "text": text} for n in range(200)]
    rows = "".join(f"{one['title']},{text}\n" for one in records)
    contents: dict[str, bytes] = {
        ".jsonl": json_lines(records).encode(),
        ".json": json.dumps(records).encode(),
        ".csv": f"title,text\n{rows}".encode(),
        ".zip": packed({f"{n}.txt": text for n in range(200)}),
    }
    for suffix, content in contents.items():
        file = _write(tmp_path, f"a{suffix}", content)
        with file.open("rb") as stream:
            opened = Opened(file.name, stream, ReadingOptions(), Budget())
            tracemalloc.start()
            assert sum(1 for _ in FORMATS[suffix](opened)) == 200
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 200 * len(text) / 2


def test_a_file_that_grows_while_it_is_read(tmp_path: Path) -> None:
    file = _write(tmp_path, "a.jsonl", json_lines(_entries(*range(2_000))))
    reading = iter(read_articles(file, tmp_path, ReadingOptions(), "hash"))
    next(reading)
    with file.open("a", encoding="utf-8") as growing:
        growing.write(json_lines(_entries(2_000)))
    with pytest.raises(ArticleError, match="changed while it was read"):
        list(reading)

    class Growing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            return super().read(size)[:-1]

    stream = Growing(PROSE.encode())
    with pytest.raises(ArticleError, match="changed while it was read"):
        Opened("a.txt", stream, ReadingOptions(), Budget()).content()


def test_a_file_that_vanishes_and_links_that_lead_nowhere(chosen: Settings) -> None:
    _write(chosen.articles, "a.zip", packed({"a.txt": PROSE}))
    _write(chosen.articles, "b.txt", MORE_PROSE)
    (chosen.articles / "boucle.pdf").symlink_to(chosen.articles / "boucle.pdf")
    sources, broken = folder_sources(chosen.articles, reading_options(chosen))
    assert [(file.path, file.reason) for file in broken] == [
        ("boucle.pdf", "cannot be read: Too many levels of symbolic links")
    ]
    (chosen.articles / "a.zip").unlink()
    summary = build(sources, chosen, CountingEncoder(), unreadable=broken)
    assert summary.articles == 1
    assert summary.broken[0].path == "a.zip"
    assert summary.broken[0].reason == "cannot be read: No such file or directory"


def test_a_library_that_breaks_costs_one_member(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = _write(tmp_path, "a.zip", packed({"a.pdf": b"%PDF", "b.txt": PROSE}))

    def failing(opened: Opened) -> None:
        raise RecursionError("too deep")

    monkeypatch.setitem(FORMATS, ".pdf", failing)
    articles, reasons = _read(file, tmp_path)
    assert [article.path for article in articles] == ["a.zip/b.txt"]
    assert reasons == {"a.zip/a.pdf": "cannot be read (RecursionError); save it in another way"}


def test_the_same_member_and_the_same_entry_twice(tmp_path: Path) -> None:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("a.txt", PROSE)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("a.txt", MORE_PROSE)
    articles, reasons = _read(_write(tmp_path, "a.zip", content.getvalue()), tmp_path)
    assert [article.text for article in articles] == [PROSE]
    assert reasons["a.zip/a.txt"].startswith("is in the archive twice")
    file = _write(tmp_path, "a.rss", rss([*_entries(1), *_entries(1)]))
    articles, _ = _read(file, tmp_path)
    assert [article.path for article in articles] == ["a.rss#Titre 1", "a.rss#Titre 1 (2)"]


def test_an_address_of_a_script_is_none(tmp_path: Path) -> None:
    record = {**_RECORD, "lien": "javascript:alert(1)"}
    (article,), _ = _read(_write(tmp_path, "a.jsonl", json_lines([record])), tmp_path)
    assert article.url is None


def test_an_entity_that_grows_is_not_followed(tmp_path: Path) -> None:
    doubled = "".join(
        f'<!ENTITY e{n} "{f"&e{n - 1};" * 20}">' if n else '<!ENTITY e0 "mot ">'
        for n in range(9)
    )
    feed = rss(_entries(1)).replace("<rss", f"<!DOCTYPE rss [{doubled}]><rss")
    feed = feed.replace("Titre 1", "&e8;")
    articles, _ = _read(_write(tmp_path, "a.rss", feed), tmp_path)
    assert all(len(article.text + article.title) < 1_000 for article in articles)


# Lines of pages


def _page(*lines: str, top: float = 700, right: float = 500) -> list[Line]:
    return [Line(text, 60, right, top - 14 * n, 11) for n, text in enumerate(lines)]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Le maire a inau-", "guré le pont", "Le maire a inauguré le pont"),
        ("Le maire a inau\u00ad", "guré le pont", "Le maire a inauguré le pont"),
        ("au lycée Jean-", "Moulin", "au lycée Jean-Moulin"),
        ("un rendez-", "vous", "un rendez-vous"),
        ("viendra-t-", "il", "viendra-t-il"),
        ("c’est-à-", "dire", "c’est-à-dire"),
        ("la va-", "leur", "la valeur"),
        ("quatre-vingt-", "dix", "quatre-vingt-dix"),
        ("une porte-", "fenêtre", "une porte-fenêtre"),
        ("il télé-", "phone", "il téléphone"),
        ("en 2024-", "2025", "en 2024- 2025"),
        ("un mot", "puis un autre", "un mot puis un autre"),
        ("– dit-il –", "sans hâte", "– dit-il – sans hâte"),
    ],
)
def test_words_parted_at_line_ends(before: str, after: str, joined: str) -> None:
    compounds = frozenset({"porte-fenêtre"})
    assert join(before, after, frozenset({"téléphone"}), compounds) == joined


@settings(deadline=None)
@given(st.lists(st.text("abcé XY.-\u00ad", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_joining_loses_only_hyphens_and_spaces(texts: list[str]) -> None:
    pages = [[Line(text, 60, 500, 700 - 14 * n, 11) for n, text in enumerate(texts)]]
    letters = "".join("".join(paragraphs_of(pages)).split()).replace("-", "")
    expected = "".join("".join(texts).split()).replace("-", "").replace("\u00ad", "")
    assert letters.replace("\u00ad", "") == expected


def test_running_lines_go_and_the_rest_stays() -> None:
    texts = [
        _page(f"Article {7 * n}", *[f"{word} de suite"] * 3, f"{word} enfin", "Fin de page")
        for n, word in enumerate(("un", "deux", "trois"))
    ]
    # What ends every page goes with the footer.
    expected = [lines[:-1] for lines in texts]
    for header, footer in (
        ("Le Courrier – mai 2024", "Page {number}/3"),
        ("2024 – {number} Le Courrier", "- {number} -"),
        ("Le Courrier", "page {number} sur 3"),
    ):
        pages = [
            [
                Line(header.format(number=n + 11), 60, 300, 800, 9),
                *lines,
                Line(footer.format(number=n), 280, 320, 30, 9),
            ]
            for n, lines in enumerate(texts, 1)
        ]
        assert without_running_lines(pages) == expected
    # Of a single page the line that counts pages is told from its words.
    assert without_running_lines(pages[:1]) == [pages[0][:-1]]
    # A document of nothing else is kept.
    headers = [page[:1] for page in pages]
    assert without_running_lines(headers) == headers


def test_paragraphs_of_indented_spaced_and_broken_lines() -> None:
    full = "Une ligne pleine qui va jusqu’au bout de sa colonne"
    indented = [
        Line("Un début en retrait", 75, 500, 700, 11),
        Line(full, 60, 500, 686, 11),
        Line("et une fin.", 60, 500, 672, 11),
        Line("Un autre début", 75, 500, 658, 11),
        Line(full + ".", 60, 500, 644, 11),
    ]
    assert len(paragraphs_of([indented])) == 2
    spaced = [*_page(full, full, full + "."), *_page(full, full, full, top=640)]
    assert len(paragraphs_of([spaced])) == 2
    broken = [_page(full, full), _page("qui continue ici.", right=140)]
    assert paragraphs_of(broken) == [f"{full} {full} qui continue ici."]
    short = [*_page(full), *_page("et finit.", top=686, right=120), *_page(full, top=672)]
    assert paragraphs_of([short]) == [f"{full} et finit.", full]


# Parts


@pytest.mark.parametrize(
    ("written", "date"),
    [
        (
            "2024-05-17T23:30:00Z",
            datetime.datetime(2024, 5, 17, 23, 30, tzinfo=datetime.UTC),
        ),
        ("Fri, 17 May 2024 00:30:00 +0200", DAY),
        ("17 mai 2024", DAY),
        ("vendredi 17 mai 2024", DAY),
        ("17/05/2024", DAY),
        ("05/06/2024", datetime.date(2024, 6, 5)),
        ("May 17, 2024", DAY),
        ("20240517", DAY),
        (1715904000, DAY),
        ("1715904000000", DAY),
        ("mai 2024", None),
        ("hier", None),
        ("il y a deux jours", None),
        ("2024", None),
        ("12345", None),
        ("9" * 50, None),
        (None, None),
        ("", None),
        (True, None),
    ],
)
def test_find_date(written: object, date: datetime.date | None) -> None:
    assert find_date(written) == date


@settings(deadline=None)
@given(st.text(max_size=80) | st.integers() | st.floats() | st.none())
def test_anything_may_be_asked_for_its_date(written: object) -> None:
    found = find_date(written)
    assert found is None or isinstance(found, datetime.date)


@pytest.mark.parametrize(
    ("name", "date"),
    [
        ("2024-05-17-titre.txt", DAY),
        ("titre_2024_05_17.txt", DAY),
        ("une-20240517.pdf", DAY),
        ("20240517T1030.txt", None),
        ("000_7952201a0ce36f6f.txt", None),
        ("12345678.txt", None),
        ("2024-13-01 puis 2024-05-17.txt", DAY),
        ("2024-05.txt", None),
    ],
)
def test_date_in_name(name: str, date: datetime.date | None) -> None:
    assert date_in_name(name) == date


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=200), st.none() | st.text(max_size=5))))
def test_keys_are_lines_and_never_twice(named: list[tuple[str | None, str | None]]) -> None:
    made = tell_apart(
        Named.of(identifier, None, title, None, "texte") for identifier, title in named
    )
    keys = Keys()
    as_they_come = [keys.of(identifier, None, title, "texte") for identifier, title in named]
    assert len(set(as_they_come)) == len(as_they_come)
    assert len(set(made)) == len(made)
    assert all(key and key.isprintable() and len(key) < 140 for key in made)


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<p>Un <b>mot</b>\n gras.</p><p>Deux.</p>", "Un mot gras.\n\nDeux."),
        ("Un<br>deux<br/><br/>trois", "Un\ndeux\n\ntrois"),
        ("<ul><li>pain</li><li>vin</li></ul>", "pain\n\nvin"),
        ("<div><div><p>Un</p></div></div>Deux", "Un\n\nDeux"),
        ("<script>a()</script>Un<!-- deux --><style>b</style>.", "Un."),
        ("L&rsquo;école : 40&nbsp;%", "L’école : 40\u00a0%"),
        ("Un mot", "Un mot"),
        ("", ""),
        ("<!-- rien -->", ""),
    ],
)
def test_markup_to_paragraphs(markup: str, text: str) -> None:
    assert paragraphs(markup) == text


def test_what_is_markup() -> None:
    assert is_markup("Un <em>mot</em>")
    assert is_markup("Un<br>mot")
    assert not is_markup("Si a < b et c > d, alors <voir plus bas>")


_names = st.text(
    st.characters(codec="utf-8", exclude_characters="/\\\0:#"), min_size=1, max_size=9
)


@settings(deadline=None)
@given(
    st.dictionaries(
        _names.filter(lambda name: name[0] != "." and name.isprintable()),
        st.text(min_size=1),
        max_size=4,
    )
)
def test_any_archive_gives_its_texts_or_reasons(texts: dict[str, str]) -> None:
    stream = io.BytesIO(packed({f"{name}.txt": text for name, text in texts.items()}))
    opened = Opened("a.zip", stream, ReadingOptions(), Budget())
    try:
        members = list(FORMATS[".zip"](opened))
    except ArticleError:
        assert not texts
        return
    assert [member.file for member in members] == [f"{name}.txt" for name in texts]


@settings(deadline=None)
@given(st.binary(max_size=300), st.sampled_from(sorted(FORMATS)))
def test_any_bytes_give_articles_or_a_reason(content: bytes, suffix: str) -> None:
    opened = Opened(f"a{suffix}", io.BytesIO(content), ReadingOptions(), Budget())
    assert all("\n" not in reason for reason in _reasons(opened, suffix))


def _reasons(opened: Opened, suffix: str) -> list[str]:
    try:
        drafts = [member.draft for member in FORMATS[suffix](opened)]
    except ArticleError as error:
        return [str(error)]
    return [str(draft) for draft in drafts if isinstance(draft, ArticleError)]


def test_every_format_is_found_in_a_folder(tmp_path: Path) -> None:
    for suffix in FORMATS:
        _write(tmp_path, f"A{suffix.upper()}", "")
    _write(tmp_path, "a.gif", "")
    assert len(find_article_files(tmp_path)) == len(FORMATS)
