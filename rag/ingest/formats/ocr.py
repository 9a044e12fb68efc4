"""Words in pictures, by Tesseract where it is installed: a page at a time, in bounded time."""

from __future__ import annotations

import csv
import io
import os
import shutil
import statistics
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.pdf_types import Line

LANGUAGE = "fra"
# Tesseract's own measure, 0 to 100: words under the first are marked; a block that is under
# the second as a whole is a picture that was taken for words.
_SURE = 60.0
_NO_WORDS = 30.0
# Pixels to points, at the resolution that Tesseract wants.
RESOLUTION = 300
_POINTS = 72 / RESOLUTION
# The part of a line's height that its type is said to have.
_TYPE = 0.8
# Blocks whose lines are nearly as high as most are of the usual size: heights waver.
_USUAL = (0.72, 1.35)
_ASKING = 10.0
_LEAST = 5.0


@dataclass(frozen=True, slots=True)
class Recognised:
    """The lines of a page in Tesseract's order, and what it took for words and are none."""

    lines: Sequence[Line]
    nothing: Sequence[str]


class Recogniser:
    """Tesseract, with what is left of one file's time."""

    def __init__(self, options: ReadingOptions) -> None:
        self.options = options
        self._command: str | None = None
        self._until = 0.0

    def why_not(self) -> Code | None:
        """Why nothing can be recognised; None where all that is needed is there."""
        if self.options.ocr == "off":
            return Code.PICTURES_NOT_WANTED
        command = shutil.which(self.options.tesseract)
        if command is None:
            return Code.NO_TESSERACT
        if self._command is None:
            try:
                said = subprocess.run(
                    [command, "--list-langs"],
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    timeout=_ASKING,
                    check=False,
                )
            except (OSError, subprocess.TimeoutExpired):
                return Code.NO_TESSERACT
            if LANGUAGE not in (said.stdout + said.stderr).decode("utf-8", "replace").split():
                return Code.NO_TESSERACT
            self._command = command
            self._until = time.monotonic() + self.options.ocr_file_seconds
        return None

    def recognise(self, picture: bytes) -> list[Recognised]:
        """The words of each page of ``picture``, a file of any kind that Tesseract reads.

        Only after ``why_not`` gave None. Raises ArticleError when it is no picture or when
        time runs out.
        """
        assert self._command is not None
        left = min(self.options.ocr_page_seconds, self._until - time.monotonic())
        if left < min(_LEAST, self.options.ocr_page_seconds):
            raise ArticleError(Problem.of(Code.RECOGNISING_TOO_LONG))
        # The page is segmented, and turned, by its own looks.
        command = [self._command, "stdin", "stdout", "-l", LANGUAGE, "--psm", "1", "--dpi"]
        try:
            done = subprocess.run(
                [*command, str(RESOLUTION), "tsv"],
                input=picture,
                capture_output=True,
                timeout=left,
                check=False,
                # Its threads hinder each other more than they help.
                env={**os.environ, "OMP_THREAD_LIMIT": "1"},
            )
        except subprocess.TimeoutExpired as error:
            raise ArticleError(Problem.of(Code.RECOGNISING_TOO_LONG)) from error
        except OSError as error:
            raise ArticleError(Problem.of(Code.PICTURE_DAMAGED)) from error
        if done.returncode != 0:
            raise ArticleError(Problem.of(Code.PICTURE_DAMAGED))
        return list(_pages(done.stdout.decode("utf-8", "replace")))


@dataclass(frozen=True, slots=True)
class _Word:
    text: str
    sure: float
    left: float
    top: float
    right: float
    bottom: float


def _pages(table: str) -> Iterator[Recognised]:
    """The pages of Tesseract's table, its words by page, block and line."""
    pages: dict[str, dict[str, dict[tuple[str, str], list[_Word]]]] = {}
    rows = csv.DictReader(io.StringIO(table), delimiter="\t", quoting=csv.QUOTE_NONE)
    for row in rows:
        try:
            blocks = pages.setdefault(row["page_num"], {})
            text = (row["text"] or "").strip()
            if row["level"] != "5" or not text:
                continue
            left, top = float(row["left"]), float(row["top"])
            right, bottom = left + float(row["width"]), top + float(row["height"])
            word = _Word(text, float(row["conf"]), left, top, right, bottom)
        except (KeyError, TypeError, ValueError):
            continue
        lines = blocks.setdefault(row["block_num"], {})
        lines.setdefault((row["par_num"], row["line_num"]), []).append(word)
    for blocks in pages.values():
        yield _page([list(lines.values()) for lines in blocks.values()])


def _page(blocks: Sequence[Sequence[Sequence[_Word]]]) -> Recognised:
    found: list[Line] = []
    nothing: list[str] = []
    kept: list[Sequence[Sequence[_Word]]] = []
    for block in blocks:
        words = [word for line in block for word in line]
        if statistics.mean(word.sure for word in words) < _NO_WORDS:
            nothing.append(" ".join(word.text for word in words))
        else:
            kept.append(block)
    heights = [_height(line) for block in kept for line in block for _ in line]
    usual = statistics.median(heights) if heights else 1.0
    for column, block in enumerate(kept):
        own = statistics.median(_height(line) for line in block)
        size = usual if _USUAL[0] * usual <= own <= _USUAL[1] * usual else own
        found.extend(_line(line, size, column) for line in block)
    return Recognised(found, nothing)


def _height(line: Sequence[_Word]) -> float:
    return max(max(word.bottom for word in line) - min(word.top for word in line), 1.0)


def _line(words: Sequence[_Word], height: float, column: int) -> Line:
    """A line with its doubtful words, in points from the lower left."""
    text = ""
    doubtful: list[tuple[int, int]] = []
    for word in words:
        text += " " if text else ""
        if word.sure < _SURE:
            doubtful.append((len(text), len(text) + len(word.text)))
        text += word.text
    left, right = min(word.left for word in words), max(word.right for word in words)
    foot = statistics.median(word.bottom for word in words)
    return Line(
        text,
        left * _POINTS,
        right * _POINTS,
        -foot * _POINTS,
        height * _POINTS * _TYPE,
        column=column,
        doubtful=tuple(doubtful),
    )


def as_usual(lines: Sequence[Line], usual: float) -> list[Line]:
    """The lines of a recognised page, its usual type set to ``usual`` where they are alike.

    Heights of letters in pictures waver: what is a little smaller is no note.
    """
    sizes = [line.size for line in lines for _ in line.text]
    own = statistics.median(sizes) if sizes else 0.0
    if not own or not usual or not _USUAL[0] * usual <= own <= _USUAL[1] * usual:
        return list(lines)
    return [replace(line, size=line.size * usual / own) for line in lines]
