"""What tells the articles of one file apart: their keys, whatever comes or goes beside them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.ingest.formats.member_keys import Keys, Named, tell_apart


@settings(deadline=None)
@given(st.lists(st.tuples(st.none() | st.text(max_size=200), st.none() | st.text(max_size=5))))
def test_keys_are_lines_and_never_twice(named: list[tuple[str | None, str | None]]) -> None:
    made = tell_apart(
        Named.of(identifier, None, title, None, "texte") for identifier, title in named
    )
    keys = Keys()
    as_they_come = [keys.of(identifier, None, title, "texte") for identifier, title in named]
    assert len(set(as_they_come)) == len(as_they_come)
    assert len(set(made)) == len(made)
    assert all(key and key.isprintable() and len(key) < 140 for key in made)
