"""An index against its articles: whether everything in it is still true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from rag.config import Settings
from rag.errors import ArticleError
from rag.index import Index
from rag.ingest.folder import Source, folder_sources, lies_in, paths_by_source, reading_options
from rag.library.texts_to_embed import lay_out
from rag.models.encoder import Encoder
from rag.models.parts_encoder import embed, made_alike
from rag.progress import Progress, Silent
from rag.types import BrokenFile

# Embedding again is what costs; so many texts, spread over the index, tell of a model
# that changed under the same name.
_SAMPLES = 32
_CLOSE = 1e-3


@dataclass(frozen=True, slots=True)
class Verification:
    """What was checked, with counts, and what is wrong, a line each."""

    checked: tuple[tuple[str, int], ...]
    problems: tuple[str, ...]

    @property
    def fine(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems


def verify(
    index: Index, settings: Settings, encoder: Encoder, progress: Progress | None = None
) -> Verification:
    """Check ``index`` against the articles of ``settings`` and against itself.

    Reads every article and every vector again, and embeds a sample of the texts.
    """
    progress = progress or Silent()
    problems = list(index.integrity.check_files())
    problems += _check_articles(index, settings, progress)
    problems += _check_places(index, progress)
    problems += _check_vectors(index, encoder, progress)
    manifest = index.manifest
    checked = (
        ("articles", manifest.articles),
        ("passages", manifest.passages),
        ("sentences", manifest.sentences),
    )
    return Verification(checked, tuple(problems))


def _check_articles(index: Index, settings: Settings, progress: Progress) -> Iterator[str]:
    """What the folder holds now against what the index was made of."""
    sources, unreadable = folder_sources(
        settings.articles, reading_options(settings), index=settings.index
    )
    for file in unreadable:
        yield f"{file.path}: {file.reason}"
    known = index.articles.file_hashes()
    broken = {file.path for file, _ in index.articles.broken()}
    articles = paths_by_source(known, sources)
    members = paths_by_source(broken, sources)
    progress.start("articles", len(sources))
    for source in sources:
        progress.advance(1)
        paths = articles.get(source.path, [])
        if source.is_held or source.path in broken or (not paths and source.path in members):
            continue
        if not paths:
            yield f"{source.path}: not in the index yet; run: rag build"
        elif any(known[path] != source.file_hash for path in paths):
            yield f"{source.path}: changed since it was indexed; run: rag build"
        else:
            yield from _check_source(index, source, set(paths), broken)
    here = {path for paths in articles.values() for path in paths}
    for path in sorted(known.keys() - here):
        if any(lies_in(path, file.path) for file in unreadable):
            continue
        yield f"{path}: in the index but no longer in {settings.articles}; run: rag build"


def _check_source(
    index: Index, source: Source, paths: set[str], broken: set[str]
) -> Iterator[str]:
    """What is read in an unchanged file now against what was read then."""
    try:
        for found in source.read():
            paths.discard(found.path)
            if found.path in broken:
                continue
            if isinstance(found, BrokenFile):
                yield f"{found.path}: {found.reason}"
            elif found != index.articles.by_path(found.path):
                yield f"{found.path}: is read otherwise than it was; run: rag build"
    except ArticleError as error:
        yield f"{source.path}: {error}"
        return
    for path in sorted(paths):
        yield f"{path}: is no longer read in {source.path}; run: rag build"


def _check_places(index: Index, progress: Progress) -> Iterator[str]:
    """Sentences cover their article's words, passages are runs of sentences."""
    progress.start("offsets", index.manifest.articles)
    for article in index.articles.every():
        progress.advance(1)
        at = 0
        sentences = list(index.passages.sentences(article.id))
        for sentence in sentences:
            if not at <= sentence.start < sentence.end <= len(article.text):
                place = f"{sentence.start}–{sentence.end}"
                yield f"{article.path}: sentence {place} is out of place"
            if article.text[at : sentence.start].strip():
                yield f"{article.path}: words after character {at} are in no sentence"
            at = sentence.end
        if article.text[at:].strip():
            yield f"{article.path}: words after character {at} are in no sentence"
        places = set(sentences)
        for stored in index.passages.of_article(article.id):
            if not places.issuperset(stored.passage.sentences):
                yield f"{article.path}: passage {stored.number} is not made of its sentences"


def _check_vectors(index: Index, encoder: Encoder, progress: Progress) -> Iterator[str]:
    """Unit length, equal to what the engine holds, and to what the model gives today."""
    encoder = made_alike(encoder, index.manifest.fingerprint) or encoder
    yield from index.integrity.check_vectors()
    yield from index.integrity.check_engine()
    sample = index.passages.sample(_SAMPLES)
    progress.start("texts embedded again", 2 * len(sample))
    for one in sample:
        progress.advance(2)
        article = index.articles.read(one.passage.article_id)
        # The last sentence is in no passage before.
        laid = list(lay_out(article, [one.passage], one.passage.sentences[-1:], encoder))
        vectors = embed(encoder, [each.text for each in laid])
        places = [place for each in laid for place in each.places]
        last = one.first_sentence + len(one.passage.sentences) - 1
        held = (
            (f"passage {one.number}", index.rows.passages_at(np.array([one.number]))),
            (f"sentence {last}", index.rows.sentences_at(np.array([last]))),
        )
        for (name, (vector,)), again in zip(
            held, vectors[[places.index(0), places.index(1)]], strict=True
        ):
            cosine = float(again @ vector)
            if cosine < 1 - _CLOSE:
                yield f"{name}: its vector is not the model's (cosine {cosine:.4f})"
