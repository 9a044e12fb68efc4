"""Files of every format, and what may become of them on their way: cut, mixed up, rewritten."""

from __future__ import annotations

import io
import json
import plistlib
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

from rag.ingest import FORMATS
from tests.ingest.case_files import CASES
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
from tests.ingest.word_files import odt

# Larger ones are other cases' and would take long.
_LARGEST = 60_000
_RECORD = {"id": 7, "titre": "Le pont", "texte": PROSE, "date": "17 mai 2024", "n": [1.5, None]}
_PAGE = (
    f"<html><body><article><h1>T</h1><p>{PROSE}</p><p>{MORE_PROSE}</p></article></body></html>"
)
_MHTML = (
    "From: <Saved by Blink>\r\nSubject: T\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/related; type="text/html"; boundary="x"\r\n\r\n--x\r\n'
    "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    f"{_PAGE}\r\n--x--\r\n"
)
_WEBARCHIVE = plistlib.dumps(
    {
        "WebMainResource": {
            "WebResourceData": _PAGE.encode(),
            "WebResourceMIMEType": "text/html",
            "WebResourceTextEncodingName": "UTF-8",
        }
    },
    fmt=plistlib.FMT_BINARY,
)
_TOKENS = [
    *(b"\0", b"\xff\xfe", b"\xef\xbb\xbf", b"\x80", b"\xe9", b'"', b"'", b"<", b">", b"&#0;"),
    *(b"&#x110000;", b"]]>", b"<!--", b"<![CDATA[", b"\r", b"\n\n", b"{", b"}", b"[", b"\\u"),
    *(b"NaN", b"-->", b"99999999999999999999", b"-1", b"%s", b"--limite", b"<!DOCTYPE", b"<p"),
    *(b"endstream", b"endobj", b"stream", b"<<", b"/Kids", b"xref", b"\\bin999999", b"\\u8364"),
    *(b"PK\3\4", b"charset=utf-7", b"encoding='utf-32'", b"=?utf-8?b?=", b"date 2024-02-30 "),
]


def seeds() -> list[tuple[str, bytes]]:
    """Names and contents of well-formed files, at least one of each format that is read."""
    made: list[tuple[str, bytes | str]] = [
        ("a.txt", f" date 2024-05-17 Un titre\n\n{PROSE}\n\n{MORE_PROSE}"),
        (
            "a.md",
            f"---\ntitre: Un titre\n---\n# T\n\n{PROSE}\n\n- a\n\n| a | b |\n|-|-|\n|1|2|\n",
        ),
        ("a.markdown", f"+++\ntitle = 'x'\n+++\n{PROSE}"),
        (
            "a.html",
            f"<html><head><title>T</title></head><body><article><h1>T</h1><p>{PROSE}</p>"
            f"<table><tr><td>a</td></tr></table><p>{MORE_PROSE}</p></article></body></html>",
        ),
        ("a.mhtml", _MHTML),
        ("a.webarchive", _WEBARCHIVE),
        ("a.pdf", pdf([column([PROSE[:60], PROSE[60:]])], Title="T")),
        ("a.docx", docx([PROSE, MORE_PROSE], "Titre", ["Lundi", "8 h"])),
        ("a.odt", odt(f"<text:p>{PROSE}</text:p><text:p>{MORE_PROSE}</text:p>")),
        ("a.epub", epub({"un.xhtml": chapter(PROSE, heading="Un")}, {"un.xhtml": "Un"})),
        (
            "a.rss",
            rss([{"title": f"T {n}", "description": f"<p>{PROSE}</p>"} for n in range(3)]),
        ),
        ("a.json", json.dumps([_RECORD, _RECORD])),
        ("a.jsonl", json_lines([_RECORD, _RECORD])),
        ("a.csv", f'titre,texte,date\nA,"{PROSE}",2024-05-17\nB,"Un ""mot"",\ndeux.",\n'),
        ("a.eml", mail(PROSE)),
        ("b.eml", mail_with(("a.txt", PROSE.encode()), ("", mail(MORE_PROSE)), body=PROSE)),
        ("a.zip", packed({"a.txt": PROSE, "b.json": json.dumps([_RECORD])})),
        (
            "a.srt",
            "1\n00:00:01,000 --> 00:00:02,000\nUn mot.\n\n"
            "2\n00:00:03,000 --> 00:00:04,000\nNORA : Deux.\n",
        ),
        ("a.vtt", "WEBVTT - T\n\nNOTE x\n\n00:01.000 --> 00:02.000\n<v Nora>Un <b>mot</b>.\n"),
        ("a.rtf", "{\\rtf1\\ansi\\ansicpg1252 Un mot \\'e9lu {\\b gras}\\par Deux.\\par}"),
    ]
    found = [
        (name, content if isinstance(content, bytes) else content.encode())
        for name, content in made
    ]
    return found + [
        (file.name, file.read_bytes())
        for file in sorted(CASES.rglob("*"))
        if file.suffix.lower() in FORMATS
        and file.name != "expected.txt"
        and file.stat().st_size < _LARGEST
    ]


def mutated(number: int, seed: int, from_files: list[tuple[str, bytes]]) -> tuple[str, bytes]:
    """The file ``number`` of a run: the same for the same ``seed``."""
    chance = random.Random(f"{seed}/{number}")
    name, content = from_files[number % len(from_files)]
    other = chance.choice(from_files)[1]
    if zipfile.is_zipfile(io.BytesIO(content)) and chance.random() < 0.7:
        content = _repacked(content, chance, other)
    else:
        content = _mutate(content, chance, other)
    if chance.random() < 0.1:
        name = Path(name).stem + chance.choice(sorted(FORMATS))
    return name, content


def _repacked(content: bytes, chance: random.Random, other: bytes) -> bytes:
    """An archive of which one member is mutated, packed well."""
    packed_again = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(content)) as archive,
        zipfile.ZipFile(packed_again, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        infos = archive.infolist()
        chosen = chance.choice([info for info in infos if info.file_size] or infos)
        for info in infos:
            data = archive.read(info)
            is_chosen = info.filename == chosen.filename
            target.writestr(info.filename, _mutate(data, chance, other) if is_chosen else data)
    return packed_again.getvalue()


def _mutate(content: bytes, chance: random.Random, other: bytes) -> bytes:
    changed = bytearray(content)
    for _ in range(chance.choice((1, 1, 2, 4, 12))):
        chance.choice(_CHANGES)(changed, chance, other)
    return bytes(changed)


def _span(content: bytearray, chance: random.Random, longest: int) -> tuple[int, int]:
    start = chance.randrange(len(content) + 1)
    return start, min(len(content), start + chance.randint(1, longest))


def _flip(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, end = _span(content, chance, 1)
    if start < end:
        content[start] = chance.randrange(256)


def _cut(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, end = _span(content, chance, 200)
    del content[start:end]


def _break_off(content: bytearray, chance: random.Random, other: bytes) -> None:
    del content[chance.randrange(len(content) + 1) :]


def _insert(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, _ = _span(content, chance, 1)
    content[start:start] = chance.choice(_TOKENS) * chance.choice((1, 1, 1, 40))


def _repeat(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, end = _span(content, chance, 100)
    content[end:end] = content[start:end] * chance.choice((1, 3, 300))


def _swap(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, end = _span(content, chance, 100)
    part = content[start:end]
    del content[start:end]
    place = chance.randrange(len(content) + 1)
    content[place:place] = part


def _mix(content: bytearray, chance: random.Random, other: bytes) -> None:
    start, _ = _span(content, chance, 1)
    from_other, _ = _span(bytearray(other), chance, 1)
    content[start:start] = other[from_other : from_other + 2000]


_CHANGES: tuple[Callable[[bytearray, random.Random, bytes], None], ...] = (
    *(_flip, _flip, _cut, _break_off, _insert, _insert, _repeat, _swap, _mix),
)
