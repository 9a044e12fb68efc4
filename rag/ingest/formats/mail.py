"""Saved mails, such as newsletters and press releases, by the standard library.

A press release often comes as a line and an attached file: the files that are in a format
that is read are articles too. Pictures and signatures are in none, nor are the words of
another mail that it answers.
"""

from __future__ import annotations

import dataclasses
import email
import email.policy
import email.utils
import io
import itertools
import re
import unicodedata
from collections.abc import Collection, Iterator
from email.message import EmailMessage
from pathlib import PurePosixPath

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dates import find_date
from rag.ingest.formats.encoding import decode, decode_declared, decode_html
from rag.ingest.formats.mail_replies import is_answer, split_reply, split_reply_page
from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.zip_archive import (
    LimitReachedError,
    ReadMember,
    check_limits,
    printable,
    read_within,
)
from rag.types.provenance import DateFrom, LeftOut, LeftOutKind

# A plain part this much shorter than the page beside it only says where the page is.
_POOR = 0.5
# How the standard library gives up on headers and parts that are not well formed.
_GIVEN_UP = (ValueError, LookupError, TypeError, AttributeError, OverflowError)
# What stands for a byte that could not be read.
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"
_SIGNATURE = re.compile(r"^-- ?$.*\Z", re.M | re.S)
# What mail programs let break a line of RFC 3676.
# A signature's own line ends so too.
_FLOWED = re.compile(r"(?<=\S)(?<!\n--) \n(?=[^\s>])")


def read_mail(opened: Opened, suffixes: Collection[str], read: ReadMember) -> Iterator[Member]:
    """A mail, then the articles in its attachments whose suffix is in ``suffixes``.

    A mail without words of its own is none if anything is attached; what is attached has
    its date and its source where it tells none. Raises ArticleError when it has no headers
    of a mail, is encrypted, or goes beyond the limits that archives have.
    """
    message = email.message_from_bytes(opened.content(), policy=email.policy.default)
    if not any(name in message for name in ("from", "subject", "date", "message-id")):
        raise ArticleError(Problem.of(Code.NO_MAIL))
    if message.get_content_type() == "multipart/encrypted":
        raise ArticleError(Problem.of(Code.MAIL_ENCRYPTED))
    mail = _draft(message)
    attached = list(_attached(message, suffixes))
    if not attached or any(sign.isalnum() for sign in mail.text):
        yield Member(mail)
    for name, content in attached:
        for member in _articles_in(name, content, opened, read):
            yield dataclasses.replace(member, draft=_from_mail(member.draft, mail))


def _draft(message: EmailMessage) -> Draft:
    name, address = email.utils.parseaddr(_header(message, "from") or "")
    text, left_out = _text(message)
    return Draft(
        text,
        title=_header(message, "subject"),
        date=find_date(_header(message, "date")),
        date_from=DateFrom.MAIL_HEADER,
        source=_header(message, "organization") or _host(address),
        url=(_header(message, "archived-at") or "").strip("<> ") or None,
        author=name or address or None,
        language=_header(message, "content-language"),
        left_out=left_out,
    )


def _from_mail(draft: Draft | ArticleError, mail: Draft) -> Draft | ArticleError:
    """``draft`` with what it does not tell and its mail does."""
    if isinstance(draft, ArticleError):
        return draft
    return dataclasses.replace(
        draft,
        source=draft.source or mail.source,
        made=draft.made or mail.date,
        made_from=draft.made_from if draft.made else DateFrom.MAIL_HEADER,
    )


def _attached(
    message: EmailMessage, suffixes: Collection[str]
) -> Iterator[tuple[str, bytes | ArticleError]]:
    """The names and contents of the files that come with a mail, no name twice."""
    bodies = [_body(message, kind) for kind in ("plain", "html")]
    given: set[str] = set()
    for part in _parts(message):
        name = _name(part)
        suffix = PurePosixPath(name).suffix
        if any(part is body for body in bodies) or suffix.lower() not in suffixes:
            continue
        numbered = (f"{name.removesuffix(suffix)} ({n}){suffix}" for n in itertools.count(2))
        name = next(one for one in itertools.chain([name], numbered) if one not in given)
        given.add(name)
        yield name, _content(part)


def _parts(message: EmailMessage) -> Iterator[EmailMessage]:
    """The parts of a mail that are not made of parts; a mail in the mail is one."""
    if message.get_content_maintype() != "multipart":
        yield message
        return
    for part in _inner(message):
        yield from _parts(part)


def _inner(message: EmailMessage) -> list[EmailMessage]:
    # The payload of what is no list of parts is decoded, which may fail.
    parts = message.get_payload() if message.is_multipart() else ()
    return [part for part in parts if isinstance(part, EmailMessage)]


def _name(part: EmailMessage) -> str:
    """What a part is called, without folders; "" for one that is hidden or not named."""
    try:
        written = part.get_filename() or ""
    except _GIVEN_UP:
        written = ""
    if part.get_content_type() == "message/rfc822":
        written = f"{written.removesuffix('.eml') or _subject(part)}.eml"
    written = written.encode("utf-8", "replace").decode().replace("\\", "/")
    name = unicodedata.normalize("NFC", printable(" ".join(written.split("/")[-1].split())))
    return "" if name.startswith(".") else name


def _subject(part: EmailMessage) -> str:
    subject = next((_header(inner, "subject") for inner in _inner(part)), None)
    return (subject or "message").replace("/", " ")


def _content(part: EmailMessage) -> bytes | ArticleError:
    content = _bytes(part)
    if content is None:
        return ArticleError(Problem.of(Code.ATTACHED_UNREADABLY))
    return content


def _bytes(part: EmailMessage) -> bytes | None:
    """What a part holds, None where its encoding cannot be undone."""
    try:
        if part.is_multipart():
            return b"".join(inner.as_bytes() for inner in _inner(part)[:1])
        payload = part.get_payload(decode=True)
    except _GIVEN_UP:
        return None
    return payload if isinstance(payload, bytes) else None


def _articles_in(
    name: str, content: bytes | ArticleError, opened: Opened, read: ReadMember
) -> Iterator[Member]:
    try:
        if isinstance(content, ArticleError):
            raise content
        check_limits(opened, [len(content)])
        yield from read_within(opened, name, io.BytesIO(content), read)
    except LimitReachedError:
        raise
    except ArticleError as error:
        yield Member(error, name)


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        text = str(message.get(name) or "")
    except _GIVEN_UP:
        text = ""
    if _UNKNOWN in text:
        # Bytes of no known encoding, which the library keeps beside.
        text = _raw_header(message, name) or text
    # What is left of such bytes comes as lone surrogates.
    return " ".join(text.encode("utf-8", "replace").decode().split()) or None


def _raw_header(message: EmailMessage, name: str) -> str | None:
    """A header of bytes as they are likely meant; None where it is written otherwise."""
    raw = next((value for key, value in message.raw_items() if key.lower() == name), "")
    try:
        written = str(raw).encode("ascii", "surrogateescape")
        return None if b"=?" in written else decode(written)
    except (UnicodeError, ArticleError):
        return None


def _text(message: EmailMessage) -> tuple[str, tuple[LeftOut, ...]]:
    """The words of a mail, and what of it is none of its sender's."""
    references = _header(message, "in-reply-to") or _header(message, "references") or ""
    answers = is_answer(_header(message, "subject") or "", references)
    words = _words(message, "plain").replace("\r\n", "\n").replace("\r", "\n")
    own, signature = _signed(words)
    plain, quoted = split_reply(own, answers=answers)
    markup, quoted_of_page = split_reply_page(_words(message, "html"), answers=answers)
    page = paragraphs(markup)
    is_page = len(plain) < _POOR * len(page)
    left_out = [(LeftOutKind.QUOTED, one) for one in (quoted_of_page if is_page else quoted)]
    if is_page:
        left_out.append((LeftOutKind.NOTICE, plain))
    left_out.append((LeftOutKind.FOOTER, signature))
    return page if is_page else plain, tuple(
        LeftOut.of(kind, one)
        for kind, one in left_out
        if any(sign.isalnum() for sign in one) and one not in page + plain
    )


def _signed(words: str) -> tuple[str, str]:
    """What stands before the signature of a mail, and that."""
    found = _SIGNATURE.search(words)
    if found is None:
        return words.strip(), ""
    return words[: found.start()].strip(), found[0].removeprefix("--").strip()


def _body(message: EmailMessage, kind: str) -> EmailMessage | None:
    try:
        part = message.get_body((kind,))
    except _GIVEN_UP:
        return None
    return part if isinstance(part, EmailMessage) else None


def _words(message: EmailMessage, kind: str) -> str:
    part = _body(message, kind)
    payload = None if part is None else _bytes(part)
    if part is None or payload is None:
        return ""
    declared = part.get_param("charset")
    named = declared if isinstance(declared, str) and declared.lower() != "us-ascii" else None
    try:
        if kind == "html":
            return decode_declared(payload, named).text if named else decode_html(payload)
        words = decode_declared(payload, named).text
    except ArticleError:
        words = payload.decode("utf-8", "replace")
    words = words.replace("\r\n", "\n")
    return _FLOWED.sub(" ", words) if part.get_param("format") == "flowed" else words


def _host(address: str) -> str | None:
    return address.rpartition("@")[2].lower() or None
