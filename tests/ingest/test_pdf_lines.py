"""Lines of PDF pages: joined, told from running heads, made paragraphs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.formats.line_ends import join
from rag.ingest.formats.pdf_paragraphs import paragraphs_of
from rag.ingest.formats.pdf_running import without_running_lines
from rag.ingest.formats.pdf_types import Line


def _page(*lines: str, top: float = 700, right: float = 500) -> list[Line]:
    return [Line(text, 60, right, top - 14 * n, 11) for n, text in enumerate(lines)]


@pytest.mark.parametrize(
    ("before", "after", "joined"),
    [
        ("Le maire a inau-", "guré le pont", "Le maire a inauguré le pont"),
        ("Le maire a inau\u00ad", "guré le pont", "Le maire a inauguré le pont"),
        ("au lycée Jean-", "Moulin", "au lycée Jean-Moulin"),
        ("un rendez-", "vous", "un rendez-vous"),
        ("viendra-t-", "il", "viendra-t-il"),
        ("c’est-à-", "dire", "c’est-à-dire"),
        ("la va-", "leur", "la valeur"),
        ("quatre-vingt-", "dix", "quatre-vingt-dix"),
        ("une porte-", "fenêtre", "une porte-fenêtre"),
        ("il télé-", "phone", "il téléphone"),
        ("en 2024-", "2025", "en 2024- 2025"),
        ("un mot", "puis un autre", "un mot puis un autre"),
        ("– dit-il –", "sans hâte", "– dit-il – sans hâte"),
    ],
)
def test_words_parted_at_line_ends(before: str, after: str, joined: str) -> None:
    compounds = frozenset({"porte-fenêtre"})
    assert join(before, after, frozenset({"téléphone"}), compounds) == joined


@settings(deadline=None)
@given(st.lists(st.text("abcé XY.-\u00ad", min_size=1).map(str.strip).filter(bool), min_size=1))
def test_joining_loses_only_hyphens_and_spaces(texts: list[str]) -> None:
    pages = [[Line(text, 60, 500, 700 - 14 * n, 11) for n, text in enumerate(texts)]]
    letters = "".join("".join(paragraphs_of(pages)).split()).replace("-", "")
    expected = "".join("".join(texts).split()).replace("-", "").replace("\u00ad", "")
    assert letters.replace("\u00ad", "") == expected


def test_running_lines_go_and_the_rest_stays() -> None:
    texts = [
        _page(f"Article {7 * n}", *[f"{word} de suite"] * 3, f"{word} enfin", "Fin de page")
        for n, word in enumerate(("un", "deux", "trois"))
    ]
    # What ends every page goes with the footer.
    expected = [lines[:-1] for lines in texts]
    for header, footer in (
        ("Le Courrier – mai 2024", "Page {number}/3"),
        ("2024 – {number} Le Courrier", "- {number} -"),
        ("Le Courrier", "page {number} sur 3"),
    ):
        pages = [
            [
                Line(header.format(number=n + 11), 60, 300, 800, 9),
                *lines,
                Line(footer.format(number=n), 280, 320, 30, 9),
            ]
            for n, lines in enumerate(texts, 1)
        ]
        assert without_running_lines(pages) == expected
    # Of a single page the line that counts pages is told from its words.
    assert without_running_lines(pages[:1]) == [pages[0][:-1]]
    # A document of nothing else is kept.
    headers = [page[:1] for page in pages]
    assert without_running_lines(headers) == headers


def test_paragraphs_of_indented_spaced_and_broken_lines() -> None:
    full = "Une ligne pleine qui va jusqu’au bout de sa colonne"
    indented = [
        Line("Un début en retrait", 75, 500, 700, 11),
        Line(full, 60, 500, 686, 11),
        Line("et une fin.", 60, 500, 672, 11),
        Line("Un autre début", 75, 500, 658, 11),
        Line(full + ".", 60, 500, 644, 11),
    ]
    assert len(paragraphs_of([indented])) == 2
    spaced = [*_page(full, full, full + "."), *_page(full, full, full, top=640)]
    assert len(paragraphs_of([spaced])) == 2
    broken = [_page(full, full), _page("qui continue ici.", right=140)]
    assert paragraphs_of(broken) == [f"{full} {full} qui continue ici."]
    short = [*_page(full), *_page("et finit.", top=686, right=120), *_page(full, top=672)]
    assert paragraphs_of([short]) == [f"{full} et finit.", full]
