import dataclasses
import datetime as dt
import re
import string
from collections.abc import Mapping

import pytest

from rag.answering.answer_texts import abstention_message, example_question
from rag.types import Abstention, Detail, Overview, Reason
from rag.ui.texts import ENGLISH, FRENCH, TEXTS

NARROW = "\N{NARROW NO-BREAK SPACE}"
WIDE = "\N{NO-BREAK SPACE}"
OVERVIEW = Overview(
    generation="one",
    built_at=dt.datetime(2025, 9, 1, tzinfo=dt.UTC),
    model="fake",
    articles=2,
    passages=2,
    sentences=2,
    first_date=dt.date(2024, 3, 1),
    last_date=dt.date(2025, 8, 15),
    languages=(),
    sources=(),
    broken=(),
)


def words_of(language: str) -> dict[str, str]:
    """Every string of a language by where it is: "filters.apply", "masthead.articles.none"."""
    found: dict[str, str] = {}

    def walk(place: str, value: object) -> None:
        if isinstance(value, str):
            found[place] = value
        elif isinstance(value, Mapping):
            for key, inside in value.items():
                walk(f"{place}.{key}", inside)
        else:
            for field in dataclasses.fields(value):  # type: ignore[arg-type]
                walk(f"{place}.{field.name}".lstrip("."), getattr(value, field.name))

    walk("", TEXTS[language])
    return found


NAMES = list(words_of(FRENCH))
# Stands between groups of digits.
SPACE = "statistics.thousands"


def refusals(language: str) -> list[str]:
    abstentions = [
        Abstention(reason, ("mot",), ("1999",), detail)
        for reason in Reason
        for detail in (Detail if reason is Reason.DETAIL_NOT_FOUND else [None])
    ]
    return [abstention_message(one, OVERVIEW, language) for one in abstentions]


def fields_of(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def french_mistakes(text: str) -> list[str]:
    """Each sign of ``text`` that lacks its no-break space."""
    narrow = re.finditer(f"(?<!{NARROW})[;!?»%]|«(?!{NARROW})", text)
    wide = re.finditer(f"(?<!{WIDE}):", text)
    return [match[0] for match in (*narrow, *wide)]


def test_there_are_french_and_english() -> None:
    assert set(TEXTS) == {FRENCH, ENGLISH} == {"fr", "en"}
    assert words_of(FRENCH).keys() == words_of(ENGLISH).keys()
    assert len(NAMES) > 200


@pytest.mark.parametrize("language", TEXTS)
def test_no_text_is_missing(language: str) -> None:
    assert [
        name for name, text in words_of(language).items() if not text.strip() and name != SPACE
    ] == []


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_have_the_same_fields(name: str) -> None:
    assert fields_of(words_of(FRENCH)[name]) == fields_of(words_of(ENGLISH)[name])


@pytest.mark.parametrize(
    ("text", "mistakes"),
    [
        (f"Quoi{NARROW}? Oui{NARROW}! «{NARROW}Non{NARROW}»{WIDE}: 5{NARROW}%", []),
        ("Quoi ?", ["?"]),
        ("Oui!", ["!"]),
        (f"Oui{WIDE}; non", [";"]),
        (f"« Non{NARROW}»", ["«"]),
        ("ici : là", [":"]),
        (f"ici{NARROW}: là", [":"]),
    ],
)
def test_french_mistakes_are_noticed(text: str, mistakes: list[str]) -> None:
    assert french_mistakes(text) == mistakes


@pytest.mark.parametrize("name", NAMES)
def test_french_typography_of_the_page(name: str) -> None:
    assert french_mistakes(words_of(FRENCH)[name]) == []


def test_french_typography_of_refusals_and_examples() -> None:
    written = [*refusals(FRENCH), example_question("Wika", FRENCH)]
    assert [text for text in written if french_mistakes(text)] == []


def test_english_puts_no_space_before_a_sign() -> None:
    written = [*words_of(ENGLISH).values(), *refusals(ENGLISH)]
    assert [text for text in written if re.search(r"\s[;:!?%]", text)] == []


@pytest.mark.parametrize("language", TEXTS)
def test_apostrophes_are_typographic(language: str) -> None:
    written = [*words_of(language).values(), *refusals(language)]
    assert [text for text in written if "'" in text] == []


@pytest.mark.parametrize(
    ("count", "french", "english"),
    [
        (0, "Aucun article pour l’instant", "No article yet"),
        (1, "1 article", "1 article"),
        (2, "2 articles", "2 articles"),
    ],
)
def test_articles_are_counted_in_words(count: int, french: str, english: str) -> None:
    assert TEXTS[FRENCH].masthead.articles(count) == french
    assert TEXTS[ENGLISH].masthead.articles(count) == english
