"""Prefixes, and who is believed of what stands in front; the programs are nginx and Caddy."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.answering.conversation_store import Keeping
from rag.config import load_settings
from rag.errors import SettingsError
from rag.ui.behind_proxy import BehindProxy, OwnNames, Proxy
from rag.ui.browser_identity import READER_COOKIE
from rag.ui.choose_language import LANGUAGE_COOKIE
from tests.browser.fake_assistant import WIKA, FakeAssistant
from tests.browser.serving import app_over, routes_over, served
from tests.proxies import PREFIX, PROXIES, is_installed, proxied
from tests.ui.test_many import answer_to_one
from tests.ui.test_password import ACCEPTED, KNOWN, LIST_TOOLS, PASSWORD

PROXY = "10.1.2.3"
TRUSTED = Proxy(PREFIX, ("10.0.0.0/8", "::1"))
TOLD = {
    "x-forwarded-host": "presse.example.org",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "192.0.2.9",
}


def seen(request: Request) -> JSONResponse:
    return JSONResponse(
        {
            "url": str(request.url),
            "client": request.client.host if request.client else None,
            "headers": sorted(request.headers),
        }
    )


def asked(
    path: str, headers: dict[str, str], *, client: str = PROXY, proxy: Proxy = TRUSTED
) -> Any:
    app = BehindProxy(Starlette(routes=[Route("/", seen), Route("/{rest:path}", seen)]), proxy)
    asking = TestClient(app, base_url="http://127.0.0.1:7860", client=(client, 1))
    return asking.get(path, headers=headers, follow_redirects=False)


def test_a_trusted_proxy_tells_name_scheme_and_reader() -> None:
    told = asked("/guillemets/articles?first=1", TOLD).json()
    assert told["url"] == "https://presse.example.org/guillemets/articles?first=1"
    assert told["client"] == TOLD["x-forwarded-for"]


def test_nobody_else_does() -> None:
    told = asked("/guillemets/articles", TOLD, client="192.0.2.1").json()
    assert told["url"] == "http://127.0.0.1:7860/guillemets/articles"
    assert told["client"] == "192.0.2.1"


@pytest.mark.parametrize("client", [PROXY, "192.0.2.1"])
def test_what_was_told_is_not_passed_on(client: str) -> None:
    further = {"x-gradio-server": "http://evil.invalid", "forwarded": "host=evil.invalid"}
    names = asked("/", TOLD | further | {"x-kept": "1"}, client=client).json()["headers"]
    assert "x-kept" in names
    assert not {*TOLD, *further} & set(names)


@pytest.mark.parametrize(
    ("told", "host"),
    [
        ("presse.example.org:8443", "presse.example.org:8443"),
        ("[2001:db8::1]:8443", "[2001:db8::1]:8443"),
        # What a reader sent stands before what the proxy adds.
        ("evil.invalid, presse.example.org", "presse.example.org"),
        ("", "127.0.0.1:7860"),
        ("a b", "127.0.0.1:7860"),
        ("evil.invalid/x?", "127.0.0.1:7860"),
        ("é", "127.0.0.1:7860"),
    ],
)
def test_a_name_that_cannot_be_is_none(told: str, host: str) -> None:
    headers: Any = {b"x-forwarded-host": told.encode("latin-1")}
    assert asked("/", headers).json()["url"] == f"http://{host}/guillemets/"


@pytest.mark.parametrize("path", ["/", "/articles", "/guillemetsx", "/x/guillemets/"])
def test_the_prefix_may_be_kept_or_taken_away(path: str) -> None:
    kept, taken = asked(PREFIX + path, {}).json(), asked(path, {}).json()
    assert kept["url"] == taken["url"] == f"http://127.0.0.1:7860{PREFIX}{path}"


def test_without_its_slash_the_prefix_leads_to_the_page() -> None:
    response = asked("/guillemets?q=Qui%20%3F&lang=fr", TOLD)
    assert response.status_code == 308
    assert response.headers["location"] == "/guillemets/?q=Qui%20%3F&lang=fr"


def test_no_prefix_changes_no_path() -> None:
    response = asked("/guillemets", {}, proxy=Proxy())
    assert response.json()["url"] == "http://127.0.0.1:7860/guillemets"


@given(
    st.dictionaries(st.sampled_from([*TOLD, "host"]), st.binary(max_size=40)),
    st.text(alphabet="/guilemts.%", max_size=20),
)
def test_whatever_is_told_is_answered(told: dict[str, bytes], path: str) -> None:
    answered: list[str] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        answered.append(scope["path"])

    async def send(*message: Any) -> None:
        answered.append("redirected")

    scope = {
        "type": "http",
        "method": "GET",
        "scheme": "http",
        "path": f"/{path}",
        "query_string": b"",
        "client": (PROXY, 1),
        "headers": [(name.encode(), value) for name, value in told.items()],
    }
    # Nothing is waited for, so no loop is needed, of which a thread has one only.
    with pytest.raises(StopIteration):
        BehindProxy(app, TRUSTED)(scope, send, send).send(None)  # type: ignore[arg-type]
    assert answered
    assert answered[0] == "redirected" or answered[0].startswith(f"{PREFIX}/")


@pytest.mark.parametrize(
    ("host", "status"),
    [("LOCALHOST:1", 200), ("[::1]", 200), ("evil.invalid", 400), ("localhost:x", 400)],
)
def test_another_name_is_refused_with_what_a_proxy_must_send(host: str, status: int) -> None:
    names = OwnNames(Starlette(routes=[Route("/", seen)]), ["localhost", "[::1]"])
    response = TestClient(names).get("/", headers={"host": host})
    assert response.status_code == status
    assert ("X-Forwarded-Host" in response.text) == (status == 400)


@pytest.mark.parametrize("prefix", ["/articles", "/page/x", "/gradio_api", "/evaluation/2"])
def test_a_prefix_that_is_an_address_of_ours_is_refused(prefix: str) -> None:
    with pytest.raises(SettingsError, match="choose another prefix"):
        routes_over(FakeAssistant(), evaluations=object(), proxy=Proxy(prefix))


@pytest.mark.parametrize(
    ("given_path", "prefix"),
    [("", ""), ("/", ""), ("presse", "/presse"), ("/a/b-2/", "/a/b-2"), ("/~x.y_", "/~x.y_")],
)
def test_a_prefix_is_written_one_way(given_path: str, prefix: str) -> None:
    assert load_settings(root_path=given_path).root_path == prefix


@pytest.mark.parametrize("given_path", ["/a//b", "/é", "/a b", "/..", "/./a", "https://x"])
def test_what_is_no_prefix_is_refused(given_path: str) -> None:
    with pytest.raises(SettingsError, match="expected a path such as /guillemets"):
        load_settings(root_path=given_path)


@pytest.mark.parametrize("trusted", ["proxy", "10.0.0.1/8", "*", ""])
def test_what_is_no_address_is_not_trusted(trusted: str) -> None:
    with pytest.raises(SettingsError, match="'trusted_proxies' holds"):
        load_settings(trusted_proxies=[trusted])


@pytest.fixture(scope="module")
def chat(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    kept = Keeping(tmp_path_factory.mktemp("kept") / "kept.sqlite")
    here = Proxy(PREFIX, load_settings().trusted_proxies)
    app = app_over(FakeAssistant(), password=PASSWORD, mcp=True, keeping=kept, proxy=here)
    with served(app) as found:
        yield found


@pytest.fixture(scope="module", params=PROXIES)
def public(
    request: pytest.FixtureRequest, chat: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Where a reader finds the chat, behind each of the proxies."""
    if not is_installed(request.param):
        pytest.skip(f"{request.param} is not installed")
    with proxied(request.param, chat, tmp_path_factory.mktemp(request.param)) as found:
        yield found


@pytest.mark.server
def test_the_page_is_below_the_prefix_for_who_gives_the_password(public: str) -> None:
    assert httpx.get(public, follow_redirects=True).status_code == 401
    response = httpx.get(f"{public}/?q=Qui&lang=en", headers=KNOWN)
    assert response.status_code == 200
    assert f'"root":"{public}"' in response.text
    places = [cookie.partition(";")[2] for cookie in response.headers.get_list("set-cookie")]
    assert len(places) == 2
    assert all(place.startswith(f" Path={PREFIX}/;") for place in places)
    assert {LANGUAGE_COOKIE, READER_COOKIE} <= set(response.cookies)


@pytest.mark.server
def test_without_its_slash_the_prefix_leads_there_too(public: str) -> None:
    response = httpx.get(public, headers=KNOWN)
    assert response.is_redirect
    assert str(response.next_request and response.next_request.url) == f"{public}/"


@pytest.mark.server
def test_questions_are_answered_behind_it(public: str) -> None:
    assert "<figure" in answer_to_one(public, "behind a proxy", KNOWN)


@pytest.mark.server
def test_programs_are_answered_behind_it(public: str) -> None:
    from gradio_client import Client

    assert Client(f"{public}/", headers=KNOWN, verbose=False).predict(WIKA, api_name="/ask")
    response = httpx.post(f"{public}/mcp", json=LIST_TOOLS, headers=KNOWN | ACCEPTED)
    assert len(response.json()["result"]["tools"]) == 3


@pytest.mark.server
def test_what_a_reader_tells_of_himself_is_not_believed(public: str) -> None:
    lies = {"x-forwarded-host": "evil.invalid", "x-forwarded-proto": "https"}
    response = httpx.get(f"{public}/", headers=KNOWN | lies)
    assert response.status_code == 200
    assert "evil.invalid" not in response.text
    assert f'"root":"{public}"' in response.text
