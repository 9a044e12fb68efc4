"""A folder of files to Articles, one at a time; a bad file says what is wrong with it."""

from __future__ import annotations

import dataclasses
import datetime
import functools
import hashlib
import logging
import os
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.dated_lines import date_in_text
from rag.ingest.formats.dates import date_in_name, day_in_place
from rag.ingest.formats.encoding import decode_html, decode_mending
from rag.ingest.formats.epub import read_epub
from rag.ingest.formats.feeds import read_feed
from rag.ingest.formats.html import read_html
from rag.ingest.formats.limits import ReadingOptions
from rag.ingest.formats.mail import read_mail
from rag.ingest.formats.markdown import read_markdown
from rag.ingest.formats.marked_text import tidy, tidy_with_places
from rag.ingest.formats.member import Budget, Draft, Member, Opened, Tell, unheard
from rag.ingest.formats.open_document import read_odt
from rag.ingest.formats.pdf import read_pdf
from rag.ingest.formats.pictures import PICTURES, read_picture
from rag.ingest.formats.plain import read_plain, title_in
from rag.ingest.formats.records import read_csv, read_json, read_json_lines
from rag.ingest.formats.rtf import read_rtf
from rag.ingest.formats.saved_pages import read_mhtml, read_webarchive
from rag.ingest.formats.told_by_content import format_of
from rag.ingest.formats.transcripts import read_transcript
from rag.ingest.formats.word import read_docx
from rag.ingest.formats.zip_archive import read_zip
from rag.types import Article, BrokenFile
from rag.types.provenance import DateFrom

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

logger = logging.getLogger(__name__)

Reader = Callable[[Opened], Iterator[Member]]


def _one(read: Callable[[bytes], Draft]) -> Reader:
    """The reader of a format that holds one article a file."""
    return lambda opened: iter([Member(read(opened.content()))])


def _html(opened: Opened) -> Iterator[Member]:
    return read_html(decode_html(opened.content()))


def _text(read: Callable[[str], Draft]) -> Reader:
    """The reader of a format that is one article of text, whatever its bytes."""

    def read_bytes(content: bytes) -> Draft:
        decoded = decode_mending(content)
        draft = read(tidy(decoded.text))
        problems = (*draft.problems, *decoded.problems)
        return dataclasses.replace(draft, problems=problems)

    return _one(read_bytes)


_plain = _text(read_plain)
_markdown = _text(read_markdown)

# What holds several articles a file.
CONTAINERS: Mapping[str, Reader] = {
    ".csv": read_csv,
    ".json": read_json,
    ".jsonl": read_json_lines,
    ".rss": read_feed,
    ".atom": read_feed,
    ".xml": read_feed,
    ".epub": read_epub,
    ".eml": lambda opened: read_mail(opened, _within(), _read_inner),
    ".zip": lambda opened: read_zip(opened, _within(), CONTAINERS, _read_inner),
}
FORMATS: Mapping[str, Reader] = {
    ".txt": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".xhtml": _html,
    ".mhtml": read_mhtml,
    ".mht": read_mhtml,
    ".webarchive": read_webarchive,
    ".pdf": read_pdf,
    **dict.fromkeys(PICTURES, read_picture),
    ".docx": read_docx,
    ".odt": read_odt,
    ".rtf": read_rtf,
    ".srt": read_transcript,
    ".vtt": read_transcript,
    **CONTAINERS,
}
DEFAULT_LANGUAGE = "fr"
# Fewer languages to choose from, fewer mistakes on short texts.
_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
_ENOUGH_LETTERS = 60
_LETTERS_LOOKED_AT = 4000
# So many broken members of one file have a line each.
_MOST_BROKEN = 50


def read_article(file: Path, folder: Path, max_bytes: int) -> Article:
    """The article in ``file``, whose path is told relative to ``folder``.

    Its text is NFC with ``\\n`` line ends and otherwise as written; where a format has
    marks, it is the words without them. Raises ArticleError, a line that says what is
    wrong with the file, when it is too large, unreadable, empty or no text, or when it
    is of a format that holds several articles.
    """
    if file.suffix.lower() in CONTAINERS:
        raise ArticleError(Problem.of(Code.SEVERAL_ARTICLES))
    try:
        with file.open("rb") as stream:
            file_hash = hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        problem = Problem.of(Code.NOT_READ, detail=error.strerror or str(error))
        raise ArticleError(problem) from error
    options = ReadingOptions(file_bytes=max_bytes)
    article = next(read_articles(file, folder, options, file_hash))
    assert isinstance(article, Article)
    return article


def read_articles(
    file: Path,
    folder: Path,
    options: ReadingOptions,
    file_hash: str,
    tell: Tell = unheard,
) -> Iterator[Article | BrokenFile]:
    """The articles in ``file`` one at a time, and its members that cannot be read.

    Paths are told relative to ``folder``, with the way through an archive and what tells
    an article from the others of its file: ``archive.zip/journal/flux.rss#41``. Every
    article carries ``file_hash``, so that all of them are known by it. An article that
    says it is of a day to come is kept without that date, followed by a line that says
    so. ``tell`` hears how far what takes long is, page by page. Raises ArticleError for what
    is wrong with the whole file, at any moment.
    """
    path = file.relative_to(folder).as_posix()
    if path.encode("utf-8", "replace").decode() != path:
        raise ArticleError(Problem.of(Code.NAME_NOT_UTF_8))
    broken = 0
    try:
        with file.open("rb") as stream:
            opened = Opened(file.name, stream, options, Budget(), tell=tell)
            before = os.fstat(stream.fileno())
            for member in _reader(opened)(opened):
                for found in _found(member, path, file_hash, options):
                    broken += isinstance(found, BrokenFile)
                    if broken <= _MOST_BROKEN or isinstance(found, Article):
                        # What was read until now was read of one and the same file.
                        _check_unchanged(stream, before)
                        yield found
            _check_unchanged(stream, before)
    except OSError as error:
        problem = Problem.of(Code.NOT_READ, detail=error.strerror or str(error))
        raise ArticleError(problem) from error
    if broken > _MOST_BROKEN:
        more = broken - _MOST_BROKEN
        raise ArticleError(Problem.of(Code.MANY_BROKEN, count=more, before=_MOST_BROKEN))


def _check_unchanged(stream: BinaryIO, before: os.stat_result) -> None:
    after = os.fstat(stream.fileno())
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise ArticleError(Problem.of(Code.CHANGED_MEANWHILE))


def _reader(opened: Opened) -> Reader:
    """The reader of a file's format: what it holds goes before what its ending says."""
    found = FORMATS.get(format_of(opened.name, opened.stream, FORMATS))
    if found is None:
        raise ArticleError(Problem.of(Code.NO_FORMAT, formats=", ".join(sorted(FORMATS))))
    return found


def _within() -> Mapping[str, Reader]:
    """What is read in mails and archives: pictures in them are logos and illustrations."""
    return {suffix: read for suffix, read in FORMATS.items() if suffix not in PICTURES}


def _read_inner(opened: Opened) -> Iterator[Member]:
    """The articles of a file in an archive; what a library makes of it costs that file."""
    try:
        yield from _reader(opened)(opened)
    except (ArticleError, OSError):
        raise
    except Exception as error:
        logger.exception("%s in an archive could not be read", opened.name)
        problem = Problem.of(Code.READER_FAILED, kind=type(error).__name__)
        raise ArticleError(problem) from error


def _found(
    member: Member, path: str, file_hash: str, options: ReadingOptions
) -> Iterator[Article | BrokenFile]:
    """The article of a member and what is to be said about it."""
    whole = "/".join(filter(None, (path, member.file)))
    place = f"{whole}#{member.key}" if member.key else whole
    try:
        if isinstance(member.draft, ArticleError):
            raise member.draft
        article, problems = _article(member.draft, place, whole, file_hash, options)
    except ArticleError as error:
        if place == path:
            raise
        yield BrokenFile(place, error.problem)
        return
    yield article
    yield from (BrokenFile(place, problem) for problem in problems)


def _article(
    draft: Draft, place: str, file: str, file_hash: str, options: ReadingOptions
) -> tuple[Article, tuple[Problem, ...]]:
    """The article at ``place`` in ``file``, and what is to be said about it."""
    text, places = tidy_with_places(draft.text, draft.places)
    if not any(character.isalnum() for character in text):
        raise ArticleError(Problem.of(Code.NO_WORDS))
    language = _declared(draft.language) or _language(text)
    title = _line(draft.title)
    # The name of a file of several articles tells when it was put together.
    named = date_in_name(PurePosixPath(file).name) if place == file else None
    day, date_from = _date(draft, text, named)
    # The tag tells the country too.
    tag = draft.language if _declared(draft.language) else None
    date = day_in_place(day, tag or language, options.timezone)
    problems = draft.problems
    # A day ahead is today somewhere.
    if date is not None and date > datetime.date.today() + datetime.timedelta(1):
        problems = (Problem.of(Code.DATE_TO_COME, date=date.isoformat()), *problems)
        date = date_from = None
    article = Article(
        id=hashlib.sha256(f"{place}\0{text}".encode()).hexdigest()[:16],
        path=place,
        text=text,
        title=title or title_in(text, language),
        file_hash=file_hash,
        date=date,
        language=language,
        source=_line(draft.source) or _folder_name(file),
        url=_address(draft.url),
        author=_line(draft.author),
        date_from=date_from,
        places=places,
        left_out=draft.left_out,
    )
    return article, problems


def _date(
    draft: Draft, text: str, named: datetime.date | None
) -> tuple[datetime.date | None, DateFrom | None]:
    """The article's day or instant and why, the day of an update for want of another.

    The file's name goes before the day the file was made.
    """
    why = draft.date_from or DateFrom.PUBLISHED
    if draft.date is not None and why is not DateFrom.UPDATED:
        return draft.date, why
    written = date_in_text(text, draft.language)
    if written is not None and written.why is not DateFrom.UPDATED:
        return written.day, written.why
    if draft.date is None and named is not None:
        return named, DateFrom.FILE_NAME
    if draft.date is not None:
        return draft.date, why
    if written is not None:
        return written.day, written.why
    return draft.made, draft.made_from if draft.made is not None else None


def _address(url: str | None) -> str | None:
    """An address that a browser may be sent to; a script's is none."""
    address = (url or "").strip()
    return address if address.lower().startswith(("http://", "https://")) else None


def _line(written: str | None) -> str | None:
    return " ".join(tidy(written or "").split()) or None


def _folder_name(file: str) -> str | None:
    """The first folder on the way to a file; an archive or a mail is none."""
    folders = (
        part for part in file.split("/")[:-1] if not part.lower().endswith((".zip", ".eml"))
    )
    return next(folders, None)


def _declared(written: str | None) -> str | None:
    """The language that a tag such as ``fr-CA`` or ``pt_BR`` names, if it is one."""
    code = re.split(r"[-_]", (written or "").strip().lower())[0]
    return code if code in _LANGUAGES or code in _known_languages() else None


def _language(text: str) -> str:
    """What ``text`` is most likely written in; French when there is too little of it."""
    looked_at = text[:_LETTERS_LOOKED_AT]
    if sum(character.isalpha() for character in looked_at) < _ENOUGH_LETTERS:
        return DEFAULT_LANGUAGE
    language, _ = _identifier().classify(looked_at)
    return str(language)


@functools.cache
def _identifier() -> LanguageIdentifier:
    identifier = _untold_identifier()
    identifier.set_languages(list(_LANGUAGES))
    return identifier


@functools.cache
def _known_languages() -> frozenset[str]:
    return frozenset(map(str, _untold_identifier().nb_classes))


def _untold_identifier() -> LanguageIdentifier:
    """One that chooses among all languages."""
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE)
