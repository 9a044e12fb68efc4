"""When a quote is, how sure it is and whose words, on every path that shows it."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterator

import pytest

from rag.answering.answer_json import answer_to_json
from rag.answering.answer_rows import rows_of
from rag.answering.assistant import Assistant
from rag.answering.quote_moments import moments_line
from rag.answering.snapshot import Snapshot
from rag.cli.output import print_answer
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.types import Answer
from rag.ui.answer_message import render_answer
from tests.fakes import CountingEncoder, make_article, settings_for

ENGAGED = "Le 13 juillet dernier, Wika a été demandée en fiançailles <ici>."
HISTORY = "Le pont fut fermé en juin, rouvert le 3 juillet 2024 et repeint l’an dernier."
RUMOUR = "Le loup aurait mangé la chèvre de Séguin."
SPOKEN = "« Le meunier a perdu son grand sac », explique la mairesse, Odile Roy."
ARTICLE = make_article(
    f"{ENGAGED} {HISTORY} Le chat dort. {RUMOUR} {SPOKEN}",
    "wika.txt",
    date=datetime.date(2025, 8, 15),
)


@pytest.fixture(scope="module")
def snapshot(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Snapshot]:
    chosen = settings_for(tmp_path_factory.mktemp("moments"))
    build(article_sources([ARTICLE]), chosen, CountingEncoder())
    with Assistant(chosen, CountingEncoder()).snapshot() as opened:
        yield opened


def asked(snapshot: Snapshot, sentence: str) -> Answer:
    answer = snapshot.ask(sentence)
    (citation,) = (one for one in answer.shown() if one.quote.text == sentence)
    return Answer(sentence, "fr", (citation,), None, 1.0)


def test_programs_get_the_words_their_place_and_their_days(snapshot: Snapshot) -> None:
    answer = asked(snapshot, HISTORY)
    (quote,) = answer_to_json(answer, snapshot.overview())["quotes"]
    told = [(one["text"], one["first"], one["last"]) for one in quote["moments"]]
    assert told == [
        ("en juin", "2025-06-01", "2025-06-30"),
        ("3 juillet 2024", "2024-07-03", "2024-07-03"),
        ("l’an dernier", "2024-01-01", "2024-12-31"),
    ]
    for one in quote["moments"]:
        assert ARTICLE.text[one["start"] : one["end"]] == one["text"]
        assert quote["start"] <= one["start"] < one["end"] <= quote["end"]


def test_a_table_has_them_in_a_column(snapshot: Snapshot) -> None:
    (row,) = rows_of(1, asked(snapshot, ENGAGED), snapshot.overview())
    assert row.moments == "13 juillet dernier: 2025-07-13/2025-07-13"


def test_readers_are_told_what_the_words_do_not_say_themselves(
    snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    (citation,) = asked(snapshot, HISTORY).citations
    expected = "«\u202fen juin\u202f» = juin 2025 · «\u202fl’an dernier\u202f» = 2024"
    assert moments_line(citation, "fr") == expected
    assert moments_line(citation, "en") == "“en juin” = June 2025 · “l’an dernier” = 2024"
    print_answer(asked(snapshot, HISTORY), snapshot.overview())
    assert f"    {expected}\n" in capsys.readouterr().out


def test_the_page_shows_them_below_the_quote(snapshot: Snapshot) -> None:
    answer = asked(snapshot, ENGAGED)
    page = str(render_answer(answer, snapshot.overview(), {}, "fr"))
    assert "13 juillet dernier\u202f» = 13 juillet 2025" in html.unescape(page)
    plain = asked(snapshot, "Le chat dort.")
    assert 'class="modality"' not in page
    assert 'class="when"' not in str(render_answer(plain, snapshot.overview(), {}, "fr"))


def test_a_rumour_is_marked_everywhere(
    snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asked(snapshot, RUMOUR)
    (quote,) = answer_to_json(answer, snapshot.overview())["quotes"]
    (mark,) = quote["modality"]
    assert (mark["kind"], mark["text"]) == ("conditional", "aurait mangé")
    assert ARTICLE.text[mark["start"] : mark["end"]] == mark["text"]
    (row,) = rows_of(1, answer, snapshot.overview())
    assert row.modality == "conditional"
    print_answer(answer, snapshot.overview())
    assert "    au conditionnel\n" in capsys.readouterr().out
    page = str(render_answer(answer, snapshot.overview(), {}, "en"))
    assert '<p class="modality">in the conditional</p>' in page


def test_whose_words_a_quote_tells_is_said_everywhere(
    snapshot: Snapshot, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = asked(snapshot, SPOKEN)
    (quote,) = answer_to_json(answer, snapshot.overview())["quotes"]
    (speaker,) = quote["said_by"]
    assert speaker["text"] == "Odile Roy"
    assert speaker["role"]["text"] == "la mairesse"
    for one in (speaker, speaker["role"]):
        assert ARTICLE.text[one["start"] : one["end"]] == one["text"]
    (row,) = rows_of(1, answer, snapshot.overview())
    assert row.said_by == "Odile Roy, la mairesse"
    print_answer(answer, snapshot.overview())
    assert ": Odile Roy, la mairesse\n" in capsys.readouterr().out
    page = html.unescape(str(render_answer(answer, snapshot.overview(), {}, "en")))
    assert '<p class="said-by">Words of: Odile Roy, la mairesse</p>' in page
    plain = str(render_answer(asked(snapshot, RUMOUR), snapshot.overview(), {}, "fr"))
    assert "said-by" not in plain
