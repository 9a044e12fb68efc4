"""SQuAD files to pairs of a question and a passage, with the answer's place or none."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rag.answering.retrieve import retrieve
from rag.answering.snapshot import CONSIDERED
from rag.evaluation import read_squad
from rag.evaluation.metrics import contains_answer
from rag.index import Index
from rag.language.questions import understand
from rag.models.encoder import Encoder
from rag.types import Filters


@dataclass(frozen=True, slots=True)
class Example:
    """A question about a paragraph; ``answers`` are (start, text), none when impossible."""

    id: str
    question: str
    title: str
    paragraph: str
    answers: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Pair:
    """A question, a passage and the answer's (start, end) in it, None when there is none."""

    question: str
    title: str
    text: str
    answer: tuple[int, int] | None


def is_held_aside(title: str) -> bool:
    """Whether a title's pairs are left out of the training, one title in eight."""
    return hashlib.sha256(title.encode()).digest()[0] % 8 == 0


def read_examples(file: Path) -> list[Example]:
    """The questions of a SQuAD file, in order."""
    content = json.loads(file.read_text("utf-8"))
    return [
        Example(
            question["id"],
            question["question"],
            entry.get("title", "").replace("_", " "),
            paragraph["context"],
            ()
            if question.get("is_impossible")
            else tuple((one["answer_start"], one["text"]) for one in question["answers"]),
        )
        for entry in content["data"]
        for paragraph in entry["paragraphs"]
        for question in paragraph["qas"]
    ]


def own_pair(example: Example) -> Pair:
    """The question with its own paragraph."""
    answer = None
    if example.answers:
        start, text = example.answers[0]
        answer = (start, start + len(text))
    return Pair(example.question, example.title, example.paragraph, answer)


def crossed_pairs(asking: Sequence[Example], reading: Sequence[Example]) -> Iterator[Pair]:
    """The questions of one language with the same paragraphs in another."""
    by_id = {example.id: example for example in reading}
    for example in asking:
        other = by_id.get(example.id)
        if other is not None:
            pair = own_pair(other)
            yield Pair(example.question, pair.title, pair.text, pair.answer)


def neighbour_pairs(examples: Sequence[Example], chooser: random.Random) -> Iterator[Pair]:
    """Questions with another paragraph of their article that does not hold the answer."""
    paragraphs: dict[str, list[str]] = {}
    for example in examples:
        known = paragraphs.setdefault(example.title, [])
        if example.paragraph not in known:
            known.append(example.paragraph)
    for example in examples:
        others = [text for text in paragraphs[example.title] if text != example.paragraph]
        if not example.answers or not others:
            continue
        text = chooser.choice(others)
        if not contains_answer(text, [example.answers[0][1]]):
            yield Pair(example.question, example.title, text, None)


def mined_pairs(file: Path, index: Index, encoder: Encoder, ranks: int) -> list[list[Pair]]:
    """Questions with the passages that retrieval puts high and that do not answer.

    The first list pairs each question with the first of these, the next with the second,
    ``ranks`` lists in all. ``index`` is of the paragraphs of ``file``.
    """
    mined: list[list[Pair]] = [[] for _ in range(ranks)]
    for question in read_squad([file]).questions:
        vector = encoder.embed_question(question.question)
        asked = understand(question.question).terms
        place = 0
        for found in retrieve(index, vector, asked, Filters(), CONSIDERED):
            passage = found.hit.passage
            if passage.article_id == question.paragraph:
                continue
            article = index.articles.read(passage.article_id)
            text = article.text[passage.start : passage.end]
            if not contains_answer(text, question.answers):
                mined[place].append(Pair(question.question, article.title, text, None))
                place += 1
            if place == ranks:
                break
    return mined
