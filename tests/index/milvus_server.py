"""A `milvus-lite server` in a process of its own, to be started, killed and started again."""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

_READY_SECONDS = 60.0


class LiteServer:
    """A server over ``folder``, at an address that it keeps."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self._port: int = free.getsockname()[1]

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    @property
    def data(self) -> Path:
        """The folder of what it keeps."""
        return self._folder / "data"

    def memory(self) -> dict[str, int]:
        """Bytes of its process, by the names that Linux has for them."""
        assert self._process is not None
        status = Path(f"/proc/{self._process.pid}/status").read_text()
        fields = (line.split() for line in status.splitlines() if line.endswith(" kB"))
        return {name.rstrip(":"): 1024 * int(kilobytes) for name, kilobytes, _ in fields}

    def start(self) -> None:
        """Start it, and wait until it listens."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "milvus_lite", "server"),
                    *("--data-dir", str(self.data)),
                    *("--host", "127.0.0.1", "--port", str(self._port)),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + _READY_SECONDS
        while time.monotonic() < deadline:
            with contextlib.suppress(OSError), self._connected():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.05)
        raise AssertionError((self._folder / "log").read_text())

    def kill(self) -> None:
        """Kill it, as a machine that loses its power would."""
        if self._process is not None:
            self._process.send_signal(signal.SIGKILL)
            self._process.wait()
            self._process = None

    def _connected(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self._port), timeout=1)
