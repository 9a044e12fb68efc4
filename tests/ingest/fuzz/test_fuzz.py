"""Whatever becomes of a file: articles or a line, no traceback, no hang, bounded memory.

200 files in every run, FUZZ=2000 or `make fuzz` for more; FUZZ_SEED repeats another run.
"""

from __future__ import annotations

import logging
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rag.errors import ArticleError, Code
from rag.ingest import FORMATS, ReadingOptions, read_articles
from rag.language.sentences import LONGEST, split_sentences
from rag.types import Article, BrokenFile
from tests.ingest.case_files import check_places
from tests.ingest.fuzz.mutate import mutated, seeds

pytestmark = pytest.mark.slow

COUNT = int(os.environ.get("FUZZ", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "14"))
# Seconds of one file on a machine that is busy; it takes hundredths.
LONGEST_SECONDS = 20
MOST_MEMORY = 400_000_000


@contextmanager
def _time_limit(seconds: int) -> Iterator[None]:
    def stop(*_: object) -> None:
        raise TimeoutError(f"took more than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _read(file: Path) -> None:
    """Read a file as a build does, and check what comes of it."""
    found: list[Article | BrokenFile] = []
    options = ReadingOptions(container_bytes=50_000_000)
    try:
        found.extend(read_articles(file, file.parent, options, "hash"))
    except ArticleError as error:
        found.append(BrokenFile(file.name, error.problem))
    assert found
    for one in found:
        if isinstance(one, BrokenFile):
            assert one.problem.code is not Code.READER_FAILED, one
            assert "\n" not in one.reason
            continue
        check_places(one)
        one.text.encode()
        assert one.path.isprintable()
        sentences = split_sentences(one.text, one.language)
        assert all(at.end - at.start <= LONGEST for at in sentences)


def test_mutated_files_are_read_or_refused_in_one_line(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    files = seeds()
    assert {Path(name).suffix.lower() for name, _ in files} >= FORMATS.keys() - {
        *(".htm", ".xhtml", ".atom", ".xml", ".mht"),
        # Pictures have a test of their own, and need another program.
        *(".png", ".jpg", ".jpeg", ".tif", ".tiff"),
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    failures: list[str] = []
    for number in range(COUNT):
        name, content = mutated(number, SEED, files)
        file = tmp_path / name
        file.write_bytes(content)
        try:
            with _time_limit(LONGEST_SECONDS):
                _read(file)
        except Exception as error:
            failures.append(f"{number} {name}: {type(error).__name__}: {str(error)[:200]}")
        file.unlink()
    assert failures == [], f"FUZZ_SEED={SEED}"
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024
    assert grown < MOST_MEMORY
