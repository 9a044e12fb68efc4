"""Writes the hashes of every release that requirements.lock names: ``make lock``.

It asks uv, which the Makefile puts into an environment of its own. Of PyTorch the file that
pip takes here is locked alone: for graphics cards there are others, which ask for gigabytes of
packages that are not in the lock.
"""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
import tempfile
from pathlib import Path

LOCK = Path(__file__).parents[2] / "requirements.lock"
ELSEWHERE = "torch"
HEAD = (
    "# Every release with the hashes of its files: pip install --require-hashes -r this\n"
    "# Change a version and run: make lock\n"
)
UNADORNED = (
    "--no-deps",
    "--generate-hashes",
    "--no-header",
    "--no-annotate",
    "--no-emit-index-url",
    "--no-emit-find-links",
)
_PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s\\;]+)", re.M)
_HASH = re.compile(r"--hash=(sha256:[0-9a-f]{64})")


def read_lock(written: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The version and the hashes of each name, which is as packages normalise it."""
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for entry in re.split(r"\n(?=[A-Za-z0-9])", written):
        pinned = _PINNED.match(entry)
        if pinned:
            found[normalised(pinned[1])] = (pinned[2], tuple(_HASH.findall(entry)))
    return found


def normalised(name: str) -> str:
    """``name`` as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(uv: str) -> None:
    """Write the lock anew, with its versions."""
    named = read_lock(LOCK.read_text("utf-8"))
    versions = {name: version for name, (version, _) in named.items()}
    with tempfile.TemporaryDirectory() as folder:
        asked = Path(folder) / "versions.in"
        asked.write_text("".join(f"{name}=={one}\n" for name, one in versions.items()))
        hashed = subprocess.run(
            [uv, "pip", "compile", "--quiet", str(asked), *UNADORNED],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        ).stdout
        own = f"sha256:{_taken_here(f'{ELSEWHERE}=={versions[ELSEWHERE]}', Path(folder))}"
    entry = rf"(^{ELSEWHERE}==\S+ )(?:\\\n    --hash=\S+ ?)+"
    hashed = re.sub(entry, rf"\1\\\n    --hash={own}", hashed, flags=re.M)
    LOCK.write_text(HEAD + hashed, "utf-8")


def _taken_here(requirement: str, folder: Path) -> str:
    arguments = ["download", "--quiet", "--no-deps", "--dest", str(folder), requirement]
    subprocess.run([sys.executable, "-m", "pip", *arguments], check=True)
    (wheel,) = folder.glob("*.whl")
    return hashlib.sha256(wheel.read_bytes()).hexdigest()


if __name__ == "__main__":
    main(sys.argv[1])
