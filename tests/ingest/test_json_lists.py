"""Lists in JSON of every shape, as Python and others write them."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.formats.json_stream import StrictJson
from tests.ingest.case_files import (
    one_in,
    read_file,
    texts_in,
)
from tests.ingest.format_files import PROSE
from tests.ingest.reading_files import write_file
from tests.ingest.test_tables import _read_case_texts


def test_json_of_windows_of_paragraphs_and_with_nan() -> None:
    assert _read_case_texts("08-json-cp1252", "17-latin.json") == ["L'été fut chaud à Nîmes."]
    assert _read_case_texts("08-json-nan", "18-nan.json") == [
        "Le taux est NaN.",
        "Le métro de Lisle ouvre.",
    ]
    assert _read_case_texts("08-json-list-of-paragraphs", "14-lists.json") == [
        "Premier alinéa sur Varne.\n\nSecond alinéa sur Lisle.",
        "Alinéa un du bloc.\n\nAlinéa deux du bloc.",
        "Corps dans une section.",
    ]


_JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(_JSON_VALUES, st.booleans())
@settings(deadline=None)
def test_strict_json_stays_as_it_is(value: object, is_ascii: bool) -> None:
    written = json.dumps(value, ensure_ascii=is_ascii, indent=1)
    stream = StrictJson(io.StringIO(written))
    read = b"".join(iter(lambda: stream.read(7), b""))
    expected = written.encode("utf-8", "replace")
    assert read == expected.replace(b"\n", b"\\u000a") or json.loads(read) == json.loads(
        expected
    )


def test_json_that_python_writes_and_others_do_not_read(tmp_path: Path) -> None:
    written = (
        '[{"titre": "A", "texte": "NaN et\nInfinity", "n": NaN, "m": -Infinity, "i": Infinity}]'
    )
    assert one_in(tmp_path, "a.json", written).text == "NaN et\nInfinity"


@pytest.mark.parametrize(
    ("name", "content", "texts"),
    [
        (
            "a.json",
            '{"titre": "A", "texte": "Un."}\n{"titre": "B", "texte": "Deux."}\n',
            ["Un.", "Deux."],
        ),
        (
            "a.jsonl",
            '[{"titre": "A", "texte": "Un."},\n{"titre": "B", "texte": "Deux."}]',
            ["Un.", "Deux."],
        ),
        ("a.jsonl", '{\n "titre": "A",\n "texte": "Un."\n}\n', ["Un."]),
        ("a.json", '{"data": {"articles": [{"titre": "A", "texte": "Un."}]}}', ["Un."]),
        (
            "a.json",
            '{"tags": [{"name": "x"}], "articles": [{"titre": "A", "texte": "Un."}]}',
            ["Un."],
        ),
        (
            "a.json",
            '{"titre": "A", "corps": [{"type": "p", "text": "Un."}, '
            '{"type": "p", "text": "Deux."}]}',
            ["Un.\n\nDeux."],
        ),
        ("a.json", '{"content": [{"titre": "A", "texte": "Un."}]}', ["Un."]),
        (
            "a.json",
            '[{"titre": "A", "texte": "Un.", "chapo": "Le chapo."}]',
            ["Le chapo.\n\nUn."],
        ),
    ],
)
def test_lists_of_every_shape(
    tmp_path: Path, name: str, content: str, texts: list[str]
) -> None:
    assert texts_in(read_file(write_file(tmp_path, name, content))) == texts


def test_a_list_that_breaks_off_keeps_its_beginning(tmp_path: Path) -> None:
    articles, said = read_file(
        write_file(tmp_path, "a.json", '[{"titre": "A", "texte": "Un."}, {"ti')
    )
    assert [one.text for one in articles] == ["Un."]
    assert said[0].reason.startswith("is not JSON")


def test_other_fields_of_a_record_are_told_as_left_out(tmp_path: Path) -> None:
    record = {"titre": "A", "texte": "Un mot.", "résumé": "Un résumé à part.", "n": 3}
    article = one_in(tmp_path, "a.json", json.dumps([record]))
    assert [one.text for one in article.left_out] == ["Un résumé à part."]


def test_a_headline_of_several_forms(tmp_path: Path) -> None:
    headline = {"main": "Le pont ferme", "kicker": "Varne"}
    article = one_in(tmp_path, "a.json", json.dumps([{"headline": headline, "body": PROSE}]))
    assert article.title == "Le pont ferme"


def test_a_sign_that_is_none_is_left_out(tmp_path: Path) -> None:
    article = one_in(tmp_path, "a.json", json.dumps([{"titre": "Un", "texte": f"A\0 {PROSE}"}]))
    assert article.text == f"A {PROSE}"
