"""Gold questions with the passages that retrieval finds for them: what the reader learns from.

One file of arrays, which a machine without this package's other needs (a GPU's) can read.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from rag.answering.retrieve import Found, retrieve
from rag.evaluation.gold import GoldQuestion, names_article
from rag.evaluation.metrics import fold_answer
from rag.evaluation.training.examples import ANSWERS, OTHER, UNSURE, Asked
from rag.index import Index
from rag.language.questions import understand
from rag.models.sentence_encoder import SentenceTransformerEncoder
from rag.models.span_reader import head_of
from rag.types import Article, Passage

# More than a question is answered from, so that training draws among them.
MINED = 14


@dataclass(slots=True)
class Material:
    """Everything as flat lists; an item's part of a list ends where the next one's begins.

    ``passage_*`` are one passage after the other: token ids, the sentence of every token (−1
    in the head) and its characters in the article. ``candidate_*`` are one question's after
    the other's: the passage, its fused score, then for every sentence of it the cosine and
    whether it answers, and the first and last token that answer (−1 without).
    """

    sources: list[str] = field(default_factory=list)
    question_ids: list[str] = field(default_factory=list)
    question_tokens: list[int] = field(default_factory=list)
    question_ends: list[int] = field(default_factory=list)
    question_source: list[int] = field(default_factory=list)
    question_answerable: list[bool] = field(default_factory=list)
    question_candidates: list[int] = field(default_factory=list)
    passage_tokens: list[int] = field(default_factory=list)
    passage_sentence: list[int] = field(default_factory=list)
    passage_ends: list[int] = field(default_factory=list)
    candidate_passage: list[int] = field(default_factory=list)
    candidate_score: list[float] = field(default_factory=list)
    candidate_cosine: list[float] = field(default_factory=list)
    candidate_span: list[tuple[int, int]] = field(default_factory=list)
    label_ends: list[int] = field(default_factory=list)
    labels: list[int] = field(default_factory=list)
    cosines: list[float] = field(default_factory=list)


class Gatherer:
    """Asks questions of an index and notes what comes back."""

    def __init__(self, encoder: SentenceTransformerEncoder, tokenizer: Tokenizer) -> None:
        self.material = Material()
        self.encoder = encoder
        self._tokenizer = tokenizer
        self._passages: dict[tuple[str, int, int], int] = {}
        self._offsets: dict[int, list[tuple[int, int]]] = {}

    def gather(self, index: Index, questions: Iterable[Asked]) -> dict[str, str]:
        """Note every question with the passages found.

        Returns the article of the nearest one, by the question's id.
        """
        articles: dict[str, Article] = {}
        nearest: dict[str, str] = {}
        asked_all = list(questions)
        vectors = self.encoder.embed_questions([asked.gold.question for asked in asked_all])
        for asked, vector in zip(asked_all, vectors, strict=True):
            gold = asked.gold
            found = list(
                retrieve(index, vector, understand(gold.question).terms, asked.filters, MINED)
            )
            for one in found:
                article_id = one.hit.passage.article_id
                if article_id not in articles:
                    articles[article_id] = index.articles.read(article_id)
            if found:
                nearest[gold.id] = found[0].hit.passage.article_id
                self._note(asked, found, articles)
        return nearest

    def _note(self, asked: Asked, found: Sequence[Found], articles: dict[str, Article]) -> None:
        kept = self.material
        kept.question_ids.append(asked.gold.id)
        kept.question_tokens += self._tokens(self.encoder.query_prompt + asked.gold.question)
        kept.question_ends.append(len(kept.question_tokens))
        if asked.source not in kept.sources:
            kept.sources.append(asked.source)
        kept.question_source.append(kept.sources.index(asked.source))
        kept.question_answerable.append(asked.gold.answerable)
        for one in found:
            passage = one.hit.passage
            article = articles[passage.article_id]
            number = self._passage(article, passage)
            kept.candidate_passage.append(number)
            kept.candidate_score.append(one.hit.score)
            kept.candidate_cosine.append(one.hit.cosine)
            labels, span = self._labels(asked.gold, article, passage, number)
            kept.candidate_span.append(span)
            kept.labels += labels
            kept.cosines += [scored.cosine for scored in one.sentences]
            kept.label_ends.append(len(kept.labels))
        kept.question_candidates.append(len(kept.candidate_passage))

    def _tokens(self, text: str) -> list[int]:
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids

    def _passage(self, article: Article, passage: Passage) -> int:
        key = passage.article_id, passage.start, passage.end
        if key in self._passages:
            return self._passages[key]
        number = self._passages[key] = len(self._passages)
        head = head_of(article.title)
        text = article.text[passage.start : passage.end]
        encoding = self._tokenizer.encode(head + text, add_special_tokens=False)
        offsets = [
            (start - len(head) + passage.start, end - len(head) + passage.start)
            for start, end in encoding.offsets
        ]
        kept = self.material
        for token, (start, end) in zip(encoding.ids, offsets, strict=True):
            kept.passage_tokens.append(token)
            kept.passage_sentence.append(_sentence_at(passage, start, end))
        kept.passage_ends.append(len(kept.passage_tokens))
        self._offsets[number] = offsets
        return number

    def _labels(
        self, gold: GoldQuestion, article: Article, passage: Passage, number: int
    ) -> tuple[list[int], tuple[int, int]]:
        own = article.id == gold.paragraph or (
            gold.paragraph is None
            and (gold.article is None or names_article(gold.article, article))
        )
        folded = [fold_answer(answer) for answer in gold.answers]
        labels: list[int] = []
        place: tuple[int, int] | None = None
        for sentence in passage.sentences:
            words = article.text[sentence.start : sentence.end]
            said = fold_answer(words)
            holds = any(answer in said for answer in folded)
            inside = [
                span
                for span in gold.spans
                if sentence.start <= span[0] and span[1] <= sentence.end
            ]
            answers = own and (bool(inside) if gold.paragraph else holds)
            labels.append(ANSWERS if answers else UNSURE if holds else OTHER)
            if answers and place is None:
                place = inside[0] if inside else _find(words, gold.answers, sentence.start)
        if place is None:
            return labels, (-1, -1)
        rows = [
            row
            for row, (start, end) in enumerate(self._offsets[number])
            if start < place[1] and end > place[0] and end > start
        ]
        return labels, (rows[0], rows[-1]) if rows else (-1, -1)


def _sentence_at(passage: Passage, start: int, end: int) -> int:
    if end <= start:
        return -1
    for number, sentence in enumerate(passage.sentences):
        if sentence.start <= start and end <= sentence.end:
            return number
    return -1


def _find(words: str, answers: Sequence[str], start: int) -> tuple[int, int] | None:
    for answer in answers:
        at = words.find(answer)
        if at >= 0:
            return start + at, start + at + len(answer)
    return None


def save(material: Material, encoder: SentenceTransformerEncoder, file: Path) -> None:
    """Write the material and the encoder's weights, with the tokens' rows that occur."""
    used = np.unique(
        np.concatenate([material.question_tokens, material.passage_tokens, range(4)])
    ).astype(np.int64)
    arrays: dict[str, npt.NDArray[np.generic]] = {
        name: np.array(value)
        for name, value in (
            (one.name, getattr(material, one.name)) for one in dataclasses.fields(material)
        )
    }
    for name in ("question_tokens", "passage_tokens"):
        arrays[name] = np.searchsorted(used, arrays[name]).astype(np.int32)
    arrays["vocabulary"] = used
    for name, value in encoder.backbone().state_dict().items():
        weight = value.numpy()
        if name == "embeddings.word_embeddings.weight":
            weight = weight[used]
        if weight.dtype != np.float32 or weight.size % 32:
            arrays[f"weight:{name}"] = weight
        else:
            steps, scales = in_steps(weight)
            arrays[f"steps:{name}"], arrays[f"scales:{name}"] = steps, scales
            arrays[f"shape:{name}"] = np.array(weight.shape)
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]


def in_steps(
    weight: npt.NDArray[np.float32],
) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Blocks of 32 weights as whole multiples of a scale; exact for weights that were Q4_0.

    Others are rounded to 127ths of the block's largest.
    """
    blocks = weight.reshape(-1, 32)
    largest = np.abs(blocks).max(axis=1)
    scales = np.where(largest > 0, largest, 1) / 127
    done = np.zeros(len(blocks), bool)
    for steps in range(1, 9):
        tried = np.where(largest > 0, largest, 1) / steps
        multiple = blocks / tried[:, None]
        fits = ~done & (np.abs(multiple - np.rint(multiple)).max(axis=1) < 1e-3)
        scales[fits] = tried[fits]
        done |= fits
    return np.rint(blocks / scales[:, None]).astype(np.int8), scales.astype(np.float32)
