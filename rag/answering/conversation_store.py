"""Conversations and feedback, kept in one small file on this machine.

The file is an SQLite database: what a method has written when it returns survives a kill
at any moment, and a method that is killed has written nothing. Nothing of Gradio here.
"""

from __future__ import annotations

import contextlib
import dataclasses
import datetime
import enum
import functools
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

from rag.config import Settings
from rag.errors import KeepingError
from rag.types import Answer, Citation, Filters, Overview

DEFAULT = "default"
OFF = "off"
# How long a deleted conversation can be brought back.
UNDO_SECONDS = 600
_VERSION = 1
_WAIT_SECONDS = 5.0
_TABLES = """
CREATE TABLE conversations (id TEXT PRIMARY KEY, reader TEXT NOT NULL, deleted_at REAL);
CREATE TABLE turns (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    conversation TEXT NOT NULL REFERENCES conversations ON DELETE CASCADE,
    question TEXT NOT NULL,
    asked_at TEXT NOT NULL,
    content TEXT NOT NULL
);
CREATE INDEX turns_of_conversation ON turns (conversation);
CREATE TABLE feedback (
    turn INTEGER NOT NULL,
    citation INTEGER NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (turn, citation)
);
"""


class Verdict(enum.StrEnum):
    """What a reader says of a quote."""

    GOOD = "good"
    DOES_NOT_ANSWER = "does_not_answer"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Turn:
    """An answer, with what a page needs to show it again as it was.

    ``titles`` are those of the first passages considered, by article id. Of an article
    only the words that are quoted are kept: in a turn that was read back, the rest of its
    text is blank, so that every offset still holds.
    """

    answer: Answer
    overview: Overview
    asked_at: datetime.datetime
    titles: Mapping[str, str] = field(default_factory=dict)
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A turn as it was read back, with the verdicts on its citations, by their number.

    ``turn`` is None when this version of the program cannot read it.
    """

    number: int
    question: str
    turn: Turn | None
    verdicts: Mapping[int, Verdict]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A kept conversation, as a list shows it."""

    id: str
    first_question: str
    questions: int
    last_asked_at: datetime.datetime


@dataclass(frozen=True, slots=True)
class Feedback:
    """A verdict on a quote, with all that is needed to make a gold question of it.

    ``marked`` are the words of the quote that were marked as the answer, or "".
    ``quotes`` tells how many quotes the answer showed, ``turn`` which answer it was.
    ``generation`` is the index's.
    """

    turn: int
    citation: int
    verdict: Verdict
    question: str
    language: str
    path: str
    start: int
    end: int
    text: str
    marked: str
    quotes: int
    generation: str
    given_at: datetime.datetime


def now() -> datetime.datetime:
    """The time, in UTC."""
    return datetime.datetime.now(datetime.UTC)


def open_keeping(settings: Settings) -> Keeping | None:
    """The store that ``settings`` name, None when nothing is to be kept."""
    if settings.conversations == OFF:
        return None
    return Keeping(keeping_file(settings))


def keeping_file(settings: Settings) -> Path:
    """Where conversations over the index of ``settings`` are kept: a file for each index."""
    if settings.conversations != DEFAULT:
        return Path(settings.conversations)
    from platformdirs import user_data_path

    index = settings.index.resolve()
    digest = hashlib.sha256(os.fsencode(index)).hexdigest()
    return user_data_path("guillemets") / "conversations" / f"{index.name}-{digest[:12]}.sqlite"


class Keeping:
    """Reads and writes the file. Safe to use from several threads and processes.

    A ``reader`` is an opaque text: nobody reads, changes or judges what another keeps.
    The file is made by the first thing that is kept. Every method raises KeepingError when
    the file cannot be read or written.
    """

    def __init__(self, file: Path, clock: Callable[[], datetime.datetime] = now) -> None:
        self.file = file
        self._clock = clock

    def keep(self, reader: str, conversation: str, turn: Turn) -> int:
        """Add ``turn`` to a conversation, which may be new; return its number.

        Numbers grow and are never given twice. Raises KeepingError when the conversation
        is another reader's.
        """
        content = _written(turn)
        with self._writing() as database:
            # Whoever goes on with a deleted conversation begins it anew.
            database.execute(
                "DELETE FROM conversations WHERE id = ? AND deleted_at IS NOT NULL"
                " AND reader = ?",
                (conversation, reader),
            )
            database.execute(
                "INSERT OR IGNORE INTO conversations (id, reader) VALUES (?, ?)",
                (conversation, reader),
            )
            if not _is_readers(database, reader, conversation):
                raise KeepingError(
                    f"the conversation '{conversation}' belongs to another reader; "
                    "begin a new one"
                )
            added = database.execute(
                "INSERT INTO turns (conversation, question, asked_at, content)"
                " VALUES (?, ?, ?, ?)",
                (conversation, turn.answer.question, turn.asked_at.isoformat(), content),
            )
            return int(added.lastrowid or 0)

    def conversations(self, reader: str) -> tuple[Conversation, ...]:
        """The reader's conversations, the one asked in last first."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT id, first.question, found.questions, last.asked_at FROM"
                " (SELECT conversation, count(*) AS questions, min(number) AS first,"
                " max(number) AS last FROM turns GROUP BY conversation) AS found"
                " JOIN conversations ON id = found.conversation"
                " JOIN turns AS first ON first.number = found.first"
                " JOIN turns AS last ON last.number = found.last"
                " WHERE reader = ? AND deleted_at IS NULL ORDER BY last.number DESC",
                (reader,),
            ).fetchall()
        return tuple(
            Conversation(name, question, questions, datetime.datetime.fromisoformat(asked_at))
            for name, question, questions, asked_at in rows
        )

    def turns(self, reader: str, conversation: str) -> tuple[KeptTurn, ...]:
        """The turns of a conversation, in order; none when it is not the reader's."""
        with self._reading() as database:
            rows = database.execute(
                "SELECT number, question, content FROM turns JOIN conversations"
                " ON id = conversation"
                " WHERE id = ? AND reader = ? AND deleted_at IS NULL ORDER BY number",
                (conversation, reader),
            ).fetchall()
            judged = database.execute(
                "SELECT feedback.content FROM feedback JOIN turns ON number = turn"
                " WHERE conversation = ?",
                (conversation,),
            ).fetchall()
        verdicts: dict[int, dict[int, Verdict]] = {}
        for (content,) in judged:
            if (given := _read_feedback(content)) is not None:
                verdicts.setdefault(given.turn, {})[given.citation] = given.verdict
        return tuple(
            KeptTurn(number, question, _read_turn(content), verdicts.get(number, {}))
            for number, question, content in rows
        )

    def delete(self, reader: str, conversation: str) -> bool:
        """Delete a conversation; tell whether there was one.

        It can be brought back for UNDO_SECONDS; what is written next then removes it.
        """
        with self._writing() as database:
            return bool(
                database.execute(
                    "UPDATE conversations SET deleted_at = ?"
                    " WHERE id = ? AND reader = ? AND deleted_at IS NULL",
                    (self._clock().timestamp(), conversation, reader),
                ).rowcount
            )

    def restore(self, reader: str, conversation: str) -> bool:
        """Bring a deleted conversation back; tell whether it was still there."""
        with self._writing() as database:
            return bool(
                database.execute(
                    "UPDATE conversations SET deleted_at = NULL"
                    " WHERE id = ? AND reader = ? AND deleted_at IS NOT NULL",
                    (conversation, reader),
                ).rowcount
            )

    def clear(self, reader: str) -> None:
        """Delete every conversation of the reader, at once and for good."""
        with self._writing() as database:
            database.execute("DELETE FROM conversations WHERE reader = ?", (reader,))

    def judge(self, reader: str, turn: int, citation: int, verdict: Verdict | None) -> bool:
        """Keep the reader's verdict on a citation, or take it back with None.

        Tell whether there is such a citation in a conversation of the reader.
        """
        with self._writing() as database:
            row = database.execute(
                "SELECT content FROM turns JOIN conversations ON id = conversation"
                " WHERE number = ? AND reader = ? AND deleted_at IS NULL",
                (turn, reader),
            ).fetchone()
            judged = _read_turn(row[0]) if row else None
            cited = _cited(judged, citation) if judged else None
            if judged is None or cited is None:
                return False
            if verdict is None:
                database.execute(
                    "DELETE FROM feedback WHERE turn = ? AND citation = ?", (turn, citation)
                )
                return True
            given = _feedback(turn, judged, cited, verdict, self._clock())
            database.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?)",
                (turn, citation, _feedbacks().dump_json(given).decode()),
            )
            return True

    def feedback(self) -> tuple[Feedback, ...]:
        """Every verdict of every reader, in the order of the answers.

        It outlives the conversation it was given in.
        """
        with self._reading() as database:
            rows = database.execute(
                "SELECT content FROM feedback ORDER BY turn, citation"
            ).fetchall()
        read = (_read_feedback(content) for (content,) in rows)
        return tuple(given for given in read if given is not None)

    @contextlib.contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        """A transaction that only reads, of an empty database while there is no file."""
        if not self.file.exists():
            with contextlib.closing(sqlite3.connect(":memory:")) as empty:
                empty.executescript(_TABLES)
                yield empty
            return
        with self._transaction("BEGIN") as database:
            yield database

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is written as a whole or not at all."""
        with self._transaction("BEGIN IMMEDIATE") as database:
            database.execute(
                "DELETE FROM conversations WHERE deleted_at < ?",
                (self._clock().timestamp() - UNDO_SECONDS,),
            )
            yield database

    @contextlib.contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        try:
            with contextlib.closing(self._connect()) as database:
                _prepare(database, self.file)
                with database:
                    database.execute(begin)
                    yield database
        except (OSError, sqlite3.Error) as error:
            raise KeepingError(
                f"{self.file}, where conversations are kept, cannot be used ({error}); give "
                "write permission there or move the file away, or set 'conversations' to "
                "another file"
            ) from error

    def _connect(self) -> sqlite3.Connection:
        self.file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # SQLite would let everyone on the machine read it.
        os.close(os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600))
        return sqlite3.connect(self.file, timeout=_WAIT_SECONDS, isolation_level=None)


def _prepare(database: sqlite3.Connection, file: Path) -> None:
    database.execute("PRAGMA journal_mode = WAL")
    # A kill loses nothing so; only a power cut may lose the last moments.
    database.execute("PRAGMA synchronous = NORMAL")
    database.execute("PRAGMA foreign_keys = ON")
    # What is deleted is overwritten.
    database.execute("PRAGMA secure_delete = ON")
    if _version(database, file) == _VERSION:
        return
    with database:
        database.execute("BEGIN IMMEDIATE")
        # Another process may have been first.
        if _version(database, file) == 0:
            for statement in _TABLES.split(";"):
                database.execute(statement)
            database.execute(f"PRAGMA user_version = {_VERSION}")


def _version(database: sqlite3.Connection, file: Path) -> int:
    version = int(database.execute("PRAGMA user_version").fetchone()[0])
    tables = int(database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0])
    if version not in (0, _VERSION) or (version == 0 and tables):
        raise KeepingError(
            f"{file} is a database of another program or version (version {version}, "
            f"expected {_VERSION}); move it away, or set 'conversations' to another file"
        )
    return version


def _is_readers(database: sqlite3.Connection, reader: str, conversation: str) -> bool:
    row = database.execute(
        "SELECT 1 FROM conversations WHERE id = ? AND reader = ?", (conversation, reader)
    ).fetchone()
    return row is not None


@functools.cache
def _turns() -> TypeAdapter[Turn]:
    return TypeAdapter(Turn)


@functools.cache
def _feedbacks() -> TypeAdapter[Feedback]:
    return TypeAdapter(Feedback)


def _written(turn: Turn) -> str:
    try:
        return _turns().dump_json(_without_texts(turn)).decode()
    except PydanticSerializationError as error:
        raise KeepingError(
            f"the answer to {turn.answer.question!r} holds what is no text ({error}); "
            "ask in other words"
        ) from error


def _read_turn(content: str) -> Turn | None:
    try:
        return _with_words(_turns().validate_json(content))
    except ValidationError:
        return None


def _read_feedback(content: str) -> Feedback | None:
    try:
        return _feedbacks().validate_json(content)
    except ValidationError:
        return None


def _without_texts(turn: Turn) -> Turn:
    def without_text(citation: Citation) -> Citation:
        return dataclasses.replace(
            citation, article=dataclasses.replace(citation.article, text="")
        )

    # What an index holds beside its dates is long and not shown with an answer.
    overview = dataclasses.replace(turn.overview, languages=(), sources=(), broken=())
    return dataclasses.replace(
        turn, answer=_each_citation(turn.answer, without_text), overview=overview
    )


def _with_words(turn: Turn) -> Turn:
    return dataclasses.replace(turn, answer=_each_citation(turn.answer, _with_quoted_words))


def _with_quoted_words(citation: Citation) -> Citation:
    quote, context = citation.quote, citation.quote.context
    parts = sorted(
        [(quote.start, quote.text), *([(context.start, context.text)] if context else [])]
    )
    text = ""
    for start, words in parts:
        text = text[:start].ljust(start) + words
    return dataclasses.replace(
        citation, article=dataclasses.replace(citation.article, text=text)
    )


def _each_citation(answer: Answer, change: Callable[[Citation], Citation]) -> Answer:
    abstention = answer.abstention
    if abstention is not None:
        abstention = dataclasses.replace(
            abstention, nearest=tuple(change(one) for one in abstention.nearest)
        )
    citations = tuple(change(one) for one in answer.citations)
    return dataclasses.replace(answer, citations=citations, abstention=abstention)


def _cited(turn: Turn, number: int) -> Citation | None:
    return next((one for one in turn.answer.shown() if one.number == number), None)


def _feedback(
    number: int,
    turn: Turn,
    citation: Citation,
    verdict: Verdict,
    given_at: datetime.datetime,
) -> Feedback:
    answer, quote, article = turn.answer, citation.quote, citation.article
    return Feedback(
        turn=number,
        citation=citation.number,
        verdict=verdict,
        question=answer.understood or answer.question,
        language=answer.language,
        path=article.path,
        start=quote.start,
        end=quote.end,
        text=quote.text,
        marked=article.text[slice(*quote.answer)] if quote.answer else "",
        quotes=sum(1 for _ in answer.shown()),
        generation=turn.overview.generation,
        given_at=given_at,
    )
