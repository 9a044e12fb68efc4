"""The options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

ArticlesOption = Annotated[
    Path | None,
    typer.Option("--articles", help="Folder of articles.  [default: seeds]", metavar="DIR"),
]
# A text: as a path, a folder written ./milvus would be the word.
IndexOption = Annotated[
    str | None,
    typer.Option("--index", help="Folder of the index.  [default: embeddings]", metavar="DIR"),
]
ModelOption = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="'default' (comes along), or a sentence-transformers model by folder or name.",
        metavar="NAME_OR_PATH",
    ),
]
SinceOption = Annotated[
    str | None, typer.Option("--since", help="Articles from that day on.", metavar="DATE")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Articles up to that day.", metavar="DATE")
]
SourceOption = Annotated[
    list[str] | None,
    typer.Option("--source", help="Only that source; may be repeated.", metavar="NAME"),
]
JsonFlag = Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")]
