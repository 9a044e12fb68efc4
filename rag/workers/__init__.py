"""Where texts become vectors: in this process, in several, or on a Ray cluster."""

from rag.workers.choosing import choose_workers
from rag.workers.here import InThisProcess
from rag.workers.work import Workers

__all__ = ["InThisProcess", "Workers", "choose_workers"]
