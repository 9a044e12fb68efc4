"""Saved mails, such as newsletters and press releases, by the standard library."""

from __future__ import annotations

import email
import email.policy
import email.utils
import re
from email.message import EmailMessage

from rag.articles.dates import find_date
from rag.articles.draft import Draft
from rag.articles.encoding import decode
from rag.articles.markup import paragraphs
from rag.errors import ArticleError

# A plain part this much shorter than the page beside it only says where the page is.
_POOR = 0.5
_SIGNATURE = re.compile(r"^-- ?$.*\Z", re.M | re.S)
# What mail programs let break a line of RFC 3676.
_FLOWED = re.compile(r"(?<=\S) \n(?=[^\s>])")


def read_mail(content: bytes) -> Draft:
    """A mail: its subject, sender and words; attachments are not read.

    Raises ArticleError when it has no headers of a mail, no words, or is encrypted.
    """
    message = email.message_from_bytes(content, policy=email.policy.default)
    if not any(name in message for name in ("from", "subject", "date", "message-id")):
        raise ArticleError("is no mail: it names no sender, subject or date; save it again")
    if message.get_content_type() == "multipart/encrypted":
        raise ArticleError("is encrypted; save it decrypted")
    name, address = email.utils.parseaddr(_header(message, "from") or "")
    return Draft(
        _text(message),
        title=_header(message, "subject"),
        date=find_date(_header(message, "date")),
        source=_header(message, "organization") or _host(address),
        url=(_header(message, "archived-at") or "").strip("<> ") or None,
        author=name or address or None,
        language=_header(message, "content-language"),
    )


def _header(message: EmailMessage, name: str) -> str | None:
    try:
        value = message.get(name)
    except (ValueError, LookupError, TypeError, AttributeError, IndexError):
        # The standard library gives up on some headers that are not well formed.
        value = None
    # Bytes of no known encoding come as lone surrogates.
    text = str(value or "").encode("utf-8", "replace").decode()
    return " ".join(text.split()) or None


def _text(message: EmailMessage) -> str:
    plain = _words(message, "plain")
    page = paragraphs(_words(message, "html"))
    return page if len(plain) < _POOR * len(page) else plain


def _words(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if not isinstance(part, EmailMessage):
        return ""
    try:
        words = str(part.get_content())
    except (LookupError, ValueError):
        # An encoding that does not exist or does not fit.
        payload = part.get_payload(decode=True)
        words = decode(payload) if isinstance(payload, bytes) else ""
    if kind == "html":
        return words
    words = words.replace("\r\n", "\n")
    if part.get_param("format") == "flowed":
        words = _FLOWED.sub(" ", words)
    return _SIGNATURE.sub("", words).strip()


def _host(address: str) -> str | None:
    return address.rpartition("@")[2].lower() or None
