"""The README against the program: commands, settings, files and formats."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import pytest
import typer.main

from rag import __version__
from rag.cli.commands import app
from rag.config import DEFAULT_MODEL, Settings
from rag.ingest import FORMATS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
_COMMANDS = typer.main.get_command(app)


def _examples() -> list[str]:
    blocks = re.findall(r"```console\n(.*?)```", README, re.S)
    lines = [line for block in blocks for line in block.splitlines()]
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ rag ")]


def test_every_command_is_in_the_readme() -> None:
    for name in _COMMANDS.commands:  # type: ignore[attr-defined]
        assert f"rag {name}" in README


@pytest.mark.parametrize("example", _examples())
def test_examples_name_options_that_exist(example: str) -> None:
    _, name, *arguments = shlex.split(example, comments=True)
    command = _COMMANDS.commands[name]  # type: ignore[attr-defined]
    if hasattr(command, "commands"):
        command = command.commands[arguments.pop(0)]
    options = {option for parameter in command.params for option in parameter.opts}
    assert {one for one in arguments if one.startswith("--")} <= options


def test_settings_are_shown_with_their_defaults() -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.S)
    shown = Settings(**tomllib.loads(block))
    assert tomllib.loads(block).keys() == Settings.model_fields.keys()
    assert shown == Settings()
    assert shown.model == DEFAULT_MODEL


def test_make_targets_exist() -> None:
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for target in re.findall(r"\$ make (\w+)", README):
        assert f"\n{target}:" in makefile


def test_pictures_exist() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file()


def test_formats_are_documented() -> None:
    for suffix in FORMATS.keys() - {".markdown"}:
        assert f"`{suffix}`" in README


def test_the_changelog_knows_this_version() -> None:
    assert f"## {__version__}" in (ROOT / "CHANGELOG.md").read_text("utf-8")
