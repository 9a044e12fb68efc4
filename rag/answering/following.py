"""Followed questions, and the news of them that waits to be seen, beside the conversations.

Articles are known by their id and by the hash of their file, each with the batch in which it
was first seen; a question is asked of the articles of batches behind its own. So whatever kills
a check, what was told stays told and the next one goes on with the questions left.
"""

from __future__ import annotations

import contextlib
import datetime
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.answering.conversation_store import UNDO_SECONDS, keeping_file
from rag.answering.conversations import Turn, now, read_turn, write_turn
from rag.answering.followed import (
    FollowedQuestion,
    Hashes,
    News,
    marks_of,
    read_followed,
    write_filters,
)
from rag.answering.kept_file import KeptFile
from rag.config import Settings
from rag.types import Filters

# Who asks on this machine alone: the terminal, and a chat that nobody else can reach.
THIS_MACHINE = "this machine"
# What was seen is kept so that nothing is told twice; so many of a question are shown again.
SHOWN_NEWS = 20
_OFF = "off"
_VERSION = 1
_TABLES = """
CREATE TABLE questions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    reader TEXT NOT NULL,
    question TEXT NOT NULL,
    filters TEXT NOT NULL,
    followed_at TEXT NOT NULL,
    asked INTEGER NOT NULL,
    removed_at REAL,
    UNIQUE (reader, question, filters)
);
CREATE TABLE news (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    question INTEGER NOT NULL REFERENCES questions ON DELETE CASCADE,
    found_at TEXT NOT NULL,
    content TEXT NOT NULL,
    quotes INTEGER NOT NULL,
    seen INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX news_of_question ON news (question);
CREATE TABLE batches (number INTEGER PRIMARY KEY AUTOINCREMENT, generation TEXT NOT NULL);
CREATE TABLE known (mark INTEGER PRIMARY KEY, batch INTEGER NOT NULL);
CREATE TABLE feeds (reader TEXT PRIMARY KEY, secret TEXT NOT NULL UNIQUE);
"""
_QUESTION = (
    "SELECT number, question, filters, followed_at, asked, (SELECT coalesce(sum(quotes), 0)"
    " FROM news WHERE news.question = questions.number AND NOT seen) FROM questions"
)


def open_following(settings: Settings) -> Following | None:
    """The followed questions of the index of ``settings``, None when nothing is to be kept."""
    if settings.conversations == _OFF:
        return None
    return Following(following_file(settings))


def following_file(settings: Settings) -> Path:
    """Where they are kept: beside the conversations over the same index."""
    conversations = keeping_file(settings)
    return conversations.with_name(f"{conversations.stem}.followed.sqlite")


class Following:
    """Reads and writes the file. Safe to use from several threads and processes.

    Every method raises KeepingError when the file cannot be read or written. Nothing is
    noted of articles before the first question is followed.
    """

    def __init__(self, file: Path, clock: Callable[[], datetime.datetime] = now) -> None:
        self.file = file
        self._clock = clock
        self._kept = KeptFile(file, _TABLES, _VERSION, "followed questions")

    def follow(
        self,
        reader: str,
        question: str,
        filters: Filters,
        generation: str,
        hashes: Callable[[], Hashes],
    ) -> FollowedQuestion:
        """Follow a question from now on, or go on with one that is followed already.

        What the articles of the ``generation`` that serves say to it is no news; ``hashes``
        tells which they are.
        """
        known = self._unregistered(generation, hashes)
        written = write_filters(filters)
        with self._writing() as database:
            latest = _register(database, generation, known)
            database.execute(
                "INSERT INTO questions (reader, question, filters, followed_at, asked)"
                " VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET removed_at = NULL",
                (reader, question, written, self._clock().isoformat(), latest),
            )
            row = database.execute(
                f"{_QUESTION} WHERE reader = ? AND question = ? AND filters = ?",
                (reader, question, written),
            ).fetchone()
            return read_followed(row)

    def questions(self, reader: str) -> tuple[FollowedQuestion, ...]:
        """What the reader follows, in the order of following."""
        with self._kept.reading() as database:
            rows = database.execute(
                f"{_QUESTION} WHERE reader = ? AND removed_at IS NULL ORDER BY number",
                (reader,),
            ).fetchall()
        return tuple(map(read_followed, rows))

    def remove(self, reader: str, number: int) -> FollowedQuestion | None:
        """No longer follow a question; return it, None where the reader follows no such one.

        It can be brought back for UNDO_SECONDS, with what was told of it.
        """
        with self._writing() as database:
            row = database.execute(
                f"{_QUESTION} WHERE number = ? AND reader = ? AND removed_at IS NULL",
                (number, reader),
            ).fetchone()
            database.execute(
                "UPDATE questions SET removed_at = ? WHERE number = ? AND reader = ?",
                (self._clock().timestamp(), number, reader),
            )
            return read_followed(row) if row else None

    def restore(self, reader: str, number: int) -> bool:
        """Follow a removed question again; tell whether it was still there."""
        with self._writing() as database:
            return bool(
                database.execute(
                    "UPDATE questions SET removed_at = NULL WHERE number = ? AND reader = ?"
                    " AND removed_at IS NOT NULL",
                    (number, reader),
                ).rowcount
            )

    def removed(self, reader: str, number: int) -> FollowedQuestion | None:
        """A question of the reader that was removed and can be brought back."""
        with self._kept.reading() as database:
            row = database.execute(
                f"{_QUESTION} WHERE number = ? AND reader = ? AND removed_at IS NOT NULL",
                (number, reader),
            ).fetchone()
        return read_followed(row) if row else None

    def waiting(self, reader: str) -> int:
        """How many quotes wait to be seen."""
        return sum(one.waiting for one in self.questions(reader))

    def news(self, reader: str, count: int = SHOWN_NEWS) -> tuple[News, ...]:
        """All that was not seen and the last ``count`` others of the reader, newest first."""
        with self._kept.reading() as database:
            rows = database.execute(
                "SELECT news.number, news.question, found_at, content, seen FROM news"
                " JOIN questions ON questions.number = news.question"
                " WHERE reader = ? AND removed_at IS NULL ORDER BY news.number DESC",
                (reader,),
            ).fetchall()
        seen = [number for number, *_, is_seen in rows if is_seen][:count]
        return tuple(
            News(
                number,
                question,
                datetime.datetime.fromisoformat(found_at),
                read_turn(content),
                bool(is_seen),
            )
            for number, question, found_at, content, is_seen in rows
            if not is_seen or number in seen
        )

    def see(self, reader: str, last: int) -> None:
        """Note that the reader has seen all news up to the number ``last``."""
        with self._writing() as database:
            database.execute(
                "UPDATE news SET seen = 1 WHERE number <= ? AND question IN"
                " (SELECT number FROM questions WHERE reader = ?)",
                (last, reader),
            )

    def feed_of(self, reader: str) -> str:
        """The secret that names the reader's feed, always the same; nobody can guess it."""
        with self._writing() as database:
            database.execute(
                "INSERT OR IGNORE INTO feeds VALUES (?, ?)", (reader, secrets.token_urlsafe(24))
            )
            row = database.execute("SELECT secret FROM feeds WHERE reader = ?", (reader,))
            return str(row.fetchone()[0])

    def renew_feed(self, reader: str) -> None:
        """Give the reader's feed another secret; the one before leads nowhere."""
        with self._writing() as database:
            database.execute("DELETE FROM feeds WHERE reader = ?", (reader,))

    def reader_of(self, secret: str) -> str | None:
        """Whose feed a secret names."""
        with self._kept.reading() as database:
            row = database.execute(
                "SELECT reader FROM feeds WHERE secret = ?", (secret,)
            ).fetchone()
        return str(row[0]) if row else None

    def is_behind(self, generation: str) -> bool:
        """Whether a question is not known to have been asked of all of ``generation``."""
        with self._kept.reading() as database:
            latest, registered = _latest(database)
            behind = database.execute(
                "SELECT 1 FROM questions WHERE removed_at IS NULL AND (asked < ? OR ?) LIMIT 1",
                (latest, registered != generation),
            ).fetchone()
        return behind is not None

    def register(self, generation: str, hashes: Callable[[], Hashes]) -> int:
        """Note the articles of the generation that serves; return the number of their batch.

        Its cost grows with all articles, some microseconds each; nothing is read of a
        generation that was registered last.
        """
        known = self._unregistered(generation, hashes)
        with self._writing() as database:
            return _register(database, generation, known)

    def _unregistered(self, generation: str, hashes: Callable[[], Hashes]) -> Hashes:
        with self._kept.reading() as database:
            return {} if _latest(database)[1] == generation else hashes()

    def behind(self, batch: int) -> tuple[FollowedQuestion, ...]:
        """The questions of all readers that were not asked of ``batch`` yet."""
        with self._kept.reading() as database:
            rows = database.execute(
                f"{_QUESTION} WHERE asked < ? AND removed_at IS NULL ORDER BY number", (batch,)
            ).fetchall()
        return tuple(map(read_followed, rows))

    def newer_than(self, batch: int, hashes: Hashes) -> dict[str, int]:
        """The batch of each article of ``hashes`` that came after ``batch``, by id."""
        with self._kept.reading() as database:
            later = dict(
                database.execute("SELECT mark, batch FROM known WHERE batch > ?", (batch,))
            )
        found = {}
        for one, file in hashes.items():
            # What is known by either mark is known.
            batches = [later.get(mark) for mark in marks_of(one, file)]
            if None not in batches:
                found[one] = min(filter(None, batches))
        return found

    def told(self, number: int) -> tuple[str, ...]:
        """The words of every quote that was told of a question."""
        with self._kept.reading() as database:
            rows = database.execute(
                "SELECT content FROM news WHERE question = ?", (number,)
            ).fetchall()
        turns = (read_turn(content) for (content,) in rows)
        return tuple(
            citation.quote.text for turn in turns if turn for citation in turn.answer.citations
        )

    def note(self, question: FollowedQuestion, batch: int, turn: Turn | None) -> bool:
        """Note that ``question`` was asked up to ``batch``, and what is to be told of it.

        Both or neither are written. Tell whether nobody else had done so meanwhile; where
        somebody had, nothing is written.
        """
        content = write_turn(turn) if turn else ""
        with self._writing() as database:
            noted = database.execute(
                "UPDATE questions SET asked = ? WHERE number = ? AND asked = ?",
                (batch, question.number, question.asked),
            ).rowcount
            if noted and turn is not None:
                database.execute(
                    "INSERT INTO news (question, found_at, content, quotes)"
                    " VALUES (?, ?, ?, ?)",
                    (
                        question.number,
                        self._clock().isoformat(),
                        content,
                        len(turn.answer.citations),
                    ),
                )
            return bool(noted)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._kept.writing() as database:
            database.execute(
                "DELETE FROM questions WHERE removed_at < ?",
                (self._clock().timestamp() - UNDO_SECONDS,),
            )
            yield database


def _register(database: sqlite3.Connection, generation: str, hashes: Hashes) -> int:
    latest, registered = _latest(database)
    if registered == generation:
        return latest
    added = database.execute("INSERT INTO batches (generation) VALUES (?)", (generation,))
    batch = int(added.lastrowid or 0)
    database.execute("DELETE FROM batches WHERE number < ?", (batch,))
    database.executemany(
        "INSERT OR IGNORE INTO known VALUES (?, ?)",
        ((mark, batch) for one, file in hashes.items() for mark in marks_of(one, file)),
    )
    return batch


def _latest(database: sqlite3.Connection) -> tuple[int, str | None]:
    row = database.execute(
        "SELECT number, generation FROM batches ORDER BY number DESC LIMIT 1"
    ).fetchone()
    return (int(row[0]), str(row[1])) if row else (0, None)
