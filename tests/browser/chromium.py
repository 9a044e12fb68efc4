"""Debian's Chromium, started so that it asks nothing of any other machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Browser, Playwright

DEBIAN_CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


class ChromiumMissingError(Exception):
    """There is no Chromium; the message says how to install it."""


def chromium_path() -> str:
    """Where Chromium is; raises ChromiumMissingError."""
    if DEBIAN_CHROMIUM.is_file():
        return str(DEBIAN_CHROMIUM)
    found = shutil.which("chromium")
    if found is None:
        raise ChromiumMissingError(
            f"no Chromium: neither {DEBIAN_CHROMIUM} nor 'chromium' on the PATH; "
            "the browser tests need it: apt-get install chromium"
        )
    return found


def launch(playwright: Playwright) -> Browser:
    """Chromium, headless; raises ChromiumMissingError."""
    return playwright.chromium.launch(executable_path=chromium_path(), args=list(FLAGS))
