"""A Milvus server that dies, is slow, refuses or is none: said in one line, nothing lost."""

from __future__ import annotations

import http.server
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from rag.answering.assistant import Assistant
from rag.cli.commands import main
from rag.config import (
    MILVUS_PASSWORD_VARIABLE,
    MILVUS_TOKEN_VARIABLE,
    MILVUS_USER_VARIABLE,
    Settings,
)
from rag.errors import EngineError
from rag.index import Index
from rag.index.engines.milvus_server import MilvusServer, UnreachableError
from rag.index.generations import current_name
from rag.ingest.folder import article_sources
from rag.library.build import build
from rag.library.fill_vectors import Steps
from rag.models.encoder import Vectors
from rag.ui.api import Api, RequestRefusedError
from tests.fakes import CountingEncoder, make_article, settings_for
from tests.index.milvus_server import LiteServer

pytestmark = pytest.mark.milvus

QUESTION = "Combien ont coûté les travaux du pont de l’Orge ?"
ARTICLES = [
    make_article(
        f"Le pont numéro {number} de l’Orge rouvrira le {number} juin. Les travaux ont coûté "
        f"{number} 000 euros à la commune. Le maire attend {number} cyclistes.",
        f"{number:02}.txt",
        title=f"Le pont {number} rouvre",
    )
    for number in range(1, 11)
]
SECRET = "root:Very-Secret"


@pytest.fixture
def server(tmp_path: Path) -> Iterator[LiteServer]:
    """A server of the test's own."""
    own = LiteServer(tmp_path / "server")
    own.start()
    yield own
    own.kill()


@pytest.fixture
def chosen(server: LiteServer, tmp_path: Path) -> Settings:
    return settings_for(tmp_path, uri=server.uri)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever asks gives up sooner, where the server is not to come back.

    Engines are chosen by the settings alone, which have nothing for their patience.
    """
    monkeypatch.setattr("rag.index.engines.milvus_search.QUESTION_PATIENCE", 0.5)
    monkeypatch.setattr("rag.index.engines.milvus_fill.BUILD_PATIENCE", 0.5)


def _build(chosen: Settings, encoder: CountingEncoder | None = None, count: int = 10) -> None:
    build(article_sources(ARTICLES[:count]), chosen, encoder or CountingEncoder())


# A conversation


@pytest.mark.usefixtures("impatient")
def test_a_conversation_survives_the_server(server: LiteServer, chosen: Settings) -> None:
    _build(chosen)
    assistant = Assistant(chosen, CountingEncoder())
    ask, search, get_article = Api(assistant).functions()
    before, passages = ask(QUESTION), search(QUESTION)["passages"]
    assert passages
    server.kill()
    with pytest.raises(EngineError, match="cannot be reached; start it"):
        assistant.ask(QUESTION)
    for function in (ask, search):
        with pytest.raises(RequestRefusedError, match=f"{server.uri} cannot be reached"):
            function(QUESTION)
    # What needs no server goes on.
    assert get_article(passages[0]["article_id"])["text"]
    assert assistant.ask("Résume l’article").hits == ()
    assert assistant.overview().articles == 10
    server.start()
    assert search(QUESTION)["passages"] == passages
    assert ask(QUESTION)["abstention"] == before["abstention"]


def test_a_question_waits_for_a_server_that_is_started_again(
    server: LiteServer, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.engines.milvus_search.QUESTION_PATIENCE", 60.0)
    _build(chosen)
    assistant = Assistant(chosen, CountingEncoder())
    expected = assistant.search(QUESTION)
    server.kill()
    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(assistant.search(QUESTION)))
    asking.start()
    server.start()
    asking.join()
    assert found == [expected]


@pytest.mark.usefixtures("impatient")
def test_an_assistant_opens_before_its_server(server: LiteServer, chosen: Settings) -> None:
    _build(chosen)
    server.kill()
    assistant = Assistant(chosen, CountingEncoder())
    with pytest.raises(EngineError, match="cannot be reached"):
        assistant.search(QUESTION)
    server.start()
    later = Assistant(chosen, CountingEncoder())
    assert assistant.search(QUESTION) == later.search(QUESTION)


# A build


class _Killing(CountingEncoder):
    """Kills the server when it has embedded some."""

    def __init__(self, server: LiteServer) -> None:
        super().__init__()
        self._server = server

    def embed_passages(self, texts: Any) -> Vectors:
        if len(self.passages) > 5:
            self._server.kill()
        return super().embed_passages(texts)


class _KillingProgress:
    """Kills the server when some passages are in it; may start it again."""

    def __init__(self, server: LiteServer, again: bool) -> None:
        self._server = server
        self._again = again
        self._filling = False

    def start(self, what: str, total: int) -> None:
        self._filling = what == "passages into Milvus"

    def advance(self, count: int) -> None:
        if self._filling:
            self._filling = False
            self._server.kill()
            if self._again:
                self._server.start()


def _assert_whole(chosen: Settings, articles: int) -> None:
    index = Index.open_current(chosen.index, warm=True, uri=chosen.uri)
    assert index.manifest.articles == articles
    assert list(index.integrity.check_engine()) == []
    collections = MilvusServer(chosen.uri, 10).ask(lambda client: client.list_collections())
    named = {one.manifest.collection for one in index.segments}
    assert named <= set(collections)
    # One that was not filled goes with the next build.
    assert len(collections) <= len(named) + 1
    index.close()


@pytest.mark.parametrize("embedding", [True, False])
def test_a_build_loses_nothing_with_its_server(
    server: LiteServer, chosen: Settings, monkeypatch: pytest.MonkeyPatch, embedding: bool
) -> None:
    monkeypatch.setattr("rag.index.engines.milvus_rows.ROWS_AT_ONCE", 3)
    _build(chosen, count=2)
    serving = current_name(chosen.index)
    first = _Killing(server) if embedding else CountingEncoder()
    progress = None if embedding else _KillingProgress(server, again=False)
    with monkeypatch.context() as patched:
        patched.setattr("rag.index.engines.milvus_fill.BUILD_PATIENCE", 1.0)
        with pytest.raises(EngineError, match="cannot be reached; start it"):
            build(article_sources(ARTICLES), chosen, first, progress, steps=Steps(texts=8))
    assert first.passages
    server.start()
    # The old generation goes on.
    assert current_name(chosen.index) == serving
    _assert_whole(chosen, 2)
    second = CountingEncoder()
    _build(chosen, second)
    assert set(second.passages).isdisjoint(first.passages)
    # All of them had been embedded before the server was missed.
    assert second.passages == []
    _assert_whole(chosen, 10)


def test_a_build_goes_on_when_its_server_comes_back(
    server: LiteServer, chosen: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.index.engines.milvus_rows.ROWS_AT_ONCE", 3)
    encoder = CountingEncoder()
    progress = _KillingProgress(server, again=True)
    build(article_sources(ARTICLES), chosen, encoder, progress)
    assert len(encoder.passages) == len(set(encoder.passages))
    _assert_whole(chosen, 10)


@pytest.mark.usefixtures("impatient")
def test_nothing_is_embedded_for_a_server_that_is_not_there(
    server: LiteServer, chosen: Settings
) -> None:
    server.kill()
    encoder = CountingEncoder()
    with pytest.raises(EngineError, match="cannot be reached"):
        _build(chosen, encoder)
    assert encoder.passages == []
    assert current_name(chosen.index) is None


# Servers of another kind


def _said(uri: str) -> str:
    """What is said of the server at ``uri``."""
    server = MilvusServer(uri, 0.2, connecting=1.0)
    with pytest.raises(EngineError) as caught:
        server.ask(lambda client: client.list_collections(timeout=0.5))
    said = str(caught.value)
    assert uri in said
    assert "\n" not in said
    assert "Secret" not in said
    return said


def test_credentials_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.index.pretended_milvus import Pretender, pretending

    with pretending(Pretender(SECRET)) as uri:
        assert f"refuses access; set {MILVUS_TOKEN_VARIABLE}" in _said(uri)
        monkeypatch.setenv(MILVUS_TOKEN_VARIABLE, "root:Wrong-Secret")
        assert "refuses access" in _said(uri)
        monkeypatch.setenv(MILVUS_TOKEN_VARIABLE, SECRET)
        # Let in; and a slow node is told from one that is not there.
        assert "did not answer in time" in _said(uri)
        monkeypatch.delenv(MILVUS_TOKEN_VARIABLE)
        user, _, password = SECRET.partition(":")
        monkeypatch.setenv(MILVUS_USER_VARIABLE, user)
        monkeypatch.setenv(MILVUS_PASSWORD_VARIABLE, password)
        assert "did not answer in time" in _said(uri)


def test_what_is_no_milvus_is_told() -> None:
    from tests.index.pretended_milvus import pretending

    with pretending() as uri:
        assert "is no Milvus server" in _said(uri)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"http://127.0.0.1:{silent.getsockname()[1]}"
        assert "did not answer in time" in _said(uri)

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as page:
        threading.Thread(target=page.serve_forever, daemon=True).start()
        assert "is no Milvus server" in _said(f"http://127.0.0.1:{page.server_port}")
        page.shutdown()


def test_only_what_may_come_back_is_waited_for() -> None:
    from tests.index.pretended_milvus import Pretender, pretending

    asked: list[int] = []

    class Refusing(Pretender):
        def Connect(self, request: Any, context: Any) -> Any:  # noqa: N802
            asked.append(1)
            return super().Connect(request, context)

    with pretending(Refusing(SECRET)) as uri:
        _said(uri)
    assert len(asked) == 1
    with socket.create_server(("127.0.0.1", 0)) as free:
        uri = f"http://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(UnreachableError):
        MilvusServer(uri, 0.2).ask(lambda client: client.list_collections())


@pytest.mark.parametrize("package", ["pymilvus", "tenacity"])
def test_a_missing_package_is_told(
    package: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(EngineError, match=r"not installed; install .* with: pip install"):
        _build(settings_for(tmp_path, uri="http://127.0.0.1:1"))


# The command line


def test_the_commands(
    server: LiteServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("rag.models.encoder.open_encoder", lambda *_: CountingEncoder())
    monkeypatch.setattr("rag.answering.assistant.open_encoder", lambda *_: CountingEncoder())
    monkeypatch.setenv("GUILLEMETS_URI", server.uri)
    monkeypatch.setenv("GUILLEMETS_INDEX", "milvus")
    monkeypatch.setenv(MILVUS_TOKEN_VARIABLE, SECRET)
    seeds = tmp_path / "seeds"
    seeds.mkdir()
    for article in ARTICLES[:3]:
        (seeds / article.path).write_text(article.text, "utf-8")
    assert main(["build"]) == 0
    assert main(["ask", QUESTION]) == 0
    assert "000 euros" in capsys.readouterr().out
    assert main(["verify"]) == 0
    assert main(["stats"]) == 0
    assert "milvus guillemets_" in capsys.readouterr().out
    (seeds / ARTICLES[0].path).unlink()
    assert main(["build"]) == 0
    assert main(["build", "--rollback"]) == 0
    assert main(["stats", "--json"]) == 0
    shown = capsys.readouterr().out
    assert '"articles": 3' in shown
    assert '"engine": "milvus"' in shown
    server.kill()
    monkeypatch.setattr("rag.index.engines.milvus_search.QUESTION_PATIENCE", 0.5)
    assert main(["ask", QUESTION]) == 2
    failed = capsys.readouterr().err
    assert "cannot be reached" in failed
    assert "Traceback" not in failed
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not [path for path in files if b"Very-Secret" in path.read_bytes()]
