"""Speed, as ratios within one run: ``make bench``. No test reads a clock; this does.

The texts are the seed article's sentences, shuffled into articles, so that no file from
elsewhere is needed. The sizes, the largest of which takes minutes, may be given:
``python -m tests.benchmarks.bench 1000 10000``.
"""

from __future__ import annotations

import functools
import json
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.table import Table

from rag.config import Settings
from rag.ingest import read_article
from rag.ingest.folder import article_sources
from rag.language.sentences import split_sentences
from rag.library.build import build
from rag.models.core_threads import batches_by_length
from rag.models.default_encoder import DefaultEncoder
from rag.models.encoder import open_encoder
from rag.models.sentence_encoder import PASSAGE_CHARACTERS, SentenceTransformerEncoder
from rag.models.text_parts import TextWithParts
from rag.types import Article
from tests.fakes import make_article

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

SEED = Path(__file__).parents[2] / "seeds" / "000_7952201a0ce36f6f.txt"
EMBEDDED_ARTICLES = 8
TURNS = 5
USUAL_BATCH = 32
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


def _embedding(table: Table, encoder: DefaultEncoder) -> None:
    """The encoder against bare loops of forward passes that use every core.

    One is given the encoder's own batches, as tokens already; the other the texts as they
    come, USUAL_BATCH at a time, as sentence-transformers does by default.
    """
    import torch
    from sentence_transformers import SentenceTransformer

    articles = _articles(EMBEDDED_ARTICLES * 8)
    passages = [" ".join(article.text.split()[:130]) for article in articles]
    sentences = [
        article.text[one.start : one.end]
        for article in articles[: EMBEDDED_ARTICLES * 2]
        for one in split_sentences(article.text, "fr")
    ]
    model = SentenceTransformer(str(encoder.folder), local_files_only=True)
    peak = _peak_of_multiplication()
    for name, texts in (("passages", passages), ("sentences", sentences)):
        prompted = [encoder.passage_prompt + text for text in texts]
        lengths = [len(text) for text in prompted]
        numbers = batches_by_length(lengths, encoder.batch_size * PASSAGE_CHARACTERS)
        batches = [model.preprocess([prompted[one] for one in batch]) for batch in numbers]

        usual = [
            model.preprocess(prompted[first : first + USUAL_BATCH])
            for first in range(0, len(prompted), USUAL_BATCH)
        ]

        def loop(batches: Sequence[dict[str, Any]] = batches) -> None:
            with torch.inference_mode():
                for batch in batches:
                    model(dict(batch))

        def whole(texts: Sequence[str] = texts) -> None:
            encoder.embed_passages(texts)

        parted = [TextWithParts(text, _parts(text)) for text in texts]
        with_parts = functools.partial(encoder.embed_with_parts, parted)
        bare, plain, ours, parts = _fastest(
            [loop, functools.partial(loop, usual), whole, with_parts]
        )
        operations = _multiplications(model, [len(ids) for ids in _ids(model, prompted)])
        table.add_row(f"{name} a second", f"{len(texts) / ours:.1f}")
        table.add_row("… against a bare loop over its batches", f"{bare / ours:.2f} ×")
        table.add_row("… over the texts as they come", f"{plain / ours:.2f} ×")
        table.add_row("… time with their sentences as parts", f"{parts / ours:.2f} ×")
        table.add_row(
            "… of the cores' peak in multiplying matrices",
            f"{operations / ours / peak:.0%} of {peak / 1e9:.0f} GFLOP/s",
        )


def _parts(text: str) -> tuple[tuple[int, int], ...]:
    return tuple((one.start, one.end) for one in split_sentences(text, "fr"))


def _ids(model: SentenceTransformer, texts: Sequence[str]) -> list[list[int]]:
    found: list[list[int]] = model.tokenizer(list(texts), truncation=True)["input_ids"]
    return found


def _fastest(works: Sequence[Callable[[], object]]) -> list[float]:
    """The least seconds of each: taken in turns, as other programs come and go."""
    measured = [[_seconds(work) for work in works] for _ in range(TURNS)]
    return [min(seconds) for seconds in zip(*measured, strict=True)]


def _peak_of_multiplication() -> float:
    """Operations a second in the product of two large matrices, on every core."""
    import torch

    size = 2048
    one, other = torch.rand(size, size), torch.rand(size, size)
    (least,) = _fastest([lambda: one @ other])
    return 2 * size**3 / least


def _multiplications(model: SentenceTransformer, lengths: Sequence[int]) -> float:
    """Operations in the matrix products of texts so many tokens long, without padding.

    A token meets every weight of a layer's four projections and two feed-forward matrices,
    and in attention every token of its text, twice; a product and a sum each.
    """
    first: Any = model[0]
    shape = first.auto_model.config
    weights = 4 * shape.hidden_size**2 + 2 * shape.hidden_size * shape.intermediate_size
    met: int = sum(length * (weights + 2 * length * shape.hidden_size) for length in lengths)
    return 2.0 * int(shape.num_hidden_layers) * met


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
            [sys.executable, "-m", "tests.benchmarks.scale", size],
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


def _asked_at_once(table: Table, sizes: Sequence[str]) -> None:
    """How many questions a second find their passages, of four threads against one."""
    large = [size for size in sizes if int(size) >= 10_000] or ["10000"]
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.asking_threads", *large],
        capture_output=True,
        text=True,
        check=True,
    )
    for found in map(json.loads, ran.stdout.splitlines()):
        place = f"{found['passages']:,} passages".replace(",", " ")
        table.add_row(f"questions found a second, {place}", f"{found['alone']:.0f}")
        table.add_row("… by four at once, against one", f"{found['ratio']:.2f} ×")


def _sharing(table: Table) -> None:
    """Whole questions beside a busy program, and of four askers, in a process of their own."""
    ran = subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.sharing"],
        capture_output=True,
        text=True,
        check=True,
    )
    found = json.loads(ran.stdout)
    table.add_row("a question with model and reader", f"{found['alone_s']:.2f} s")
    table.add_row("… beside a busy program", f"{found['beside_busy']:.2f} ×")
    table.add_row("… questions a second of four at once", f"{found['four_askers']:.2f} ×")


def main() -> None:
    """Measure and print the table."""
    table = Table("what", "measured")
    # First: the peak of a process counts what the one that started it held by then.
    _growing(table, sys.argv[1:])
    _asked_at_once(table, sys.argv[1:])
    _sharing(table)
    encoder = open_encoder(Settings())
    assert isinstance(encoder, DefaultEncoder)
    with tempfile.TemporaryDirectory() as folder:
        _embedding(table, encoder)
        _rebuilding(table, encoder, Path(folder))
    Console().print(table)


if __name__ == "__main__":
    main()
