"""Tables in CSV of every hand: every letter is in a row, and rows are read as they come."""

from __future__ import annotations

import io
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest import ReadingOptions
from rag.ingest.formats.csv_rows import Rows
from rag.ingest.formats.member import Budget, Opened
from rag.ingest.formats.records import read_csv
from tests.ingest.case_files import read_case, read_file, texts_in
from tests.ingest.reading_files import write_file


def test_commas_without_quotation_marks() -> None:
    articles, (said,) = read_case("08-csv-extra-commas", "04-extra-cols.csv")
    assert [one.text for one in articles] == [
        "Le lac, dit-on, est gelé depuis mardi.",
        "Trop court",
        "La gare de Lisle rouvre.",
    ]
    assert [str(one.date) for one in articles] == ["2025-01-02", "None", "2025-01-04"]
    assert said.reason.startswith("line 2 has 5 fields, the first line names 3")
    markup, plain = _read_case_texts("08-csv-extra-commas", "06-html.csv")
    assert markup == "Premier alinéa sur Brenne.\n\nSecond\u00a0alinéa : 3 < 4."
    assert plain == "Le prix & le coût de l'eau sont de 4 € le m3."


def _read_case_texts(case: str, file: str) -> list[str]:
    articles, said = read_case(case, file)
    assert said == []
    return [one.text for one in articles]


def test_a_quotation_mark_that_is_never_closed() -> None:
    articles, (said,) = read_case("08-csv-open-quote", "03-bad-row.csv")
    assert [one.title for one in articles] == ["Un", '"Deux', "Trois", "Quatre"]
    assert said.reason.startswith("a quotation mark is not closed in line 3")


_CELLS = st.text("ab é,;\"\n«»'", max_size=12)


@given(st.lists(st.lists(_CELLS, min_size=3, max_size=3), min_size=1, max_size=8))
@settings(deadline=None)
def test_what_csv_writers_write_is_read_back(rows: list[list[str]]) -> None:
    import csv

    written = io.StringIO()
    csv.writer(written, quoting=csv.QUOTE_ALL).writerows([["x", "y", "z"], *rows])
    read = list(Rows(io.StringIO(written.getvalue(), newline=""), ",", 10_000))
    assert [list(row.fields) for row in read[1:]] == [list(row) for row in rows] or any(
        row.is_open for row in read
    )


@given(st.text('ab,"\n', max_size=80))
def test_every_letter_of_any_table_is_in_a_row(text: str) -> None:
    rows = list(Rows(io.StringIO(text, newline=""), ",", 10_000))
    read = "".join("".join(row.fields) for row in rows)
    assert [sign for sign in read if sign in "ab"] == [sign for sign in text if sign in "ab"]


@pytest.mark.parametrize(
    ("table", "texts"),
    [
        (
            'titre,texte\nA,"Il a dit "oui, bien" hier."\nB,Deux\n',
            ['Il a dit "oui, bien" hier.', "Deux"],
        ),
        ('titre,texte\n"A,Un\nB,"Deux, trois"\nC,Quatre\n', ["Un", "Deux, trois", "Quatre"]),
        ('titre,texte\nA,"Un\nB,Deux "trois"\nC,"Quatre"\n', ['"Un', 'Deux "trois"', "Quatre"]),
        ('titre,texte\nA,"Un\n\nDeux ""trois"""\nB,Fin\n', ['Un\n\nDeux "trois"', "Fin"]),
        ('titre,texte\nA,"Un \\"deux\\" trois"\n', ['Un "deux" trois']),
        ("sep=;\ntitre;texte\nA;Un, deux\n", ["Un, deux"]),
        ("titre;texte;;\nA;Un;;\n", ["Un"]),
        ("titre\ttexte\nA\tUn, deux\n", ["Un, deux"]),
        ("titre,texte\rA,Un\rB,Deux\r", ["Un", "Deux"]),
    ],
)
def test_tables_of_every_hand(tmp_path: Path, table: str, texts: list[str]) -> None:
    assert texts_in(read_file(write_file(tmp_path, "a.csv", table))) == texts


def test_a_table_with_a_stray_byte(tmp_path: Path) -> None:
    rows = "".join(f"Titre {n},L’été n° {n}\n" for n in range(20))
    content = f"titre,texte\n{rows}".encode() + b"Dernier,L'\xe9lu\n"
    articles, said = read_file(write_file(tmp_path, "a.csv", content))
    assert [one.text for one in articles] == [*(f"L’été n° {n}" for n in range(20)), "L'élu"]
    assert [one.path for one in said] == ["a.csv#Dernier"]


def test_twenty_thousand_rows_are_read(tmp_path: Path) -> None:
    rows = "".join(f"{n + 7},Titre {n},Le village {n} vote.\n" for n in range(20_000))
    with write_file(tmp_path, "a.csv", f"id,titre,texte\n{rows}").open("rb") as stream:
        opened = Opened("a.csv", stream, ReadingOptions(), Budget())
        keys = [member.key for member in read_csv(opened)]
    assert keys == [str(n + 7) for n in range(20_000)]


def test_rows_are_read_as_they_come(tmp_path: Path) -> None:
    rows = "".join(f"{n + 7},Titre {n},{'mot' * 3_000}\n" for n in range(2_000))
    with write_file(tmp_path, "a.csv", f"id,titre,texte\n{rows}").open("rb") as stream:
        opened = Opened("a.csv", stream, ReadingOptions(), Budget())
        tracemalloc.start()
        assert sum(1 for _ in read_csv(opened)) == 2_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < len(rows) / 4


def test_lines_above_a_table_are_no_names_of_columns(tmp_path: Path) -> None:
    table = (
        "Export du 12 mars ; 2 articles\n\nTitre;Texte\nUn;Le pont ferme.\n\nDeux;Il rouvre.\n"
    )
    articles, said = read_file(write_file(tmp_path, "a.csv", table))
    assert said == []
    assert [(one.title, one.text) for one in articles] == [
        ("Un", "Le pont ferme."),
        ("Deux", "Il rouvre."),
    ]
    # As a spreadsheet counts them.
    assert [one.places[0].row for one in articles] == [4, 6]
    articles, _ = read_file(
        write_file(tmp_path, "b.csv", f"sep=;\n{table.split(chr(10), 2)[2]}")
    )
    assert [one.places[0].row for one in articles] == [2, 4]
    # A first line that names columns is the head, whatever stands in the others.
    articles, (refused,) = read_file(
        write_file(tmp_path, "c.csv", "titre;url\ntitre;texte\nUn;Deux\n")
    )
    assert articles == []
    assert "has no column for the text" in refused.reason
