import base64

import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from rag.ui.application import LARGEST_REQUEST
from rag.ui.choose_language import LANGUAGE_COOKIE, choose_language
from rag.ui.middleware import (
    CONTENT_POLICY,
    FrontPage,
    Password,
    PolicyHeaders,
    request_language,
)
from rag.ui.texts import TEXTS
from tests.browser.fake_assistant import FakeAssistant
from tests.browser.serving import app_over

HERE = "http://127.0.0.1"


def front(request: Request) -> HTMLResponse:
    return HTMLResponse(
        "<p>«</p>", headers={"x-seen": request.headers.get("accept-encoding", "")}
    )


def missing(request: Request) -> PlainTextResponse:
    return PlainTextResponse("missing", 404)


SMALL_APP = Starlette(
    routes=[Route("/", front), Route("/other", front), Route("/404", missing)]
)


def dress(page: str, language: str) -> str:
    return f"{language}:{page}é"


@pytest.fixture
def whole_app(plain_chat: TestClient) -> TestClient:
    return plain_chat


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, None, "fr"),
        (None, "", "fr"),
        (None, "de", "fr"),
        (None, "en", "en"),
        (None, "en-GB,en;q=0.9", "en"),
        (None, "fr-CA", "fr"),
        (None, "EN-us", "en"),
        (None, "de,en;q=0.5,fr;q=0.4", "en"),
        (None, "en;q=0.4,fr;q=0.5", "fr"),
        (None, "en;q=0,de", "fr"),
        (None, "en;q=much,fr;q=0.1", "fr"),
        (None, ";;;,,q=", "fr"),
        ("fr", "en", "fr"),
        ("en", "fr", "en"),
        ("de", "en", "en"),
    ],
)
def test_language_choice(chosen: str | None, accepted: str | None, language: str) -> None:
    assert choose_language(chosen, accepted) == language


@pytest.mark.parametrize(
    ("query", "cookie", "accepted", "language"),
    [
        (b"lang=fr", "en", "en", "fr"),
        (b"lang=xx", "fr", "en", "fr"),
        (b"", "fr", "en", "fr"),
        (b"", "xx", "en", "en"),
        (b"lang=fr&lang=en", "fr", "fr", "en"),
        (b"\xff=\xff", "", "en", "en"),
    ],
)
def test_the_query_goes_before_the_cookie_before_the_browser(
    query: bytes, cookie: str, accepted: str, language: str
) -> None:
    headers = Headers({"cookie": f"{LANGUAGE_COOKIE}={cookie}", "accept-language": accepted})
    assert request_language(headers, query) == language


def test_a_cookie_that_cannot_be_read_is_none() -> None:
    headers = Headers({"cookie": 'a b="; =;', "accept-language": "en"})
    assert request_language(headers) == "en"


@pytest.mark.parametrize("path", ["/", "/404"])
def test_every_response_has_the_policy(path: str) -> None:
    response = TestClient(PolicyHeaders(SMALL_APP), base_url=HERE).get(path)
    assert response.headers["content-security-policy"] == CONTENT_POLICY
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"


def test_the_policy_names_no_other_place_than_this_one() -> None:
    sources = {source for rule in CONTENT_POLICY.split("; ") for source in rule.split(" ")[1:]}
    assert sources == {
        "'self'",
        "'none'",
        "'unsafe-inline'",
        "'unsafe-eval'",
        "data:",
        "blob:",
    }
    assert CONTENT_POLICY.startswith("default-src 'self'; ")


def basic(pair: str) -> str:
    return "Basic " + base64.b64encode(pair.encode()).decode()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (basic("reader:sésame:2"), 200),
        (basic(":sésame:2"), 200),
        (basic("reader:sesame"), 401),
        (basic("sésame:2"), 401),
        (basic("reader:"), 401),
        ("Basic ", 401),
        ("Basic !!!", 401),
        ("Basic é", 401),
        ("Bearer sésame:2", 401),
        (None, 401),
    ],
)
def test_only_the_password_opens(given: str | None, status: int) -> None:
    client = TestClient(Password(SMALL_APP, "sésame:2"), base_url=HERE)
    headers = {} if given is None else {b"authorization": given.encode("latin-1")}
    response = client.get("/", headers=headers)
    assert response.status_code == status
    assert ("www-authenticate" in response.headers) == (status == 401)


def test_the_front_page_is_dressed_in_the_readers_language() -> None:
    client = TestClient(FrontPage(SMALL_APP, dress), base_url=HERE)
    response = client.get("/", headers={"accept-language": "en"})
    assert response.text == "en:<p>«</p>é"
    assert response.headers["content-length"] == str(len(response.content))
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-seen"] == ""
    assert "set-cookie" not in response.headers


def test_a_language_that_is_asked_for_is_remembered() -> None:
    client = TestClient(FrontPage(SMALL_APP, dress), base_url=HERE)
    english = {"accept-language": "en"}
    assert client.get("/?lang=fr", headers=english).text.startswith("fr:")
    assert client.cookies[LANGUAGE_COOKIE] == "fr"
    assert client.get("/", headers=english).text.startswith("fr:")


def test_other_pages_are_left_alone() -> None:
    client = TestClient(FrontPage(SMALL_APP, dress), base_url=HERE)
    assert client.get("/other").text == "<p>«</p>"
    assert client.post("/").status_code == 405


@pytest.mark.parametrize("language", TEXTS)
def test_the_whole_front_page(whole_app: TestClient, language: str) -> None:
    response = whole_app.get("/", headers={"accept-language": language})
    assert response.headers["content-security-policy"] == CONTENT_POLICY
    assert f'lang="{language}"' in response.text
    assert TEXTS[language].source.title in response.text
    assert TEXTS[language].masthead.articles(3) in response.text


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1", 200),
        ("127.0.0.1:7860", 200),
        ("localhost:7860", 200),
        ("[::1]:7860", 200),
        ("evil.invalid", 400),
        ("127.0.0.1.evil.invalid", 400),
        ("localhost.evil.invalid:7860", 400),
    ],
)
def test_only_names_of_this_machine_are_answered(
    whole_app: TestClient, host: str, status: int
) -> None:
    response = whole_app.get("/page/page.css", headers={"host": host})
    assert response.status_code == status
    assert response.headers["content-security-policy"] == CONTENT_POLICY


def test_a_request_that_is_too_large_is_refused(whole_app: TestClient) -> None:
    body = b"x" * (LARGEST_REQUEST + 1)
    assert whole_app.post("/gradio_api/queue/join", content=body).status_code == 413


def test_a_whole_app_with_a_password_asks_for_it_everywhere() -> None:
    app = app_over(FakeAssistant(), host="0.0.0.0", password="sésame")
    client = TestClient(app, base_url="http://192.0.2.1")
    for path in ("/", "/page/page.js", "/source", "/gradio_api/info"):
        assert client.get(path).status_code == 401
    known = {"authorization": basic("reader:sésame")}
    assert client.get("/", headers=known).status_code == 200
