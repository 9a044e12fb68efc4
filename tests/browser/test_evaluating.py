"""The page of evaluation, from the chat to a result."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from rag.ui.evaluation_runs import Evaluations
from rag.ui.texts import TEXTS
from tests.browser.axe import serious_problems
from tests.browser.driving import assert_no_sideways_scroll
from tests.browser.fake_assistant import FakeAssistant
from tests.browser.serving import app_over, served
from tests.evaluation.fake_gold import FEW_RESAMPLES, GOLD, ask_fake, write_gold

FRENCH = TEXTS["fr"]


@pytest.fixture
def own_address(tmp_path: Path) -> Iterator[str]:
    write_gold(tmp_path / "gold")
    gold, kept = tmp_path / "gold", tmp_path / "kept"
    evaluations = Evaluations(gold, kept, ask_fake, FEW_RESAMPLES)
    with served(app_over(FakeAssistant(), evaluations=evaluations)) as address:
        yield address


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (360, "dark")])
def test_gold_questions_are_run_from_the_page(
    browser: Browser, own_address: str, width: int, scheme: str
) -> None:
    page = browser.new_page(
        locale="fr-FR",
        viewport={"width": width, "height": 800},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page.goto(own_address)
    assert_no_sideways_scroll(page, width)
    page.get_by_role("link", name=FRENCH.evaluation.title).click()
    expect(page.get_by_text(FRENCH.evaluation.not_yet)).to_be_visible()
    run = page.get_by_role("button", name=FRENCH.evaluation.run)
    run.focus()
    page.keyboard.press("Enter")
    expect(page.locator("table.questions tbody tr")).to_have_count(len(GOLD))
    expect(page.locator("svg.plot")).to_have_count(2)
    expect(run).to_be_enabled()
    assert_no_sideways_scroll(page, width)
    assert serious_problems(page) == []
    page.close()
