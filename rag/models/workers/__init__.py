"""Where texts become vectors: in this process, in several, or on a Ray cluster."""

from rag.models.workers.choose import choose_workers
from rag.models.workers.in_process import InThisProcess
from rag.models.workers.protocol import Workers

__all__ = ["InThisProcess", "Workers", "choose_workers"]
