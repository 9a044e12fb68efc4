"""Words in pictures: recognised where Tesseract is, said where it is not, never a traceback."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
from PIL import Image

from rag.config import Settings
from rag.errors import ArticleError
from rag.files import file_hash
from rag.ingest import ReadingOptions, read_articles
from rag.ingest.folder import folder_sources, reading_options
from rag.types import Article, BrokenFile
from rag.types.provenance import PlaceKind
from tests.ingest.case_files import CASES, check_places
from tests.ingest.format_files import packed
from tests.ingest.pdf_pages import Paper, needs_tesseract, sentences

pytestmark = pytest.mark.slow

SCANNED = CASES / "06-pdf-scan-mixed" / "08b-scan-mixed.pdf"
NONE = ReadingOptions(tesseract="no-such-command")
OFF = reading_options(Settings(ocr="off"))


def _read(file: Path, options: ReadingOptions) -> tuple[list[Article], list[str]]:
    articles: list[Article] = []
    said: list[str] = []
    try:
        for found in read_articles(file, file.parent, options, file_hash(file)):
            if isinstance(found, BrokenFile):
                said.append(found.reason)
            else:
                check_places(found)
                articles.append(found)
    except ArticleError as error:
        said.append(str(error))
    return articles, said


def _picture(paper: Paper, page: int = 1) -> Image.Image:
    document = pypdfium2.PdfDocument(paper.content())
    image = document[page - 1].render(scale=200 / 72, grayscale=True).to_pil()
    document.close()
    assert isinstance(image, Image.Image)
    return image


def _blank(file: Path) -> Path:
    Image.new("L", (300, 300), 255).save(file)
    return file


def _fake(folder: Path, said: str) -> ReadingOptions:
    """Options with a program that speaks as Tesseract does, and recognises ``said``."""
    command = folder / "fake-tesseract"
    command.write_text(
        f'#!/bin/sh\nif [ "$1" = --list-langs ]; then echo fra; exit; fi\n{said}\n'
    )
    command.chmod(0o755)
    return ReadingOptions(tesseract=str(command), ocr_page_seconds=20.0)


def _table(*words: tuple[int, int, float, str]) -> str:
    """Tesseract's table of words with their block, their line, how sure they are."""
    rows = [
        "level page_num block_num par_num line_num word_num left top width height conf text"
    ]
    for number, (block, line, sure, text) in enumerate(words, 1):
        place = f"{number * 200} {line * 60} 150 40"
        rows.append(f"5 1 {block} 1 {line} {number} {place} {sure} {text}")
    table = "\n".join(row.replace(" ", "\t") for row in rows)
    return f"cat <<'END'\n{table}\nEND"


# Without Tesseract


def test_what_pages_are_not_read_is_said() -> None:
    articles, said = _read(SCANNED, NONE)
    assert [one.text for one in articles] == [
        "La page de garde est en texte : dossier remis le 4 mai."
    ]
    assert len(said) == 1
    assert said[0].startswith("4 of 5 pages hold only pictures (2-5) and are not read; install")
    assert "tesseract-ocr-fra" in said[0]


def test_what_is_not_wanted_is_said() -> None:
    articles, said = _read(SCANNED, OFF)
    assert len(articles) == 1
    assert said[0].startswith("4 of 5 pages hold only pictures (2-5)")
    assert "set ocr to 'auto'" in said[0]


def test_a_scanned_file_alone(tmp_path: Path) -> None:
    paper = Paper()
    paper.image(Image.effect_noise((200, 200), 80), 0, 0, 595, 842)
    articles, said = _read(paper.save(tmp_path / "a.pdf"), NONE)
    assert articles == []
    assert said[0].startswith("1 of 1 pages hold only pictures (1)")


def test_a_picture_without_tesseract(tmp_path: Path) -> None:
    file = _blank(tmp_path / "a.png")
    articles, said = _read(file, NONE)
    assert articles == []
    assert said[0].startswith("is a picture; to have its words recognised, install Tesseract")
    assert _read(file, OFF)[1][0].startswith("is a picture; set ocr to 'auto'")


# With a program that speaks as Tesseract does


def test_doubtful_words_are_marked(tmp_path: Path) -> None:
    options = _fake(
        tmp_path,
        _table(
            (1, 1, 96.0, "Le"), (1, 1, 41.5, "pnot"), (1, 1, 95.0, "de"), (1, 1, 90.0, "com-"),
            (1, 2, 30.0, "merce"), (1, 2, 93.0, "rouvre."),
            (2, 9, 12.0, "|~f"), (2, 9, 3.0, "!;"),
        ),
    )  # fmt: skip
    (article,), said = _read(_blank(tmp_path / "a.png"), options)
    assert said == []
    assert article.text == "Le pnot de commerce rouvre."
    doubtful = [one for one in article.places if one.kind is PlaceKind.DOUBTFUL]
    assert [article.text[one.start : one.end] for one in doubtful] == ["pnot", "merce"]
    assert {one.page for one in article.places} == {1}
    assert [(one.kind.value, one.text) for one in article.left_out] == [("other", "|~f !;")]


@pytest.mark.parametrize(
    ("said_by_program", "reason"),
    [
        ("exit 1", "is damaged or no picture"),
        ("echo nothing of the kind", "is a picture in which no words"),
        (_table(), "is a picture in which no words"),
        ("exec sleep 30", "is a picture whose words could not be recognised in time"),
    ],
)
def test_a_program_that_fails(said_by_program: str, reason: str, tmp_path: Path) -> None:
    options = _fake(tmp_path, said_by_program)
    options = ReadingOptions(tesseract=options.tesseract, ocr_page_seconds=0.3)
    articles, said = _read(_blank(tmp_path / "a.png"), options)
    assert articles == []
    assert said[0].startswith(reason)


def test_pages_that_take_too_long_are_said(tmp_path: Path) -> None:
    options = _fake(tmp_path, "exec sleep 30")
    options = ReadingOptions(tesseract=options.tesseract, ocr_page_seconds=0.1)
    articles, said = _read(SCANNED, options)
    assert len(articles) == 1
    assert said[0].startswith("4 of 5 pages hold only pictures (2-5) whose words could not")


def test_each_page_is_told_before_it_is_recognised(tmp_path: Path) -> None:
    options = _fake(tmp_path, _table((1, 1, 96.0, "Le"), (1, 1, 95.0, "pont.")))
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "scan.pdf").write_bytes(SCANNED.read_bytes())
    (folder / "lot.zip").write_bytes(packed({"scan.pdf": SCANNED.read_bytes()}))
    told: list[str] = []
    sources, _ = folder_sources(folder, options, tell=told.append)
    for source in sources:
        del told[:]
        (article,) = source.read()
        assert isinstance(article, Article)
        assert {one.page for one in article.places} == {1, 2, 3, 4, 5}
        assert told == [
            f"{source.path}: recognising the words of page {page}, {page - 1} of 4 pictures"
            for page in (2, 3, 4, 5)
        ]


def test_a_program_without_french_is_missing(tmp_path: Path) -> None:
    options = _fake(tmp_path, "exit 1")
    Path(options.tesseract).write_text("#!/bin/sh\necho eng\n")
    _, said = _read(_blank(tmp_path / "a.png"), options)
    assert "tesseract-ocr-fra" in said[0]


# With Tesseract


@needs_tesseract
def test_scanned_pages_are_recognised(tmp_path: Path) -> None:
    expected = sentences(8)
    paper = Paper(595, 220)
    paper.column(60, 60, 470, " ".join(expected[:2]), 12)
    scanned = Paper(595, 220)
    scanned.column(60, 40, 230, " ".join(expected[2:5]), 12, justified=False)
    scanned.column(320, 40, 230, " ".join(expected[5:]), 12, justified=False)
    paper.add_page()
    paper.image(_picture(scanned), 0, 0, 595, 220)
    (article,), said = _read(paper.save(tmp_path / "a.pdf"), ReadingOptions())
    assert said == []
    assert [one for one in expected if one not in article.text] == []
    assert {one.page for one in article.places} == {1, 2}


@needs_tesseract
@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_pictures_are_recognised(suffix: str, tmp_path: Path) -> None:
    expected = sentences(4)
    paper = Paper(595, 160)
    paper.column(60, 50, 470, " ".join(expected), 12, justified=False)
    file = tmp_path / f"2024-05-17-page{suffix}"
    _picture(paper).save(file)
    (article,), said = _read(file, ReadingOptions())
    assert said == []
    assert article.text == " ".join(expected)
    assert str(article.date) == "2024-05-17"


@needs_tesseract
def test_a_picture_that_is_cut_short(tmp_path: Path) -> None:
    content = io.BytesIO()
    Image.effect_noise((300, 300), 80).save(content, "PNG")
    file = tmp_path / "a.png"
    file.write_bytes(content.getvalue()[:500])
    articles, said = _read(file, ReadingOptions())
    assert articles == []
    assert len(said) == 1
