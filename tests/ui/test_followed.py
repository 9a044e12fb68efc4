"""Followed questions on the page: what is asked of the server, its page and its feed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from starlette.testclient import TestClient

from rag.answering.assistant import Assistant
from rag.answering.following import THIS_MACHINE, Following
from rag.answering.news import check_followed
from rag.ui.followed_checks import FollowedChecks
from rag.ui.texts import TEXTS
from tests.answering.test_news import LATE, NOON, QUESTION, Desk
from tests.browser.serving import app_over, routes_over
from tests.ingest.page_reading import Page
from tests.library.updating import SUMMARY

HERE = "http://127.0.0.1"
FRENCH, ENGLISH = TEXTS["fr"].following, TEXTS["en"].following
ATOM = "{http://www.w3.org/2005/Atom}"
IN_FRENCH = {"accept-language": "fr"}
FOREIGN = {"sec-fetch-site": "cross-site"}
BAD = '<img src=x> & "deux" mois de retard'


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


def client_of(desk: Desk, **options: object) -> TestClient:
    app = routes_over(desk.assistant, following=desk.following, **options)  # type: ignore[arg-type]
    return TestClient(app, base_url=HERE, headers=IN_FRENCH, follow_redirects=False)


@pytest.fixture
def client(desk: Desk) -> Iterator[TestClient]:
    with client_of(desk) as opened:
        yield opened


def follow(client: TestClient, question: str = QUESTION, **around: str) -> str:
    told = client.put("/followed", params={"q": question, **around}).json()
    return str(told["message"])


def count(client: TestClient) -> int:
    return int(client.get("/followed/waiting").json()["count"])


def test_what_is_followed_on_the_page_is_told_there(client: TestClient, desk: Desk) -> None:
    assert FRENCH.none in Page(client.get("/followed").text).words
    assert follow(client) == FRENCH.followed
    desk.write(retard=LATE)
    FollowedChecks(desk.assistant, desk.following).check()
    assert client.get("/followed/waiting").json() == {"count": 1, "words": FRENCH.waiting(1)}
    page = Page(client.get("/followed").text)
    assert QUESTION in page.words
    assert f"«\u202f{LATE}\u202f»" in page.words
    assert len(page.of_class("new")) == 1
    last = desk.following.news(THIS_MACHINE)[0].number
    assert client.put("/followed/seen", params={"last": last}).status_code == 204
    assert count(client) == 0
    page = Page(client.get("/followed", headers={"accept-language": "en"}).text)
    assert ENGLISH.title in page.words
    assert LATE in page.words
    assert page.of_class("new") == []


def test_a_terminal_and_a_page_of_one_machine_follow_the_same(
    client: TestClient, desk: Desk
) -> None:
    desk.follow()
    assert QUESTION in Page(client.get("/followed").text).words


def test_others_who_reach_the_chat_follow_their_own(desk: Desk) -> None:
    with client_of(desk, password="geheim", keeping=None) as client:
        client.auth = ("reader", "geheim")
        # Without a name of its own there is nobody to follow.
        assert follow(client) == FRENCH.not_kept
        assert client.get("/followed").headers["location"] == "./"
        client.cookies.set("guillemets_reader", "1" * 64)
        assert follow(client) == FRENCH.followed
        client.cookies.set("guillemets_reader", "2" * 64)
        assert FRENCH.none in Page(client.get("/followed").text).words
    assert desk.following.questions(THIS_MACHINE) == ()


def test_a_question_is_removed_and_brought_back(client: TestClient) -> None:
    follow(client)
    gone = client.post("/followed/1/remove")
    assert (gone.status_code, gone.headers["location"]) == (303, "../../followed?removed=1")
    page = Page(client.get("/followed", params={"removed": 1}).text)
    assert FRENCH.removed.format(question=QUESTION) in page.words
    assert client.post("/followed/1/restore").status_code == 303
    assert FRENCH.none not in Page(client.get("/followed", params={"removed": 1}).text).words


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/followed/1/remove"),
        ("POST", "/followed/1/restore"),
        ("POST", "/followed/feed"),
        ("PUT", "/followed/seen?last=9"),
    ],
)
def test_a_foreign_page_changes_nothing(client: TestClient, method: str, path: str) -> None:
    assert client.request(method, path, headers=FOREIGN).status_code == 403


def test_what_cannot_be_followed_is_told(client: TestClient) -> None:
    assert follow(client, "?!") == FRENCH.not_kept
    wrong = TEXTS["fr"].filters.no_source.format(written="Personne")
    assert follow(client, source="Personne") == wrong
    assert client.get("/followed", params={"removed": "x"}).status_code == 422


def test_the_feed_tells_the_news_at_a_secret_address(client: TestClient, desk: Desk) -> None:
    follow(client)
    desk.write(retard=f"{BAD}\n\nLe pont de l’Orge rouvrira, {BAD}.")
    FollowedChecks(desk.assistant, desk.following).check()
    secret = desk.following.feed_of(THIS_MACHINE)
    answer = client.get(f"/feeds/{secret}.atom")
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = ElementTree.fromstring(answer.content)
    (entry,) = feed.findall(f"{ATOM}entry")
    (told,) = desk.told()
    assert told.quote.text in str(entry.findtext(f"{ATOM}summary"))
    assert BAD in str(entry.findtext(f"{ATOM}title"))
    assert entry.findtext(f"{ATOM}updated") == NOON.isoformat()
    names = [feed.findtext(f"{ATOM}id"), entry.findtext(f"{ATOM}id")]
    assert len(set(names)) == 2
    assert all(str(name).startswith("urn:uuid:") for name in names)
    link = entry.find(f"{ATOM}link")
    assert link is not None
    assert link.attrib["href"].startswith(f"{HERE}/#source?article=")
    # The page shows them escaped.
    assert "<img" not in client.get("/followed").text
    # A new address ends the old one.
    client.post("/followed/feed")
    assert client.get(f"/feeds/{secret}.atom").status_code == 404
    assert client.get("/feeds/x.atom").status_code == 422
    assert desk.following.feed_of(THIS_MACHINE) != secret


def test_without_a_place_to_keep_nothing_can_be_followed(plain_chat: TestClient) -> None:
    assert plain_chat.put("/followed", params={"q": QUESTION}).status_code in (404, 405)
    assert 'href="followed"' not in plain_chat.get("/").text


def test_the_front_page_leads_there(desk: Desk) -> None:
    app = app_over(desk.assistant, following=desk.following)  # type: ignore[arg-type]
    with TestClient(app, base_url=HERE, headers=IN_FRENCH) as client:
        assert 'class="way followed" href="followed"' in client.get("/").text


def test_a_file_that_cannot_be_used_is_told_and_harms_no_build(
    tmp_path: Path, desk: Desk
) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"no database" * 100)
    following = Following(broken)
    checks = FollowedChecks(desk.assistant, following)
    checks.after_build(SUMMARY)
    checks.check()
    app = routes_over(desk.assistant, following=following)  # type: ignore[arg-type]
    with TestClient(app, base_url=HERE, headers=IN_FRENCH) as client:
        assert client.get("/followed").status_code == 500
        assert follow(client) == FRENCH.not_kept
        assert count(client) == 0


def test_checks_run_at_the_start_and_end_when_they_are_stopped(desk: Desk) -> None:
    desk.follow()
    desk.write(retard=LATE)
    checks = FollowedChecks(Assistant(desk.settings, desk.encoder), desk.following)
    checks.start()
    checks.stop()
    # Stopped before or after it was asked, it is told once.
    with desk.assistant.snapshot() as snapshot:
        check_followed(desk.following, snapshot)
    assert desk.words() == [LATE]
