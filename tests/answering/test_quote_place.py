"""Every quote knows where in its file it stands: page, row, time; wherever it is told."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.answering.answer_file import Answered
from rag.answering.answer_json import answer_to_json, hit_to_json
from rag.answering.answer_rows import rows_of
from rag.answering.assistant import Assistant
from rag.answering.conversations import Turn, read_turn, write_turn
from rag.answering.quote_place import place_line
from rag.answering.snapshot import Snapshot
from rag.cli.output import print_answer
from rag.library.build import build_folder
from rag.types import Answer, Article, Citation, Filters, Quote
from rag.types.provenance import Place, PlaceKind
from rag.ui.answer_message import render_answer
from tests.fakes import CountingEncoder, settings_for
from tests.ingest.page_reading import Page
from tests.ingest.pdf_pages import Paper

NOON = dt.datetime(2025, 9, 2, 12, tzinfo=dt.UTC)
FILLING = "Le conseil a siégé longtemps. La salle était pleine. Personne ne partait."
LIGHTHOUSE = "Le phare de Kermor a coûté douze millions."
MILL = "Le moulin de Varne moud encore du seigle."
FERRY = "Le bac de Lann traverse la rivière à midi."


def paper() -> bytes:
    made = Paper()
    made.words(60, 80, "Une vieille affaire", 18)
    for number, line in enumerate(FILLING.split(". ")):
        made.words(60, 120 + 14 * number, line.rstrip(".") + ".")
    made.add_page()
    made.words(60, 80, LIGHTHOUSE)
    return made.content()


def write_files(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "phare.pdf").write_bytes(paper())
    rows = [("titre", "chapo", "texte"), ("Un", "", FILLING), ("Deux", "Du pain.", MILL)]
    with (folder / "moulins.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    (folder / "bac.srt").write_text(
        f"1\n00:00:01,000 --> 00:00:04,000\n{FILLING}\n\n"
        f"2\n00:12:31,400 --> 00:12:35,000\nClaire Morel: {FERRY}\n"
    )


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    chosen = settings_for(tmp_path_factory.mktemp("places"))
    write_files(chosen.articles)
    build_folder(chosen, CountingEncoder())
    with Assistant(chosen, CountingEncoder()).snapshot() as opened:
        yield opened


def asked(snapshot: Snapshot, sentence: str) -> Answer:
    """An answer that shows ``sentence``, as the index has it."""
    answer = snapshot.ask(sentence)
    (citation,) = (one for one in answer.shown() if sentence in one.quote.text)
    article = snapshot.article(citation.article.id)
    assert article.text[citation.quote.start : citation.quote.end] == citation.quote.text
    return Answer(sentence, "fr", (citation,), None, 1.0, answer.hits)


WHERE = pytest.mark.parametrize(
    ("sentence", "told", "known"),
    [
        (LIGHTHOUSE, "p. 2", {"page": 2, "last_page": 2}),
        (MILL, "ligne 3", {"row": 3}),
        (FERRY, "00:12:31, Claire Morel", {"time": "00:12:31", "speaker": "Claire Morel"}),
    ],
)


@WHERE
def test_programs_and_tables(
    snapshot: Snapshot, tmp_path: Path, sentence: str, told: str, known: dict[str, object]
) -> None:
    answer = asked(snapshot, sentence)
    (quote,) = answer_to_json(answer, snapshot.overview())["quotes"]
    text = snapshot.article(quote["article_id"]).text
    assert text[quote["start"] : quote["end"]] == quote["text"]
    assert {name: quote[name] for name in ("page", "last_page", "row", "time", "speaker")} == {
        **dict.fromkeys(("page", "last_page", "row", "time", "speaker")),
        **known,
    }
    (row,) = rows_of(1, answer, snapshot.overview())
    assert text[row.start : row.end] == row.quote
    expected = {name: "" if value is None else value for name, value in quote.items()}
    assert (row.page, row.time, row.speaker) == (
        str(expected["page"]),
        expected["time"],
        expected["speaker"],
    )
    assert (row.row, row.part) == (quote["row"], quote["part"])
    with Answered(out := tmp_path / "answers.csv", "these") as kept:
        kept.add([row])
        kept.finish(",")
    with out.open(encoding="utf-8-sig", newline="") as file:
        (line,) = csv.DictReader(file)
    assert (line["page"], line["time"]) == (row.page, row.time)
    assert line["row"] == ("" if row.row is None else str(row.row))


@WHERE
def test_readers_of_the_page_and_of_the_terminal(
    snapshot: Snapshot,
    capsys: pytest.CaptureFixture[str],
    sentence: str,
    told: str,
    known: dict[str, object],
) -> None:
    answer = asked(snapshot, sentence)
    (caption,) = Page(render_answer(answer, snapshot.overview(), {}, "fr")).all("figcaption")
    assert caption.words.endswith(f" · {told}")
    print_answer(answer, snapshot.overview())
    assert capsys.readouterr().out.rstrip().endswith(f" · {told}")


@WHERE
def test_a_conversation_that_was_kept(
    snapshot: Snapshot, sentence: str, told: str, known: dict[str, object]
) -> None:
    answer = asked(snapshot, sentence)
    turn = read_turn(write_turn(Turn(answer, snapshot.overview(), NOON, {}, Filters())))
    assert turn is not None
    (citation,) = turn.answer.citations
    assert place_line(citation, "fr") == told
    quote = citation.quote
    assert citation.article.text[quote.start : quote.end] == quote.text
    assert citation.place == answer.citations[0].place


def test_passages_that_are_found(snapshot: Snapshot) -> None:
    hits = snapshot.search(MILL, count=1)
    (found,) = (hit_to_json(one, snapshot.article(one.passage.article_id)) for one in hits)
    assert (found["row"], found["part"]) == (3, "standfirst")


def test_a_row_added_on_top_moves_the_others_and_changes_none(tmp_path: Path) -> None:
    chosen = settings_for(tmp_path)
    write_files(chosen.articles)
    build_folder(chosen, CountingEncoder())
    file = chosen.articles / "moulins.csv"
    head, rest = file.read_text("utf-8").split("\n", 1)
    file.write_text(f"{head}\nZéro,,{FERRY}\n{rest}", "utf-8")
    encoder = CountingEncoder()
    summary = build_folder(chosen, encoder)
    assert (summary.added, summary.changed, summary.removed) == (1, 0, 0)
    assert not [text for text in encoder.passages if MILL in text]
    with Assistant(chosen, CountingEncoder()).snapshot() as snapshot:
        assert asked(snapshot, MILL).citations[0].place.row == 3 + 1
        (line,) = (one for one in snapshot.list_articles().lines if one.title == "Deux")
        assert snapshot.versions(line.id) == ()


def cited(text: str, places: tuple[Place, ...], start: int, end: int) -> Citation:
    article = Article("id", "a.pdf", text, "Titre", "0", places=places)
    return Citation(1, Quote("id", text[start:end], start, end, start, end, 1.0), article)


def first(kind: PlaceKind, **where: int | str) -> Callable[[str], str]:
    place = Place(0, 4, kind, **where)  # type: ignore[arg-type]
    return lambda language: place_line(cited("Oui.", (place,), 0, 4), language)


@pytest.mark.parametrize(
    ("told", "french", "english"),
    [
        (first(PlaceKind.PARAGRAPH), "", ""),
        (first(PlaceKind.PARAGRAPH, row=34), "ligne 34", "row 34"),
        (first(PlaceKind.TABLE, row=3), "tableau, ligne 3", "table, row 3"),
        (first(PlaceKind.TABLE, page="A4", row=3), "p. A4, tableau, ligne 3",
         "p. A4, table, row 3"),
        (first(PlaceKind.CAPTION, page=12), "p. 12, légende", "p. 12, caption"),
        (first(PlaceKind.DOUBTFUL, page=12), "lecture incertaine\u00a0: «\u202fOui.\u202f»",
         "uncertain reading: “Oui.”"),
    ],
)  # fmt: skip
def test_a_place_in_words(told: Callable[[str], str], french: str, english: str) -> None:
    assert (told("fr"), told("en")) == (french, english)


def test_a_quote_over_two_pages_or_of_two_voices() -> None:
    text = "Une phrase coupée."
    pages = (
        Place(0, 10, PlaceKind.PARAGRAPH, page=12),
        Place(4, 10, PlaceKind.DOUBTFUL, page=12),
        Place(11, 18, PlaceKind.PARAGRAPH, page=13),
    )
    citation = cited(text, pages, 0, 18)
    uncertain = "lecture incertaine\u00a0: «\u202fphrase\u202f»"
    assert place_line(citation, "fr") == f"p. 12-13, {uncertain}"
    assert [text[start:end] for start, end in citation.place.doubtful] == ["phrase"]
    voices = (
        Place(0, 10, PlaceKind.SPEECH, time="00:00:01", speaker="Une"),
        Place(11, 18, PlaceKind.SPEECH, time="00:00:04", speaker="Autre"),
    )
    assert place_line(cited(text, voices, 0, 18), "fr") == "00:00:01"
    assert place_line(cited(text, voices, 11, 18), "fr") == "00:00:04, Autre"


@given(st.data())
def test_a_place_is_that_of_the_words_it_shares(data: st.DataObject) -> None:
    lengths = data.draw(st.lists(st.integers(1, 9), min_size=1, max_size=6))
    ends = [sum(lengths[: number + 1]) for number in range(len(lengths))]
    places = tuple(
        Place(end - length, end, PlaceKind.PARAGRAPH, page=number)
        for number, (end, length) in enumerate(zip(ends, lengths, strict=True), 1)
    )
    start = data.draw(st.integers(0, ends[-1] - 1))
    end = data.draw(st.integers(start + 1, ends[-1]))
    place = cited("x" * ends[-1], places, start, end).place
    assert place.page == next(one.page for one in places if one.end > start)
    assert place.last_page == next(one.page for one in places if one.end >= end)
