"""The stories that several articles print, by the pairs that the segments keep."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable, Sequence

from rag.index.open_segment import Segment
from rag.language.near_duplicates import group


class Stories:
    """Tells which articles print one story. Safe to use from several threads.

    A segment keeps the pairs that were found when it was written, of which one article may
    be in another. A pair counts while both articles are there.
    """

    def __init__(self, segments: Sequence[Segment]) -> None:
        self._segments = segments
        self._known: dict[str, tuple[str, ...]] = {}

    def of(self, article_id: str) -> str | None:
        """The name of the story that an article prints like others do: its least article."""
        told_by = self.told_by(article_id)
        return told_by[0] if told_by else None

    def told_by(self, article_id: str) -> tuple[str, ...]:
        """The ids of all articles that print the story of one, sorted; none where it is alone.

        The cost grows with the story.
        """
        # Two threads that look at once come to the same.
        if article_id not in self._known:
            found = self._reached(article_id)
            told_by = tuple(sorted(found)) if len(found) > 1 else ()
            self._known.update(dict.fromkeys(found, told_by))
        return self._known[article_id]

    def every(self) -> dict[str, list[str]]:
        """The ids of the articles of every story that several print. Reads all pairs."""
        stories: dict[str, list[str]] = {}
        for one, story in group(self._pairs).items():
            stories.setdefault(story, []).append(one)
        return dict(sorted(stories.items()))

    @functools.cached_property
    def _pairs(self) -> list[tuple[str, str]]:
        pairs = {
            (one, other)
            for segment in self._segments
            for one, other in segment.catalogue.rows("SELECT one, other FROM reprints")
        }
        there = self._there({one for pair in pairs for one in pair})
        return sorted((one, other) for one, other in pairs if {one, other} <= there)

    def _reached(self, article_id: str) -> set[str]:
        """The articles that pairs lead to from one, that one among them."""
        found, new = {article_id}, {article_id}
        while new:
            asked = json.dumps(sorted(new))
            paired = {
                other
                for segment in self._segments
                for (other,) in segment.catalogue.rows(
                    "SELECT other FROM reprints WHERE one IN (SELECT value FROM json_each(?1))"
                    " UNION SELECT one FROM reprints"
                    " WHERE other IN (SELECT value FROM json_each(?1))",
                    asked,
                )
            }
            new = self._there(paired - found)
            found |= new
        return found

    def _there(self, ids: Iterable[str]) -> set[str]:
        """Those of ``ids`` whose articles are there."""
        asked = json.dumps(sorted(ids))
        return {
            found
            for segment in self._segments
            for (found,) in segment.catalogue.rows(
                "SELECT id FROM articles WHERE id IN (SELECT value FROM json_each(?))", asked
            )
        }
