"""What tells the articles of one file apart: their keys, whatever comes or goes beside them."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from rag.config import Settings
from rag.index import Index
from rag.ingest.formats.member_keys import Keys, Named, tell_apart
from rag.library.build import build_folder
from tests.fakes import CountingEncoder


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
