"""The trained reader: question and passage go in together, spans that answer come out."""

from rag.trained_reader.reader import (
    PassageToRead,
    Reader,
    ReadPassage,
    Span,
    TrainedReader,
    open_reader,
    reader_for,
)

__all__ = [
    "PassageToRead",
    "ReadPassage",
    "Reader",
    "Span",
    "TrainedReader",
    "open_reader",
    "reader_for",
]
