"""Makes PDF files as papers set them: columns, notes, tables, pictures, turned pages."""

from __future__ import annotations

import io
import random
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from fpdf import FPDF

from rag.types import Article
from tests.ingest.every_word import Lost, lost_sentences

needs_pdftotext = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="pdftotext (poppler-utils) is not installed"
)
needs_tesseract = pytest.mark.skipif(
    shutil.which("tesseract") is None, reason="Tesseract is not installed"
)

_SUBJECTS = "le maire, la préfète, un gendarme, la coopérative, le conseil municipal".split(
    ", "
)
_VERBS = "annonce inaugure reporte finance critique dénonce approuve surveille".split()
_OBJECTS = (
    "la rénovation du pont de Varne; le chantier de l'intercommunalité; une manifestation"
    " interdépartementale; le sous-préfet de l'arrondissement; les établissements scolaires;"
    " l'assainissement du centre-ville; la fréquentation touristique"
).split("; ")
_ENDS = (
    "depuis le printemps dernier; malgré les intempéries; avec l'aide du département;"
    " pour 35 000 euros; jusqu'au 12 septembre; devant deux cents habitants"
).split("; ")


def sentences(count: int, seed: int = 0) -> list[str]:
    """Sentences of a paper, no two alike."""
    chance = random.Random(seed)
    made = []
    for number in range(count):
        parts = (chance.choice(one) for one in (_SUBJECTS, _VERBS, _OBJECTS, _ENDS))
        text = " ".join(parts)
        made.append(f"{text[0].upper()}{text[1:]}, dit l'acte {number + 101}.")
    return made


class Paper(FPDF):
    """A file of pages in points from the upper left, in Helvetica."""

    def __init__(self, width: float = 595, height: float = 842) -> None:
        super().__init__(unit="pt", format=(width, height))
        self.set_auto_page_break(False)
        self.set_margins(0, 0)
        self.add_page()

    def words(self, left: float, top: float, text: str, size: float = 10) -> None:
        """One line of words, which stand ``top`` under the page's upper end."""
        self.set_font("Helvetica", size=size)
        self.text(left, top, text)

    def column(
        self,
        left: float,
        top: float,
        width: float,
        text: str,
        size: float = 10,
        bottom: float = 10_000,
        justified: bool = True,
    ) -> str:
        """Paragraphs set in a column, words parted at line ends; what has no room is returned.

        The height of a line is 1.3 times the size.
        """
        self.set_font("Helvetica", size=size)
        paragraphs = text.split("\n\n")
        for number, paragraph in enumerate(paragraphs):
            lines = broken(paragraph, self, width)
            for place, line in enumerate(lines):
                if top > bottom:
                    rest = " ".join(lines[place:]).replace("-\0 ", "").replace("- ", "-")
                    return "\n\n".join([rest, *paragraphs[number + 1 :]])
                line = line.replace("\0", "")
                is_last = place == len(lines) - 1
                gaps = line.count(" ")
                if justified and not is_last and gaps:
                    self.set_word_spacing((width - self.get_string_width(line)) / gaps)
                self.text(left, top, line)
                self.set_word_spacing(0)
                top += 1.3 * size
            top += 0.6 * size
        return ""

    def set_word_spacing(self, points: float) -> None:
        """Put ``points`` more between words."""
        self._out(f"{points:.3f} Tw")

    def turned(self, degrees: int) -> None:
        """Have this page shown turned."""
        self._turns = {**getattr(self, "_turns", {}), self.page: degrees}

    def content(self) -> bytes:
        """The file."""
        made = bytes(self.output())
        for page, degrees in sorted(getattr(self, "_turns", {}).items()):
            made = _with_rotation(made, page, degrees)
        return made

    def save(self, file: Path) -> Path:
        """Write the file."""
        file.write_bytes(self.content())
        return file


def _with_rotation(content: bytes, page: int, degrees: int) -> bytes:
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    document[page - 1].set_rotation(degrees)
    written = io.BytesIO()
    document.save(written)
    document.close()
    return written.getvalue()


def broken(text: str, paper: FPDF, width: float) -> list[str]:
    """Lines that are as long as there is room; a hyphen that is put in is followed by \\0."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        whole = f"{line} {word}".strip()
        if paper.get_string_width(whole) <= width:
            line = whole
            continue
        cut = _cut(word, line, paper, width)
        if cut:
            hyphen = "-" if word[cut - 1] == "-" else "-\0"
            lines.append(f"{line} {word[:cut].rstrip('-')}{hyphen}".strip())
            line = word[cut:]
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


def _cut(word: str, line: str, paper: FPDF, width: float) -> int:
    """Where to part ``word`` so that its beginning has room; 0 where it has none."""
    for cut in range(len(word) - 3, 2, -1):
        beginning = word[:cut]
        if not word[cut - 3 : cut + 3].replace("-", "").isalpha():
            continue
        if "-" in word and not beginning.endswith("-"):
            continue
        hyphen = "" if beginning.endswith("-") else "-"
        if paper.get_string_width(f"{line} {beginning}{hyphen}".strip()) <= width:
            return cut
    return 0


def seen_by_pdftotext(file: Path, *options: str) -> str:
    """What pdftotext prints of ``file``, without the signs that end pages."""
    command = ["pdftotext", *options, str(file), "-"]
    said = subprocess.run(command, capture_output=True, check=True, timeout=60)
    return said.stdout.decode().replace("\f", "\n\n")


def lost_of(file: Path, articles: Sequence[Article], *options: str) -> list[Lost]:
    """The sentences that pdftotext sees in ``file`` and that are not accounted for."""
    return lost_sentences(seen_by_pdftotext(file, *options), articles)
