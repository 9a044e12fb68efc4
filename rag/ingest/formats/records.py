"""Lists of articles: JSON, JSON lines and CSV, read one article at a time."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.csv_head import head_of
from rag.ingest.formats.csv_rows import Row, Rows, fit
from rag.ingest.formats.dates import Dated, find_dated
from rag.ingest.formats.encoding import decode_mending
from rag.ingest.formats.json_place import place_of_articles
from rag.ingest.formats.json_stream import StrictJson
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.member_keys import Named, tell_apart
from rag.ingest.formats.record_words import line_of, plain_name, text_of_record, words_of
from rag.ingest.formats.text_stream import encoding_of_stream, text_of
from rag.types.provenance import DateFrom

FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "guid", "identifiant", "identifier", "uuid"),
    "title": ("title", "titre", "headline", "intitulé"),
    "text": (
        *("text", "texte", "content", "contenu", "body", "corps", "article", "articlebody"),
        *("fulltext", "maintext", "content_text", "content_html", "description"),
        *("paragraphs", "paragraphes", "blocks", "blocs", "sections"),
    ),
    "standfirst": (
        *("standfirst", "chapo", "chapô", "chapeau", "lead", "lede", "subtitle", "sous_titre"),
        *("subheadline", "accroche"),
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
_NOTHING: tuple[Any, ...] = (None, "", [], {})
_Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Found:
    """A record where it was found, or what is wrong there; what is to be said of it."""

    number: int
    record: _Record | ArticleError
    problems: tuple[Problem, ...] = ()


_Find = Callable[[], Iterator[_Found]]


@dataclass(frozen=True, slots=True)
class _Names:
    """What fields are called: by the settings first, then by what is recognised."""

    by_field: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, opened: Opened) -> _Names:
        own = dict(opened.options.field_names)
        return cls(
            {
                field: tuple(plain_name(name) for name in (*own.get(field, ()), *names))
                for field, names in FIELDS.items()
            }
        )

    def value(self, record: _Record, field: str) -> Any:
        """The first field of ``record`` that goes by one of its names and says anything."""
        name = self.name(record, field)
        return None if name is None else record[name]

    def name(self, record: _Record, field: str) -> str | None:
        """What that field is called."""
        said = (name for name in self.by_field[field] if record.get(name) not in _NOTHING)
        return next(said, None)

    def known(self, names: Iterable[str]) -> int:
        """How many of ``names`` are recognised."""
        every = {name for names in self.by_field.values() for name in names}
        return sum(plain_name(name) in every for name in names)


def read_json(opened: Opened) -> Iterator[Member]:
    """The articles of a JSON file: a list, a list under a key, or a single article.

    The list is never held whole. Raises ArticleError when it is not JSON or holds none.
    """
    import ijson

    opened.check_container()
    names = _Names.of(opened)

    encoding = encoding_of_stream(opened.stream)

    def find() -> Iterator[_Found]:
        with text_of(opened.stream, encoding) as text:
            where = place_of_articles(
                StrictJson(text), names.by_field["text"], names.by_field["title"]
            )
        with text_of(opened.stream, encoding) as text:
            stream = StrictJson(text)
            stray = 0
            items = ijson.items(stream, where, multiple_values=True)
            for number, one in enumerate((x for x in items if isinstance(x, dict)), 1):
                yield _Found(number, one, _stray_bytes(stream.stray - stray, stream.line))
                stray = stream.stray

    try:
        yield from _members(find, names, opened, "entry")
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        detail = " ".join(str(error).split())[:80]
        raise ArticleError(Problem.of(Code.NOT_JSON, detail=detail)) from error


def read_json_lines(opened: Opened) -> Iterator[Member]:
    """The articles of a JSON lines file, one on each line; a bad line says so."""
    opened.check_container()
    first = opened.stream.readline(opened.options.file_bytes).removeprefix(b"\xef\xbb\xbf")
    if first.strip() == b"{" or first.lstrip().startswith(b"["):
        # It is JSON by another name.
        yield from read_json(opened)
        return
    yield from _members(lambda: _json_lines(opened), _Names.of(opened), opened, "line")


def read_csv(opened: Opened) -> Iterator[Member]:
    """The articles of a table whose first row names its columns; no row is lost.

    Raises ArticleError when no column holds texts.
    """
    opened.check_container()
    names = _Names.of(opened)
    encoding = encoding_of_stream(opened.stream)
    yield from _members(lambda: _table(opened, names, encoding), names, opened, "row")


def _members(find: _Find, names: _Names, opened: Opened, what: str) -> Iterator[Member]:
    """The articles that ``find`` finds, each time it is called anew.

    It is called twice: what tells articles apart is known when all have been seen.
    """
    keys = iter(tell_apart(_named(find, names, opened.options.members)))
    count = 0
    for count, found in enumerate(find(), 1):
        if count > opened.options.members:
            raise ArticleError(Problem.of(Code.TOO_MANY_RECORDS, most=opened.options.members))
        place = f"{what} {found.number}"
        if isinstance(found.record, ArticleError):
            yield Member(found.record, key=place)
            continue
        key = next(keys, place)
        row = None if what == "entry" else found.number
        draft = _draft(_plainly_named(found.record), names, found.problems, row)
        problem = _problem_of(found.record, draft.text, opened.options.file_bytes)
        if problem is not None:
            yield Member(ArticleError(problem), key=place)
            continue
        yield Member(draft, key=key)
    if not count:
        raise ArticleError(Problem.of(Code.NO_RECORDS))


def _named(find: _Find, names: _Names, most: int) -> Iterator[Named]:
    """What the articles that can be found are called; what is wrong is told another time."""
    import ijson

    try:
        for found in itertools.islice(find(), most):
            if isinstance(found.record, ArticleError):
                continue
            record = _plainly_named(found.record)
            words = {field: words_of(names.value(record, field)) for field in FIELDS}
            said = "\n".join(words[field] or "" for field in ("title", "text", "standfirst"))
            title = line_of(words["title"])
            yield Named.of(words["id"], words["url"], title, words["date"], said)
    except (ArticleError, ijson.JSONError, UnicodeDecodeError, RecursionError):
        return


def _plainly_named(record: _Record) -> _Record:
    return {plain_name(str(key)): value for key, value in record.items()}


def _stray_bytes(count: int, line: int) -> tuple[Problem, ...]:
    return (Problem.of(Code.STRAY_BYTES, count=count, line=line),) if count else ()


def _problem_of(record: _Record, text: str, most: int) -> Problem | None:
    """What is wrong with a record of which ``text`` is the article."""
    if len(text) > most:
        return Problem.of(Code.TEXT_TOO_LONG, size=len(text), most=most)
    if text:
        return None
    found = " ".join(", ".join(str(key) for key in record).split())[:100]
    return Problem.of(Code.NO_TEXT_FIELD, found=found) if found else Problem.of(Code.NO_FIELDS)


def _draft(
    record: _Record, names: _Names, problems: tuple[Problem, ...], row: int | None
) -> Draft:
    title = line_of(words_of(names.value(record, "title")))
    used = {*(names.name(record, field) for field in FIELDS), *_UPDATED}
    dated = _dated(record, names)
    text, places, left_out = text_of_record(
        names.value(record, "text"),
        names.value(record, "standfirst"),
        title,
        [value for name, value in record.items() if name not in used],
        row,
    )
    return Draft(
        text,
        title=title,
        date=dated.day if dated else None,
        date_from=dated.why if dated else None,
        source=line_of(words_of(names.value(record, "source"))),
        url=words_of(names.value(record, "url")),
        author=line_of(words_of(names.value(record, "author"))),
        language=words_of(names.value(record, "language")),
        places=places,
        left_out=left_out,
        problems=problems,
    )


def _dated(record: _Record, names: _Names) -> Dated | None:
    """The day of publication, else of an update."""
    language = words_of(names.value(record, "language"))
    found = find_dated(words_of(names.value(record, "date")), language)
    if found is not None and found.why is not DateFrom.UPDATED:
        return found
    for name in _UPDATED:
        updated = find_dated(words_of(record.get(name)), language)
        if updated is not None:
            return found or Dated(updated.day, DateFrom.UPDATED)
    return found


def _json_lines(opened: Opened) -> Iterator[_Found]:
    limit = opened.options.file_bytes
    opened.stream.seek(0)
    for number in itertools.count(1):
        line = opened.stream.readline(limit + 1)
        if not line:
            return
        if len(line) > limit:
            while line and not line.endswith(b"\n"):
                line = opened.stream.readline(limit)
            yield _Found(number, ArticleError(Problem.of(Code.LINE_TOO_LARGE, most=limit)))
        elif line.strip():
            yield _json_line(line, number)


def _json_line(line: bytes, number: int) -> _Found:
    try:
        decoded = decode_mending(line)
        record = json.loads(decoded.text.removeprefix("\ufeff"), strict=False)
    except (ValueError, RecursionError, ArticleError):
        return _Found(number, ArticleError(Problem.of(Code.LINE_NOT_JSON)))
    if not isinstance(record, dict):
        return _Found(number, ArticleError(Problem.of(Code.LINE_NO_OBJECT)))
    return _Found(number, record, _stray_bytes(decoded.stray, number))


def _table(opened: Opened, names: _Names, encoding: str) -> Iterator[_Found]:
    """The rows of a table as records."""
    with text_of(opened.stream, encoding) as text:
        head = head_of(text, names.known, names.by_field["text"])
    delimiter = head.delimiter
    with text_of(opened.stream, encoding) as text:
        rows = iter(Rows(text, delimiter, opened.options.file_bytes, head.lines_above))
        header = next(rows, None)
        columns = [plain_name(name) for name in header.fields] if header else []
        while columns and not columns[-1]:
            columns.pop()
        if not set(names.by_field["text"]) & set(columns):
            found = ", ".join(name for name in columns if name)[:200]
            if not found:
                raise ArticleError(Problem.of(Code.NO_COLUMNS))
            raise ArticleError(Problem.of(Code.NO_TEXT_COLUMN, found=found))
        wide = [
            columns.index(name)
            for field in ("text", "standfirst", "title")
            for name in names.by_field[field]
            if name in columns
        ]
        for number, row in enumerate(rows, head.row + 1):
            if any(row.fields):
                yield _row(row, number, columns, delimiter, wide)


def _row(row: Row, number: int, columns: list[str], delimiter: str, wide: list[int]) -> _Found:
    """A row as a record, and what is to be said of how it is written."""
    fields = fit(row.fields, len(columns), delimiter, wide)
    problems = list(_stray_bytes(row.stray, row.line))
    if row.is_open:
        problems.append(Problem.of(Code.QUOTE_NOT_CLOSED, line=row.line))
    extra = [field for field in row.fields[len(columns) :] if field.strip()]
    # Parted within « &amp; » only, which is no mistake of anybody's.
    is_mended = len(fit(row.fields, len(columns), delimiter, ())) == len(columns)
    if extra and not is_mended:
        count, expected = len(row.fields), len(columns)
        problems.append(
            Problem.of(Code.TOO_MANY_FIELDS, line=row.line, count=count, expected=expected)
        )
    return _Found(number, dict(zip(columns, fields, strict=False)), tuple(problems))
