"""Who embeds, as the settings say."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from pathlib import Path

from rag.config import Settings
from rag.models.encoder import Encoder, open_encoder
from rag.models.workers.in_process import InThisProcess
from rag.models.workers.processes import Processes
from rag.models.workers.protocol import OpenEncoder, Workers
from rag.models.workers.ray_cluster import RayCluster

logger = logging.getLogger(__name__)


def choose_workers(
    settings: Settings,
    encoder: Encoder,
    announce: Callable[[str], None] = logger.info,
) -> Workers:
    """Who embeds for a build with ``encoder``, which ``settings`` name too."""
    if settings.ray:
        again = _opener(settings)
        most = settings.workers
        return RayCluster(settings.ray, again, encoder.fingerprint, most, announce)
    if settings.workers > 1:
        return Processes(settings.workers, _opener(settings), encoder.fingerprint, announce)
    return InThisProcess(encoder)


def _opener(settings: Settings) -> OpenEncoder:
    folder = Path(settings.model).expanduser()
    # Another process may stand in another folder.
    model = str(folder.resolve()) if folder.is_dir() else settings.model
    return functools.partial(open_encoder, settings.model_copy(update={"model": model}))
