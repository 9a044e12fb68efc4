"""Tokens of RTF to a page: groups, what their words are for, and how these are set."""

from __future__ import annotations

import dataclasses
import datetime
from dataclasses import dataclass, field

from rag.ingest.formats.office import Document
from rag.ingest.formats.rtf_page import APART, BODY_LEVEL, Look, RtfPage
from rag.ingest.formats.rtf_tokens import (
    WESTERN,
    Close,
    Letters,
    Open,
    Token,
    Word,
    encoding_of_charset,
    encoding_of_page,
)

_SIGNS = {
    "tab": "\t",
    "line": "\n",
    "lbr": "\n",
    "emdash": "—",
    "endash": "–",
    "emspace": "\u2003",
    "enspace": "\u2002",
    "qmspace": "\u2005",
    "bullet": "•",
    "lquote": "‘",
    "rquote": "’",
    "ldblquote": "“",
    "rdblquote": "”",
    "zwnj": "\u200c",
    "zwj": "\u200d",
    "~": "\u00a0",
    "-": "\u00ad",
    "_": "-",
    "{": "{",
    "}": "}",
    "\\": "\\",
}
_PARAGRAPH_ENDS = frozenset(("par", "sect", "page", "column", "\r", "\n"))
# Groups whose words are no words of a page.
_SKIPPED = frozenset(
    "colortbl pict nonshppict shppict objdata themedata datastore filetbl revtbl listtable"
    " listoverridetable rsidtbl generator xmlnstbl mmathPr sp shprslt fldinst atnid atnauthor"
    " atntime atnref bkmkstart bkmkend xe tc tcn rxe txe ftnsep ftnsepc ftncn aftnsep"
    " aftnsepc aftncn latentstyles nonesttables listtext pntext pn pnseclvl private"
    " template subject keywords comment doccomm operator manager company category hlinkbase"
    " revtim printim buptim userprops docvar factoidname formfield".split()
)
# Of the groups that programs may pass over ("\\*"), those that hold words of a page.
_STARRED = frozenset(
    "shpinst do shptxt dptxbxtext ud footnote annotation nesttableprops".split()
)
_LISTS = frozenset(("fonttbl", "stylesheet", "info"))
_PROPERTIES = frozenset(("title", "author", "creatim"))
_SWITCHES = {"b": "bold", "v": "hidden", "deleted": "deleted", "super": "raised"}
_PAGES = {"mac": "mac_roman", "pc": "cp437", "pca": "cp850"}
_DEEPEST_TABLE = 8


@dataclass(slots=True)
class _State:
    """What holds until the end of a group.

    ``goes_to`` is what its words are for, ``before`` what they were for in a group that has
    them twice; ``skipped_after`` is how many letters stand in for one of Unicode, ``number``
    that of the style which a group of the list of styles describes.
    """

    goes_to: str = "text"
    before: str = "skip"
    skipped_after: int = 1
    font: int | None = None
    number: int = 0
    is_starred: bool = False
    is_first: bool = False
    look: Look = field(default_factory=Look)

    def inner(self) -> _State:
        """The state that a group in this one begins with."""
        look = dataclasses.replace(self.look)
        return dataclasses.replace(self, is_starred=False, is_first=True, look=look)


class RtfReader:
    """Takes the tokens of a file in their order and puts what it reads into ``document``."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._page = RtfPage(document)
        self._states: list[_State] = [_State()]
        self._encoding = WESTERN
        self._fonts: dict[int, str] = {}
        self._default_font: int | None = None
        self._styles: dict[int, str] = {}
        self._made: dict[str, int] = {}
        # Of a style, a title or an author.
        self._named = ""
        # Letters that have come since the last control word: bytes or halves of UTF-16,
        # and how many of those to come stand in for one that was told by its number.
        self._bytes = b""
        self._halves = ""
        self._left = 0

    def take(self, token: Token) -> bool:
        """Take one token; True where the file's own group has ended."""
        match token:
            case Open():
                self._end_letters()
                self._states.append(self._state.inner())
            case Close():
                self._end_letters()
                return self._close()
            case Letters(content):
                self._state.is_first = False
                self._letters(content)
            case Word(name, number):
                self._word(name, number)
        return False

    def finish(self) -> bool:
        """Put what was read into the document; whether every group had ended."""
        self._end_letters()
        self._page.finish()
        if "yr" in self._made:
            made = (self._made["yr"], self._made.get("mo", 1), self._made.get("dy", 1))
            try:
                self._document.made = datetime.date(*made)
            except ValueError:
                self._document.made = None
        return len(self._states) <= 1

    @property
    def _state(self) -> _State:
        return self._states[-1]

    def _close(self) -> bool:
        if len(self._states) <= 1:
            return True
        state = self._states.pop()
        if state.goes_to == "stylesheet" and self._state.goes_to == "stylesheet":
            self._styles[state.number] = self._named.strip().rstrip(";").lower()
            self._named = ""
        elif state.goes_to in ("title", "author") and self._state.goes_to != state.goes_to:
            words = " ".join(self._named.split()) or None
            self._named = ""
            if state.goes_to == "title":
                self._document.title = words
            else:
                self._document.author = words
        self._page.end_group(len(self._states))
        return len(self._states) <= 1

    def _word(self, name: str, number: int | None) -> None:
        state = self._state
        is_first, state.is_first = state.is_first, False
        if name == "*":
            self._end_letters()
            state.is_starred = state.is_first = is_first
            return
        if name == "u":
            self._unicode(number or 0)
            return
        if self._left and name in _SIGNS:
            self._left -= 1
            return
        self._end_letters()
        if is_first and self._destination(name):
            return
        if state.goes_to == "creatim" and number is not None:
            self._made[name] = number
        elif name in _SIGNS:
            self._say(_SIGNS[name])
        elif state.goes_to == "text" and self._ends(name):
            return
        elif state.goes_to != "skip":
            self._property(name, number)

    def _destination(self, name: str) -> bool:
        """Whether ``name`` says what the words of its group are for, and is done with."""
        state = self._state
        if name == "ud":
            state.goes_to = state.before
        elif name in _SKIPPED or (state.is_starred and name not in _STARRED):
            state.goes_to = "skip"
        elif state.goes_to == "skip":
            pass
        elif name == "upr":
            # The same words twice: in the old encoding, then in Unicode.
            state.before, state.goes_to = state.goes_to, "skip"
        elif name in _LISTS or (name in _PROPERTIES and state.goes_to == "info"):
            state.goes_to = name
            self._named = ""
        elif name in APART:
            self._page.begin_apart(name, len(self._states))
            state.look = Look()
        else:
            return False
        return True

    def _ends(self, name: str) -> bool:
        """Whether ``name`` ends a paragraph, a cell or a row."""
        look = self._state.look
        if name in _PARAGRAPH_ENDS:
            self._page.end_paragraph(look)
        elif name in ("cell", "nestcell"):
            self._page.end_cell(look, 1 if name == "cell" else max(look.depth, 2))
        elif name in ("row", "nestrow"):
            self._page.end_row(1 if name == "row" else max(look.depth, 2))
        else:
            return False
        return True

    def _property(self, name: str, number: int | None) -> None:
        state, look = self._state, self._state.look
        if name in _SWITCHES:
            setattr(look, _SWITCHES[name], number != 0)
        elif name == "plain":
            look.plain()
            state.font = self._default_font
        elif name == "pard":
            look.new_paragraph()
        elif name in ("nosupersub", "sub"):
            look.raised = False
        elif name == "s":
            state.number = number or 0
            look.style = self._styles.get(state.number, "")
        elif name == "outlinelevel":
            look.level = BODY_LEVEL if number is None else number
        elif name in ("ls", "pnlvlbody", "pnlvlblt"):
            look.is_item = number != 0
        elif name == "intbl":
            look.depth = max(look.depth, 1)
        elif name == "itap":
            look.depth = min(max(number or 0, 0), _DEEPEST_TABLE)
        elif name == "uc":
            state.skipped_after = max(1 if number is None else number, 0)
        else:
            self._encode(name, number)

    def _encode(self, name: str, number: int | None) -> None:
        """Take what tells in which encoding letters are."""
        state = self._state
        if name == "f":
            state.font = number
        elif name == "deff":
            self._default_font = state.font = number
        elif name == "fcharset" and state.goes_to == "fonttbl" and state.font is not None:
            encoding = encoding_of_charset(number or 0)
            if encoding:
                self._fonts[state.font] = encoding
        elif name == "ansicpg":
            self._encoding = encoding_of_page(number)
        elif name in _PAGES:
            self._encoding = _PAGES[name]

    def _letters(self, content: bytes) -> None:
        passed = min(self._left, len(content))
        self._left -= passed
        content = content[passed:]
        if content and self._state.goes_to != "skip":
            if self._halves:
                self._end_letters()
            self._bytes += content

    def _unicode(self, number: int) -> None:
        """Take a character by its number; those beyond the first plane come in halves."""
        if self._bytes:
            self._end_letters()
        if self._state.goes_to != "skip":
            self._halves += chr(number % 0x10000)
        self._left = self._state.skipped_after

    def _end_letters(self) -> None:
        self._left = 0
        if self._bytes:
            font = self._default_font if self._state.font is None else self._state.font
            encoding = self._fonts.get(font or 0, self._encoding)
            content, self._bytes = self._bytes, b""
            self._say(content.decode(encoding, "replace"))
        if self._halves:
            halves, self._halves = self._halves, ""
            written = halves.encode("utf-16-le", "surrogatepass")
            self._say(written.decode("utf-16-le", "replace"))

    def _say(self, words: str) -> None:
        state = self._state
        if state.goes_to in ("stylesheet", "title", "author"):
            self._named += words
        elif state.goes_to == "text":
            self._page.say(words, state.look)
