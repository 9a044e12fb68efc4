"""What a mail quotes of the one that it answers: others' words, told from the sender's own.

Mail programs mark them with ``>``, put them under a line such as « Le 12 août 2025, Basile Rey
a écrit : » or set them apart in elements of their own. A mail that hands another one on has
nothing else to say, so what it hands on is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rag.ingest.formats.markup import paragraphs

_MARKED = re.compile(r"[ \t]?>+[> \t]?")
_WROTE = re.compile(
    r"(?:a [ée]crit|wrote|schrieb|escribió|ha scritto|schreef|escreveu)"
    r"[ \u00a0\u202f]*:[ \t]*$",
    re.I,
)
_WROTE_BEGINS = re.compile(r"(?:Le|On|Am|El|Il|Op|Em)\b")
# An attribution tells a time or an address; « Hugo a écrit : » in an article does not.
_TELLS_WHEN = re.compile(r"\d{1,2}[:h]\d{2}|@|\b(?:19|20)\d{2}\b")
_MOST_ATTRIBUTION_LINES = 3
_ORIGINAL = re.compile(
    r"[-_]{2,}[ \t]*(?:Message d['’]origine|Message original|Original Message"
    r"|Ursprüngliche Nachricht|Mensaje original)[ \t]*[-_]{2,}",
    re.I,
)
_FROM = re.compile(r"\*?(?:De|From|Von)\*?[ \u00a0]?:\*? ?\S", re.I)
_SENT = re.compile(
    r"\*?(?:Envoyé|Sent|Date|Gesendet|À|A|To|An|Objet|Subject)\*?[ \u00a0]?:", re.I
)
_FORWARDED = re.compile(
    r"^[ \t]*(?:[-_]{3,}[ \t]*)?(?:Forwarded message|Message transféré|Message réexpédié"
    r"|Début du message (?:réexpédié|transféré)|Begin forwarded message)",
    re.I | re.M,
)
_FORWARDING = re.compile(r"(?:fwd?|tr|wg|rv|i)[ \u00a0]?:", re.I)
_ANSWERING = re.compile(r"(?:re|ré|aw|sv|antw|rif)(?:\[\d+\])?[ \u00a0]?:", re.I)
_QUOTED_ELEMENTS = (
    "//blockquote[@type='cite']",
    "//*[contains(concat(' ', @class, ' '), ' gmail_quote ')]",
    "//*[contains(concat(' ', @class, ' '), ' gmail_attr ')]",
    "//*[contains(concat(' ', @class, ' '), ' moz-cite-prefix ')]",
    "//*[contains(concat(' ', @class, ' '), ' yahoo_quoted ')]",
    "//*[contains(concat(' ', @class, ' '), ' protonmail_quote ')]",
    "//*[@id='divRplyFwdMsg' or @id='mail-editor-reference-message-container']",
    "//*[@id='divRplyFwdMsg']/following-sibling::*",
    "//*[@id='appendonsend']/following-sibling::*",
)


def is_answer(subject: str, references: str) -> bool:
    """Whether a mail of that subject and those headers answers another one."""
    if _FORWARDING.match(subject):
        return False
    return bool(_ANSWERING.match(subject) or references)


def split_reply(text: str, *, answers: bool) -> tuple[str, list[str]]:
    """The sender's own words in a mail, and what it quotes.

    Where the mail ``answers`` no other, lines with a ``>`` are the sender's unless it says
    whose they are. A mail of nothing but quoted words is given whole, without the marks.
    """
    lines = text.split("\n")
    quoted = _quoted_lines(lines, answers=answers)
    kept = (line for line, is_quoted in zip(lines, quoted, strict=True) if not is_quoted)
    own = "\n".join(kept)
    own = re.sub(r"\n{3,}", "\n\n", own).strip()
    if not any(sign.isalnum() for sign in own):
        return "\n".join(_unmarked(line) for line in lines).strip(), []
    return own, list(_runs(lines, quoted))


def split_reply_page(markup: str, *, answers: bool) -> tuple[str, list[str]]:
    """``split_reply`` for a mail that is a page; what is its own is markup."""
    from lxml import etree, html

    if not answers or not markup.strip():
        return markup, []
    try:
        root = html.document_fromstring(markup.encode("utf-8", "replace"), parser=_parser())
    except etree.ParserError:
        return markup, []
    quoted: list[str] = []
    for path in _QUOTED_ELEMENTS:
        for element in root.xpath(path):
            if not isinstance(element.tag, str) or element.getroottree().getroot() is not root:
                continue
            words = paragraphs(html.tostring(element, encoding="unicode", with_tail=False))
            if words:
                quoted.append(words)
            element.drop_tree()
    own = html.tostring(root, encoding="unicode")
    return (own, quoted) if any(sign.isalnum() for sign in paragraphs(own)) else (markup, [])


def _parser() -> object:
    from lxml import html

    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)


def _quoted_lines(lines: Sequence[str], *, answers: bool) -> list[bool]:
    """Which of ``lines`` are another's."""
    quoted = [answers and _MARKED.match(line) is not None for line in lines]
    hands_on = _FORWARDED.search("\n".join(lines)) is not None
    for number, line in enumerate(lines):
        if quoted[number]:
            continue
        if _WROTE.search(line) and not _MARKED.match(line):
            _mark_attributed(lines, quoted, number, whole=not hands_on)
        elif not hands_on and answers and _begins_original(lines, number):
            quoted[number:] = [True] * (len(lines) - number)
            break
    return quoted


def _mark_attributed(
    lines: Sequence[str], quoted: list[bool], number: int, *, whole: bool
) -> None:
    """Mark the attribution that ends in line ``number``, and what it attributes."""
    first = number
    while (
        first > 0
        and not _WROTE_BEGINS.match(lines[first].strip())
        and number - first < _MOST_ATTRIBUTION_LINES - 1
        and lines[first - 1].strip()
        and not quoted[first - 1]
    ):
        first -= 1
    if not _WROTE_BEGINS.match(lines[first].strip()):
        first = number
    following = number + 1
    while following < len(lines) and not lines[following].strip():
        following += 1
    if following < len(lines) and _MARKED.match(lines[following]):
        last = following
        while last < len(lines) and _MARKED.match(lines[last]):
            last += 1
    elif whole and _TELLS_WHEN.search(" ".join(lines[first : number + 1])):
        last = len(lines)
    else:
        return
    quoted[first:last] = [True] * (last - first)


def _begins_original(lines: Sequence[str], number: int) -> bool:
    """Whether the mail that is answered begins in line ``number``, with its headers."""
    if _ORIGINAL.match(lines[number].strip()):
        return True
    if not _FROM.match(lines[number].strip()):
        return False
    headers = (_SENT.match(line.strip()) for line in lines[number + 1 : number + 5])
    return sum(found is not None for found in headers) > 1


def _runs(lines: Sequence[str], quoted: Sequence[bool]) -> Iterator[str]:
    """Neighbouring quoted lines together, without their marks."""
    run: list[str] = []
    for line, is_quoted in [*zip(lines, quoted, strict=True), ("", False)]:
        if is_quoted:
            run.append(_unmarked(line))
        elif run:
            yield "\n".join(run)
            run = []


def _unmarked(line: str) -> str:
    return re.sub(r"^(?:[ \t]?>)+[ \t]?", "", line)
