"""Citations read back from exports; the page's own are read in tests/browser."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rag.errors import QuotesFileError
from rag.library.exported_quotes import CitedWords, read_quotes

NARROW = "\N{NARROW NO-BREAK SPACE}"
PLACE = '{"number": "1", "path": "a/b.txt", "start": 3, "end": 14}'
MARKDOWN = f"""# Questions

## Quoi ?

> juste avant : «{NARROW}Une phrase.{NARROW}»
>
> «{NARROW}Le \\*pont\\*
> rouvre [1].{NARROW}» \\[1\\]
>
> \\[1\\] Un titre · 1er mars 2024. a/b.txt, caractères 3 à 14.
>
> <!-- guillemets {PLACE} -->
"""
CITED = CitedWords("1", "Le *pont*\nrouvre [1].", "a/b.txt", 3, 14)


def _read(tmp_path: Path, content: str | bytes) -> tuple[CitedWords, ...]:
    file = tmp_path / "exported"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_quotes(file)


def test_markdown_without_its_context(tmp_path: Path) -> None:
    assert _read(tmp_path, MARKDOWN) == (CITED,)
    assert _read(tmp_path, MARKDOWN.replace("\n", "\r\n")) == (CITED,)
    assert _read(tmp_path, b"\xef\xbb\xbf" + MARKDOWN.encode()) == (CITED,)


def test_html_with_marks_and_references(tmp_path: Path) -> None:
    figure = (
        '<!doctype html><figure data-number="2" data-path="l&#39;a.txt" data-start="0" '
        'data-end="9"><blockquote>« <span class="words">Un &lt;b&gt; &amp;amp;</span> » [2]'
        "</blockquote><figcaption>[2] <span>Titre</span></figcaption></figure>"
    )
    assert _read(tmp_path, figure) == (CitedWords("2", "Un <b> &amp;", "l'a.txt", 0, 9),)


def test_json_of_an_answer_and_of_a_refusal(tmp_path: Path) -> None:
    quote = {"text": "Un.", "path": "a.txt", "start": 0, "end": 3, "title": "Un titre"}
    answered = {"question": "?", "quotes": [quote, quote], "abstention": None}
    refused = {"quotes": [], "abstention": {"nearest": [quote], "reason": "nothing_close"}}
    cited = [CitedWords(number, "Un.", "a.txt", 0, 3) for number in ("1", "2")]
    assert _read(tmp_path, json.dumps(answered)) == tuple(cited)
    assert _read(tmp_path, json.dumps(refused)) == (cited[0],)
    assert _read(tmp_path, json.dumps([answered, refused])) == (*cited, cited[0])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "holds no citation"),
        ("# Rien\n\n> « Un. » [1]\n", "holds no citation"),
        ("<!doctype html><p>Un.</p>", "holds no citation"),
        ('{"quotes": []}', "holds no citation"),
        (b"\xff\xfe\x00", "is not UTF-8"),
        (MARKDOWN.replace("Le \\*pont\\*\n> rouvre [1].", " "), "holds no citation"),
        ('{"quotes": [{"text": " ", "path": "a", "start": 0, "end": 3}]}', "is damaged"),
        ('{"quotes": [{"text": "\\ud800", "path": "a", "start": 0, "end": 3}]}', "is damaged"),
        ("{", "is damaged"),
        ("[" * 100_000, "is damaged"),
        ('{"answers": []}', "is damaged"),
        ('{"quotes": [{"text": "Un.", "path": "a", "start": -1, "end": 3}]}', "is damaged"),
        ('<figure data-path="a" data-start="un">', "is damaged"),
        (MARKDOWN.replace('"start": 3', '"start": "trois"'), "is damaged"),
    ],
)
def test_what_is_no_export_is_one_line(tmp_path: Path, content: str | bytes, said: str) -> None:
    with pytest.raises(QuotesFileError, match=said) as raised:
        _read(tmp_path, content)
    assert "\n" not in str(raised.value)
    assert "rag ask --json" in str(raised.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(QuotesFileError, match=r"nowhere\.md cannot be read"):
        read_quotes(tmp_path / "nowhere.md")
    with pytest.raises(QuotesFileError, match="cannot be read"):
        read_quotes(tmp_path)
