"""Proxies as the documents configure them, before a chat on this machine."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

DOCUMENT = Path(__file__).parents[1] / "docs" / "serving.md"
HERE = "127.0.0.1"
PREFIX = "/guillemets"
DOCUMENTED = f"{HERE}:7860"
PROXIES = ("nginx", "caddy")
READY_SECONDS = 30


def is_installed(proxy: str) -> bool:
    """Whether its program is on this machine."""
    return shutil.which(proxy, path=_PATH) is not None


@contextmanager
def proxied(proxy: str, address: str, folder: Path) -> Iterator[str]:
    """Run the documented ``proxy`` before the chat at ``address``; yields its address.

    ``folder`` is for what the program writes.
    """
    port = _free_port()
    configuration = folder / f"{proxy}.conf"
    example = _example(proxy).replace(DOCUMENTED, urlsplit(address).netloc)
    write, command = _WAYS[proxy]
    configuration.write_text(write(example, folder, port), "utf-8")
    said = folder / f"{proxy}.log"
    with said.open("wb") as log:
        running = subprocess.Popen(
            [str(shutil.which(proxy, path=_PATH)), *command(configuration)],
            stdout=log,
            stderr=log,
            env={"HOME": str(folder), "PATH": _PATH},
        )
    try:
        _wait_until_ready(port, running, said)
        yield f"http://{HERE}:{port}{PREFIX}"
    finally:
        running.terminate()
        running.wait(READY_SECONDS)


def _example(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", DOCUMENT.read_text("utf-8"), re.S | re.M)
    assert found is not None
    return found[1]


def _nginx(example: str, folder: Path, port: int) -> str:
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # Started by root, its workers would be another user, who cannot see the folder.
    return f"""\
user root;
daemon off;
worker_processes 1;
pid {folder / "nginx.pid"};
error_log stderr;
events {{}}
http {{
access_log off;
{temporary}
server {{
listen {HERE}:{port};
{example}
}}
}}
"""


def _caddy(example: str, folder: Path, port: int) -> str:
    site = example.replace("presse.example.org", f"http://{HERE}:{port}")
    return f"{{\nadmin off\nauto_https off\n}}\n{site}"


# Debian keeps what serves where only root looks for programs.
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_WAYS: dict[str, tuple[Callable[[str, Path, int], str], Callable[[Path], list[str]]]] = {
    "nginx": (_nginx, lambda file: ["-c", str(file), "-e", "stderr"]),
    "caddy": (_caddy, lambda file: ["run", "--adapter", "caddyfile", "--config", str(file)]),
}


def _free_port() -> int:
    with socket.create_server((HERE, 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _wait_until_ready(port: int, running: subprocess.Popen[bytes], said: Path) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            socket.create_connection((HERE, port), 1).close()
        except OSError:
            assert running.poll() is None, said.read_text("utf-8")
            assert time.monotonic() < deadline, said.read_text("utf-8")
            time.sleep(0.05)
        else:
            return
