"""Whatever is sent to the chat: an answer, no traceback, no markup of theirs, nothing outside.

200 requests in every run, FUZZ=10000 or `make fuzz` for more; FUZZ_SEED repeats another run.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag.answering.assistant import Assistant
from rag.answering.conversation_store import Keeping
from rag.library.build import build_folder
from rag.library.library import Library
from rag.ui.evaluation_runs import Evaluations
from rag.ui.metrics import Metrics
from tests.browser.serving import app_over, served
from tests.evaluation.fake_gold import FEW_RESAMPLES, ask_fake, write_gold
from tests.fakes import CountingEncoder, settings_for, write_articles
from tests.ui.fuzz.hostile import BROKEN_OFF, MARK, SECRET, Hostile, Sent
from tests.ui.test_many import answer_to_one

pytestmark = [pytest.mark.slow, pytest.mark.server]

COUNT = int(os.environ.get("FUZZ", "200"))
SEED = int(os.environ.get("FUZZ_SEED", "14"))
# Seconds of one request on a machine that is busy; it takes hundredths.
LONGEST_SECONDS = 30
MOST_MEMORY = 400_000_000
# A stream that is left open tells nothing more after its first words.
MOST_READ = 200_000
RAW_SECONDS = 0.5
ENDLESS = ("/heartbeat/", "/queue/data", "/startup-events", "/dev/reload", "/upload_progress")


@pytest.fixture
def address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "temporary"))
    (tmp_path / "secret.txt").write_text(SECRET)
    write_gold(tmp_path / "gold")
    settings = settings_for(tmp_path, max_file_bytes=10_000, max_container_bytes=100_000)
    write_articles(settings.articles)
    encoder = CountingEncoder()
    build_folder(settings, encoder)
    assistant: Any = Assistant(settings, encoder)
    library = Library(settings, encoder)
    app = app_over(
        assistant,
        library=library,
        keeping=Keeping(tmp_path / "kept.sqlite"),
        mcp=True,
        metrics=Metrics(assistant),
        evaluations=Evaluations(
            tmp_path / "gold", tmp_path / "reports", ask_fake, FEW_RESAMPLES
        ),
    )
    try:
        with served(app) as found:
            yield found
    finally:
        library.stop()


class Sender:
    """Sends requests to one address and tells what is wrong with what comes back."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client = httpx.Client(base_url=address, timeout=LONGEST_SECONDS)

    def close(self) -> None:
        self._client.close()

    def wrong(self, sent: Sent) -> str:
        """What is wrong with the response to ``sent``, "" for nothing."""
        if not sent.method:
            return self._raw(sent.body)
        try:
            status, headers, body = self._read(sent)
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            # What cannot be sent at all.
            return ""
        except httpx.HTTPError as error:
            return f"{type(error).__name__}: {error}"
        found = _problem(status, headers, body)
        if not found and status == 200:
            found = self._answered(sent, body)
        return found

    def _read(self, sent: Sent) -> tuple[int, httpx.Headers, bytes]:
        with self._client.stream(
            sent.method, sent.path, headers=sent.headers, content=sent.body
        ) as response:
            if any(one in sent.path for one in ENDLESS):
                return response.status_code, response.headers, b""
            body = b""
            for part in response.iter_raw():
                body += part
                if len(body) > MOST_READ:
                    break
            return response.status_code, response.headers, body

    def _raw(self, written: bytes) -> str:
        """What is wrong with what comes back for bytes that may be no request."""
        host, _, port = self._address.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), LONGEST_SECONDS) as connection:
            # A server that waits for more of a request is left waiting.
            connection.settimeout(RAW_SECONDS)
            back = b""
            with contextlib.suppress(TimeoutError, ConnectionError):
                connection.sendall(written.replace(b"{}", f"{host}:{port}".encode()))
                while len(back) < MOST_READ and (part := connection.recv(65536)):
                    back += part
        text = back.decode("utf-8", "replace")
        if " 500 " in text.partition("\n")[0] or "Traceback" in text or SECRET in text:
            return text[:200]
        return ""

    def _answered(self, sent: Sent, body: bytes) -> str:
        """What is wrong with what a queue answers in the end."""
        if sent.session:
            return self._streamed("/gradio_api/queue/data", {"session_hash": sent.session})
        if sent.event_of:
            event = json.loads(body)["event_id"]
            return self._streamed(f"{sent.event_of}/{event}", {})
        return ""

    def _streamed(self, path: str, query: dict[str, str]) -> str:
        with self._client.stream("GET", path, params=query) as response:
            for line in response.iter_lines():
                found = _problem(response.status_code, response.headers, line.encode())
                if found:
                    return found
                if "process_completed" in line:
                    return _unescaped(json.loads(line.removeprefix("data: ")))
        return ""


def _problem(status: int, headers: httpx.Headers, body: bytes) -> str:
    text = body.decode("utf-8", "replace")
    # A failure in words is an answer.
    in_words = "json" in headers.get("content-type", "") and '"error"' in text
    if status >= 500 and status != 503 and not in_words:
        return f"status {status}: {text[:200]}"
    if "Traceback (most recent call last)" in text:
        return f"a traceback: {text[:300]}"
    if SECRET in text or "root:x:0" in text:
        return "a file of another folder"
    if "text/html" in headers.get("content-type", "") and f"<{MARK}" in text:
        return f"markup: {text[:300]}"
    if "content-security-policy" not in headers:
        return "no policy"
    if MARK in headers.get("location", "") and "evil.invalid" in headers["location"]:
        return f"a way elsewhere: {headers['location']}"
    return ""


def _unescaped(completed: dict[str, Any]) -> str:
    """Markup of theirs in the last message that the page is sent."""
    data = (completed.get("output") or {}).get("data") or []
    conversation = next((one for one in data if isinstance(one, list) and one), [])
    if conversation and isinstance(conversation[-1], dict):
        written = json.dumps(conversation[-2:], ensure_ascii=False)
        if f"<{MARK}" in written:
            return f"markup in a message: {written[:300]}"
    return ""


def _outside(folder: Path) -> dict[str, bytes]:
    """The files that nobody may change from the page."""
    return {
        one.relative_to(folder).as_posix(): one.read_bytes()
        for one in folder.rglob("*")
        if one.is_file() and one.relative_to(folder).parts[0] in ("gold", "secret.txt")
    }


def test_an_upload_that_breaks_off_leaves_no_traceback(
    address: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    before = sorted(tmp_path.rglob("*"))
    sender = Sender(address)
    assert sender.wrong(Sent("", "", body=BROKEN_OFF.encode())) == ""
    # Asked after it, so what was broken off has ended.
    for _ in range(2):
        assert sender.wrong(Sent("GET", "/articles/state")) == ""
    sender.close()
    assert [one.getMessage() for one in caplog.records if one.exc_info] == []
    assert sorted(tmp_path.rglob("*")) == before


def test_whatever_is_sent_is_answered(
    address: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    caplog.set_level(logging.WARNING)
    before, known = _outside(tmp_path), set(tmp_path.iterdir())
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sender, failures = Sender(address), list[str]()
    for number in range(COUNT):
        sent = Hostile(number, SEED).request()
        if found := sender.wrong(sent):
            failures.append(f"{number} {sent.method} {sent.path[:120]}: {found}")
    sender.close()
    printed, complained = capfd.readouterr()
    traced = [
        f"{one.getMessage()[:80]}: {one.exc_info[1]!r}"[:300]
        for one in caplog.records
        if one.exc_info
    ]
    assert not failures, "\n".join([f"FUZZ_SEED={SEED}", *failures])
    assert not traced, "\n".join([f"FUZZ_SEED={SEED}", *traced])
    assert "Traceback" not in printed + complained
    assert _outside(tmp_path) == before
    ours = ("temporary", "reports", "kept.sqlite")
    new = set(tmp_path.iterdir()) - known
    assert [one.name for one in new if not one.name.startswith(ours)] == []
    assert MARK not in httpx.get(f"{address}/metrics").text
    assert "answer" in answer_to_one(address, "still there")
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) * 1024
    assert grown < MOST_MEMORY
