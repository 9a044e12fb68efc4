"""The chat page, in a browser, on this machine."""

from rag.ui.server import serve

__all__ = ["serve"]
