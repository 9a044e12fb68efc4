"""What a Milvus collection holds of a segment: a row a passage, and how it is filtered.

Words are matched as terms of our own analysis, so both engines match the same ones. They
are written so that any analyzer leaves them whole: letters and digits of ASCII only.
"""

from __future__ import annotations

import datetime
import hashlib
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rag.index.engine import Vectors
from rag.index.half_floats import Halves, to_floats
from rag.language.analysis import terms
from rag.types import Filters

if TYPE_CHECKING:
    from pymilvus import CollectionSchema

NUMBER, VECTOR, TERMS, WORDS = "number", "vector", "terms", "words"
DATE, SOURCE, ARTICLE, LANGUAGE = "date", "source", "article", "language"
# Every field that is told and can be read again.
FIELDS = (NUMBER, VECTOR, TERMS, DATE, SOURCE, ARTICLE, LANGUAGE)
FILTERED = (DATE, SOURCE, ARTICLE)
# A message of so many rows is about 4 MB.
ROWS_AT_ONCE = 1_000
# Bytes; Milvus takes at most 65 535.
_LONGEST_TERMS = 60_000
_LONGEST_NAME = 128
_PLAIN_NAME = re.compile(rf"[\w .\-]{{1,{_LONGEST_NAME}}}", re.ASCII)

# Gives the rows that a query selects.
Select = Callable[..., list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True)
class Row:
    """A passage as a collection holds it. ``terms`` is a text of terms between spaces."""

    number: int
    vector: Vectors
    terms: str
    date: int
    source: str
    article: str
    language: str

    def fields(self) -> dict[str, Any]:
        """The row as it is told to a server."""
        return {name: getattr(self, name) for name in FIELDS}


def collection_schema(dimension: int) -> CollectionSchema:
    """The fields of a collection, and the function that makes weights of terms."""
    from pymilvus import DataType, Function, FunctionType, MilvusClient

    schema = MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
    schema.add_field(NUMBER, DataType.INT64, is_primary=True)
    schema.add_field(VECTOR, DataType.FLOAT_VECTOR, dim=dimension)
    schema.add_field(
        TERMS,
        DataType.VARCHAR,
        max_length=65_535,
        enable_analyzer=True,
        analyzer_params={"tokenizer": "standard"},
    )
    schema.add_field(WORDS, DataType.SPARSE_FLOAT_VECTOR)
    schema.add_field(DATE, DataType.INT64)
    for name in (SOURCE, ARTICLE, LANGUAGE):
        schema.add_field(name, DataType.VARCHAR, max_length=2 * _LONGEST_NAME)
    schema.add_function(
        Function(
            name="bm25",
            function_type=FunctionType.BM25,
            input_field_names=[TERMS],
            output_field_names=[WORDS],
        )
    )
    return schema


def shape_of(described: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Name, type and dimension of each field of a described collection, by name."""
    return sorted(
        (
            field["name"],
            int(field.get("type", field.get("dtype", 0))),
            int(field.get("params", {}).get("dim", 0)),
        )
        for field in described["fields"]
    )


def rows_of(
    select: Select, vectors: Halves, wants: Callable[[int], bool] = lambda _: True
) -> Iterator[Row]:
    """A row for each passage of a catalogue whose number ``wants`` it, by number.

    Passages of articles that are gone are among them.
    """
    for article_row, first, count in select(
        "SELECT article, first_passage, passages FROM places"
        " WHERE passages > 0 ORDER BY first_passage"
    ):
        wanted = [place for place in range(count) if wants(first + place)]
        if not wanted:
            continue
        ((article, title, text, date, language, source),) = select(
            "SELECT id, title, text, date, language, source FROM main.articles WHERE row = ?",
            article_row,
        )
        spans = select(
            "SELECT one.start, other.end FROM passages"
            " JOIN sentences AS one ON one.article = passages.article AND one.place = first"
            " JOIN sentences AS other ON other.article = passages.article"
            " AND other.place = last WHERE passages.article = ? ORDER BY passages.place",
            article_row,
        )
        of_title = terms(title)
        for place in wanted:
            start, end = spans[place]
            yield Row(
                number=first + place,
                vector=to_floats(vectors[first + place]),
                terms=terms_text([*of_title, *terms(text[start:end])]),
                date=_day(date),
                source=name_of(source) if source is not None else "",
                article=name_of(article),
                language=name_of(language),
            )


def batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """``rows`` in lists of what one message holds."""
    while batch := list(itertools.islice(rows, ROWS_AT_ONCE)):
        yield batch


def terms_text(found: Sequence[str]) -> str:
    """Terms between spaces, cut where a server would not take more."""
    text = " ".join(map(term_name, found))
    if len(text) > _LONGEST_TERMS:
        text = text[: text.rindex(" ", 0, _LONGEST_TERMS)]
    return text


def term_name(term: str) -> str:
    """A term of letters and digits of ASCII that stands for ``term`` alone.

    A term never has letters after a digit, so what begins with "0x" is no other term.
    """
    return term if term.isascii() and term.isalnum() else f"0x{term.encode().hex()}"


def name_of(text: str) -> str:
    """``text`` where it is short and plain, else a name that stands for it alone.

    So no name is too long for a field, and none needs quoting in an expression.
    """
    if _PLAIN_NAME.fullmatch(text):
        return text
    return f"sha256:{hashlib.sha256(text.encode('utf-8', 'surrogatepass')).hexdigest()}"


def expression(filters: Filters, gone: Sequence[int]) -> str:
    """What Milvus is asked to keep to, "" for all; the passages ``gone`` are left out."""
    clauses: list[str] = []
    if gone:
        clauses.append(f"{NUMBER} not in [{', '.join(map(str, gone))}]")
    if filters.since:
        clauses.append(f"{DATE} >= {_day(filters.since.isoformat())}")
    if filters.last_day:
        clauses.append(f"{DATE} > 0 and {DATE} <= {_day(filters.last_day.isoformat())}")
    for field, names, word in (
        (SOURCE, filters.sources, "in"),
        (ARTICLE, filters.articles, "in"),
        (ARTICLE, filters.excluded_articles, "not in"),
    ):
        if names:
            listed = ", ".join(f'"{name_of(one)}"' for one in sorted(names))
            clauses.append(f"{field} {word} [{listed}]")
    return " and ".join(clauses)


def _day(date: str | None) -> int:
    """A day as a number such as 20250815, 0 for none."""
    if date is None:
        return 0
    day = datetime.date.fromisoformat(date)
    return day.year * 10_000 + day.month * 100 + day.day
