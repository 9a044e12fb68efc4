"""Requests that mean harm, each the same whenever its number and seed are."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

# Written as markup in what is sent; it must never be markup of a page.
MARK = "zxq"
MARKUP = (
    f"<{MARK} onmouseover=alert(1)>",
    f'"><{MARK} onload=alert(1)>',
    f"</script><{MARK}>",
    f"{{{{7*7}}}}${{7*7}}<{MARK}>",
    f"' autofocus onfocus=alert(1) <{MARK}",
)
SECRET = "SECRET-OF-ANOTHER-FOLDER"
AWAY = (
    "../secret.txt",
    "..\\secret.txt",
    "/etc/passwd",
    "....//secret.txt",
    "%2e%2e/secret.txt",
    "..%2fsecret.txt",
    "%252e%252e%252fsecret.txt",
    "a/../../secret.txt",
    "secret.txt\0.txt",
    "C:\\windows\\win.ini",
    "file:///etc/passwd",
    "http://evil.invalid/x",
    "//evil.invalid/x",
    "CON",
    "a" * 300,
    ".hidden",
    "-rf",
)
ODD = (
    "",
    " ",
    "\0",
    "\u202e\u2066",
    "\ud83d",
    "e\u0301" * 50,
    "𝔘𝔫𝔦" * 20,
    "'; DROP TABLE articles; --",
    "%s%n%x{0}{}",
    "* OR NEAR(a b) \"'",
    "(((((" * 100,
    "a" * 5000,
    "Qui ? " * 400,
    "\r\nset-cookie: x=y",
    "1e999",
    "-1",
    "NaN",
    "null",
    "9" * 400,
    "2025-02-30",
    "0000-00-00",
)
NUMBERS: tuple[Any, ...] = (0, -1, 1, 3, 2**31, 2**63, 2**80, 1.5, -0.0, True, None)
ASKED = ("Qui a dit non au pont ?", "Où est la gare ?", "Pourquoi ?", "What happened?")
PLACES = (
    "/",
    "/source",
    "/filters",
    "/articles",
    "/articles/state",
    "/conversations",
    "/evaluation",
    "/evaluation/progress",
    "/health",
    "/metrics",
    "/page/page.css",
    "/config",
    "/gradio_api/info",
    "/gradio_api/startup-events",
    "/theme.css",
)
NAMES = (
    *("article", "quote", "other", "since", "until", "source", "search", "order", "first"),
    *("descending", "q", "lang", "gold", "conversation", "previous", "name", "clash", "token"),
)
CHANGES = (
    ("POST", "/articles/remove", "article"),
    ("POST", "/articles/restore", "token"),
    ("POST", "/articles/update", "x"),
    ("POST", "/evaluation", "gold"),
    ("PUT", "/verdicts/{}/{}", "as"),
    ("DELETE", "/verdicts/{}/{}", "as"),
    ("PUT", "/conversations/{}", "x"),
    ("DELETE", "/conversations/{}", "x"),
    ("DELETE", "/conversations", "x"),
)
# Whatever Gradio has beside what the page needs of it.
GRADIO = (
    *("file={}", "file/{}", "proxy={}", "stream/{}", "stream/{}/0/1/playlist.m3u8"),
    *("custom_component/{}/client/x/{}", "component_server", "deep_link", "runs", "vibe-code"),
    *("run-history/records/{}/{}/assets/0", "upload_progress", "heartbeat/{}", "call/ask/{}"),
    *("queue/data", "openapi.json", "user", "token", "app_id", "dev/reload"),
)
POSTED = (
    *("upload", "component_server", "component_server/", "process_recording", "cancel"),
    *("run/ask", "api/ask", "call/ask", "call/v2/ask", "call/{}", "vibe-edit", "queue/join"),
    *("reset", "run-history/connect", "undo-vibe-edit", "stream/{}"),
)
TOOLS = ("ask", "search", "get_article", "{}", "")
# An upload that breaks off.
BROKEN_OFF = (
    "POST /articles/bring?name=a HTTP/1.1\r\nHost: {}\r\nContent-Length: 99\r\n\r\nshort"
)
# What is no request, or one that never ends; {} is where it is sent.
RAW = (
    "\r\n\r\n",
    "GET\r\n\r\n",
    "GET / HTTP/9.9\r\nHost: {}\r\n\r\n",
    "GET / HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {}\r\nHost: evil.invalid\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: evil.invalid\r\n\r\n",
    "GET http://evil.invalid/ HTTP/1.1\r\nHost: {}\r\n\r\n",
    "GET /source?article=\u00e9 HTTP/1.1\r\nHost: {}\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {}\r\nX: " + "a" * 100_000 + "\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {}\r\n" + "X: a\r\n" * 5000 + "\r\n",
    'GET / HTTP/1.1\r\nHost: {}\r\nCookie: guillemets_reader=\u00e9; a="\r\n\r\n',
    BROKEN_OFF,
    "POST /mcp HTTP/1.1\r\nHost: {}\r\nContent-Length: -1\r\n\r\n",
    "POST /mcp HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "POST /mcp HTTP/1.1\r\nHost: {}\r\nTransfer-Encoding: chunked\r\n"
    "Content-Length: 3\r\n\r\n0\r\n\r\nGET /x HTTP/1.1\r\n\r\n",
    "GET / HTTP/1.1\r\nHost: {}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
)
METHODS = ("GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH", "TRACE", "XYZ")


@dataclass(frozen=True, slots=True)
class Sent:
    """A request, or its ``body`` alone where ``method`` is "".

    Where there is a ``session`` or an ``event_of``, what a queue answers belongs to it.
    """

    method: str
    path: str
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    session: str = ""
    event_of: str = ""


class Hostile:
    """Makes requests of a seed."""

    def __init__(self, number: int, seed: int) -> None:
        self._number = number
        self._random = random.Random(f"{seed}-{number}")

    def request(self) -> Sent:
        """One of any kind."""
        kinds: tuple[tuple[Callable[[], Sent], int], ...] = (
            (self._asked, 12),
            (self._called, 12),
            (self._got, 20),
            (self._changed, 12),
            (self._brought, 6),
            (self._strayed, 12),
            (self._of_gradio, 12),
            (self._posted, 8),
            (self._tool, 8),
            (self._raw, 3),
        )
        makers, weights = zip(*kinds, strict=True)
        made: Sent = self._random.choices(makers, weights)[0]()
        return made

    def _words(self) -> str:
        pool = self._random.choice((MARKUP, AWAY, ODD, ASKED))
        words = self._random.choice(pool)
        if self._random.random() < 0.3:
            words += self._random.choice(MARKUP)
        if self._random.random() < 0.2:
            size = self._random.randrange(1, 60)
            words += "".join(chr(self._random.randrange(1, 0x2FFF)) for _ in range(size))
        return words

    def _value(self, depth: int = 0) -> Any:
        kind = self._random.random()
        if kind < 0.5 or depth > 3:
            return self._words()
        if kind < 0.75:
            return self._random.choice(NUMBERS)
        size = self._random.randrange(4)
        if kind < 0.9:
            return [self._value(depth + 1) for _ in range(size)]
        names = ("path", "meta", "url", "role", "content", "text", "_type", "is_stream")
        return {self._random.choice(names): self._value(depth + 1) for _ in range(size)}

    def _json(self, value: Any) -> bytes:
        written = json.dumps(value).encode()
        if self._random.random() < 0.1:
            at = self._random.randrange(len(written))
            written = written[:at] + self._random.randbytes(3) + written[at + 1 :]
        return written

    def _headers(self) -> dict[str, str]:
        found: dict[str, str] = {}
        names = (
            *("cookie", "accept-language", "origin", "referer", "x-forwarded-host", "range"),
            *("x-forwarded-proto", "x-forwarded-for", "x-gradio-user", "authorization"),
            *("content-type", "accept", "x-gradio-server", "if-none-match", "user-agent"),
        )
        for _ in range(self._random.randrange(3)):
            found[self._random.choice(names)] = _printable(self._words())
        if self._random.random() < 0.2:
            found["cookie"] = f"guillemets_reader={'0' * 64}; guillemets_language=xx"
        return found

    def _query(self) -> str:
        pairs = [
            (self._random.choice(NAMES), _encodable(self._words()))
            for _ in range(self._random.randrange(4))
        ]
        return f"?{urlencode(pairs)}" if pairs else ""

    def _asked(self) -> Sent:
        session = f"s{self._number}"
        data: Any = [self._words(), self._words(), []]
        if self._random.random() < 0.4:
            data = self._value() if self._random.random() < 0.3 else [self._value(), "", []]
        function = self._random.choice((0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, -1, "x", None))
        body = {"fn_index": function, "data": data, "session_hash": session}
        if self._random.random() < 0.2:
            body["event_data"] = self._value()
            body["trigger_id"] = self._random.choice(NUMBERS)
        headers = {"content-type": "application/json"}
        return Sent("POST", "/gradio_api/queue/join", headers, self._json(body), session)

    def _called(self) -> Sent:
        name = self._random.choice(("ask", "search", "get_article"))
        known: dict[str, dict[str, Any]] = {
            "ask": {"question": self._words(), "since": "", "sources": [], "top": 3},
            "search": {"query": self._words(), "until": "", "count": 10},
            "get_article": {"article_id": self._words()},
        }
        given = known[name]
        if self._random.random() < 0.6:
            given[self._random.choice(list(given))] = self._value()
        path, body = f"/gradio_api/call/{name}", {"data": list(given.values())}
        headers = {"content-type": "application/json"}
        if self._random.random() < 0.2:
            return Sent("POST", path, headers, self._json(body), event_of=path)
        by_name = f"/gradio_api/call/v2/{name}"
        return Sent("POST", by_name, headers, self._json(given), event_of=path)

    def _got(self) -> Sent:
        return Sent("GET", self._random.choice(PLACES) + self._query(), self._headers())

    def _changed(self) -> Sent:
        method, path, name = self._random.choice(CHANGES)
        while "{}" in path:
            path = path.replace("{}", quote(_encodable(self._words()), safe=""), 1)
        query = urlencode({name: _encodable(self._words())})
        return Sent(method, f"{path}?{query}", self._headers())

    def _brought(self) -> Sent:
        ending = self._random.choice((".txt", ".html", ".zip", ".pdf", ".json", "", ".exe"))
        query = {
            "name": _encodable(self._words()) + ending,
            "clash": self._random.choice(("ask", "replace", "both", "keep", "x")),
        }
        content = self._words().encode("utf-8", "replace")
        if self._random.random() < 0.3:
            content = self._random.randbytes(self._random.randrange(3000))
        path = f"/articles/bring?{urlencode(query)}"
        return Sent("POST", path, self._headers(), content)

    def _strayed(self) -> Sent:
        start = self._random.choice(("/", "/page/", "/static/", "/assets/", "/svelte/", "//"))
        path = start + self._random.choice((*AWAY, *MARKUP, self._words()))
        safe = self._random.choice(("", "/%", "/%?&=;:@!$'()*+,"))
        written = quote(_encodable(path), safe=safe)
        written = written if written.startswith("/") else f"/{written}"
        return Sent(self._random.choice(METHODS), written, self._headers())

    def _of_gradio(self) -> Sent:
        path = self._random.choice(GRADIO)
        while "{}" in path:
            words = _encodable(self._random.choice((*AWAY, self._words())))
            path = path.replace("{}", quote(words, safe=self._random.choice(("", "/:%"))), 1)
        return Sent(
            self._random.choice(("GET", "GET", "HEAD")), f"/gradio_api/{path}{self._query()}"
        )

    def _posted(self) -> Sent:
        path = self._random.choice(POSTED)
        path = path.replace("{}", quote(_encodable(self._words()), safe=""))
        headers = {"content-type": "application/json"}
        body = self._json(self._value())
        if self._random.random() < 0.5:
            body = self._json(
                {"data": self._value(), "session_hash": self._words(), "fn_index": 0}
            )
        if path.startswith("upload") or self._random.random() < 0.1:
            headers = {"content-type": "multipart/form-data; boundary=b"}
            name = _printable(self._words()).replace('"', "")
            lines = (
                "--b",
                f'Content-Disposition: form-data; name="files"; filename="{name}"',
                "Content-Type: text/html",
                "",
                self._words(),
                "--b--",
                "",
            )
            body = "\r\n".join(lines).encode("utf-8", "replace")
        return Sent("POST", f"/gradio_api/{path}", headers, body)

    def _tool(self) -> Sent:
        name = self._random.choice(TOOLS).replace("{}", self._words())
        names = ("question", "query", "article_id", "since", "sources", "top", "count", "x")
        given = {
            self._random.choice(names): self._value() for _ in range(self._random.randrange(4))
        }
        method = self._random.choice(("tools/call", "tools/call", "tools/list", self._words()))
        body: Any = {
            "jsonrpc": "2.0",
            "id": self._random.choice(NUMBERS),
            "method": method,
            "params": {"name": name, "arguments": given},
        }
        if self._random.random() < 0.2:
            body = self._value()
        headers = {
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
        }
        return Sent("POST", "/mcp", headers, self._json(body))

    def _raw(self) -> Sent:
        return Sent("", "", body=self._random.choice(RAW).encode())


def _encodable(words: str) -> str:
    return words.encode("utf-8", "replace").decode()


def _printable(words: str) -> str:
    """``words`` as a header can carry them at all."""
    return "".join(sign for sign in words if " " <= sign <= "~")[:2000]
