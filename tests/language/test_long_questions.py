"""Long questions, near spellings, and whose a thing is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.language.attachments import belongings, belongs_to_another
from rag.language.long_questions import LONGEST, in_small_letters, shorten
from rag.language.questions import understand
from rag.language.spelling import near_spelling

PASTED = (
    "Le 13 juillet dernier, le pont de Brenne a été rouvert par la maire Édith Coran devant "
    "six cents habitants. Les travaux ont duré onze mois et coûté 2,4 millions d’euros. "
)


def test_what_is_short_enough_stays_as_it_is() -> None:
    assert shorten("Qui a rouvert le pont ?") == "Qui a rouvert le pont ?"
    assert shorten("x" * LONGEST) == "x" * LONGEST


def test_what_is_pasted_many_times_is_asked_once() -> None:
    assert (
        shorten("Qui a rouvert le pont de Brenne " * 300) == "Qui a rouvert le pont de Brenne"
    )
    cut = ("Qui a rouvert le pont de Brenne " * 400)[:10_000]
    assert shorten(cut) == "Qui a rouvert le pont de Brenne"
    assert shorten(PASTED * 6) == PASTED.strip()


def test_of_a_long_text_the_questions_are_kept() -> None:
    many = " ".join(f"{PASTED.strip()} Ligne {number}." for number in range(20))
    short = shorten(f"{many} Qui est le maire ? {many} Combien a coûté le pont ?")
    assert len(short) <= LONGEST
    assert "Qui est le maire ?" in short
    assert short.endswith("Combien a coûté le pont ?")
    assert short.startswith("Le 13 juillet dernier")


def test_what_has_no_end_is_cut_between_words() -> None:
    words = " ".join(f"mot{number}" for number in range(2_000))
    short = shorten(words)
    assert len(short) <= LONGEST
    assert words.startswith(short + " ")
    assert shorten("a" * 10_000) == "a" * LONGEST


@given(st.text(alphabet="ab ?.\n«»’é", max_size=3_000))
def test_what_is_asked_is_never_too_long_and_stays_so(question: str) -> None:
    short = shorten(question)
    assert len(short) <= max(LONGEST, 0)
    assert shorten(short) == short


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("QUI A ROUVERT LE PONT DE BRENNE ?", "Qui a rouvert le pont de brenne ?"),
        ("Qui a rouvert le pont de Brenne ?", "Qui a rouvert le pont de Brenne ?"),
        ("SNCF", "SNCF"),
        ("La SNCF et la RATP", "La SNCF et la RATP"),
    ],
)
def test_capitals_are_read_as_small_letters(written: str, read: str) -> None:
    assert in_small_letters(written) == read


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Kesler", "Kessler"),
        ("kessler", None),
        ("Coram", "Coran"),
        ("Corna", "Coran"),
        ("Villars-sur-Orne", None),
        ("Ansart", None),
        ("Xyz", None),
        ("Broceliandhe", "Brocéliande"),
        ("Brosseliande", "Brocéliande"),
        ("Zanzibar", None),
    ],
)
def test_near_spellings(written: str, meant: str | None) -> None:
    known = ["Keller", "Kessler", "Coran", "Édith", "Ansart", "Brocéliande", "pont", "XYZ"]
    assert near_spelling(written, known) == meant


def test_whose_a_thing_is() -> None:
    said = belongings("Le club d’échecs de Varne compte 37 membres.")
    assert ("club", "varn") in said
    asked = belongings("Combien de membres compte le club d'échecs de Lens ?")
    assert belongs_to_another(asked, "Le club d’échecs de Varne compte 37 membres.")
    assert not belongs_to_another(asked, "Le club d’échecs de Lens compte 12 membres.")
    assert not belongs_to_another(asked, "Le club de Varne a battu celui de Lens.")
    assert not belongs_to_another(asked, "Le maire de Varne est venu.")
    assert not belongs_to_another(frozenset(), "Le maire de Varne est venu.")
    of_france = belongings("Qui est le président de la France ?")
    assert not belongs_to_another(of_france, "Le président de la République est venu.")


def test_words_that_ask_are_told_from_what_is_asked() -> None:
    assert "passe" in understand("Que s’est-il passé en juin dernier ?").asking
    assert "age" in understand("Quel âge a Wanda Kessler ?").asking
    assert understand("Combien de passagers ont passé la frontière ?").asking == {
        "nombre",
        "number",
    }


@pytest.mark.parametrize(
    ("question", "first", "last"),
    [
        ("Que s’est-il passé le 20 juin 2025 ?", "2025-06-20", "2025-06-20"),
        ("Que s’est-il passé le 1er juin 2025 ?", "2025-06-01", "2025-06-01"),
        ("Que s'est-il produit en février 2024 ?", "2024-02-01", "2024-02-29"),
        ("Qu'est-il arrivé le 20/06/2025 ?", "2025-06-20", "2025-06-20"),
        ("What happened on June 20, 2025?", "2025-06-20", "2025-06-20"),
    ],
)
def test_the_days_of_a_question(question: str, first: str, last: str) -> None:
    asked = understand(question)
    (days,) = asked.days
    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)
    assert asked.asks_what_happened


@pytest.mark.parametrize(
    "question",
    [
        "Que s’est-il passé à Brenne le 20 juin 2025 ?",
        "Que s’est-il passé ?",
        "le 20 juin 2025",
    ],
)
def test_what_asks_for_more_than_a_day_is_searched(question: str) -> None:
    assert not understand(question).asks_what_happened


def test_a_few_words_are_no_question() -> None:
    assert understand("Édith").is_keywords
    assert understand("Édith Coran").is_keywords
    assert not understand("Qui est Édith Coran").is_keywords
    assert not understand("Édith ?").is_keywords
    assert not understand("?").is_keywords
