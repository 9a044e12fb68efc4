"""Saved mails, such as newsletters and press releases, by the standard library.

A press release often comes as a line and an attached file: the files that are in a format
that is read are articles too. Pictures and signatures are in none.
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

from rag.errors import ArticleError
from rag.ingest.formats.dates import find_date
from rag.ingest.formats.encoding import decode
from rag.ingest.formats.markup import paragraphs
from rag.ingest.formats.member import Draft, Member, Opened
from rag.ingest.formats.zip_archive import (
    LimitReachedError,
    ReadMember,
    check_limits,
    printable,
    read_within,
)
from rag.problems import Code, Problem
from rag.provenance import DateFrom

# A plain part this much shorter than the page beside it only says where the page is.
_POOR = 0.5
# How the standard library gives up on headers and parts that are not well formed.
_GIVEN_UP = (ValueError, LookupError, TypeError, AttributeError)
_SIGNATURE = re.compile(r"^-- ?$.*\Z", re.M | re.S)
# What mail programs let break a line of RFC 3676.
_FLOWED = re.compile(r"(?<=\S) \n(?=[^\s>])")


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
    return Draft(
        _text(message),
        title=_header(message, "subject"),
        date=find_date(_header(message, "date")),
        date_from=DateFrom.MAIL_HEADER,
        source=_header(message, "organization") or _host(address),
        url=(_header(message, "archived-at") or "").strip("<> ") or None,
        author=name or address or None,
        language=_header(message, "content-language"),
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
        value = message.get(name)
    except _GIVEN_UP:
        value = None
    # Bytes of no known encoding come as lone surrogates.
    text = str(value or "").encode("utf-8", "replace").decode()
    return " ".join(text.split()) or None


def _text(message: EmailMessage) -> str:
    plain = _words(message, "plain")
    page = paragraphs(_words(message, "html"))
    return page if len(plain) < _POOR * len(page) else plain


def _body(message: EmailMessage, kind: str) -> EmailMessage | None:
    try:
        part = message.get_body((kind,))
    except _GIVEN_UP:
        return None
    return part if isinstance(part, EmailMessage) else None


def _words(message: EmailMessage, kind: str) -> str:
    part = _body(message, kind)
    if part is None:
        return ""
    try:
        words = str(part.get_content())
    except (LookupError, ValueError):
        # An encoding that does not exist or does not fit.
        payload = _bytes(part)
        words = "" if payload is None else decode(payload)
    if kind == "html":
        return words
    words = words.replace("\r\n", "\n")
    if part.get_param("format") == "flowed":
        words = _FLOWED.sub(" ", words)
    return _SIGNATURE.sub("", words).strip()


def _host(address: str) -> str | None:
    return address.rpartition("@")[2].lower() or None
