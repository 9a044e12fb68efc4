"""What an index holds, counted and as a page with plots."""

from rag.library.statistics.collecting import Statistics, Story, collect
from rag.library.statistics.page import render_page

__all__ = ["Statistics", "Story", "collect", "render_page"]
