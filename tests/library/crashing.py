"""Builds that are killed, run out of disk or have their files changed: run by a test.

A process of its own, because it forks: a child builds and dies by SIGKILL at the line of
our code that a seeded number names, or where the clock finds it; the parent then looks at
what is left. Its arguments are the seed and how many builds to kill at a line; the other
ends come in proportion. Prints one JSON object of counts; any contradiction ends it with a
traceback.
"""

from __future__ import annotations

import json
import os
import random
import resource
import signal
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

import numpy as np

import rag
from rag.answering.assistant import Assistant
from rag.config import Settings
from rag.errors import IndexWriteError
from rag.index import Index, Journal, NewGeneration
from rag.index.generations import current_name, switch
from rag.index.half_floats import HALF
from rag.index.vector_journal import JOURNAL
from rag.library.build import build_folder
from rag.library.fill_vectors import Steps, fill
from rag.library.texts_to_embed import text_key
from rag.models.encoder import Vectors
from rag.models.text_parts import texts_to_embed
from tests.fakes import CountingEncoder, settings_for, write_article
from tests.index.held_rows import passage_rows, sentence_rows

RAG = str(Path(rag.__file__).parent)
WORDS = (
    "le maire la vallée un pont trois élèves une crue la commune les pompiers ont vu coûté "
    "rouvert fermé douze mille euros samedi juin octobre la cantine une école des travaux"
).split()
# The functions at which reading, filling, embedding, completing and switching begin: as
# many kills fall into each, though reading has by far the most lines.
PHASES = tuple(
    function.__qualname__
    for function in (
        build_folder,
        fill,
        Journal.add,
        NewGeneration.finish,
        switch,
        Journal.close,
    )
)
# Every batch of a small folder is journaled by itself.
STEPS = Steps(texts=4, window=16)
# Of so many interrupted builds the last is followed by one that is let finish.
IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Ends:
    """How many builds end how: killed at a line or by the clock, on a full disk, or changed."""

    by_line: int
    by_clock: int
    full: int
    changed: int

    @classmethod
    def of(cls, killed: int) -> Ends:
        """So many kills at a line, of each phase as many, and the rest in proportion."""
        by_line = max(killed // len(PHASES), 1) * len(PHASES)
        return cls(by_line, 1 + by_line // 7, 1 + by_line // 10, 1 + by_line // 10)

    @property
    def builds(self) -> int:
        """How many builds are interrupted."""
        return self.by_line + self.by_clock + self.full


Tracer = Callable[[FrameType, str, Any], Any]


class Remembering(CountingEncoder):
    """An encoder that computes a text's vector once in this process."""

    _known: dict[str, Vectors] = {}  # noqa: RUF012

    def _vector(self, text: str) -> Vectors:
        if text not in self._known:
            self._known[text] = super()._vector(text)
        return self._known[text]


def counted_lines(work: Callable[[], object], on_line: Callable[[int, str], None]) -> int:
    """Run ``work`` and tell every line of our code that it comes to, counted from 1."""
    count = 0

    def local(frame: FrameType, event: str, argument: object) -> Tracer:
        nonlocal count
        if event == "line":
            count += 1
            on_line(count, frame.f_code.co_qualname)
        return local

    def trace(frame: FrameType, event: str, argument: object) -> Tracer | None:
        return local if frame.f_code.co_filename.startswith(RAG) else None

    sys.settrace(trace)
    try:
        work()
    finally:
        sys.settrace(None)
    return count


def in_child(work: Callable[[], object], kill_after: float | None = None) -> int:
    """Run ``work`` in a fork and return how it ended, as os.waitpid does."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        os._exit(code)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


class Ordeal:
    """One folder, built again and again, with everything that may happen to a build."""

    def __init__(self, place: Path, seed: int, ends: Ends) -> None:
        self.ends = ends
        self.chooser = random.Random(seed)
        self.settings: Settings = settings_for(place, passage_tokens=20)
        self.settings.articles.mkdir()
        self.counts = dict.fromkeys(
            ("killed", "finished", "old", "new", "resumed", "full", "changed"), 0
        )
        self.served: dict[str, str] = {}
        for number in range(6):
            self._write(f"{number}.txt")
        self._build()
        self._finish(set())

    def run(self) -> None:
        spans = self._spans()
        for turn in range(self.ends.by_line):
            phase = PHASES[turn % len(PHASES)]
            moment = self.chooser.randint(1, spans[phase])
            self._interrupt(turn, lambda p=phase, m=moment: self._killed_at(p, m))  # type: ignore[misc]
        began = time.perf_counter()
        self.change()
        in_child(self._build)
        self._remember()
        spent = time.perf_counter() - began
        for turn in range(self.ends.by_clock):
            after = self.chooser.uniform(0, spent)
            self._interrupt(turn, lambda after=after: in_child(self._build, after))  # type: ignore[misc]
        for turn in range(self.ends.full):
            room = self.chooser.randint(0, 1 << 18)
            self._interrupt(turn, lambda room=room: self._without_room(room))  # type: ignore[misc]
        for _ in range(self.ends.changed):
            self._changed_under(self.chooser.randint(1, sum(spans.values()) // 2))

    def change(self) -> None:
        """Change the folder: a new article, and others edited, renamed or removed."""
        self._write(f"{self.chooser.randrange(100)}.txt")
        for _ in range(self.chooser.randint(0, 2)):
            files = sorted(self.settings.articles.rglob("*.txt"))
            match self.chooser.choice(["edit", "rename", "remove", "remove"]):
                case "edit" if files:
                    file = self.chooser.choice(files)
                    file.write_text(file.read_text("utf-8") + " " + self._sentence(), "utf-8")
                case "rename" if files:
                    name = f"r{self.chooser.randrange(100)}.txt"
                    self.chooser.choice(files).rename(self.settings.articles / name)
                case "remove" if len(files) > 3:
                    self.chooser.choice(files).unlink()
                case _:
                    pass

    def _write(self, name: str) -> None:
        text = " ".join(self._sentence() for _ in range(self.chooser.randint(2, 6)))
        write_article(self.settings.articles, name, text)

    def _sentence(self) -> str:
        words = self.chooser.choices(WORDS, k=self.chooser.randint(4, 9))
        return f"{words[0].capitalize()} {' '.join(words[1:])} {self.chooser.random():.4f}."

    def _build(self, encoder: CountingEncoder | None = None) -> None:
        build_folder(self.settings, encoder or Remembering(), steps=STEPS)

    def _spans(self) -> dict[str, int]:
        """How many lines a build runs through in each of its PHASES."""
        self.change()
        # A change may take back what it brought, and then nothing is embedded.
        self._write("spans.txt")
        spans = dict.fromkeys(PHASES, 0)
        phase = PHASES[0]

        def see(_: int, function: str) -> None:
            nonlocal phase
            if function in PHASES and not spans[function]:
                phase = function
            spans[phase] += 1

        counted_lines(self._build, see)
        self._remember()
        return spans

    def _killed_at(self, phase: str, moment: int) -> int:
        """Build in a fork that is killed so many lines after a phase began."""
        begun: int | None = None

        def kill(count: int, function: str) -> None:
            nonlocal begun
            if begun is None and function == phase:
                begun = count
            if begun is not None and count - begun == moment:
                os.kill(os.getpid(), signal.SIGKILL)

        return in_child(lambda: counted_lines(self._build, kill))

    def _without_room(self, room: int) -> int:
        """Build where no file may grow beyond ``room`` bytes, as on a full disk."""

        def work() -> None:
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))
            try:
                self._build()
            except IndexWriteError:
                os._exit(3)

        status = in_child(work)
        code = os.waitstatus_to_exitcode(status)
        assert code in (0, 3), code
        self.counts["full"] += code == 3
        return status

    def _interrupt(self, turn: int, attempt: Callable[[], int]) -> None:
        self.change()
        before = current_name(self.settings.index)
        expected = self._folder()
        status = attempt()
        self.counts["killed"] += os.WIFSIGNALED(status)
        self.counts["finished"] += status == 0
        serving = self._check_whole()
        if current_name(self.settings.index) == before:
            self.counts["old"] += 1
            assert serving == self.served, "the old generation is another"
        else:
            self.counts["new"] += 1
            assert serving == expected, "the new generation is not the folder"
        self._remember()
        if turn % IN_A_ROW == IN_A_ROW - 1:
            self._finish(self._journaled())

    def _finish(self, journaled: set[bytes]) -> None:
        """Let a build finish: it must not embed what the journal has."""
        encoder = Remembering()
        self._build(encoder)
        embedded = {text_key(encoder.fingerprint, text) for text in encoder.passages}
        assert not embedded & journaled, "what was journaled is embedded again"
        self.counts["resumed"] += bool(journaled)
        assert self._check_whole() == self._folder(), "the finished build is not the folder"
        again = Remembering()
        self._build(again)
        assert again.passages == []
        self._remember()

    def _journaled(self) -> set[bytes]:
        path = self.settings.index / JOURNAL
        if not path.exists():
            return set()
        database = sqlite3.connect(path)
        try:
            return {key for (key,) in database.execute("SELECT key FROM halves")}
        except sqlite3.OperationalError:
            # Killed before its table was made.
            return set()
        finally:
            database.close()

    def _changed_under(self, moment: int) -> None:
        """Change the folder in the middle of a build, then let the next one finish."""
        self.change()

        def at(count: int, _: str) -> None:
            if count == moment:
                self.change()

        counted_lines(self._build, at)
        self.counts["changed"] += 1
        self._check_whole()
        self._finish(set())

    def _remember(self) -> None:
        index = Index.open_current(self.settings.index)
        self.served = {article.path: article.text for article in index.articles.every()}
        index.close()

    def _folder(self) -> dict[str, str]:
        root = self.settings.articles
        return {
            file.relative_to(root).as_posix(): file.read_text("utf-8")
            for file in root.rglob("*.txt")
        }

    def _check_whole(self) -> dict[str, str]:
        """What serves is whole, true to its articles, and answers; its texts by path."""
        encoder = Remembering()
        index = Index.open_current(self.settings.index, [encoder.fingerprint])
        assert list(index.integrity.check_files()) == []
        assert list(index.integrity.check_engine()) == []
        texts = {}
        passages, sentences_held = passage_rows(index), sentence_rows(index)
        for article in index.articles.every():
            texts[article.path] = article.text
            for stored in index.passages.of_article(article.id):
                spans = stored.passage.sentences
                (passage,) = encoder.embed_passages(texts_to_embed(article, [stored.passage]))
                sentences = encoder.embed_passages(texts_to_embed(article, spans))
                first = stored.first_sentence
                assert np.array_equal(passages[stored.number], passage.astype(HALF))
                held = sentences_held[first : first + len(spans)]
                assert np.array_equal(held, sentences.astype(HALF))
        index.close()
        answer = Assistant(self.settings, encoder).ask("Le pont de la vallée a-t-il rouvert ?")
        assert answer.hits
        for citation in answer.shown():
            quote = citation.quote
            assert citation.article.text == texts[citation.article.path]
            assert citation.article.text[quote.start : quote.end] == quote.text
        return texts


def main(arguments: Sequence[str]) -> None:
    """Go through an ordeal and print what happened in it."""
    import faiss

    # A kill, unlike a power cut, takes nothing back that was written.
    os.fsync = lambda fd: None
    # A fork of a process with threads may wait for them for ever.
    faiss.omp_set_num_threads(1)
    with tempfile.TemporaryDirectory() as place:
        ordeal = Ordeal(Path(place), int(arguments[0]), Ends.of(int(arguments[1])))
        ordeal.run()
        print(json.dumps(ordeal.counts))


if __name__ == "__main__":
    main(sys.argv[1:])
