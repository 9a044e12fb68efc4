"""Figures for Prometheus: counts, times and sizes, and no word of a question or an article."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from fastapi import FastAPI
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rag.errors import RagError, SettingsError
from rag.ui.behind_proxy import path_below
from rag.ui.questions_asked import Asked

if TYPE_CHECKING:
    from rag.answering.assistant import Assistant

METRICS_PATH = "/metrics"
_OTHER = "other"
# From what the index alone takes to what a queue of questions may.
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


def require_metrics() -> None:
    """Raise SettingsError when the package that metrics need is not installed."""
    if importlib.util.find_spec("prometheus_client") is None:
        raise SettingsError(
            "setting 'metrics' needs the package 'prometheus-client', which is not installed; "
            "install it beside this one with: pip install 'prometheus-client>=0.21,<1'"
        )


class Metrics:
    """What is counted of a chat over ``assistant``."""

    def __init__(self, assistant: Assistant) -> None:
        from prometheus_client import (
            CollectorRegistry,
            Counter,
            Gauge,
            Histogram,
            ProcessCollector,
        )

        self._assistant = assistant
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._questions = Counter(
            "guillemets_questions",
            "Questions, by who asked and what became of them.",
            ["by", "outcome"],
            registry=registry,
        )
        self._seconds = Histogram(
            "guillemets_question_seconds",
            "How long a question took, once its turn had come.",
            ["by"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._requests = Counter(
            "guillemets_requests",
            "Requests, by where they went and how they ended.",
            ["place", "status"],
            registry=registry,
        )
        self._articles = Gauge(
            "guillemets_articles", "Articles in the index.", registry=registry
        )
        self._built = Gauge(
            "guillemets_index_built_timestamp_seconds",
            "When the index was built.",
            registry=registry,
        )
        self._is_usable = Gauge(
            "guillemets_index_usable", "1 if the index can be asked, else 0.", registry=registry
        )

    def count_question(self, asked: Asked) -> None:
        """Take note of a question."""
        self._questions.labels(asked.by, asked.outcome).inc()
        self._seconds.labels(asked.by).observe(asked.seconds)

    def count_request(self, place: str, status: int) -> None:
        """Take note of a request that went to ``place``."""
        self._requests.labels(place, str(status)).inc()

    def written(self) -> tuple[bytes, str]:
        """Return the figures as Prometheus reads them, and their media type."""
        from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

        try:
            overview = self._assistant.overview()
        except RagError:
            self._is_usable.set(0)
        else:
            self._is_usable.set(1)
            self._articles.set(overview.articles)
            self._built.set(overview.built_at.timestamp())
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def add_metrics_route(app: FastAPI, metrics: Metrics) -> None:
    """Let ``app`` answer with the figures of ``metrics``."""

    @app.get(METRICS_PATH)
    def figures() -> Response:
        content, kind = metrics.written()
        return Response(content, media_type=kind)


class CountedRequests:
    """Has ``metrics`` count every request by the first part of its path.

    Parts that are none of ``places`` are counted together, as anybody may write any.
    """

    def __init__(self, app: ASGIApp, metrics: Metrics, places: frozenset[str]) -> None:
        self.app = app
        self.metrics = metrics
        self.places = places

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        first = path_below(scope).split("/", 2)[1]
        place = f"/{first}" if f"/{first}" in self.places else _OTHER

        async def counting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self.metrics.count_request(place, message["status"])
            await send(message)

        await self.app(scope, receive, counting)
