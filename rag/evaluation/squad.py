"""SQuAD files: every paragraph becomes an article, every question a gold question."""

from __future__ import annotations

import dataclasses
import hashlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, Field, ValidationError

from rag.errors import EvaluationError
from rag.evaluation.gold import GoldQuestion, first_problem, read_text
from rag.evaluation.metrics import fold_answer
from rag.types import Article

# SQuAD has no field for the language: files are named like xquad.en.json.
_LANGUAGE_IN_NAME = re.compile(r"\.([a-z]{2})\.json$")
_DEFAULT_LANGUAGE = "fr"


class _Answer(BaseModel):
    text: str = Field(min_length=1)
    answer_start: int = Field(ge=0)


class _Question(BaseModel):
    id: str
    question: str = Field(min_length=1)
    is_impossible: bool = False
    answers: list[_Answer] = []


class _Paragraph(BaseModel):
    context: str = Field(min_length=1)
    qas: list[_Question] = []


class _Entry(BaseModel):
    title: str = ""
    paragraphs: list[_Paragraph]


class _File(BaseModel):
    data: list[_Entry]


@dataclass(frozen=True, slots=True)
class SquadSet:
    """Articles and questions of SQuAD files.

    ``notes`` say, a line each, what was found wrong in the files and mended.
    """

    articles: tuple[Article, ...]
    questions: tuple[GoldQuestion, ...]
    notes: tuple[str, ...] = ()


def read_squad(files: Sequence[Path], corpus: Sequence[Path] = ()) -> SquadSet:
    """The paragraphs of ``files`` and ``corpus``, and the questions of ``files``.

    A paragraph keeps its title and is named ``file.json#12``, counted from 1
    in its file. The same text is taken once, so that excluding a paragraph
    leaves no copy of it. A question's id is its SQuAD id, followed by the
    file's name when another file has it too. Raises EvaluationError for a file
    that is not SQuAD and for a question without answers that is not marked
    ``is_impossible``.
    """
    reading = _Reading()
    for path in files:
        reading.add(path, with_questions=True)
    for path in corpus:
        reading.add(path, with_questions=False)
    if not reading.questions:
        raise EvaluationError(
            f"{', '.join(map(str, files))}: no question found; "
            "expected a SQuAD file with questions"
        )
    return SquadSet(
        tuple(reading.articles.values()),
        tuple(reading.questions_with_subjects()),
        tuple(reading.notes()),
    )


def file_language(name: str) -> str:
    """The language in a file's name (``xquad.en.json``), or French."""
    found = _LANGUAGE_IN_NAME.search(name)
    return found.group(1) if found else _DEFAULT_LANGUAGE


class _Reading:
    """What was read so far: articles by text, questions by id, and the mending."""

    def __init__(self) -> None:
        self.articles: dict[str, Article] = {}
        self.questions: dict[str, GoldQuestion] = {}
        self.ids_before: frozenset[str] = frozenset()
        self.copies = 0
        self.moved = 0
        self.lost = 0

    def add(self, path: Path, *, with_questions: bool) -> None:
        content = read_text(path)
        try:
            read = _File.model_validate_json(content)
        except ValidationError as error:
            raise EvaluationError(
                f"{path} is not a SQuAD file: {first_problem(error)}"
            ) from error
        self.ids_before = frozenset(self.questions)
        file_hash = hashlib.sha256(content.encode()).hexdigest()
        paragraphs = ((entry.title, one) for entry in read.data for one in entry.paragraphs)
        for number, (title, paragraph) in enumerate(paragraphs, 1):
            article = _article(f"{path.name}#{number}", title, paragraph.context, file_hash)
            known = self.articles.setdefault(article.text, article)
            self.copies += known is not article
            if with_questions:
                for question in paragraph.qas:
                    self._add_question(path, known, paragraph.context, question)

    def _add_question(
        self, path: Path, article: Article, context: str, read: _Question
    ) -> None:
        if not read.answers and not read.is_impossible:
            raise EvaluationError(
                f"{path}: question '{read.id}' has no answers; "
                "expected some, or is_impossible true"
            )
        unique = f"{read.id}@{path.name}" if read.id in self.ids_before else read.id
        if unique in self.questions:
            raise EvaluationError(
                f"{path}: the id '{read.id}' comes a second time; give every question its own"
            )
        answers = [] if read.is_impossible else read.answers
        self.questions[unique] = GoldQuestion(
            id=unique,
            question=read.question,
            language=file_language(path.name),
            answerable=not read.is_impossible,
            answers=tuple(dict.fromkeys(a.text for a in answers if fold_answer(a.text))),
            paragraph=article.id,
            spans=tuple(dict.fromkeys(self._spans(article.text, context, answers))),
        )

    def _spans(
        self, text: str, context: str, answers: Sequence[_Answer]
    ) -> Iterator[tuple[int, int]]:
        for answer in answers:
            wanted = _normalised(answer.text)
            start = len(_normalised(context[: answer.answer_start]))
            if not text.startswith(wanted, start):
                places = [found.start() for found in re.finditer(re.escape(wanted), text)]
                if not places:
                    self.lost += 1
                    continue
                self.moved += 1
                start = min(places, key=lambda place: abs(place - start))
            yield start, start + len(wanted)

    def questions_with_subjects(self) -> Iterator[GoldQuestion]:
        """The questions, each knowing the paragraphs of its paragraph's title."""
        title = {article.id: article.title for article in self.articles.values()}
        subject: dict[str, set[str]] = {}
        for article in self.articles.values():
            subject.setdefault(article.title, set()).add(article.id)
        for question in self.questions.values():
            assert question.paragraph is not None
            same = frozenset(subject[title[question.paragraph]])
            yield dataclasses.replace(question, same_subject=same)

    def notes(self) -> Iterator[str]:
        if self.copies:
            yield f"{self.copies} paragraphs are copies of another and were taken once"
        if self.moved:
            yield (
                f"{self.moved} answers are not at the place their file gives; "
                "the nearest place with their text was taken"
            )
        if self.lost:
            yield f"{self.lost} answers are nowhere in their paragraph and have no place"


def _article(path: str, title: str, context: str, file_hash: str) -> Article:
    text = _normalised(context)
    return Article(
        id=hashlib.sha256(f"{path}\0{text}".encode()).hexdigest()[:16],
        path=path,
        text=text,
        title=title or path,
        file_hash=file_hash,
        language=file_language(path.rpartition("#")[0]),
    )


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
