"""Many questions at once: reading them, their rows, going on after a kill, the tables."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_file import Answered
from rag.answering.answer_rows import COLUMNS, AnswerRow, rows_of
from rag.answering.assistant import Assistant
from rag.answering.question_file import read_questions
from rag.errors import QuestionFileError
from rag.library.build import build_folder
from tests.answering.test_assistant import QUESTION, KnowingEncoder
from tests.fakes import CountingEncoder, settings_for, write_articles


def file_of(folder: Path, content: str | bytes, name: str = "questions.csv") -> Path:
    file = folder / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


@pytest.mark.parametrize(
    ("name", "content", "questions", "without", "delimiter"),
    [
        ("q.txt", "Qui ?\n\n  Où, quand ?  \n", ("Qui ?", "Où, quand ?"), 1, ","),
        ("q.txt", "question\nQui ?\n", ("Qui ?",), 0, ","),
        ("q.csv", "Qui ?\nOù ?\n", ("Qui ?", "Où ?"), 0, ","),
        ("q.csv", "\ufeffid;Question\n1;Qui ?\n2;\n3;Où ?\n", ("Qui ?", "Où ?"), 1, ";"),
        ("q.tsv", "question\tid\n« Qui, où ? »\t1\n", ("« Qui, où ? »",), 0, "\t"),
        ("q.csv", 'id,question\n1,"Où, quand ?"\n2,"Dit-il ""oui"" ?"\n3\n',
         ("Où, quand ?", 'Dit-il "oui" ?'), 1, ","),
        ("q.csv", "id;question\n1;Où était l’été ?\n".encode("cp1252"),
         ("Où était l’été ?",), 0, ";"),
    ],
)  # fmt: skip
def test_questions_are_read_as_people_write_them(
    tmp_path: Path,
    name: str,
    content: str | bytes,
    questions: tuple[str, ...],
    without: int,
    delimiter: str,
) -> None:
    found = read_questions(file_of(tmp_path, content, name))
    assert (found.questions, found.without, found.delimiter) == (questions, without, delimiter)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("id;texte\n1;Qui ?\n", r"no column 'question' \(it has: id, texte\)"),
        ("\n \n", "holds no question"),
        (b"PK\x03\x04\x00\x00\x00", "are no text"),
    ],
)
def test_what_holds_no_questions(tmp_path: Path, content: str | bytes, told: str) -> None:
    with pytest.raises(QuestionFileError, match=told):
        read_questions(file_of(tmp_path, content))
    with pytest.raises(QuestionFileError, match="cannot be read"):
        read_questions(tmp_path / "none.csv")


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    settings = settings_for(tmp_path_factory.mktemp("many"))
    write_articles(settings.articles)
    build_folder(settings, CountingEncoder())
    return Assistant(settings, KnowingEncoder())


def test_a_row_a_quote_is_the_articles_own_and_a_refusal_one_with_its_reason(
    assistant: Assistant,
) -> None:
    with assistant.snapshot() as snapshot:
        overview = snapshot.overview()
        rows = rows_of(7, snapshot.ask(QUESTION, top=2), overview)
        assert [row.citation for row in rows] == [*range(1, len(rows) + 1)] != []
        for row in rows:
            assert (row.number, row.question, row.answered, row.reason) == (
                7,
                QUESTION,
                True,
                "",
            )
            assert row.start is not None
            assert row.end is not None
            article = snapshot.article(row.article_id)
            assert article.text[row.start : row.end] == row.quote
            assert (row.title, row.path) == (article.title, article.path)
        (refused,) = rows_of(8, snapshot.ask("Qui a peint la Joconde ?"), overview)
    assert (refused.answered, refused.citation, refused.quote) == (False, None, "")
    assert refused.reason == "words_not_found"
    assert "Joconde" in refused.message


def row(number: int, quote: str = "Oui.") -> AnswerRow:
    return AnswerRow(number, f"Question {number} ?", "", True, "", "", 0.5, 1, quote)


def read_lines(file: Path) -> list[AnswerRow]:
    return [AnswerRow(**json.loads(line)) for line in file.read_text().splitlines()]


@given(st.integers(0, 5), st.integers(0, 400), st.booleans())
def test_wherever_it_was_killed_it_goes_on_and_ends_alike(
    tmp_path_factory: pytest.TempPathFactory, done: int, cut: int, other: bool
) -> None:
    out = tmp_path_factory.mktemp("killed") / "answers.jsonl"
    whole = [row(number, "Ligne\nsuivante, « é ».") for number in range(1, 6)]
    with Answered(out, "these") as first:
        for one in whole[:done]:
            first.add([one])
    part = out.with_name("answers.jsonl.part")
    part.write_bytes(part.read_bytes()[: len(part.read_bytes()) - cut])
    with Answered(out, "others" if other else "these") as second:
        assert second.done <= done
        assert not other or not second.done
        for one in whole[second.done :]:
            second.add([one])
        assert second.finish(",") == len(whole)
    assert read_lines(out) == whole
    assert [file.name for file in out.parent.iterdir()] == [out.name]


def test_nothing_is_asked_twice_nor_written_over(tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    with Answered(out, "these") as one:
        one.add([row(1)])
        with pytest.raises(QuestionFileError, match="written by another run"):
            Answered(out, "these").__enter__()
    with Answered(out, "these") as again:
        assert again.done == 1
        assert again.finish(",") == 1
    with pytest.raises(QuestionFileError, match="is there already"):
        Answered(out, "these")
    with pytest.raises(QuestionFileError, match=r"ends in \.csv, \.jsonl, \.xlsx"):
        Answered(tmp_path / "answers.doc", "these")
    (tmp_path / "file").touch()
    with pytest.raises(QuestionFileError, match="cannot be written"):
        Answered(tmp_path / "file" / "answers.csv", "these").__enter__()


def written(folder: Path, name: str, rows: Sequence[AnswerRow], delimiter: str = ",") -> Path:
    with Answered(folder / name, name) as kept:
        for one in rows:
            kept.add([one])
        kept.finish(delimiter)
    return folder / name


def test_a_spreadsheet_computes_nothing_of_what_articles_say(tmp_path: Path) -> None:
    rows = [row(1, '=HYPERLINK("http://x")'), row(2, '- Non, dit-elle ; "jamais"'), row(3)]
    text = written(tmp_path, "a.csv", rows, ";").read_text("utf-8-sig")
    read = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert tuple(read[0]) == COLUMNS
    assert [one["quote"] for one in read] == [f"'{rows[0].quote}", f"'{rows[1].quote}", "Oui."]
    assert [one["number"] for one in read] == ["1", "2", "3"]
    book = written(tmp_path, "a.xlsx", rows)
    with zipfile.ZipFile(book) as opened:
        sheet = ElementTree.fromstring(opened.read("xl/worksheets/sheet1.xml"))
    cells = [node for node in sheet.iter() if node.tag.endswith("}c")]
    texts = ["".join(node.itertext()) for node in cells]
    assert not [node for node in sheet.iter() if node.tag.endswith("}f")]
    assert {one.quote for one in rows} <= set(texts)
    assert len(cells) >= len(COLUMNS) + 3 * len(dataclasses.astuple(rows[0])[:4])
