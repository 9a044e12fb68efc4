"""RTF files: what a reader of their pages sees, in its order.

Own code rather than a library: striprtf, which is small and well kept, gives one text
without footnotes and text boxes, and with what is hidden or deleted.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.member import Member, Opened
from rag.ingest.formats.office import Document
from rag.ingest.formats.press_exports import members_of
from rag.ingest.formats.rtf_reader import RtfReader
from rag.ingest.formats.rtf_tokens import tokens


def read_rtf(opened: Opened) -> Iterator[Member]:
    """The article of an .rtf file, or the articles where it is an export of several.

    What was deleted or is hidden is not read; notes come last, text boxes after the
    paragraph that they stand at. Raises ArticleError when it is no RTF.
    """
    content = opened.content()
    if not content.lstrip(b"\xef\xbb\xbf \t\r\n\0").startswith(b"{\\rtf"):
        raise ArticleError(Problem.of(Code.RTF_DAMAGED))
    document = Document()
    reader = RtfReader(document)
    for token in tokens(content):
        if reader.take(token):
            break
    is_whole = reader.finish()
    problems = () if is_whole else (Problem.of(Code.RTF_CUT_SHORT),)
    for number, member in enumerate(members_of(document)):
        if number == 0 and problems and not isinstance(member.draft, ArticleError):
            draft = dataclasses.replace(member.draft, problems=problems)
            member = dataclasses.replace(member, draft=draft)
        yield member
