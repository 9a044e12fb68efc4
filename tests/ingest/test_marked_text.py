"""Texts with places: offsets that follow the text through every step."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.ingest.formats.marked_text import MarkedText, tidy, tidy_with_places
from rag.types.provenance import LeftOutKind, Place, PlaceKind, left_out_words

_WRITTEN = st.text("aeéE \r\n\u0301\u0323\u00ad\u1100\u1161\u11a8«»", max_size=30)


def test_paragraphs_and_their_places() -> None:
    marked = MarkedText()
    marked.add("Un chapeau.", PlaceKind.STANDFIRST)
    assert marked.add(" \r\n") is None
    marked.add("Premier alinéa.")
    marked.add(" 2024 · 1 510\r\n", PlaceKind.TABLE, page=3, row=2)
    assert marked.text == "Un chapeau.\n\nPremier alinéa.\n\n2024 · 1 510"
    assert marked.places == (
        Place(0, 11, PlaceKind.STANDFIRST),
        Place(30, 42, PlaceKind.TABLE, page=3, row=2),
    )


def test_what_is_left_out_is_counted_by_kind() -> None:
    marked = MarkedText()
    marked.leave_out(LeftOutKind.FOOTER, "Page 1\n sur 2")
    marked.leave_out(LeftOutKind.FOOTER, "Page 2 sur 2")
    marked.leave_out(LeftOutKind.HEADER, " — ")
    assert [one.text for one in marked.left_out] == ["Page 1 sur 2", "Page 2 sur 2"]
    assert left_out_words(marked.left_out) == {LeftOutKind.FOOTER: 8}


@given(st.lists(_WRITTEN, max_size=5))
def test_what_was_put_together_is_tidy(written: list[str]) -> None:
    marked = MarkedText()
    for number, one in enumerate(written):
        place = marked.add(one, row=number)
        if place is not None:
            words = marked.text[place.start : place.end]
            assert words.split() == tidy(one).split()
    assert tidy(marked.text) == marked.text


@given(_WRITTEN, st.integers(0, 30), st.integers(0, 30))
def test_places_follow_the_text(written: str, start: int, length: int) -> None:
    start = min(start, len(written))
    end = min(start + length, len(written))
    text, (place,) = tidy_with_places(written, [Place(start, end, PlaceKind.BOX)])
    assert text == tidy(written)
    assert 0 <= place.start <= place.end <= len(text)
    marked = written[start:end]
    if marked.isalpha() and (not written[end:] or written[end:][0] in "a «"):
        assert text[place.start : place.end].endswith(tidy(marked)[-1:])
    before = written[:start]
    if before and before[-1] in " «" and written[start:][:1] in ("a", "«", "E"):
        assert text[: place.start] == tidy(before)
