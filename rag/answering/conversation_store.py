"""Conversations and feedback, kept in one small file on this machine.

The file is an SQLite database: what a method has written when it returns survives a kill
at any moment, and a method that is killed has written nothing. Nothing of Gradio here.
"""

from __future__ import annotations

import contextlib
import datetime
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

from rag.answering.conversations import (
    ConversationLine,
    Feedback,
    KeptTurn,
    Turn,
    Verdict,
    feedback_on,
    find_citation,
    now,
    read_feedback,
    read_turn,
    write_feedback,
    write_turn,
)
from rag.answering.kept_file import KeptFile
from rag.config import Settings
from rag.errors import KeepingError

DEFAULT = "default"
OFF = "off"
# How long a deleted conversation can be brought back.
UNDO_SECONDS = 600
_VERSION = 1
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
        self._kept = KeptFile(file, _TABLES, _VERSION, "conversations")

    def keep(self, reader: str, conversation: str, turn: Turn) -> int:
        """Add ``turn`` to a conversation, which may be new; return its number.

        Numbers grow and are never given twice. Raises KeepingError when the conversation
        is another reader's.
        """
        content = write_turn(turn)
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

    def conversations(self, reader: str) -> tuple[ConversationLine, ...]:
        """The reader's conversations, the one asked in last first."""
        with self._kept.reading() as database:
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
            ConversationLine(
                name, question, questions, datetime.datetime.fromisoformat(asked_at)
            )
            for name, question, questions, asked_at in rows
        )

    def turns(self, reader: str, conversation: str) -> tuple[KeptTurn, ...]:
        """The turns of a conversation, in order; none when it is not the reader's."""
        with self._kept.reading() as database:
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
            if (given := read_feedback(content)) is not None:
                verdicts.setdefault(given.turn, {})[given.citation] = given.verdict
        return tuple(
            KeptTurn(number, question, read_turn(content), verdicts.get(number, {}))
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
            judged = read_turn(row[0]) if row else None
            cited = find_citation(judged, citation) if judged else None
            if judged is None or cited is None:
                return False
            if verdict is None:
                database.execute(
                    "DELETE FROM feedback WHERE turn = ? AND citation = ?", (turn, citation)
                )
                return True
            given = feedback_on(turn, judged, cited, verdict, self._clock())
            database.execute(
                "INSERT OR REPLACE INTO feedback VALUES (?, ?, ?)",
                (turn, citation, write_feedback(given)),
            )
            return True

    def feedback(self) -> tuple[Feedback, ...]:
        """Every verdict of every reader, in the order of the answers.

        It outlives the conversation it was given in.
        """
        with self._kept.reading() as database:
            rows = database.execute(
                "SELECT content FROM feedback ORDER BY turn, citation"
            ).fetchall()
        read = (read_feedback(content) for (content,) in rows)
        return tuple(given for given in read if given is not None)

    @contextlib.contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is written as a whole or not at all."""
        with self._kept.writing() as database:
            database.execute(
                "DELETE FROM conversations WHERE deleted_at < ?",
                (self._clock().timestamp() - UNDO_SECONDS,),
            )
            yield database


def _is_readers(database: sqlite3.Connection, reader: str, conversation: str) -> bool:
    row = database.execute(
        "SELECT 1 FROM conversations WHERE id = ? AND reader = ?", (conversation, reader)
    ).fetchone()
    return row is not None
