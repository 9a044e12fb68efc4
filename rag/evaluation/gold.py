"""Gold questions: what is asked, what a right quote says, which passages are relevant."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.errors import EvaluationError
from rag.evaluation.metrics import fold_answer
from rag.types import Article, ArticleOf, Passage

PassageKey = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question whose answer is known.

    ``answers`` are strings of which a right quote contains one. ``article``
    is the path or the file name of the article that answers, when the gold
    file says so. A question of a SQuAD file has ``paragraph``, the id of the
    article made of its paragraph, ``spans``, the places of its answers in it, and
    ``same_subject``, the ids of every paragraph under its title.
    """

    id: str
    question: str
    language: str
    answerable: bool
    answers: tuple[str, ...] = ()
    article: str | None = None
    paragraph: str | None = None
    spans: tuple[tuple[int, int], ...] = ()
    same_subject: frozenset[str] = frozenset()


class _Line(BaseModel):
    """One line of a gold file; keys that are not named here are ignored."""

    model_config = ConfigDict(strict=True, str_strip_whitespace=True)

    id: str = Field(min_length=1)
    question: str = Field(min_length=1)
    lang: str = Field(min_length=1)
    answerable: bool
    answers: list[str] = []
    article: str | None = None


def read_gold(path: Path) -> tuple[GoldQuestion, ...]:
    """The questions of a gold file: one JSON object a line, in UTF-8.

    Raises EvaluationError, naming the line, for what cannot be understood: no
    question, an id that comes twice, an answerable question without answers.
    """
    questions: dict[str, GoldQuestion] = {}
    for number, line in enumerate(read_text(path).split("\n"), 1):
        if not line.strip():
            continue
        question = _question(f"{path}, line {number}", line)
        if question.id in questions:
            raise EvaluationError(
                f"{path}, line {number}: the id '{question.id}' comes a second time; "
                "give every question its own"
            )
        questions[question.id] = question
    if not questions:
        raise EvaluationError(
            f"{path} holds no question; expected one JSON object a line with "
            "id, question, lang, answerable and answers"
        )
    return tuple(questions.values())


def _question(place: str, line: str) -> GoldQuestion:
    try:
        read = _Line.model_validate_json(line)
    except ValidationError as error:
        raise EvaluationError(f"{place}: {first_problem(error)}") from error
    if read.answerable != bool(read.answers):
        found, expected = (
            ("answerable is true and answers is empty", "at least one answer")
            if read.answerable
            else ("answerable is false and answers are given", "answerable true or no answers")
        )
        raise EvaluationError(f"{place}: {found}; expected {expected}")
    if not all(fold_answer(answer) for answer in read.answers):
        raise EvaluationError(f"{place}: an answer is blank; every quote would contain it")
    return GoldQuestion(
        id=read.id,
        question=read.question,
        language=read.lang,
        answerable=read.answerable,
        answers=tuple(read.answers),
        article=read.article,
    )


def read_text(path: Path) -> str:
    """The UTF-8 text of a file of questions; EvaluationError if it has none."""
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be read ({error.strerror}); expected a file of questions"
        ) from error
    except UnicodeDecodeError as error:
        raise EvaluationError(
            f"{path} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error


def first_problem(error: ValidationError) -> str:
    """The first problem of a failed validation, in one line."""
    problem = error.errors(include_url=False)[0]
    place = ".".join(str(part) for part in problem["loc"])
    message = problem["msg"][:1].lower() + problem["msg"][1:]
    if problem["type"] == "json_invalid" or not place:
        return message
    if problem["type"] == "missing":
        return f"'{place}' is missing"
    found = json.dumps(problem["input"], ensure_ascii=False, default=str)
    return f"'{place}' is {found[:60]}: {message}"


def relevant_passages(
    questions: Sequence[GoldQuestion],
    passages: Iterable[Passage],
    article_of: ArticleOf,
) -> tuple[frozenset[PassageKey], ...]:
    """For each question, the passages that answer it (TREC's qrels).

    For a question of a SQuAD file: the passages of its paragraph that contain
    an answer's span whole or, when none does, those that a span touches. For
    one of a gold file: the passages whose text contains an answer, folded, in
    the article that the question names or, when it names none, in any.
    Those of an article come together in ``passages``; one article is held at a time.
    """
    found: list[set[PassageKey]] = [set() for _ in questions]
    spanning: dict[str, list[int]] = {}
    saying: list[_Saying] = []
    for place, question in enumerate(questions):
        if question.paragraph is not None:
            spanning.setdefault(question.paragraph, []).append(place)
        elif question.answers:
            answers = tuple(fold_answer(answer) for answer in question.answers)
            saying.append(_Saying(place, question.article, answers))
    for article_id, together in itertools.groupby(passages, lambda one: one.article_id):
        own = list(together)
        for place in spanning.get(article_id, ()):
            found[place].update(map(passage_key, _around(questions[place].spans, own)))
        if saying:
            for place, passage in _containing(saying, own, article_of(article_id)):
                found[place].add(passage_key(passage))
    return tuple(map(frozenset, found))


def passage_key(passage: Passage) -> PassageKey:
    """What tells a passage of an index from every other."""
    return passage.article_id, passage.start, passage.end


@dataclass(frozen=True, slots=True)
class _Saying:
    """A question that is answered by words: its place, its article if any, them folded."""

    place: int
    article: str | None
    answers: tuple[str, ...]


def _containing(
    saying: Iterable[_Saying], passages: Iterable[Passage], article: Article
) -> Iterator[tuple[int, Passage]]:
    """The places of questions with the passages of ``article`` that answer them."""
    asked = [
        one for one in saying if one.article is None or names_article(one.article, article)
    ]
    for passage in passages if asked else ():
        text = fold_answer(article.text[passage.start : passage.end])
        for one in asked:
            if any(answer in text for answer in one.answers):
                yield one.place, passage


def names_article(name: str, article: Article) -> bool:
    """Whether ``name`` is the article's path, the end of it, or its file name."""
    return f"/{article.path}".endswith(f"/{name}") or f"/{name}".endswith(f"/{article.path}")


def _around(spans: Sequence[tuple[int, int]], passages: Sequence[Passage]) -> list[Passage]:
    whole = [
        passage
        for passage in passages
        if any(passage.start <= start and end <= passage.end for start, end in spans)
    ]
    return whole or [
        passage
        for passage in passages
        if any(passage.start < end and start < passage.end for start, end in spans)
    ]
