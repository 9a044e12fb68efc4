"""What is known of articles only beside others: reprints, and the texts they had before."""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from pathlib import Path

from rag.index.catalogue import CATALOGUE, open_read_only
from rag.index.former_texts import write_versions
from rag.index.reprint_tables import write_stories


def compare_articles(
    database: sqlite3.Connection, previous: Path | None, built_at: datetime.datetime
) -> None:
    """Fill the tables of reprints and former texts, once all articles are in ``database``.

    What the generation in the folder ``previous`` knew is taken over; whatever the tables
    hold is replaced. The caller commits.
    """
    if previous is None:
        write_stories(database, None)
        return
    with contextlib.closing(open_read_only(previous / CATALOGUE)) as before:
        write_stories(database, before)
        write_versions(database, before, built_at)
