"""Speed, as ratios within one run: ``make bench``. No test reads a clock; this does.

The texts are the seed article's sentences, shuffled into articles, so that no file from
elsewhere is needed. The sizes, the largest of which takes minutes, may be given:
``python -m tests.bench 1000 10000``.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from rag.articles import read_article
from rag.building import article_sources, build
from rag.config import Settings
from rag.embedding import SentenceTransformerEncoder, open_encoder
from rag.language.sentences import split_sentences
from rag.types import Article
from tests.fakes import make_article

SEED = Path(__file__).parents[1] / "seeds" / "000_7952201a0ce36f6f.txt"
EMBEDDED_ARTICLES = 8
SIZES = (1_000, 10_000, 100_000)


def _articles(count: int) -> list[Article]:
    seed = read_article(SEED, SEED.parent, 1_000_000)
    sentences = [seed.text[s.start : s.end] for s in split_sentences(seed.text, "fr")]
    chooser = random.Random(1)
    return [
        make_article(
            " ".join(chooser.sample(sentences, 12)) + f" Numéro {number}.", f"{number}"
        )
        for number in range(count)
    ]


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _embedding(table: Table, encoder: SentenceTransformerEncoder) -> None:
    """The encoder against the same forward passes in a bare loop."""
    from sentence_transformers import SentenceTransformer

    texts = [article.text for article in _articles(EMBEDDED_ARTICLES * 4)]
    model = SentenceTransformer(str(encoder.folder), local_files_only=True)
    encoder.embed_question("?")
    model.encode("?")
    bare = _seconds(
        lambda: [model.encode([f"passage: {text}"], show_progress_bar=False) for text in texts]
    )
    ours = _seconds(lambda: encoder.embed_passages(texts))
    table.add_row("passages a second", f"{len(texts) / ours:.1f}")
    table.add_row("… against a bare loop", f"{bare / ours:.2f} ×")


def _rebuilding(table: Table, encoder: SentenceTransformerEncoder, folder: Path) -> None:
    """What a rebuild costs against the first build."""
    settings = Settings(index=folder / "rebuilt")
    articles = _articles(EMBEDDED_ARTICLES + 1)
    first = _seconds(lambda: build(article_sources(articles[:-1]), settings, encoder))
    idle = _seconds(lambda: build(article_sources(articles[:-1]), settings, encoder))
    one = _seconds(lambda: build(article_sources(articles), settings, encoder))
    table.add_row(f"first build of {EMBEDDED_ARTICLES} articles", f"{first:.2f} s")
    table.add_row("… unchanged, against the first", f"{idle / first:.3f} ×")
    table.add_row("… one new article, against the first", f"{one / first:.3f} ×")


def _growing(table: Table, sizes: Sequence[str]) -> None:
    """What everything but the model costs at several sizes, each in its own process."""
    measured = []
    for size in sizes or map(str, SIZES):
        ran = subprocess.run(
            [sys.executable, "-m", "tests.scale", size],
            capture_output=True,
            text=True,
            check=True,
        )
        measured.append(json.loads(ran.stdout))
    for what, key, unit in (
        ("first build without the model", "first_build_s", "s"),
        ("… unchanged", "idle_build_s", "s"),
        ("… one new article", "one_new_article_s", "s"),
        ("a question without the model", "question_ms", "ms"),
        ("peak of memory", "peak_mb", "MB"),
    ):
        for found in measured:
            place = f"{found['passages']:,} passages ({found['search']})".replace(",", " ")
            times = "" if found is measured[0] else f"  {found[key] / measured[0][key]:.1f} ×"
            table.add_row(f"{what}, {place}", f"{found[key]:.2f} {unit}{times}")


def main() -> None:
    """Measure and print the table."""
    table = Table("what", "measured")
    # First: the peak of a process counts what the one that started it held by then.
    _growing(table, sys.argv[1:])
    encoder = open_encoder(Settings())
    with tempfile.TemporaryDirectory() as folder:
        _embedding(table, encoder)
        _rebuilding(table, encoder, Path(folder))
    Console().print(table)


if __name__ == "__main__":
    main()
