"""Lists of articles: JSON, JSON lines and CSV, read one article at a time."""

from __future__ import annotations

import codecs
import contextlib
import csv
import io
import itertools
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from rag.errors import ArticleError
from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.encoding import encoding_of
from rag.ingest.formats.markup import is_markup, paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.member_keys import Keys
from rag.problems import Code, Problem
from rag.provenance import DateFrom

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "guid", "identifiant", "identifier", "uuid"),
    "title": ("title", "titre", "headline", "intitulé"),
    "text": (
        *("text", "texte", "content", "contenu", "body", "corps", "article", "articlebody"),
        *("fulltext", "maintext", "content_text", "content_html", "description"),
    ),
    "date": (
        *("date", "published", "publishedat", "datepublished", "published_at", "pubdate"),
        *("publication_date", "date_publication", "date_de_publication", "publié_le"),
        *("publishdate", "datetime", "created_at", "timestamp"),
    ),
    "author": ("author", "auteur", "authors", "auteurs", "byline", "creator", "journaliste"),
    "source": (
        *("source", "outlet", "journal", "publication", "publisher", "média", "media"),
        *("newspaper", "site", "sitename", "éditeur"),
    ),
    "url": ("url", "link", "lien", "adresse", "permalink", "uri"),
    "language": ("language", "lang", "langue", "inlanguage"),
}
# Plain names of fields that tell the day of an update.
_UPDATED = (
    *("updated", "updatedat", "modified", "modifiedat", "datemodified", "datemodification"),
    *("misajour", "misajourle", "lastmod", "lastmodified"),
)
_DELIMITERS = ",;\t|"
_SAMPLE = 1_000_000
# What of a dictionary is its words, as WordPress, JSON-LD and news interfaces have it.
_NAMED = ("rendered", "name", "title", "value", "@value", "#text", "label")
_Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Names:
    """What fields are called: by the settings first, then by what is recognised."""

    by_field: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, opened: Opened) -> _Names:
        own = dict(opened.options.field_names)
        return cls(
            {
                field: tuple(_plain(name) for name in (*own.get(field, ()), *names))
                for field, names in FIELDS.items()
            }
        )

    def value(self, record: _Record, field: str) -> Any:
        """The first field of ``record`` that goes by one of its names and says anything."""
        for name in self.by_field[field]:
            if record.get(name) not in (None, "", [], {}):
                return record[name]
        return None

    def known(self, names: Iterable[str]) -> int:
        """How many of ``names`` are recognised."""
        every = {name for names in self.by_field.values() for name in names}
        return sum(_plain(name) in every for name in names)


def read_json(opened: Opened) -> Iterator[Member]:
    """The articles of a JSON file: a list, a list under a key, or a single article.

    The list is never held whole. Raises ArticleError when it is not JSON or holds none.
    """
    import ijson

    opened.check_container()
    stream = opened.stream
    _skip_mark(stream)
    names = _Names.of(opened)
    try:
        where = _place_of_articles(stream, names)
        _skip_mark(stream)
        records = (one for one in ijson.items(stream, where) if isinstance(one, dict))
        yield from _members(enumerate(records, 1), names, opened, "entry")
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        detail = " ".join(str(error).split())[:80]
        raise ArticleError(Problem.of(Code.NOT_JSON, detail=detail)) from error


def read_json_lines(opened: Opened) -> Iterator[Member]:
    """The articles of a JSON lines file, one on each line; a bad line says so."""
    opened.check_container()
    yield from _members(_json_lines(opened), _Names.of(opened), opened, "line")


def read_csv(opened: Opened) -> Iterator[Member]:
    """The articles of a table whose first row names its columns.

    Raises ArticleError when no column holds texts or the rows cannot be told apart.
    """
    opened.check_container()
    names = _Names.of(opened)
    rows = _rows(opened, names)
    header = [_plain(name) for name in next(rows, [])]
    if not set(names.by_field["text"]) & set(header):
        found = ", ".join(name for name in header if name)[:200]
        if not found:
            raise ArticleError(Problem.of(Code.NO_COLUMNS))
        raise ArticleError(Problem.of(Code.NO_TEXT_COLUMN, found=found))
    records = (
        (number, dict(zip(header, row, strict=False)))
        for number, row in enumerate(rows, 2)
        if any(row)
    )
    yield from _members(records, names, opened, "row")


def _members(
    records: Iterable[tuple[int, _Record | ArticleError]],
    names: _Names,
    opened: Opened,
    what: str,
) -> Iterator[Member]:
    keys = Keys()
    count = 0
    for count, (number, record) in enumerate(records, 1):
        if count > opened.options.members:
            raise ArticleError(Problem.of(Code.TOO_MANY_RECORDS, most=opened.options.members))
        if isinstance(record, ArticleError):
            yield Member(record, key=f"{what} {number}")
            continue
        plain = {_plain(key): value for key, value in record.items()}
        draft = _draft(plain, names)
        problem = _problem_of(record, draft.text, opened.options.file_bytes)
        if problem is not None:
            yield Member(ArticleError(problem), key=f"{what} {number}")
            continue
        identifier = _words(names.value(plain, "id"))
        yield Member(draft, key=keys.of(identifier, draft.url, draft.title, draft.text))
    if not count:
        raise ArticleError(Problem.of(Code.NO_RECORDS))


def _problem_of(record: _Record, text: str, most: int) -> Problem | None:
    """What is wrong with a record of which ``text`` is the article."""
    if len(text) > most:
        return Problem.of(Code.TEXT_TOO_LONG, size=len(text), most=most)
    if text:
        return None
    found = ", ".join(str(key) for key in record)[:100]
    return Problem.of(Code.NO_TEXT_FIELD, found=found) if found else Problem.of(Code.NO_FIELDS)


def _draft(record: _Record, names: _Names) -> Draft:
    text = _words(names.value(record, "text")) or ""
    dated = _dated(record, names)
    return Draft(
        paragraphs(text) if is_markup(text) else text,
        title=_without_markup(_words(names.value(record, "title"))),
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=_words(names.value(record, "source")),
        url=_words(names.value(record, "url")),
        author=_words(names.value(record, "author")),
        language=_words(names.value(record, "language")),
    )


def _dated(record: _Record, names: _Names) -> Dated | None:
    """The day of publication, else of an update."""
    language = _words(names.value(record, "language"))
    found = find_dated(_words(names.value(record, "date")), language)
    if found is not None and found.why is not DateFrom.UPDATED:
        return found
    for name in _UPDATED:
        updated = find_dated(_words(record.get(name)), language)
        if updated is not None:
            return found or Dated(updated.day, DateFrom.UPDATED)
    return found


def _without_markup(words: str | None) -> str | None:
    return (
        " ".join(paragraphs(words).split())
        if words and ("<" in words or "&" in words)
        else words
    )


def _words(value: Any) -> str | None:
    """A field's value as words: of a list all, of a dictionary what it is called."""
    if isinstance(value, list):
        return ", ".join(filter(None, map(_words, value))) or None
    if isinstance(value, dict):
        return next(filter(None, (_words(value.get(name)) for name in _NAMED)), None)
    if value is None or isinstance(value, bool):
        return None
    # Half of a letter beyond the first plane cannot be stored.
    return str(value).encode("utf-8", "replace").decode().strip() or None


def _plain(name: str) -> str:
    """A field's name without case, accents and signs: « Publié le » is publiele."""
    decomposed = unicodedata.normalize("NFKD", name.lower())
    return re.sub(r"[^a-z0-9]", "", decomposed)


def _place_of_articles(stream: BinaryIO, names: _Names) -> str:
    """Where ijson finds the articles: "item" for a list, "articles.item", "" for one."""
    import ijson

    place = None
    for prefix, event, _ in ijson.parse(stream):
        if prefix == "" and event == "start_array":
            return "item"
        top, _, rest = prefix.partition(".")
        if not rest and event == "string" and _plain(top) in names.by_field["text"]:
            # It has a text of its own, so its lists are authors or the like.
            return ""
        if place is None and rest == "item" and event == "start_map":
            place = prefix
    return place or ""


def _json_lines(opened: Opened) -> Iterator[tuple[int, _Record | ArticleError]]:
    limit = opened.options.file_bytes
    _skip_mark(opened.stream)
    for number in itertools.count(1):
        line = opened.stream.readline(limit + 1)
        if not line:
            return
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = opened.stream.readline(limit)
            yield number, ArticleError(Problem.of(Code.LINE_TOO_LARGE, most=limit))
        elif line.strip():
            yield number, _json_line(line)


def _json_line(line: bytes) -> _Record | ArticleError:
    try:
        record = json.loads(line, strict=False)
    except (ValueError, RecursionError):
        return ArticleError(Problem.of(Code.LINE_NOT_JSON))
    if not isinstance(record, dict):
        return ArticleError(Problem.of(Code.LINE_NO_OBJECT))
    return record


def _rows(opened: Opened, names: _Names) -> Iterator[list[str]]:
    stream = opened.stream
    encoding = _encoding(stream)
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding, errors="strict", newline="")
    try:
        first = text.readline(_SAMPLE)
        delimiter = max(_DELIMITERS, key=lambda sign: names.known(_cut(first, sign)))
        text.seek(0)
        rows = csv.reader(text, delimiter=delimiter)
        while True:
            # The library's limit is one for the whole process: it is put back at once.
            usual = csv.field_size_limit(opened.options.file_bytes)
            try:
                row = next(rows, None)
            finally:
                csv.field_size_limit(usual)
            if row is None:
                return
            yield row
    except csv.Error as error:
        problem = Problem.of(Code.NO_TABLE, line=rows.line_num, detail=str(error))
        raise ArticleError(problem) from error
    except UnicodeDecodeError as error:
        raise ArticleError(Problem.of(Code.ENCODING_UNKNOWN)) from error
    finally:
        # The stream belongs to who opened it, and may be closed by now.
        with contextlib.suppress(ValueError):
            text.detach()


def _cut(line: str, delimiter: str) -> Sequence[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _encoding(stream: BinaryIO) -> str:
    """UTF-8 when all of it is, else what a sample looks like; without holding it whole."""
    stream.seek(0)
    sample = stream.read(_SAMPLE)
    if sample.startswith((codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return encoding_of(sample)
    decoder = codecs.getincrementaldecoder("utf-8")()
    part = sample
    try:
        while part:
            decoder.decode(part)
            part = stream.read(_SAMPLE)
    except UnicodeDecodeError:
        return encoding_of(part)
    return "utf-8"


def _skip_mark(stream: BinaryIO) -> None:
    """Go to the start, past a byte order mark of UTF-8."""
    stream.seek(0)
    if stream.read(3) != codecs.BOM_UTF8:
        stream.seek(0)
