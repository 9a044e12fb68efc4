"""Every problem is said in every language, kept in one line and found again."""

from __future__ import annotations

import errno
import json
import os
import pickle
from pathlib import Path

import pytest

from rag.errors import SENTENCES, ArticleError, Code, Problem, RagError
from rag.errors.french import SYSTEM_SAYS
from rag.errors.problem import fields_of
from rag.ingest.folder import folder_sources, reading_options
from rag.library.bring_files import bring
from rag.types import BrokenFile
from tests.fakes import settings_for
from tests.ingest.format_cases import CASES
from tests.ingest.format_cases.case import Case
from tests.ingest.format_files import PROSE, epub, packed, pdf
from tests.ui.test_texts import french_mistakes

HOSTILE = "{0.__class__}/<b>\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\"'\\"


def filled(code: Code, value: str | int) -> Problem:
    fields = fields_of(SENTENCES["en"][code])
    return Problem(code, tuple((name, value) for name in sorted(fields)))


def test_there_are_the_languages_of_the_page() -> None:
    assert set(SENTENCES) == {"en", "fr"}


@pytest.mark.parametrize("language", SENTENCES)
def test_every_problem_has_a_sentence_and_no_sentence_is_left_over(language: str) -> None:
    assert set(SENTENCES[language]) == set(Code)


@pytest.mark.parametrize("code", Code)
def test_every_language_names_the_same_fields(code: Code) -> None:
    assert code.value == code.name.lower()
    fields = fields_of(SENTENCES["en"][code])
    for language, sentences in SENTENCES.items():
        assert fields_of(sentences[code]) == fields
        words, spoken = filled(code, 7).said_in(language)
        assert words == sentences[code].format(**dict.fromkeys(fields, 7))
        assert "\n" not in words
        assert spoken == ("en" if code is Code.OTHER else language)


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OTHER])
def test_french_is_french(code: Code) -> None:
    sentence = SENTENCES["fr"][code]
    assert french_mistakes(sentence) == []
    assert "'" not in sentence
    assert sentence != SENTENCES["en"][code]


@pytest.mark.parametrize("value", [7, "un mot", HOSTILE])
@pytest.mark.parametrize("code", Code)
def test_what_is_kept_is_found_again(code: Code, value: str | int) -> None:
    problem = filled(code, str(value) if code is Code.OTHER else value)
    assert "\n" not in problem.keep()
    assert Problem.read(problem.keep()) == problem
    assert str(problem) == problem.said_in("en")[0] == problem.to_json()["reason"]
    assert json.loads(json.dumps(problem.to_json()))["fields"] == dict(problem.fields)


@pytest.mark.parametrize(
    ("kept", "said"),
    [
        ("is empty; delete it, or save the article again", None),
        ("{", None),
        ("[]", None),
        ('{"code": "empty"}', None),
        (
            '{"code": "of_a_later_version", "fields": {}, "reason": "is new; wait"}',
            "is new; wait",
        ),
        ('{"code": "empty", "fields": {"size": 1}, "reason": "is empty"}', "is empty"),
        ('{"code": "empty", "fields": 1, "reason": "is empty"}', "is empty"),
    ],
)
def test_what_other_versions_kept_is_said_in_english(kept: str, said: str | None) -> None:
    problem = Problem.read(kept)
    assert problem == Problem.other(said or kept)
    assert problem.said_in("fr") == (said or kept, "en")


def test_a_problem_has_the_fields_that_its_sentences_name() -> None:
    one = Problem.of(Code.TOO_MANY_FILES, most=1, count=2)
    assert one == Problem.of(Code.TOO_MANY_FILES, count=2, most=1)
    with pytest.raises(
        ValueError, match=r"too_many_files has \['most'\], expected \['count', "
    ):
        Problem.of(Code.TOO_MANY_FILES, most=1)
    with pytest.raises(ValueError, match="empty has"):
        Problem.of(Code.EMPTY, most=1)


def test_an_error_says_its_problem_wherever_it_is_caught() -> None:
    problem = Problem.of(Code.NO_FOLDER, folder="seeds")
    error = ArticleError(problem)
    assert (str(error), error.problem) == (str(problem), problem)
    assert str(problem).startswith("there is no folder seeds; make it")
    assert RagError("no room").problem == Problem.other("no room")
    # Processes and machines hand errors on.
    handed_on = pickle.loads(pickle.dumps(error))
    assert (str(handed_on), handed_on.problem) == (str(problem), problem)


def test_what_the_system_says_is_translated_where_it_is_usual() -> None:
    for number in (errno.EACCES, errno.ENOENT, errno.ENOSPC, errno.EROFS, errno.EIO):
        assert os.strerror(number) in SYSTEM_SAYS
    words, _ = Problem.of(Code.NOT_READ, detail=os.strerror(errno.EACCES)).said_in("fr")
    assert words == "ne peut pas être lu\N{NO-BREAK SPACE}: accès refusé."
    words, _ = Problem.of(Code.NOT_READ, detail="Il pleut").said_in("fr")
    assert words == "ne peut pas être lu\N{NO-BREAK SPACE}: Il pleut."


@pytest.mark.parametrize("case", [one for one in CASES if one.reasons], ids=str)
def test_what_is_wrong_with_a_file_has_a_code(tmp_path: Path, case: Case) -> None:
    chosen = settings_for(tmp_path)
    file = chosen.articles / case.name
    file.parent.mkdir(parents=True)
    content = case.content
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    problems = _problems(chosen.articles)
    assert problems
    assert Code.OTHER not in {problem.code for problem in problems}


def _problems(folder: Path) -> list[Problem]:
    sources, _ = folder_sources(folder, reading_options(settings_for(folder)))
    problems = []
    for source in sources:
        try:
            found = list(source.read())
        except ArticleError as error:
            problems.append(error.problem)
        else:
            problems += [one.problem for one in found if isinstance(one, BrokenFile)]
    return problems


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
        ("vide.csv", b",\n1,2\n", "n’a pas de colonne pour le texte"),
        ("plan.xml", b"<urlset><url/></urlset>", "est du XML, mais pas un flux"),
        ("non.eml", PROSE.encode(), "n’est pas un courriel"),
    ],
)
def test_what_is_brought_is_refused_in_french(
    tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    found = bring(settings_for(tmp_path, max_file_bytes=1000), name, content)
    assert found.problem is not None
    words, language = found.problem.said_in("fr")
    assert (words.startswith(said), language) == (True, "fr"), words
