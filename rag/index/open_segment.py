"""A segment, open: its catalogue, its rows and its engine, and where it stands among others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rag.index.catalogue import CATALOGUE, Catalogue
from rag.index.choose_engine import open_engine
from rag.index.engine import Numbers
from rag.index.generations import damaged
from rag.index.segments import Rows, SegmentManifest
from rag.index.stored_rows import StoredRows


class Segment:
    """One segment of a generation. Safe to use from several threads.

    Its own numbers count from 0; in the generation, those of passages from
    ``first_passage`` on, those of sentences from ``first_sentence``.
    """

    def __init__(
        self,
        folder: Path,
        manifest: SegmentManifest,
        gone: Rows,
        first_passage: int,
        first_sentence: int,
        uri: str,
    ) -> None:
        """Open what is in ``folder``, but for the articles in the rows ``gone``.

        Raises IndexDamagedError.
        """
        self.folder = folder
        self.manifest = manifest
        self.gone = gone
        self.first_passage = first_passage
        self.first_sentence = first_sentence
        self.rows = StoredRows(folder, manifest)
        self.catalogue = Catalogue(folder, gone.tolist())
        try:
            self._count()
        except BaseException:
            self.catalogue.close()
            raise
        self.engine = open_engine(
            folder, manifest, self.rows.passages, self.catalogue, self.gone_passages, uri
        )

    def _count(self) -> None:
        """Compare the counts with the manifest's; that also finds a catalogue cut off."""
        passages, sentences = self.catalogue.rows(
            "SELECT total(passages), total(sentences) FROM places"
        )[0]
        for table, found, expected in (
            ("sentences", sentences, self.manifest.sentences),
            ("passages", passages, self.manifest.passages),
        ):
            if found != expected:
                raise damaged(
                    self.folder, f"{CATALOGUE} has {found:.0f} {table}, expected {expected}"
                )
        places = self.catalogue.rows(
            "SELECT first_passage, passages, sentences FROM places"
            " WHERE article IN (SELECT value FROM json_each(?))",
            json.dumps(self.gone.tolist()),
        )
        runs = [np.arange(first, first + count) for first, count, _ in places]
        self.gone_passages: Numbers = np.sort(np.concatenate([np.empty(0, np.int64), *runs]))
        self.articles = self.manifest.articles - len(self.gone)
        self.passages = self.manifest.passages - len(self.gone_passages)
        self.sentences = self.manifest.sentences - sum(count for _, _, count in places)

    def holds(self, article_id: str) -> bool:
        """Whether it has the article with that id."""
        return bool(self.catalogue.rows("SELECT 1 FROM articles WHERE id = ?", article_id))

    def places(self) -> Iterator[tuple[Any, ...]]:
        """Each article's row with its first passage, their count, and its sentences'.

        Those of articles that are gone are left out.
        """
        yield from self.catalogue.rows(
            "SELECT article, first_passage, passages, first_sentence, sentences"
            " FROM articles JOIN places ON article = row"
        )

    def close(self) -> None:
        """Let go of the database and of the engine."""
        self.engine.close()
        self.catalogue.close()


def open_segments(
    folders: list[tuple[Path, SegmentManifest]], gone: list[Rows], uri: str
) -> tuple[Segment, ...]:
    """The segments of a generation, numbered one after the other.

    Raises IndexDamagedError.
    """
    opened: list[Segment] = []
    first_passage = first_sentence = 0
    try:
        for (folder, manifest), rows in zip(folders, gone, strict=True):
            opened.append(Segment(folder, manifest, rows, first_passage, first_sentence, uri))
            first_passage += manifest.passages
            first_sentence += manifest.sentences
    except BaseException:
        for one in opened:
            one.close()
        raise
    return tuple(opened)
