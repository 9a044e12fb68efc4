"""Every file of the cases: whatever is read of it has its parts where they are said to be.

What is expected of each is in the files of tests beside this one, one a family of formats.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.ingest import FORMATS
from rag.types import Article
from tests.ingest.case_files import CASES, check_places, read_file
from tests.ingest.every_word import lost_sentences

FILES = sorted(file for file in CASES.rglob("*") if file.suffix.lower() in FORMATS)


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(CASES)))
def test_whatever_is_read_has_its_places(file: Path) -> None:
    articles, said = read_file(file)
    assert articles or said
    for article in articles:
        check_places(article)


def _article(text: str, title: str = "Un titre") -> Article:
    return Article("id", "a.txt", text, title, "0" * 64)


def test_sentences_are_found_whole_and_in_order() -> None:
    article = _article("Le lac est gelé. Le pont ferme à midi.\n\nLe maire part.")
    assert lost_sentences("LE LAC\nest ge\u00adlé.\n\nLe maire part.", [article]) == []
    lost = lost_sentences("Le maire part. Le lac est gelé. Le maire est gelé.", [article])
    assert [(one.sentence, one.why) for one in lost] == [
        ("Le lac est gelé.", "out of order"),
        ("Le maire est gelé.", "not there"),
    ]


def test_what_is_beside_the_text_counts() -> None:
    article = _article("Le lac est gelé.", title="Grand froid sur le lac")
    assert lost_sentences("Grand froid sur le lac\n\nAccueil", [article], ["Accueil"]) == []
    assert lost_sentences("Accueil", [article]) != []
