"""A folder of files to Articles, one at a time; a bad file says what is wrong with it."""

from __future__ import annotations

import functools
import hashlib
import os
import unicodedata
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from rag.articles.draft import Draft
from rag.articles.encoding import decode, decode_html
from rag.articles.html import read_html
from rag.articles.markdown import read_markdown
from rag.articles.plain import read_plain, title_in
from rag.errors import ArticleError
from rag.types import Article

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

FORMATS: Mapping[str, Callable[[bytes], Draft]] = {
    ".txt": lambda content: read_plain(_tidy(decode(content))),
    ".md": lambda content: read_markdown(_tidy(decode(content))),
    ".markdown": lambda content: read_markdown(_tidy(decode(content))),
    ".html": lambda content: read_html(decode_html(content)),
    ".htm": lambda content: read_html(decode_html(content)),
}
DEFAULT_LANGUAGE = "fr"
# Fewer languages to choose from, fewer mistakes on short texts.
_LANGUAGES = ("fr", "en", "de", "es", "it", "nl", "pt")
_ENOUGH_LETTERS = 60
_LETTERS_LOOKED_AT = 4000


def find_article_files(
    folder: Path, on_error: Callable[[OSError], None] = lambda _: None
) -> list[Path]:
    """The files under ``folder`` in a format that is read, sorted by path.

    Hidden files and folders are left out; a folder that links back is entered once.
    ``on_error`` hears of a folder that cannot be listed.
    """
    found: list[Path] = []
    entered: set[tuple[int, int]] = set()
    for here, folders, files in os.walk(folder, onerror=on_error, followlinks=True):
        status = os.stat(here)
        if (status.st_dev, status.st_ino) in entered:
            folders.clear()
            continue
        entered.add((status.st_dev, status.st_ino))
        # Sorted, so that of two ways to a folder the same one is taken everywhere.
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        found.extend(
            Path(here, name)
            for name in files
            if not name.startswith(".") and Path(name).suffix.lower() in FORMATS
        )
    return sorted(found)


def read_article(file: Path, folder: Path, max_bytes: int) -> Article:
    """The article in ``file``, whose path is told relative to ``folder``.

    Its text is NFC with ``\\n`` line ends and otherwise as written; a Markdown or HTML
    file's is its words without marks. Raises ArticleError, a line that says what is
    wrong with the file, when it is too large, unreadable, empty or no text.
    """
    path = file.relative_to(folder).as_posix()
    if path.encode("utf-8", "replace").decode() != path:
        raise ArticleError("has a name that is not in UTF-8; rename it")
    content = _content(file, max_bytes)
    if not content.strip():
        raise ArticleError("is empty; delete it, or save the article again")
    draft = FORMATS[file.suffix.lower()](content)
    text = _tidy(draft.text)
    if not any(character.isalnum() for character in text):
        raise ArticleError("holds no words; delete it, or save the article again")
    language = draft.language if draft.language in _LANGUAGES else _language(text)
    title = " ".join(_tidy(draft.title or "").split())
    return Article(
        id=hashlib.sha256(f"{path}\0{text}".encode()).hexdigest()[:16],
        path=path,
        text=text,
        title=title or title_in(text, language),
        file_hash=hashlib.sha256(content).hexdigest(),
        date=draft.date,
        language=language,
        source=draft.source or _folder_name(path),
        url=draft.url,
        author=draft.author,
    )


def _content(file: Path, max_bytes: int) -> bytes:
    try:
        size = file.stat().st_size
        if size > max_bytes:
            raise ArticleError(
                f"has {size} bytes, at most {max_bytes} are read; split it, or raise the "
                "setting max_file_bytes"
            )
        return file.read_bytes()
    except OSError as error:
        raise ArticleError(f"cannot be read: {error.strerror or error}") from error


def _tidy(text: str) -> str:
    return unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))


def _folder_name(path: str) -> str | None:
    first, _, rest = path.partition("/")
    return first if rest else None


def _language(text: str) -> str:
    """What ``text`` is most likely written in; French when there is too little of it."""
    looked_at = text[:_LETTERS_LOOKED_AT]
    if sum(character.isalpha() for character in looked_at) < _ENOUGH_LETTERS:
        return DEFAULT_LANGUAGE
    language, _ = _identifier().classify(looked_at)
    return str(language)


@functools.cache
def _identifier() -> LanguageIdentifier:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE)
    identifier.set_languages(list(_LANGUAGES))
    return identifier
