"""What is told below a quote, computed about it: whose words, how sure, which days."""

from __future__ import annotations

from rag.answering.quote_modality import modality_line
from rag.answering.quote_moments import moments_line
from rag.answering.quote_speakers import speakers_line
from rag.types import Citation


def marked_lines(citation: Citation, language: str) -> list[str]:
    """A line for each that there is something to tell of (not escaped)."""
    lines = (line(citation, language) for line in (speakers_line, modality_line, moments_line))
    return [line for line in lines if line]
