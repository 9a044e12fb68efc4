"""The documents against the program: commands, settings, files, formats, links and examples."""

from __future__ import annotations

import importlib.util
import itertools
import json
import re
import shlex
import sqlite3
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from rag import __version__
from rag.answering.answer_json import answer_to_json
from rag.cli.commands import app
from rag.cli.saying import CHECK_FAILED, INTERRUPTED, WRONG_USE
from rag.config import DEFAULT_MODEL, ENVIRONMENT_PREFIX, SECRET_VARIABLES, Settings
from rag.evaluation import read_gold
from rag.index import Manifest
from rag.ingest import FORMATS
from rag.library.build import build_folder
from rag.types import Reason
from rag.ui.api import Api
from tests.browser.fake_assistant import WIKA, FakeAssistant
from tests.fakes import CountingEncoder, settings_for, write_articles

ROOT = Path(__file__).parents[1]
LONGEST_README = 130
# What is shorter may be said twice.
SHORTEST_SENTENCE = 40
DOCUMENTS = {
    file.relative_to(ROOT).as_posix(): file.read_text("utf-8")
    for file in (
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        *sorted((ROOT / "docs").glob("*.md")),
    )
}
EVERYTHING = "\n".join(DOCUMENTS.values())
# Paths of what is in the repository begin with one of these; others are a user's.
KEPT_FOLDERS = ("rag/", "tests/", "docs/", ".ci/")
NARROW_SPACE = "\N{NARROW NO-BREAK SPACE}"
_COMMANDS = typer.main.get_command(app)

each_document = pytest.mark.parametrize("name", DOCUMENTS)


def blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.S | re.M)


def prose(text: str) -> str:
    return re.sub(r"^```.*?^```$", "", text, flags=re.S | re.M)


def quoted_code(text: str) -> list[str]:
    """What stands between backticks, on one line or broken over two."""
    return [" ".join(one.split()) for one in re.findall(r"`([^`]+)`", prose(text))]


def console_lines(text: str) -> Iterator[str]:
    for block in blocks(text, "console"):
        # A command goes on after a backslash.
        for line in block.replace("\\\n", " ").splitlines():
            if line.startswith("$ "):
                yield line.removeprefix("$ ")


def commands() -> Iterator[tuple[str, Any]]:
    for name, command in _COMMANDS.commands.items():  # type: ignore[attr-defined]
        inner = getattr(command, "commands", None)
        if inner is None:
            yield name, command
        else:
            yield from ((f"{name} {one}", sub) for one, sub in inner.items())


def options_of(command: Any) -> set[str]:
    return {
        option
        for parameter in command.params
        for option in (*parameter.opts, *parameter.secondary_opts)
        if option.startswith("--")
    }


KNOWN_COMMANDS = dict(commands())
# Commands that only hold others, which may be named without one of them.
GROUPS = [[name.split()[0]] for name in KNOWN_COMMANDS if " " in name]


def examples(text: str) -> set[str]:
    shown = itertools.chain(console_lines(text), quoted_code(text))
    return {one for one in shown if one.startswith("rag ")}


def slug(heading: str) -> str:
    """The anchor of a heading, as GitHub makes it."""
    words = re.sub(r"[^\w\- ]", "", re.sub(r"\[([^]]*)]\([^)]*\)", r"\1", heading).lower())
    return words.strip().replace(" ", "-")


def anchors(text: str) -> set[str]:
    return {slug(one) for one in re.findall(r"^#+ (.+)$", prose(text), re.M)}


def test_the_readme_is_short() -> None:
    assert len(DOCUMENTS["README.md"].splitlines()) <= LONGEST_README


@pytest.mark.parametrize("name", KNOWN_COMMANDS)
def test_every_command_and_option_helps_and_is_documented(name: str) -> None:
    command = KNOWN_COMMANDS[name]
    assert command.help
    assert all(parameter.help for parameter in command.params)
    assert f"`rag {name}" in EVERYTHING
    said = {word for code in quoted_code(EVERYTHING) for word in code.split()}
    negated = {one.replace("--no-", "--") for one in said if one.startswith("--no-")}
    assert options_of(command) - {"--help"} <= said | negated


@pytest.mark.parametrize(
    ("name", "example"),
    [(name, one) for name, text in DOCUMENTS.items() for one in sorted(examples(text))],
)
def test_examples_name_commands_and_options_that_exist(name: str, example: str) -> None:
    _, *words = shlex.split(example, comments=True)
    if words[:1] == ["--version"]:
        return
    if words in GROUPS:
        return
    command = KNOWN_COMMANDS.get(" ".join(words[:2])) or KNOWN_COMMANDS[words[0]]
    given = {word.split("=")[0] for word in words if word.startswith("--")}
    assert given <= options_of(command)


@each_document
def test_options_that_are_named_alone_exist(name: str) -> None:
    alone = {one for one in quoted_code(DOCUMENTS[name]) if one.startswith("--")}
    known = set().union(*map(options_of, KNOWN_COMMANDS.values()), {"--help"})
    assert {one.split()[0].split("=")[0] for one in alone} <= known


def test_settings_are_shown_with_their_defaults() -> None:
    (block,) = blocks(DOCUMENTS["docs/settings.md"], "toml")
    shown = Settings(**tomllib.loads(block))
    assert tomllib.loads(block).keys() == Settings.model_fields.keys()
    assert shown == Settings()
    assert shown.model == DEFAULT_MODEL
    # Each says what it is.
    assert all(re.fullmatch(r"\w+ = .+ # .+", line) for line in block.splitlines())


@each_document
def test_settings_in_examples_exist(name: str) -> None:
    for block in blocks(DOCUMENTS[name], "toml"):
        Settings(**tomllib.loads(block))
    known = {ENVIRONMENT_PREFIX + field.upper() for field in Settings.model_fields}
    named = re.findall(rf"\b{ENVIRONMENT_PREFIX}[A-Z_]+", DOCUMENTS[name])
    assert set(named) <= known | set(SECRET_VARIABLES)


def test_secrets_are_documented() -> None:
    for variable in SECRET_VARIABLES:
        assert f"`{variable}`" in EVERYTHING


def make_targets() -> dict[str, str]:
    """Every target of the Makefile that is no file, with what the help says of it."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.M)
    helped = dict(re.findall(r"^([a-z-]+):[^#\n]*## (.+)$", makefile, re.M))
    assert helped.keys() <= set(phony.split())
    return {target: helped.get(target, "") for target in phony.split()}


def test_every_make_target_is_in_the_help() -> None:
    assert all(make_targets().values())


@each_document
def test_make_targets_exist(name: str) -> None:
    shown = [*console_lines(DOCUMENTS[name]), *quoted_code(DOCUMENTS[name])]
    targets = {found[1] for one in shown if (found := re.match(r"make ([\w-]+)", one))}
    assert targets <= make_targets().keys()


@each_document
def test_links_lead_somewhere(name: str) -> None:
    here = ROOT / name
    for target in re.findall(r"\[[^\]]*\]\(([^)\s]+)\)", prose(DOCUMENTS[name])):
        if re.match(r"https?://", target):
            continue
        path, _, anchor = target.partition("#")
        file = (here.parent / path).resolve() if path else here
        assert file.is_file(), target
        assert file.is_relative_to(ROOT)
        if anchor:
            assert anchor in anchors(file.read_text("utf-8")), target


def test_every_document_is_reached_from_the_readme() -> None:
    linked = set(re.findall(r"\]\(([^)#\s]+)", DOCUMENTS["README.md"]))
    assert DOCUMENTS.keys() - {"README.md"} <= linked


@each_document
def test_paths_exist(name: str) -> None:
    for code in quoted_code(DOCUMENTS[name]):
        for word in code.split():
            if word.startswith(KEPT_FOLDERS):
                assert (ROOT / word).exists(), word
            elif re.fullmatch(r"[\w-]+\.(?:py|sh)|[A-Z]+\.md|Makefile|pyproject\.toml", word):
                assert (ROOT / word).is_file(), word


@each_document
def test_modules_exist(name: str) -> None:
    shown = [*console_lines(DOCUMENTS[name]), *quoted_code(DOCUMENTS[name])]
    for line in shown:
        for module in re.findall(r"-m ((?:rag|tests)[\w.]*)", line):
            assert importlib.util.find_spec(module), module


def test_pictures_are_shown() -> None:
    shown = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", EVERYTHING)
    pictures = {file.name for file in (ROOT / "docs").glob("*.png")}
    assert {Path(one).name for one in shown} == pictures


def test_no_sentence_stands_twice() -> None:
    seen: dict[str, str] = {}
    for name, text in DOCUMENTS.items():
        without_tables = re.sub(r"^\|.*$", "", prose(text), flags=re.M)
        for paragraph in re.split(r"\n\s*\n|\n(?=[-#] )", without_tables):
            for sentence in re.split(r"(?<=[.;]) ", " ".join(paragraph.split())):
                if len(sentence) >= SHORTEST_SENTENCE:
                    assert sentence not in seen, f"{name} and {seen[sentence]}: {sentence}"
                    seen[sentence] = name


@each_document
def test_french_is_set_as_french_is(name: str) -> None:
    text = DOCUMENTS[name]
    assert not re.findall(rf"«(?!{NARROW_SPACE})|(?<!{NARROW_SPACE})»", text)
    for words in re.findall(r"«([^»]*)»", prose(text)):
        assert not re.search(r"(?<=\w) [?!;:]", words), words


def test_formats_are_documented() -> None:
    for suffix in FORMATS:
        assert f"`{suffix}`" in DOCUMENTS["docs/articles.md"]


def test_reasons_to_refuse_are_documented() -> None:
    for reason in Reason:
        assert f"| `{reason.value}` |" in DOCUMENTS["docs/answering.md"]


def test_exit_codes_are_documented() -> None:
    codes = re.findall(r"^\| (\d+) \|", DOCUMENTS["docs/programs.md"], re.M)
    assert [int(code) for code in codes] == [0, CHECK_FAILED, WRONG_USE, INTERRUPTED]


def test_endpoints_are_documented() -> None:
    for function in Api(FakeAssistant()).functions():  # type: ignore[arg-type]
        assert f"| `/{function.__name__}` |" in DOCUMENTS["docs/programs.md"]


def test_the_json_of_an_answer_is_as_shown() -> None:
    (block,) = blocks(DOCUMENTS["docs/programs.md"], "json")
    assistant = FakeAssistant()
    made = answer_to_json(assistant.ask(WIKA), assistant.overview())
    shown = json.loads(block)
    assert list(shown) == list(made)
    assert list(shown["quotes"][0]) == list(made["quotes"][0])
    assert list(shown["timings_ms"]) == list(made["timings_ms"])
    (seed,) = (ROOT / "seeds").glob("*.txt")
    quote = shown["quotes"][0]
    assert quote["text"] in seed.read_text("utf-8")
    assert quote["end"] - quote["start"] == len(quote["text"])
    assert quote["path"] == seed.name


def test_the_gold_file_that_is_shown_is_read(tmp_path: Path) -> None:
    (block,) = blocks(DOCUMENTS["docs/evaluation.md"], "json")
    file = tmp_path / "gold.jsonl"
    file.write_text(block, "utf-8")
    assert [one.answerable for one in read_gold(file)] == [True, False]


def test_the_format_of_an_index_is_written_down(tmp_path: Path) -> None:
    design = DOCUMENTS["docs/design.md"]
    write_articles(tmp_path / "seeds")
    summary = build_folder(settings_for(tmp_path), CountingEncoder())
    index = tmp_path / "embeddings"
    folder = index / summary.generation
    (segment,) = (index / "segments").iterdir()
    own = (one for one in index.iterdir() if one.is_file())
    for file in (*folder.iterdir(), *segment.iterdir(), *own):
        assert f"`{file.name}`" in design
    for field in Manifest.model_fields:
        assert f"`{field}`" in design
    database = sqlite3.connect(segment / "catalogue.sqlite")
    tables = database.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
    ).fetchall()
    for (table,) in tables:
        columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
        assert f"| `{table}` | {', '.join(f'`{one}`' for one in columns)} |" in design
    database.close()


def test_the_changelog_knows_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
