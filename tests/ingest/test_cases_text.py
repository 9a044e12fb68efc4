"""Feeds, mails, lists, tables, books and plain texts as people have them: nothing is lost."""

from __future__ import annotations

import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.index import Index
from rag.ingest import FORMATS, ReadingOptions, find_article_files
from rag.ingest.formats.csv_rows import Rows
from rag.ingest.formats.encoding import decode_mending
from rag.ingest.formats.json_stream import StrictJson
from rag.ingest.formats.mail_replies import split_reply, split_reply_page
from rag.ingest.formats.member import Budget, Opened
from rag.ingest.formats.member_keys import Named, tell_apart
from rag.ingest.formats.records import read_csv
from rag.language.sentences import LONGEST, split_sentences
from rag.library.build import build_folder
from rag.types import Article, BrokenFile
from rag.types.provenance import LeftOutKind
from tests.fakes import CountingEncoder, settings_for
from tests.ingest.case_files import CASES, read_case, read_file, read_one
from tests.ingest.every_word import lost_sentences, words_of
from tests.ingest.format_files import PROSE, docx, epub, mail, packed, pdf, rss


def _file(folder: Path, name: str, content: bytes | str) -> Path:
    file = folder / name
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    return file


def _one(folder: Path, name: str, content: bytes | str) -> Article:
    articles, said = read_file(_file(folder, name, content))
    assert [one.reason for one in said] == []
    (article,) = articles
    return article


def _texts(found: tuple[list[Article], list[BrokenFile]]) -> list[str]:
    return [article.text for article in found[0]]


# The cases


def test_a_feed_that_was_escaped_twice() -> None:
    article = read_one("03-rss-double-escaped", "double.rss")
    assert article.title == "Le moulin d'Arvin"
    assert article.text == (
        "Le moulin d'Arvin a brûlé dans la nuit.\n\nLe meunier Gaspard Lunel est indemne."
    )


def test_a_transcript_without_full_stops() -> None:
    article = read_one("07-text-no-punctuation", "transcription.txt")
    sentences = split_sentences(article.text, "fr")
    assert len(sentences) > 100
    assert max(one.end - one.start for one in sentences) <= LONGEST


def test_a_text_with_a_stray_byte() -> None:
    (article,), (said,) = read_case("07-text-stray-byte", "14-stray.txt")
    assert "dit l’élu Rémi Cassel. L’œuvre plaît — « beaucoup »." in article.text
    assert said.reason.startswith("is not in UTF-8 everywhere: 2 bytes, the first in line 3")


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


def test_mails_of_the_cases() -> None:
    article = read_one("09-mail-8bit-no-charset", "09-8bit-nocharset.eml")
    assert (article.title, article.text) == (
        "Été brut",
        "L’été à Nîmes fut chaud : 42 degrés.",
    )
    article = read_one("09-mail-reply", "02-reply.eml")
    assert article.text == "Non, le budget n'est pas de 3 millions mais de 4 millions d'euros."
    (quoted,) = article.left_out
    assert quoted.kind is LeftOutKind.QUOTED
    assert "Qui paie la passerelle ?\nLa région." in quoted.text


@pytest.mark.parametrize("file", ["1-rien.epub", "3-meta.epub", "5-xml-latin.epub"])
def test_chapters_in_what_they_declare(file: str) -> None:
    article = read_one("14-epub-no-xml-declaration", file)
    assert article.title == "L’été à Nîmes"
    assert "La préfète Hélène Crémieux a été élue ; l’œuvre coûte 12 €." in article.text


def test_front_matter_of_the_cases() -> None:
    read = [read_one("14-md-front-matter", f"{name}.md") for name in "abcd"]
    assert [one.title for one in read] == [
        "Crue en Brenne : le point sur les dégâts",
        "« Nous avons tout perdu », dit Clara",
        "[Vidéo] La crue",
        "*La crue* de Brenne",
    ]
    assert all(one.text.startswith("Le fleuve a monté de") for one in read)


# Encodings


def test_stray_bytes_cost_only_themselves() -> None:
    text = "L’été à Nîmes.\n" * 5
    content = text.encode()
    broken = content[:20] + b"\x81\xe9" + content[20:]
    found = decode_mending(broken)
    assert (found.stray, found.line) == (2, 1)
    assert found.text.replace("\N{REPLACEMENT CHARACTER}é", "") == text
    assert decode_mending(content) == decode_mending(b"\xef\xbb\xbf" + content)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "cp1252", "utf-8"])
def test_words_come_through_without_a_mark(tmp_path: Path, encoding: str) -> None:
    text = "L’été à Nîmes fut chaud : 42 degrés."
    assert _one(tmp_path, "a.txt", text.encode(encoding)).text == text


def test_a_nul_that_strayed_in_is_said(tmp_path: Path) -> None:
    articles, said = read_file(_file(tmp_path, "a.txt", f"{PROSE}\n" * 5 + "Un mot\0 de plus."))
    assert "Un mot de plus." in articles[0].text
    assert said[0].reason.startswith("is not in UTF-8 everywhere: 1 bytes, the first in line 6")


@given(st.text(min_size=1), st.integers(0, 255), st.integers(0, 1000))
@settings(deadline=None)
def test_any_byte_in_any_text_leaves_the_rest(text: str, byte: int, place: int) -> None:
    content = ("Été à Nîmes. " + text.replace("\0", "")).encode("utf-8", "replace")
    place %= len(content) + 1
    # A NUL is text only in long ones.
    byte = byte or 1
    found = decode_mending(content[:place] + bytes([byte]) + content[place:])
    assert len(found.text) >= len(content.decode()) - 3


# Feeds


def test_a_feed_with_a_stray_byte_is_no_mojibake(tmp_path: Path) -> None:
    feed = rss([{"title": f"L’été {n}", "description": "Nîmes a brûlé."} for n in range(9)])
    content = feed.encode().replace(b"Courrier", b"Cour\xe9rier", 1)
    articles, _ = read_file(_file(tmp_path, "a.rss", content))
    assert {one.text for one in articles} == {"Nîmes a brûlé."}
    assert articles[0].source == "Le Courérier"


@pytest.mark.parametrize("declared", ["iso-8859-1", "windows-1252", "utf-8"])
@pytest.mark.parametrize("encoding", ["utf-8", "cp1252"])
def test_a_feed_that_declares_what_it_is_not(
    tmp_path: Path, declared: str, encoding: str
) -> None:
    feed = rss([{"title": "Été", "description": "L’œuvre coûte 12 €."}])
    content = feed.replace('encoding="utf-8"', f'encoding="{declared}"').encode(encoding)
    assert _one(tmp_path, "a.rss", content).text == "L’œuvre coûte 12 €."


def test_the_summary_beside_a_text_is_left_out_and_told(tmp_path: Path) -> None:
    entry = {"title": "Un", "description": "Un résumé.", "content:encoded": f"<p>{PROSE}</p>"}
    article = _one(tmp_path, "a.rss", rss([entry]))
    assert [one.text for one in article.left_out] == ["Un résumé."]


# Mails


@pytest.mark.parametrize(
    ("kind", "encoding"),
    [
        ("text/plain; charset=utf-8", "cp1252"),
        ("text/plain; charset=iso-8859-1", "utf-8"),
        ("text/plain; charset=us-ascii", "utf-8"),
        ("text/plain; charset=x-inconnu", "utf-8"),
        ("text/plain; charset=iso-8859-1", "cp1252"),
        ("text/plain", "cp1252"),
        ("text/html; charset=us-ascii", "utf-8"),
        ("text/html", "cp1252"),
    ],
)
def test_mails_in_another_charset_than_they_say(
    tmp_path: Path, kind: str, encoding: str
) -> None:
    head, _, _ = mail("", kind).partition(b"\r\n\r\n")
    content = head + b"\r\n\r\n" + "L’été à Nîmes : 42 degrés, l’œuvre.".encode(encoding)
    assert _one(tmp_path, "a.eml", content).text == "L’été à Nîmes : 42 degrés, l’œuvre."


_OWN = "Non, le pont coûte 4 millions."
_QUOTED = "Le pont coûte 3 millions."


@pytest.mark.parametrize(
    "text",
    [
        f"{_OWN}\n\nLe 12 août 2025 à 10:00, Basile Rey <b@x.invalid> a écrit :\n\n> {_QUOTED}",
        f"{_OWN}\n\nOn Tue, Aug 12, 2025 at 10:00 AM Basile Rey\n<b@x.invalid> wrote:\n"
        f"> {_QUOTED}",
        f"> {_QUOTED}\n\n{_OWN}",
        f"{_OWN}\n\n-----Message d'origine-----\nDe : Basile\nEnvoyé : mardi\n\n{_QUOTED}",
        f"{_OWN}\n\nDe : Basile Rey\nEnvoyé : mardi 12 août 2025\nÀ : Nora\nObjet : pont\n\n"
        f"{_QUOTED}",
        f"{_OWN}\n\nLe 12/08/2025 10:00, Basile Rey a écrit :\n\n{_QUOTED}\n\nBasile",
    ],
)
def test_what_a_mail_answers_is_left_out(text: str) -> None:
    own, quoted = split_reply(text, answers=True)
    assert own == _OWN
    assert any(_QUOTED in one for one in quoted)
    assert not any(">" in line[:1] for one in quoted for line in one.split("\n"))


def test_answers_between_quoted_lines_are_kept() -> None:
    own, quoted = split_reply("> Un ?\nOui.\n> Deux ?\nNon.", answers=True)
    assert (own, quoted) == ("Oui.\nNon.", ["Un ?", "Deux ?"])


@pytest.mark.parametrize(
    "text",
    [
        "Victor Hugo a écrit :\n\nDemain, dès l’aube.",
        "> Lire la suite\nUn mot.",
        "---------- Forwarded message ----------\nDe : Basile\nDate : mardi\nObjet : pont\n\n"
        "Un mot.",
    ],
)
def test_what_is_no_answer_is_kept(text: str) -> None:
    assert split_reply(text, answers=False) == (text, [])


def test_a_mail_of_nothing_else_is_kept_without_its_marks() -> None:
    assert split_reply("> Un mot.\n> Deux.", answers=True) == ("Un mot.\nDeux.", [])


def test_an_answer_that_is_a_page() -> None:
    page = f"<p>{_OWN}</p><div class='gmail_quote'><p>Il a écrit :</p><p>{_QUOTED}</p></div>"
    own, quoted = split_reply_page(page, answers=True)
    assert _OWN in own
    assert _QUOTED not in own
    assert quoted == [f"Il a écrit :\n\n{_QUOTED}"]
    assert split_reply_page(page, answers=False) == (page, [])


@given(
    st.lists(st.sampled_from(["> a b", "c d", "", ">> e", "Le 1/1/2025 10:00, X a écrit :"]))
)
def test_every_word_of_a_mail_is_its_own_or_quoted(lines: list[str]) -> None:
    text = "\n".join(lines)
    own, quoted = split_reply(text, answers=True)
    assert sorted(words_of("\n".join([own, *quoted]))) == sorted(words_of(text))


# Lists and tables

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
    assert _texts(read_file(_file(tmp_path, "a.csv", table))) == texts


def test_a_table_with_a_stray_byte(tmp_path: Path) -> None:
    rows = "".join(f"Titre {n},L’été n° {n}\n" for n in range(20))
    content = f"titre,texte\n{rows}".encode() + b"Dernier,L'\xe9lu\n"
    articles, said = read_file(_file(tmp_path, "a.csv", content))
    assert [one.text for one in articles] == [*(f"L’été n° {n}" for n in range(20)), "L'élu"]
    assert [one.path for one in said] == ["a.csv#Dernier"]


def test_twenty_thousand_rows_are_read(tmp_path: Path) -> None:
    rows = "".join(f"{n + 7},Titre {n},Le village {n} vote.\n" for n in range(20_000))
    with _file(tmp_path, "a.csv", f"id,titre,texte\n{rows}").open("rb") as stream:
        opened = Opened("a.csv", stream, ReadingOptions(), Budget())
        keys = [member.key for member in read_csv(opened)]
    assert keys == [str(n + 7) for n in range(20_000)]


def test_rows_are_read_as_they_come(tmp_path: Path) -> None:
    rows = "".join(f"{n + 7},Titre {n},{'mot' * 3_000}\n" for n in range(2_000))
    with _file(tmp_path, "a.csv", f"id,titre,texte\n{rows}").open("rb") as stream:
        opened = Opened("a.csv", stream, ReadingOptions(), Budget())
        tracemalloc.start()
        assert sum(1 for _ in read_csv(opened)) == 2_000
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < len(rows) / 4


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
    assert _one(tmp_path, "a.json", written).text == "NaN et\nInfinity"


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
    assert _texts(read_file(_file(tmp_path, name, content))) == texts


def test_a_list_that_breaks_off_keeps_its_beginning(tmp_path: Path) -> None:
    articles, said = read_file(
        _file(tmp_path, "a.json", '[{"titre": "A", "texte": "Un."}, {"ti')
    )
    assert [one.text for one in articles] == ["Un."]
    assert said[0].reason.startswith("is not JSON")


def test_other_fields_of_a_record_are_told_as_left_out(tmp_path: Path) -> None:
    record = {"titre": "A", "texte": "Un mot.", "résumé": "Un résumé à part.", "n": 3}
    article = _one(tmp_path, "a.json", json.dumps([record]))
    assert [one.text for one in article.left_out] == ["Un résumé à part."]


# What tells articles of one file apart


def _named(*titles: str, date: str = "") -> list[Named]:
    return [Named.of(None, None, title, date, f"{title} {n}") for n, title in enumerate(titles)]


def test_a_row_on_top_renames_no_other() -> None:
    rows = [Named.of(None, None, "Météo", None, text) for text in ("un", "deux", "trois")]
    keys = tell_apart(rows)
    assert len(set(keys)) == 3
    more = [Named.of(None, None, "Météo", None, "zéro"), *rows]
    assert tell_apart(more)[1:] == keys
    # Nor does what goes.
    assert set(tell_apart(rows[:2])[:1]) <= set(keys) | {"Météo"}


def test_numbers_of_rows_are_no_identifiers() -> None:
    rows = [Named.of(n, None, f"Titre {n}", None, "") for n in range(4)]
    assert tell_apart(rows) == [f"Titre {n}" for n in range(4)]
    assert tell_apart([Named.of(n + 7, None, "Titre", None, "") for n in range(2)]) == [
        "7",
        "8",
    ]


def test_days_tell_columns_of_one_title_apart() -> None:
    rows = [Named.of(None, None, "Météo", f"2024-05-{n:02d}", str(n)) for n in (19, 18, 17)]
    assert tell_apart(rows) == ["Météo (2024-05-19)", "Météo (2024-05-18)", "Météo"]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["", "1", "2"]), st.text())))
def test_the_order_of_articles_does_not_name_them(entries: list[tuple[str, str, str]]) -> None:
    named = [Named.of(None, None, title, date, text) for title, date, text in set(entries)]
    with_dates = [one for one in named if one.date]
    dates = {(one.title, one.date) for one in with_dates}
    if len(dates) == len(with_dates):
        forwards = dict(zip(with_dates, tell_apart(with_dates), strict=True))
        backwards = reversed(tell_apart(with_dates[::-1]))
        assert forwards == dict(zip(with_dates, backwards, strict=True))


@pytest.fixture
def chosen(tmp_path: Path) -> Settings:
    chosen = settings_for(tmp_path)
    chosen.articles.mkdir()
    return chosen


def _table(*rows: tuple[str, str]) -> str:
    return "titre,texte\n" + "".join(f'{title},"{text}"\n' for title, text in rows)


def test_a_column_of_one_title_has_no_others_history(chosen: Settings) -> None:
    sun = ("Météo", "Le soleil brille sur la Brenne et le vent faiblit.")
    rain = ("Météo", "Des averses traversent le Berry, prudence aux abords des rivières.")
    snow = ("Météo", "Neige attendue dès jeudi en altitude, routes coupées.")
    file = chosen.articles / "a.csv"
    file.write_text(_table(rain, sun), "utf-8")
    build_folder(chosen, CountingEncoder())
    file.write_text(_table(snow, rain, sun), "utf-8")
    summary = build_folder(chosen, CountingEncoder())
    assert (summary.added, summary.changed, summary.removed, summary.unchanged) == (1, 0, 0, 2)
    # The last one goes: its title is another's now.
    file.write_text(_table(snow, rain), "utf-8")
    build_folder(chosen, CountingEncoder())
    corrected = (snow[0], snow[1].replace("jeudi", "vendredi"))
    file.write_text(_table(corrected, rain), "utf-8")
    build_folder(chosen, CountingEncoder())
    index = Index.open_current(chosen.index)
    for article in index.articles.every():
        for version in index.articles.versions(article.id):
            assert version.text.split()[0] == article.text.split()[0]
    index.close()


# Endings


@pytest.mark.parametrize(
    ("name", "content", "text"),
    [
        (
            "page.txt",
            "<!DOCTYPE html><html><body><article><h1>Un titre</h1>"
            f"<p>{PROSE}</p><p>{PROSE}</p></article></body></html>",
            PROSE,
        ),
        ("lettre.doc", docx([PROSE]), PROSE),
        ("lettre.zip", docx([PROSE]), PROSE),
        ("lettre.txt", docx([PROSE]), PROSE),
        ("lettre", docx([PROSE]), PROSE),
        ("archive.docx", packed({"a.txt": PROSE}), PROSE),
        (
            "imprimé.docx",
            pdf([[(60, 700, 11, "Un mot de la mairie.")]]),
            "Un mot de la mairie.",
        ),
        ("livre.zip", epub({"a.xhtml": f"<html><body><p>{PROSE}</p></body></html>"}), PROSE),
        ("flux.html", rss([{"title": "A", "description": PROSE}]), PROSE),
        ("liste.txt", json.dumps([{"titre": "A", "texte": PROSE}]), PROSE),
        (
            "lignes.txt",
            '{"titre": "A", "texte": "Un."}\n{"titre": "B", "texte": "Un."}\n',
            "Un.",
        ),
        ("courriel.txt", mail(PROSE, Message_ID="<1@x>"), PROSE),
        ("texte.html", PROSE, PROSE),
        ("sous-titres.txt", "1\n00:00:01,000 --> 00:00:02,000\nUn mot.\n", "Un mot."),
        ("lettre.doc", "{\\rtf1\\ansi Un mot de la mairie.}", "Un mot de la mairie."),
    ],
)
def test_what_a_file_is_is_told_by_what_it_holds(
    tmp_path: Path, name: str, content: bytes | str, text: str
) -> None:
    file = _file(tmp_path, name, content)
    assert find_article_files(tmp_path) == [file]
    articles, said = read_file(file)
    assert [one.reason for one in said] == []
    assert articles
    assert all(text in article.text for article in articles)


@pytest.mark.parametrize(
    "text",
    [
        "[Vidéo] La crue en Brenne.",
        "{Un mot} entre accolades.",
        "From: des nouvelles de la mairie\n\nIl pleut.",
        "< 3 % des voix, dit-il.",
        "De : moi\nÀ : toi\n\nIl pleut.",
        "1\n2\n3 -->",
    ],
)
def test_plain_text_is_plain_text(tmp_path: Path, text: str) -> None:
    assert _one(tmp_path, "a.txt", text).text == text


def test_endings_that_are_not_read_are_told_in_one_line(chosen: Settings) -> None:
    for name in (
        "a.txt",
        "page.html",
        "vieux.doc",
        "plus vieux.doc",
        "t.text",
        "sans",
        "photo.webm",
    ):
        (chosen.articles / name).write_text(PROSE, "utf-8")
    (chosen.articles / ".cache").write_text("x", "utf-8")
    (chosen.articles / "page_files").mkdir()
    (chosen.articles / "page_files" / "a.js").write_text("x", "utf-8")
    summary = build_folder(chosen, CountingEncoder())
    (line,) = summary.broken
    assert summary.articles == 2
    assert line.reason.startswith(
        "holds 5 files in no format that is read: .doc (2), .text, .webm, sans; "
    )
    again = build_folder(chosen, CountingEncoder())
    assert (again.written, again.broken) == (False, summary.broken)


# Words that are not seen, and every word


def test_soft_hyphens_are_kept_and_are_no_letters() -> None:
    article = read_one("07-text-soft-hyphen", "06-soft.txt")
    sentences = split_sentences(article.text, "fr")
    assert len(sentences) == 3
    assert "Ro\u00adsa\u00adlie Quint" in article.text


def test_every_sentence_of_a_markdown_file_is_accounted_for(tmp_path: Path) -> None:
    written = (
        "---\ntitre: Le pont\nrésumé: Un résumé à part.\n---\n\n"
        "# Le pont\n\nUn **mot** gras.\n\n"
        "| Ville | Voix |\n|---|---|\n| Lisle | 12 |\n| Varne | 14 |\n\n"
        "- pain\n- vin\n\n> « Enfin ! »\n\n<div>Un bloc à part.</div>\n\n"
        "![Une légende](a.png)\n\n"
        "Un mot<br>et un autre &amp; la suite \\*.\n\n    du code\n"
    )
    article = _one(tmp_path, "a.md", written)
    seen = (
        "Le pont\n\nUn mot gras.\n\nVille Voix\n\nLisle 12\n\nVarne 14\n\npain\n\nvin\n\n"
        "« Enfin ! »\n\nUn bloc à part.\n\nUne légende\n\nUn mot et un autre & la suite *."
        "\n\ndu code\n\nUn résumé à part."
    )
    assert lost_sentences(seen, [article]) == []


def test_every_line_of_subtitles_is_accounted_for(tmp_path: Path) -> None:
    written = (
        "1\n00:00:01,000 --> 00:00:02,000\nNORA : Le pont\n\nx\n00:00:03,000 --> 00:00:04,000\n"
        "est <i>fermé</i>.\n2\n00:00:05,000 --> 00:00:06,000\n- Oui.\n- Non.\n\n"
        "3\n00:00:xx,000 --> 00:00:07,000\nPerdu de vue.\n"
    )
    articles, said = read_file(_file(tmp_path, "a.srt", written))
    assert said == []
    seen = "Le pont est fermé.\n\nOui.\n\nNon.\n\nPerdu de vue."
    assert lost_sentences(seen, articles, by_line=False) == []
    article = articles[0]
    place = article.places_in(article.text.index("fermé"), article.text.index("fermé") + 1)[0]
    assert (place.time, place.speaker) == ("00:00:03", "NORA")


def test_captions_that_roll_up_are_read_once(tmp_path: Path) -> None:
    lines = [f"le mot numéro {n}" for n in range(8)]
    cues = "".join(
        f"00:00:0{n}.000 --> 00:00:0{n + 1}.000\n{lines[n - 1]}\n{lines[n]}\n\n"
        for n in range(1, 8)
    )
    article = _one(tmp_path, "a.vtt", f"WEBVTT\n\n{cues}")
    assert words_of(article.text) == words_of(" ".join(lines))


def test_the_folder_of_cases_has_only_what_is_told() -> None:
    assert {file.suffix for file in CASES.rglob("*.*")} & set(FORMATS)


def test_lines_above_a_table_are_no_names_of_columns(tmp_path: Path) -> None:
    table = (
        "Export du 12 mars ; 2 articles\n\nTitre;Texte\nUn;Le pont ferme.\n\nDeux;Il rouvre.\n"
    )
    articles, said = read_file(_file(tmp_path, "a.csv", table))
    assert said == []
    assert [(one.title, one.text) for one in articles] == [
        ("Un", "Le pont ferme."),
        ("Deux", "Il rouvre."),
    ]
    # As a spreadsheet counts them.
    assert [one.places[0].row for one in articles] == [4, 6]
    articles, _ = read_file(_file(tmp_path, "b.csv", f"sep=;\n{table.split(chr(10), 2)[2]}"))
    assert [one.places[0].row for one in articles] == [2, 4]
    # A first line that names columns is the head, whatever stands in the others.
    articles, (refused,) = read_file(
        _file(tmp_path, "c.csv", "titre;url\ntitre;texte\nUn;Deux\n")
    )
    assert articles == []
    assert "has no column for the text" in refused.reason


def test_a_headline_of_several_forms(tmp_path: Path) -> None:
    headline = {"main": "Le pont ferme", "kicker": "Varne"}
    article = _one(tmp_path, "a.json", json.dumps([{"headline": headline, "body": PROSE}]))
    assert article.title == "Le pont ferme"


def test_a_sign_that_is_none_is_left_out(tmp_path: Path) -> None:
    article = _one(tmp_path, "a.json", json.dumps([{"titre": "Un", "texte": f"A\0 {PROSE}"}]))
    assert article.text == f"A {PROSE}"


def test_authors_in_brackets_beside_a_title_that_is_no_yaml(tmp_path: Path) -> None:
    front = '---\ntitle: Crue : le point\nauthors: [Nora Vidal, "Hugo Pré"]\n---\n'
    article = _one(tmp_path, "a.md", f"{front}\n{PROSE}\n")
    assert (article.title, article.author) == ("Crue : le point", "Nora Vidal, Hugo Pré")


def test_a_signature_in_a_mail_of_flowing_lines(tmp_path: Path) -> None:
    body = "La piscine \nferme lundi.\n-- \nNora Vidal\n"
    content = mail(body, "text/plain; charset=utf-8; format=flowed")
    article = _one(tmp_path, "a.eml", content)
    assert article.text == "La piscine ferme lundi."
    assert [(one.kind, one.text) for one in article.left_out] == [
        (LeftOutKind.FOOTER, "Nora Vidal")
    ]
