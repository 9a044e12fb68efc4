"""The page of evaluation: its runs, what it keeps, and what it shows."""

from __future__ import annotations

import dataclasses
import functools
import html
import json
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.errors import EvaluationError
from rag.evaluation import Calibration, Point, Report, load_report
from rag.evaluation.calibration import Bin
from rag.evaluation.compare import Change
from rag.evaluation.scores import STATISTICS
from rag.evaluation.table import LABELS
from rag.library.build import build_folder
from rag.ui.evaluation_page import render_evaluation
from rag.ui.evaluation_plots import render_curve, render_reliability
from rag.ui.evaluation_runs import Evaluations, Progress, gold_asker
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import WIKA, WIKA_CITATIONS, FakeAssistant
from tests.browser.serving import app_over, routes_over
from tests.evaluation.fake_gold import FEW_RESAMPLES, GOLD, ask_fake, write_gold
from tests.fakes import CountingEncoder, settings_for, write_articles
from tests.ingest.page_reading import Page

NAME = "exemple.jsonl"
HERE = "http://127.0.0.1"
KINDS = ("good", "bad")


evaluations_of = functools.partial(Evaluations, resamples=FEW_RESAMPLES)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """The folder of kept reports."""
    return tmp_path / "kept"


@pytest.fixture
def evaluations(tmp_path: Path, kept: Path) -> Evaluations:
    write_gold(tmp_path / "gold")
    return evaluations_of(tmp_path / "gold", kept, ask_fake)


@pytest.fixture
def client(evaluations: Evaluations) -> Iterator[TestClient]:
    app = routes_over(FakeAssistant(), evaluations=evaluations)
    with TestClient(app, base_url=HERE, follow_redirects=False) as opened:
        yield opened


def run(evaluations: Evaluations, name: str = NAME) -> None:
    evaluations.start(name)
    evaluations.wait()


def shown(evaluations: Evaluations, language: str = "fr") -> Page:
    written = render_evaluation(evaluations, None, language, "/static")
    return Page(re.sub(r"<!doctype html>|<script.*?</script>", "", written))


def test_a_run_gives_a_result_that_outlives_a_restart(
    evaluations: Evaluations, kept: Path
) -> None:
    assert evaluations.result(NAME) is None
    run(evaluations)
    result = evaluations.result(NAME)
    assert result is not None
    assert result.report.overall.counts.questions == len(GOLD)
    assert result.comparison is None
    again = evaluations_of(evaluations.folder, kept, ask_fake).result(NAME)
    assert again is not None
    assert again.report == result.report


def test_a_second_run_is_compared_with_the_first(evaluations: Evaluations, kept: Path) -> None:
    run(evaluations)
    evaluations.result(NAME)

    def worse(
        gold: Path, on_started: Callable[[int], None], on_asked: Callable[[], None]
    ) -> Report:
        report = ask_fake(gold, on_started, on_asked)
        first, *others = report.outcomes
        wrong = dataclasses.replace(first.quotes[0], right=False)
        changed = dataclasses.replace(first, quotes=(wrong, *first.quotes[1:]))
        return dataclasses.replace(report, outcomes=(changed, *others))

    second = evaluations_of(evaluations.folder, kept, worse)
    run(second)
    result = second.result(NAME)
    assert result is not None
    assert result.comparison is not None
    assert [(one.change, one.new.id) for one in result.comparison.questions] == [
        (Change.NOW_WRONG, "a")
    ]
    page = shown(second)
    assert f"{TEXTS['fr'].evaluation.changes['right to wrong']} {WIKA}" in page.words


def test_one_run_at_a_time_which_tells_how_far_it_is(
    evaluations: Evaluations, kept: Path
) -> None:
    asked, may_go_on = threading.Event(), threading.Event()

    def held(
        gold: Path, on_started: Callable[[int], None], on_asked: Callable[[], None]
    ) -> Report:
        def hold() -> None:
            on_asked()
            asked.set()
            assert may_go_on.wait(60)

        return ask_fake(gold, on_started, hold)

    evaluations = evaluations_of(evaluations.folder, kept, held)
    evaluations.start(NAME)
    assert asked.wait(60)
    assert evaluations.progress() == Progress(NAME, 1, len(GOLD))
    page = shown(evaluations)
    assert TEXTS["fr"].evaluation.running.format(done=1, total=len(GOLD)) in page.words
    assert all("disabled" in one.attributes for one in page.all("button"))
    with pytest.raises(EvaluationError, match="is being evaluated"):
        evaluations.start(NAME)
    may_go_on.set()
    evaluations.wait()
    assert evaluations.progress() is None


def test_a_run_ends_with_the_program_and_keeps_nothing(evaluations: Evaluations) -> None:
    evaluations.stop()
    run(evaluations)
    assert (evaluations.result(NAME), evaluations.failure(NAME)) == (None, None)


def test_what_is_no_gold_file_is_told(evaluations: Evaluations) -> None:
    for name in ("none.jsonl", "../exemple.jsonl", ""):
        with pytest.raises(EvaluationError, match="there is no gold file"):
            evaluations.start(name)
    (evaluations.folder / NAME).write_text('{"id": "<b>"}', "utf-8")
    run(evaluations)
    page = shown(evaluations)
    assert page.words.count(str(evaluations.failure(NAME))) == 1
    assert "'question' is missing" in page.words


def test_a_kept_report_that_is_damaged_is_as_none(evaluations: Evaluations, kept: Path) -> None:
    run(evaluations)
    (report,) = kept.glob("*.json")
    report.write_text('{"questions": []}', "utf-8")
    assert evaluations_of(evaluations.folder, kept, ask_fake).result(NAME) is None


def test_a_report_is_read_back_whole(evaluations: Evaluations, tmp_path: Path) -> None:
    run(evaluations)
    result = evaluations.result(NAME)
    assert result is not None
    file = tmp_path / "report.json"
    file.write_text(json.dumps(result.report.to_json()), "utf-8")
    assert load_report(file, FEW_RESAMPLES) == result.report
    assert len(result.report.to_json()["calibration"]["bins"]) == 10
    assert result.report.to_json()["abstention_curve"][-1]["answered"] == 1


@pytest.mark.parametrize("language", TEXTS)
def test_the_page_shows_measures_questions_and_plots(
    evaluations: Evaluations, language: str
) -> None:
    run(evaluations)
    page, texts = shown(evaluations, language), TEXTS[language]
    for label in TEXTS[language].evaluation.measures.values():
        assert label in page.words
    results = [one.words for one in page.all("td") if one.attributes.get("class") in KINDS]
    assert results == [
        texts.evaluation.result_right,
        texts.evaluation.result_wrong,
        texts.evaluation.result_refused_rightly,
        texts.evaluation.result_refused_wrongly,
    ]
    assert f"«\u202f{WIKA_CITATIONS[0].quote.text}\u202f»" in page.words
    assert "Où est <b>le pont</b> ?" in page.words
    assert page.all("b") == []
    assert len(page.all("svg")) == 2


def test_a_folder_without_gold_files_says_so(tmp_path: Path) -> None:
    empty = Evaluations(tmp_path / "<none>", tmp_path, ask_fake)
    assert f"{tmp_path}/<none>" in shown(empty).words


def test_a_run_is_started_by_the_page_and_followed(
    client: TestClient, evaluations: Evaluations
) -> None:
    assert client.get("/evaluation/progress").json() is None
    response = client.post("/evaluation", params={"gold": NAME})
    assert response.status_code == 303
    assert response.headers["location"].endswith(f"/evaluation?gold={NAME}")
    evaluations.wait()
    page = client.get("/evaluation", headers={"accept-language": "en"})
    assert TEXTS["en"].evaluation.of_measures in page.text
    assert "content-security-policy" in page.headers
    assert client.post("/evaluation", params={"gold": "x"}).status_code == 409


def test_another_site_starts_nothing(client: TestClient, evaluations: Evaluations) -> None:
    foreign = {"sec-fetch-site": "cross-site"}
    response = client.post("/evaluation", params={"gold": NAME}, headers=foreign)
    assert response.status_code == 403
    assert evaluations.progress() is None


def test_the_page_remembers_its_language(client: TestClient) -> None:
    response = client.get("/evaluation", params={"lang": "en"})
    assert "guillemets_language=en" in response.headers["set-cookie"]
    assert "<html lang=&" not in response.text
    assert TEXTS["en"].evaluation.lead.split()[0] in response.text
    assert "set-cookie" not in client.get("/evaluation").headers


def test_the_chat_leads_there(evaluations: Evaluations, plain_chat: TestClient) -> None:
    app = app_over(FakeAssistant(), evaluations=evaluations)
    with TestClient(app, base_url=HERE) as client:
        front = client.get("/", headers={"accept-language": "fr"}).text
    assert 'href="evaluation"' in html.unescape(front)
    assert 'href="evaluation"' not in html.unescape(plain_chat.get("/").text)
    assert plain_chat.get("/evaluation/progress").status_code == 404


def test_a_real_index_is_asked(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    write_articles(settings.articles)
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    ask_gold = gold_asker(settings, Assistant(settings, encoder), FEW_RESAMPLES)
    started: list[int] = []
    asked: list[None] = []
    report = ask_gold(write_gold(tmp_path), started.append, lambda: asked.append(None))
    assert (started, len(asked)) == ([len(GOLD)], len(GOLD))
    assert report.passed
    assert report.about.articles == 3


def test_every_measure_and_change_has_words_in_both_languages() -> None:
    known = {(section, name) for section, named in STATISTICS.items() for name in named}
    assert known == LABELS.keys()
    for texts in TEXTS.values():
        assert texts.evaluation.measures.keys() == known
        assert texts.evaluation.changes.keys() == {change.value for change in Change}


def test_the_curve_is_drawn_to_scale() -> None:
    page = Page(render_curve((Point(0.9, 0.5, 1.0), Point(0.1, 1.0, 0.75)), "fr"))
    (line,) = page.all("polyline")
    # 44 at the left, 10 at the top, 220 a side.
    assert line.attributes["points"] == (
        f"{44 + 220 * 0.5:.1f},{10 + 220 * 0:.1f} {44 + 220 * 1:.1f},{10 + 220 * 0.25:.1f}"
    )
    assert "75\u202f%" in str(page.all("svg")[0].attributes["aria-label"])


def test_the_reliability_diagram_has_a_dot_a_bin_that_holds_something() -> None:
    bins = (Bin(0.0, 0.1, 0, None, None), Bin(0.1, 0.2, 4, 0.15, 0.5))
    page = Page(render_reliability(Calibration(bins, 0.35), "en"))
    (dot,) = page.all("circle")
    assert (dot.attributes["cx"], dot.attributes["cy"]) == (
        f"{44 + 220 * 0.15:.1f}",
        f"{10 + 220 * 0.5:.1f}",
    )
    assert "35%" in str(page.all("svg")[0].attributes["aria-label"])


def test_nothing_to_draw_is_an_empty_diagram() -> None:
    assert Page(render_curve((), "fr")).all("circle") == []
    assert Page(render_reliability(Calibration((), None), "fr")).all("circle") == []
