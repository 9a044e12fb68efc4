"""Make the reader's material: ``python -m rag.evaluation.training.prepare --out FILE …``.

Every question is asked of an index of its own articles, so that the reader learns from what
retrieval will hand it. Indexes are kept in ``--work``: a second run embeds nothing again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer
from tokenizers import Tokenizer

from rag.config import Settings
from rag.evaluation import GoldQuestion, read_gold, read_squad
from rag.evaluation.training.examples import Asked, is_aside, shuffled
from rag.evaluation.training.material import Gatherer, save
from rag.index import Index
from rag.ingest.folder import article_sources
from rag.library.build import build, build_folder
from rag.models.encoder import open_encoder
from rag.models.sentence_encoder import SentenceTransformerEncoder
from rag.types import Filters

# Parts of what there is; more would be a repetition.
ALONE, WITHOUT, FOREIGN = 0.5, 0.4, 0.4


def gather_press(gatherer: Gatherer, folder: Path, work: Path) -> None:
    """A press folder: its questions over all of it, half of them over one article alone."""
    own = Settings(articles=folder / "articles", index=work / folder.name)
    build_folder(own, gatherer.encoder)
    index = Index.open_current(own.index)
    questions = read_gold(folder / "gold.jsonl")
    nearest = gatherer.gather(
        index, [Asked(question, folder.name, Filters()) for question in questions]
    )
    alone = [
        Asked(
            dataclasses.replace(question, id=f"{question.id}-alone"),
            f"{folder.name}-alone",
            Filters(articles=frozenset({_named(question, index) or nearest[question.id]})),
        )
        for question in questions
        if question.id in nearest
    ]
    gatherer.gather(index, shuffled(alone, ALONE))
    index.close()


def _named(question: GoldQuestion, index: Index) -> str | None:
    """The id of the article that a question names."""
    article = question.answerable and index.articles.by_path(question.article or "")
    return article.id if article else None


def gather_squad(
    gatherer: Gatherer, files: Sequence[Path], name: str, work: Path, share: float
) -> None:
    """SQuAD files: a share of their questions, and some with their title left out."""
    own = Settings(index=work / name)
    read = read_squad(files)
    build(article_sources(read.articles), own, gatherer.encoder)
    index = Index.open_current(own.index)
    titles = {article.id: article.title for article in read.articles}

    def source(question: GoldQuestion) -> str:
        return f"{name}-aside" if is_aside(titles[question.paragraph or ""]) else name

    asked = [Asked(one, source(one), Filters()) for one in read.questions]
    gatherer.gather(index, shuffled(asked, share))
    without = [
        Asked(
            dataclasses.replace(
                one, answerable=False, answers=(), spans=(), id=f"{one.id}-without"
            ),
            f"{source(one)}-without",
            Filters(excluded_articles=one.same_subject),
        )
        for one in read.questions
        if one.answerable
    ]
    gatherer.gather(index, shuffled(without, share * WITHOUT))
    index.close()


def main(
    out: Annotated[Path, typer.Option(help="The file of material to write.")],
    work: Annotated[Path, typer.Option(help="Folder for the indexes; kept.")],
    press: Annotated[list[Path], typer.Option(help="Press folders: articles, gold.jsonl.")],
    french: Annotated[list[Path], typer.Option(help="French SQuAD files, taken whole.")],
    foreign: Annotated[list[Path], typer.Option(help="SQuAD files of other languages.")],
) -> None:
    """Gather everything and write one file."""
    encoder: SentenceTransformerEncoder = open_encoder(Settings())
    gatherer = Gatherer(encoder, Tokenizer.from_file(str(encoder.folder / "tokenizer.json")))
    for folder in press:
        gather_press(gatherer, folder, work)
        print(f"{folder}: {len(gatherer.material.question_ids)} askings so far", flush=True)
    gather_squad(gatherer, french, "french", work, 1.0)
    for file in foreign:
        gather_squad(gatherer, [file], file.stem, work, FOREIGN)
        print(f"{file}: {len(gatherer.material.question_ids)} askings so far", flush=True)
    save(gatherer.material, encoder, out)


if __name__ == "__main__":
    typer.run(main)
