"""An encoder without a model, and articles to build an index of."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from rag.config import Settings
from rag.models.bundled_e5 import PUBLIC_NAME
from rag.models.encoder import Vectors
from rag.models.text_parts import TextWithParts
from rag.types import Article

DIMENSION = 64
PASSAGE_TOKENS = 40

ARTICLES = {
    "pont.txt": (
        " date 2024-03-01 Le pont de l’Orge rouvrira le 3 juin. Les travaux ont coûté "
        "20 000 euros à la commune.\n\n"
        "Le pont de l’Orge rouvre à la circulation\n\n"
        "« Nous attendions ce moment », a déclaré le maire, M. Dupont. Les cyclistes "
        "disposent désormais d’une voie séparée de trois mètres."
    ),
    "école.txt": (
        " date 2023-09-04 L’école Jean-Moulin accueille cent vingt élèves à la rentrée.\n\n"
        "Une rentrée dans des murs neufs\n\n"
        "La directrice, Mme Leroy, salue dix-huit mois de chantier. La cantine servira des "
        "légumes de la région. Les familles ont visité les classes samedi."
    ),
    "sport/finale.txt": (
        "Le club de Nantes a remporté la finale régionale de handball. Claire Morel a "
        "marqué neuf buts. L’équipe retrouvera Brest en octobre."
    ),
}


class CountingEncoder:
    """Unit vectors from hashed words: texts that share words are near.

    It keeps every text it embedded, so a test can tell what was embedded again.
    """

    def __init__(self, fingerprint: str = "counting@1") -> None:
        # Of the model that confidence was fitted to, so that refusals can be told.
        self.name = PUBLIC_NAME
        self.fingerprint = fingerprint
        self.dimension = DIMENSION
        self.passages: list[str] = []
        self.questions: list[str] = []

    def count_tokens(self, texts: Sequence[str]) -> list[int]:
        return [len(text.split()) for text in texts]

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        self.passages.extend(texts)
        rows = [self._vector(text) for text in texts]
        return np.stack(rows) if rows else np.empty((0, DIMENSION), np.float32)

    def embed_question(self, question: str) -> Vectors:
        self.questions.append(question)
        return self._vector(question)

    def _vector(self, text: str) -> Vectors:
        vector = np.zeros(DIMENSION, np.float32)
        # The fingerprint takes part, as another model gives other vectors.
        for word in re.findall(r"\w+", text.lower()) or [text]:
            digest = hashlib.sha256(f"{self.fingerprint}\0{word}".encode()).digest()
            vector[digest[0] % DIMENSION] += 1 if digest[1] % 2 else -1
        if not vector.any():
            vector[0] = 1
        unit: Vectors = vector / np.linalg.norm(vector)
        return unit.astype(np.float32)


class PartsCountingEncoder(CountingEncoder):
    """A CountingEncoder that embeds parts with their text, each knowing a little of it."""

    def __init__(self, fingerprint: str = "counting@1") -> None:
        super().__init__(f"{fingerprint}|parts")
        self.apart = CountingEncoder(fingerprint)
        self.parts = 0

    def embed_with_parts(self, texts: Sequence[TextWithParts]) -> Vectors:
        self.passages.extend(one.text for one in texts)
        self.parts += sum(len(one.parts) for one in texts)
        return np.stack(
            [
                row
                for one in texts
                for row in (
                    self._vector(one.text),
                    *(self.part(one.text, first, last) for first, last in one.parts),
                )
            ]
        )

    def _vector(self, text: str) -> Vectors:
        # Alone a text has the same vector either way.
        return self.apart._vector(text)

    def part(self, text: str, first: int, last: int) -> Vectors:
        """The vector of the words of ``text`` from ``first`` to ``last``."""
        mixed = 2 * self._vector(text[first:last]) + self._vector(text)
        unit: Vectors = mixed / np.linalg.norm(mixed)
        return unit.astype(np.float32)


ENDS_ONCE = "trépasse"
ENDS_ALWAYS = "succombe"
FAILS = "échoue"


class NotingEncoder(CountingEncoder):
    """Notes in a file what is embedded and by which process, which some words end."""

    def __init__(self, notes: Path, fingerprint: str = "counting@1") -> None:
        super().__init__(fingerprint)
        self._notes = notes

    def embed_passages(self, texts: Sequence[str]) -> Vectors:
        together = " ".join(texts)
        ended = self._notes.with_suffix(".ended")
        if ENDS_ALWAYS in together or (ENDS_ONCE in together and not ended.exists()):
            ended.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        if FAILS in together:
            raise MemoryError("no room for so much")
        vectors = super().embed_passages(texts)
        with self._notes.open("a", encoding="utf-8") as notes:
            notes.write(json.dumps({"process": os.getpid(), "texts": list(texts)}) + "\n")
        return vectors


def noted(notes: Path) -> list[tuple[int, list[str]]]:
    """What NotingEncoders embedded, batch by batch, with their processes."""
    if not notes.exists():
        return []
    lines = [json.loads(line) for line in notes.read_text("utf-8").splitlines()]
    return [(line["process"], line["texts"]) for line in lines]


def open_counting(settings: Settings) -> CountingEncoder:
    """Stand in for rag.models.encoder.open_encoder, in this process or another."""
    return CountingEncoder()


def settings_for(tmp_path: Path, **changed: Any) -> Settings:
    """Settings for a folder of articles and an index under ``tmp_path``."""
    chosen: dict[str, Any] = {
        "articles": tmp_path / "seeds",
        "index": tmp_path / "embeddings",
        "passage_tokens": PASSAGE_TOKENS,
    }
    return Settings(**chosen | changed)


def write_article(folder: Path, name: str, text: str) -> Path:
    """Write an article's file, with the folders it is in."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text.encode())
    return file


def write_articles(folder: Path) -> None:
    """Write the small folder of ARTICLES."""
    for name, text in ARTICLES.items():
        write_article(folder, name, text)


def make_article(
    text: str,
    path: str = "a.txt",
    *,
    title: str = "Un titre",
    date: datetime.date | None = None,
    source: str | None = None,
    language: str = "fr",
) -> Article:
    """An article that was never in a file."""
    return Article(
        id=hashlib.sha256(f"{path}\0{text}".encode()).hexdigest()[:16],
        path=path,
        text=text,
        title=title,
        file_hash=hashlib.sha256(text.encode()).hexdigest(),
        date=date,
        language=language,
        source=source,
    )
