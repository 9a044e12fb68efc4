"""Every reason of a refusal has a French form: of every format's bad files, and of the code."""

from __future__ import annotations

import ast
import errno
import os
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest

import rag
from rag.errors import ArticleError
from rag.ingest.folder import folder_sources, reading_options
from rag.library.bring_files import bring
from rag.types import BrokenFile
from rag.ui.reason_texts import DETAILS, REASONS
from rag.ui.reasons import reason_in
from tests.fakes import settings_for
from tests.ingest.format_files import PROSE, epub, packed, pdf
from tests.ingest.test_formats import CASES
from tests.ui.test_page_texts import french_mistakes

ROOT = Path(rag.__file__).parent
SAID_IN = [
    *sorted((ROOT / "articles").glob("*.py")),
    *(ROOT / f"{name}.py" for name in ("sources", "building", "bringing", "keeping_up")),
]
# The calls whose text is a reason, and which of their arguments it is.
SAYING = {"ArticleError": 0, "LimitReachedError": 0, "BrokenFile": 1}
# What only hands on a reason that was made elsewhere.
HANDED_ON = {"str(error)", "found.reason", "broken[0].reason"}
# In place of what a reason is filled with: as good as a number, a name or a word.
FILLED = "7"


class Reasons(ast.NodeVisitor):
    """Collects what the code of a file may say, with FILLED for what is not known."""

    def __init__(self, tree: ast.Module) -> None:
        self.found: list[str] = []
        self.unknown: list[str] = []
        self._assigned: dict[str, list[ast.expr]] = {}
        self._returned: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self._assigned.setdefault(node.targets[0].id, []).append(node.value)
            elif isinstance(node, ast.FunctionDef):
                self._returned[node.name] = [
                    one.value
                    for one in ast.walk(node)
                    if isinstance(one, ast.Return) and one.value is not None
                ]
        self.visit(tree)

    def visit_Call(self, node: ast.Call) -> None:
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name in SAYING and len(node.args) > SAYING[name]:
            self._say(node.args[SAYING[name]])
        self.generic_visit(node)

    def _say(self, said: ast.expr) -> None:
        match said:
            case ast.Constant(value=str(words)):
                self.found.append(words)
            case ast.JoinedStr(values=parts):
                self.found.append("".join(map(_filled, parts)))
            case ast.IfExp(body=body, orelse=otherwise):
                self._say(body)
                self._say(otherwise)
            case ast.Name(id=name) if name in self._assigned:
                for one in self._assigned[name]:
                    self._say(one)
            case ast.Call(func=ast.Name(id=name)) if name in self._returned:
                for one in self._returned[name]:
                    self._say(one)
            case _ if ast.unparse(said) not in HANDED_ON:
                self.unknown.append(ast.unparse(said))


def _filled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    # The names of settings are a part of what is said.
    return "max_file_bytes" if ast.unparse(part) == "{setting}" else FILLED


def said_by_the_code() -> Iterator[str]:
    for file in SAID_IN:
        reasons = Reasons(ast.parse(file.read_text("utf-8")))
        assert reasons.unknown == [], file
        yield from reasons.found


CODE_SAYS = sorted(set(said_by_the_code()))


def test_the_code_is_searched_for_reasons() -> None:
    assert len(CODE_SAYS) > 60
    tree = ast.parse("raise ArticleError(f'is {kind}; eat it')")
    assert Reasons(tree).found == ["is 7; eat it"]
    assert Reasons(ast.parse("ArticleError(made_somehow())")).unknown == ["made_somehow()"]


@pytest.mark.parametrize("reason", CODE_SAYS)
def test_what_the_code_says_is_said_in_french(reason: str) -> None:
    words, language = reason_in(reason, "fr")
    assert language == "fr"
    assert words != reason
    assert french_mistakes(words) == []
    assert "'" not in words
    assert "{" not in words
    english, language = reason_in(reason, "en")
    assert (language, bool(english)) == ("en", True)


@pytest.mark.parametrize("case", [one for one in CASES if one.reasons], ids=str)
def test_what_is_wrong_with_a_file_is_said_in_french(tmp_path: Path, case: object) -> None:
    chosen = settings_for(tmp_path)
    file = chosen.articles / case.name  # type: ignore[attr-defined]
    file.parent.mkdir(parents=True)
    content = case.content  # type: ignore[attr-defined]
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    for reason in _reasons(chosen.articles):
        assert reason_in(reason, "fr")[1] == "fr", reason


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("long.txt", b"a" * 2000, "fait 2000 octets, 1000 au plus sont lus."),
        ("images.pdf", pdf([[]]), "est un PDF sans texte"),
        ("secret.pdf", pdf([[(60, 760, 11, "Un mot.")]], encrypted=True), "est chiffré."),
        ("faux.pdf", PROSE.encode(), "est abîmé ou n’est pas un fichier PDF."),
        ("livre.epub", epub({"a.xhtml": ""}, missing="a.xhtml"), "est abîmé"),
        ("tout.zip", packed({"a.jpg": b"\xff"}), "ne contient aucun article"),
        ("rien.csv", b"a,b\n1,2\n", "n’a pas de colonne pour le texte"),
        ("plan.xml", b"<urlset><url/></urlset>", "est du XML, mais pas un flux"),
        ("non.eml", PROSE.encode(), "n’est pas un courriel"),
    ],
)
def test_what_is_brought_is_refused_in_french(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    chosen = settings_for(tmp_path, max_file_bytes=1000)
    found = bring(chosen, name, content)
    words, language = reason_in(found.reason, "fr")
    assert (words.startswith(said), language) == (True, "fr"), words


def _reasons(folder: Path) -> Iterator[str]:
    options = reading_options(settings_for(folder))
    sources, _ = folder_sources(folder, options)
    for source in sources:
        try:
            for found in source.read():
                if isinstance(found, BrokenFile):
                    yield found.reason
        except ArticleError as error:
            yield str(error)


@pytest.mark.parametrize("language", REASONS)
def test_patterns_fill_what_they_find(language: str) -> None:
    for pattern, said in REASONS[language]:
        fields = {name for _, name, _, _ in string.Formatter().parse(said) if name}
        assert fields <= set(re.compile(pattern).groupindex), pattern
        assert french_mistakes(said) == []


def test_what_the_system_says_is_translated_where_it_is_usual() -> None:
    for number in (errno.EACCES, errno.ENOENT, errno.ENOSPC, errno.EROFS, errno.EIO):
        assert os.strerror(number) in DETAILS["fr"]
    words, _ = reason_in(f"cannot be read: {os.strerror(errno.EACCES)}", "fr")
    assert words == "ne peut pas être lu\N{NO-BREAK SPACE}: accès refusé."
    words, _ = reason_in("cannot be read: Il pleut", "fr")
    assert words == "ne peut pas être lu\N{NO-BREAK SPACE}: Il pleut."


def test_a_hostile_name_in_a_reason_is_only_words() -> None:
    words, _ = reason_in("is damaged: {0.__class__}/<b> is not in it; get it again", "fr")
    assert "{0.__class__}/<b>" in words
