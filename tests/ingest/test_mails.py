"""Mails as people have them: in any charset, and what they answer is left out and told."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.formats.mail_replies import split_reply, split_reply_page
from rag.types.provenance import LeftOutKind
from tests.ingest.case_files import one_in, read_one
from tests.ingest.every_word import words_of
from tests.ingest.format_files import mail


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
    assert one_in(tmp_path, "a.eml", content).text == "L’été à Nîmes : 42 degrés, l’œuvre."


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


def test_a_signature_in_a_mail_of_flowing_lines(tmp_path: Path) -> None:
    body = "La piscine \nferme lundi.\n-- \nNora Vidal\n"
    content = mail(body, "text/plain; charset=utf-8; format=flowed")
    article = one_in(tmp_path, "a.eml", content)
    assert article.text == "La piscine ferme lundi."
    assert [(one.kind, one.text) for one in article.left_out] == [
        (LeftOutKind.FOOTER, "Nora Vidal")
    ]
