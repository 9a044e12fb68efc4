"""A new segment's vectors: found by their keys where they are known, embedded where not.

Texts pass through a window at a time, so that memory grows with the corpus by their keys and
rows alone, which are kept as arrays.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from rag.index import Index, Journal, NewSegment, Placed, SegmentRows
from rag.index.half_floats import HALF, Halves
from rag.index.known_vectors import KnownVectors
from rag.index.row_files import KEY_BYTES, Numbers, Rows
from rag.library.texts_to_embed import NOWHERE, lay_out
from rag.models.encoder import Encoder
from rag.models.text_parts import Text
from rag.models.workers import Workers
from rag.progress import Progress


@dataclass(frozen=True, slots=True)
class Steps:
    """How many texts are embedded between two entries of the journal, and chosen among.

    Texts of like length share a batch; ``window`` of them are 10 MB.
    """

    texts: int = 64
    window: int = 8192


@dataclass(frozen=True, slots=True)
class Filled:
    """What filling a segment cost: passages and texts embedded, and the vectors' length."""

    passages: int
    texts: int
    dimension: int


@dataclass(frozen=True, slots=True)
class _Texts:
    """Texts, where the vectors of each begin, and the row and key of every vector.

    Rows are those of passages, then, after all of them, of sentences; NOWHERE for a vector
    that is not written.
    """

    texts: list[Text]
    begins: Numbers
    rows: Numbers
    keys: Rows

    def vectors_of(self, text: int) -> range:
        """Which vectors are a text's."""
        last = text + 1 == len(self.texts)
        return range(self.begins[text], len(self.rows) if last else self.begins[text + 1])


@dataclass(slots=True)
class _Window:
    """Rows whose vectors are being gathered; ``missing`` of them are not there yet."""

    rows: Numbers
    vectors: Halves
    missing: int


def fill(
    draft: NewSegment,
    previous: Index | None,
    encoder: Encoder,
    journal: Journal,
    progress: Progress,
    workers: Workers,
    steps: Steps,
) -> Filled:
    """Write the vectors and keys of every row of ``draft``.

    ``previous`` and ``journal`` are asked before the ``workers``, who embed as ``encoder``
    does, are.
    """
    filling = _Filling(draft, previous, encoder, journal, progress, workers, steps)
    return filling.run()


class _Filling:
    """One draft being filled: what every step of it needs."""

    def __init__(
        self,
        draft: NewSegment,
        previous: Index | None,
        encoder: Encoder,
        journal: Journal,
        progress: Progress,
        workers: Workers,
        steps: Steps,
    ) -> None:
        self.draft = draft
        self.encoder = encoder
        self.journal = journal
        self.progress = progress
        self.workers = workers
        self.steps = steps
        # What is being embedded: the texts of each batch, by their first keys, the keys of each
        # text's vectors, and where a vector is waited for.
        self._batch = 0
        self._in_work: dict[bytes, list[bytes]] = {}
        self._handed_out: dict[int, list[bytes]] = {}
        self._waiting: dict[bytes, list[tuple[_Window, int]]] = {}
        # Keys tell the model, so of another one nothing would be found.
        same = previous is not None and previous.manifest.fingerprint == encoder.fingerprint
        self.previous = previous if same else None
        self._known = KnownVectors(self.previous.segments if self.previous else ())

    def run(self) -> Filled:
        texts, passages = self._count_missing()
        dimension = self._dimension(texts)
        self.progress.start("passages and sentences", texts)
        files = self.draft.open_rows(dimension)
        try:
            self._fill(files, dimension)
        finally:
            files.close()
        return Filled(passages, texts, dimension)

    def _count_missing(self) -> tuple[int, int]:
        """How many texts are to be embedded, and how many passages are among them."""
        keys: list[Rows] = [np.empty((0, KEY_BYTES), np.uint8)]
        passages = 0
        for placed in self.draft.articles():
            texts = self._texts(placed)
            missing = self._missing(texts)
            begins = texts.begins[np.logical_or.reduceat(missing, texts.begins)]
            keys.append(texts.keys[begins])
            passages += int(np.count_nonzero(texts.rows[begins] < self.draft.passages))
        return len(_unique(np.concatenate(keys))), passages

    def _dimension(self, texts: int) -> int:
        # The encoder would load its model to tell.
        if self.previous is not None and not texts:
            return self.previous.manifest.dimension
        return self.encoder.dimension

    def _texts(self, placed: Placed) -> _Texts:
        laid = list(lay_out(placed.article, placed.passages, placed.sentences, self.encoder))
        first_sentence = self.draft.passages + placed.first_sentence
        # The last is NOWHERE's.
        row_of = [
            *range(placed.first_passage, placed.first_passage + len(placed.passages)),
            *range(first_sentence, first_sentence + len(placed.sentences)),
            NOWHERE,
        ]
        counts = [len(one.places) for one in laid]
        digests = b"".join(key for one in laid for key in one.keys)
        return _Texts(
            [one.text for one in laid],
            np.cumsum([0, *counts])[:-1],
            np.array([row_of[place] for one in laid for place in one.places], np.int64),
            np.frombuffer(digests, np.uint8).reshape(-1, KEY_BYTES),
        )

    def _windows(self) -> Iterator[_Texts]:
        """What is new, a window at a time."""
        gathered: list[_Texts] = []
        count = 0
        for placed in self.draft.articles():
            gathered.append(self._texts(placed))
            count += len(gathered[-1].texts)
            if count >= self.steps.window:
                yield _together(gathered)
                gathered, count = [], 0
        if gathered:
            yield _together(gathered)

    def _missing(self, texts: _Texts) -> npt.NDArray[np.bool_]:
        """Which vectors neither the generation before nor the journal knows."""
        missing: npt.NDArray[np.bool_] = texts.rows != NOWHERE
        missing &= ~self._known.holds(texts.keys)
        left = np.flatnonzero(missing)
        known = self.journal.holds(texts.keys[place].tobytes() for place in left)
        missing[left] = ~np.fromiter(known, np.bool_, len(left))
        return missing

    def _fill(self, files: SegmentRows, dimension: int) -> None:
        """Write what is known, and what is not as soon as it is embedded."""
        batches = self._batches(files, dimension)
        with contextlib.closing(self.workers.embed(batches)) as embedded:
            for number, vectors in embedded:
                texts = self._handed_out.pop(number)
                keys = [key for text in texts for key in self._in_work.pop(text)]
                rounded = dict(zip(keys, vectors.astype(HALF), strict=True))
                self.journal.add(rounded)
                for key, vector in rounded.items():
                    self._put(files, key, vector)
                self.progress.advance(len(texts))

    def _batches(self, files: SegmentRows, dimension: int) -> Iterator[list[Text]]:
        """The texts to embed, and first what need not be embedded put where it belongs."""
        for texts in self._windows():
            # Whatever is put here is rounded, wherever it comes from.
            vectors = np.empty((len(texts.rows), dimension), HALF)
            known = self._known.copy(texts.keys, vectors) | (texts.rows == NOWHERE)
            keys = [key.tobytes() for key in texts.keys]
            # The journal also holds what earlier windows embedded.
            self._from_journal(keys, known, vectors)
            window = _Window(texts.rows, vectors, int(np.count_nonzero(~known)))
            self._write_keys(files, texts)
            if not window.missing:
                self._write_vectors(files, window)
            new: dict[bytes, Text] = {}
            for number, text in enumerate(texts.texts):
                own = texts.vectors_of(number)
                unknown = [place for place in own if not known[place]]
                first = keys[own[0]]
                if unknown and first not in self._in_work:
                    self._in_work[first] = [keys[place] for place in own]
                    new[first] = text
                for place in unknown:
                    self._waiting.setdefault(keys[place], []).append((window, place))
            yield from self._steps(new)

    def _steps(self, new: dict[bytes, Text]) -> Iterator[list[Text]]:
        # Texts of like length share a batch, so little of it is padding.
        order = sorted(new, key=lambda key: (_length(new[key]), key))
        for first in range(0, len(order), self.steps.texts):
            keys = order[first : first + self.steps.texts]
            self._handed_out[self._batch] = keys
            self._batch += 1
            yield [new[key] for key in keys]

    def _put(self, files: SegmentRows, key: bytes, vector: Halves) -> None:
        """Put a new vector wherever it is waited for."""
        for window, place in self._waiting.pop(key, ()):
            window.vectors[place] = vector
            window.missing -= 1
            if not window.missing:
                self._write_vectors(files, window)

    def _write_vectors(self, files: SegmentRows, window: _Window) -> None:
        of_passages, of_sentences = self._kinds(window.rows)
        files.passages.scatter(window.rows[of_passages], window.vectors[of_passages])
        rows = window.rows[of_sentences] - self.draft.passages
        files.sentences.scatter(rows, window.vectors[of_sentences])

    def _write_keys(self, files: SegmentRows, texts: _Texts) -> None:
        of_passages, of_sentences = self._kinds(texts.rows)
        files.passage_keys.scatter(texts.rows[of_passages], texts.keys[of_passages])
        rows = texts.rows[of_sentences] - self.draft.passages
        files.sentence_keys.scatter(rows, texts.keys[of_sentences])

    def _kinds(self, rows: Numbers) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
        """Which rows are passages', which sentences'."""
        of_passages = (rows >= 0) & (rows < self.draft.passages)
        return of_passages, rows >= self.draft.passages

    def _from_journal(
        self, keys: Sequence[bytes], known: npt.NDArray[np.bool_], vectors: Halves
    ) -> None:
        unknown = np.flatnonzero(~known).tolist()
        found = self.journal.find(keys[place] for place in unknown)
        for place in unknown:
            if keys[place] in found:
                vectors[place] = found[keys[place]]
                known[place] = True


def _together(gathered: Sequence[_Texts]) -> _Texts:
    before = np.cumsum([0, *(len(one.rows) for one in gathered)])[:-1]
    return _Texts(
        [text for one in gathered for text in one.texts],
        np.concatenate(
            [one.begins + first for one, first in zip(gathered, before, strict=True)]
        ),
        np.concatenate([one.rows for one in gathered]),
        np.concatenate([one.keys for one in gathered]),
    )


def _length(text: Text) -> int:
    return len(text if isinstance(text, str) else text.text)


def _unique(keys: Rows) -> Rows:
    if not len(keys):
        return keys
    return np.unique(np.ascontiguousarray(keys).view(f"V{KEY_BYTES}").reshape(-1))
