"""How a chat holds while many people ask at once: answers, mix-ups, waiting and memory.

``python -m tests.benchmarks.crowd --people 50 --seconds 60`` serves press of tests/gold with
the real model in a process of its own. Everybody asks one question after another, some as
the page does and some as a program, and every reply is compared with what the same question
gets alone. ``--think`` is how many seconds a person reads before asking on.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from rag.evaluation import read_gold

PRESS = Path(__file__).parents[1] / "gold" / "press" / "own-1"
FULL = 503
ASK_ON_PAGE = 0
LOOK_EVERY = 2.0
# Each is asked alone beforehand, both ways.
DIFFERENT_QUESTIONS = 10
PATIENCE_SECONDS = 600
# How long an answer took stands in it.
_TIMES = re.compile(r"\d+.ms\b")

Replies = dict[tuple[str, str], str]


@dataclass(slots=True)
class Crowd:
    """What became of everybody's questions."""

    seconds: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)
    full: int = 0
    memory: list[float] = field(default_factory=list)


async def ask_page(client: httpx.AsyncClient, question: str, session: str) -> str | None:
    """The reply that the page shows; None where the queue is full."""
    body = {"fn_index": ASK_ON_PAGE, "data": [question, "", []], "session_hash": session}
    joined = await client.post("/gradio_api/queue/join", json=body)
    if joined.status_code == FULL:
        return None
    joined.raise_for_status()
    query = {"session_hash": session}
    async with client.stream("GET", "/gradio_api/queue/data", params=query) as stream:
        async for line in stream.aiter_lines():
            message = json.loads(line.removeprefix("data: ")) if line else {}
            if message.get("msg") == "process_completed":
                if not message["success"]:
                    raise ValueError(f"not answered: {message['output']}")
                shown = json.dumps(message["output"]["data"][1][-2:], ensure_ascii=False)
                return _TIMES.sub("", shown)
    raise ValueError("the stream ended without an answer")


async def ask_program(client: httpx.AsyncClient, question: str, session: str) -> str | None:
    """The quotes that a program gets, with their question; None where the queue is full."""
    begun = await client.post("/gradio_api/call/v2/ask", json={"question": question})
    if begun.status_code == FULL:
        return None
    begun.raise_for_status()
    path = f"/gradio_api/call/ask/{begun.json()['event_id']}"
    event = ""
    async with client.stream("GET", path) as stream:
        async for line in stream.aiter_lines():
            if line.startswith("event: "):
                event = line.removeprefix("event: ")
            elif line.startswith("data: ") and event == "complete":
                (answer,) = json.loads(line.removeprefix("data: "))
                quotes = [(one["text"], one["file"]) for one in answer["quotes"]]
                return json.dumps([answer["question"], quotes], ensure_ascii=False)
            elif event == "error":
                raise ValueError(f"not answered: {line}")
    raise ValueError("the stream ended without an answer")


WAYS = {"page": ask_page, "program": ask_program}


async def replies_alone(client: httpx.AsyncClient, questions: list[str]) -> Replies:
    """What each question gets, each way, while nobody else asks."""
    replies: Replies = {}
    for number, question in enumerate(questions):
        for way, ask in WAYS.items():
            reply = await ask(client, question, f"alone-{way}-{number}")
            assert reply is not None
            replies[way, question] = reply
    return replies


async def person(
    number: int,
    client: httpx.AsyncClient,
    expected: Replies,
    until: float,
    think: float,
    crowd: Crowd,
) -> None:
    """Ask one question after another until it is over."""
    mine = list(expected)[number:] + list(expected)[:number]
    for turn, (way, question) in enumerate(itertools.cycle(mine)):
        if time.monotonic() >= until:
            return
        began = time.monotonic()
        try:
            reply = await WAYS[way](client, question, f"p{number}-{turn}")
        except (httpx.HTTPError, ValueError) as error:
            crowd.failed.append(f"{way}: {type(error).__name__}: {error}")
            continue
        if reply is None:
            crowd.full += 1
            # As the page says: ask again in a moment.
            await asyncio.sleep(1)
            continue
        crowd.seconds.append(time.monotonic() - began)
        if reply != expected[way, question]:
            crowd.mixed.append(f"{way}: {question}: {reply[:300]}")
        await asyncio.sleep(think)


async def watch_memory(client: httpx.AsyncClient, crowd: Crowd) -> None:
    """Note what the server's process holds, in MB, every other second."""
    while True:
        written = (await client.get("/metrics")).text
        found = re.search(r"^process_resident_memory_bytes (\S+)$", written, re.M)
        assert found is not None
        crowd.memory.append(float(found[1]) / 1e6)
        await asyncio.sleep(LOOK_EVERY)


async def measure(
    address: str, questions: list[str], people: int, seconds: float, think: float
) -> tuple[Crowd, float]:
    """Have ``people`` ask at ``address`` for some ``seconds``; how long it took in the end."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=people)
    options: Any = {"base_url": address, "timeout": PATIENCE_SECONDS, "limits": limits}
    async with httpx.AsyncClient(**options) as client:
        expected = await replies_alone(client, questions)
        crowd, began = Crowd(), time.monotonic()
        watching = asyncio.create_task(watch_memory(client, crowd))
        until = began + seconds
        await asyncio.gather(
            *(person(one, client, expected, until, think, crowd) for one in range(people))
        )
        took = time.monotonic() - began
        watching.cancel()
    return crowd, took


@contextmanager
def served_press(folder: Path) -> Iterator[str]:
    """Build an index of the press in ``folder`` and serve it in a process of its own."""
    environment = os.environ | {
        "GUILLEMETS_ARTICLES": str(PRESS / "articles"),
        "GUILLEMETS_INDEX": str(folder / "index"),
        "GUILLEMETS_CONVERSATIONS": str(folder / "kept.sqlite"),
        "GUILLEMETS_METRICS": "true",
        "GUILLEMETS_WATCH": "false",
    }
    run = [sys.executable, "-m", "rag"]
    subprocess.run([*run, "build"], env=environment, check=True, stdout=subprocess.DEVNULL)
    serve = [*run, "serve", "--no-browser", "--port", "17860"]
    with subprocess.Popen(serve, env=environment, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            yield server.stdout.readline().strip()
        finally:
            server.send_signal(signal.SIGINT)


def told(crowd: Crowd, people: int, took: float) -> dict[str, Any]:
    """The figures: seconds of waiting, counts, and MB of memory."""
    waited = sorted(crowd.seconds) or [0.0]
    return {
        "people": people,
        "seconds": round(took, 1),
        "answered": len(crowd.seconds),
        "failed": len(crowd.failed),
        "mixed": len(crowd.mixed),
        "told that the queue is full": crowd.full,
        "answers a second": round(len(crowd.seconds) / took, 2),
        "median seconds": round(statistics.median(waited), 2),
        "p95 seconds": round(waited[min(len(waited) - 1, int(0.95 * len(waited)))], 2),
        "memory first MB": round(crowd.memory[0]),
        "memory most MB": round(max(crowd.memory)),
        "memory last MB": round(crowd.memory[-1]),
        "why": [*crowd.failed[:3], *crowd.mixed[:3]],
    }


def main() -> None:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--think", type=float, default=0)
    given = parser.parse_args()
    asked = [one.question for one in read_gold(next(PRESS.glob("*.jsonl")))]
    questions = asked[:DIFFERENT_QUESTIONS]
    with tempfile.TemporaryDirectory() as folder, served_press(Path(folder)) as address:
        crowd, took = asyncio.run(
            measure(address, questions, given.people, given.seconds, given.think)
        )
    print(json.dumps(told(crowd, given.people, took), indent=2, ensure_ascii=False))


if __name__ == "__main__":
    main()
