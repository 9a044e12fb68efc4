"""What an index holds, counted."""

from rag.library.statistics.collecting import Statistics, Story, collect

__all__ = ["Statistics", "Story", "collect"]
