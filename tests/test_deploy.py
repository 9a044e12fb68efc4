"""What is written to start the chat as a service: its options, settings and locks."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import typer.main
import yaml

from rag.cli.commands import app
from rag.config import ENVIRONMENT_PREFIX, PASSWORD_VARIABLE, SECRET_VARIABLES, Settings

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "docs" / "deploy"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")
UNIT = (FOLDER / "guillemets.service").read_text("utf-8")
COMPOSE: Any = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))
SERVICE = COMPOSE["services"]["guillemets"]
WRITTEN = {"Dockerfile": DOCKERFILE, "guillemets.service": UNIT, "compose.yaml": str(COMPOSE)}
# How much of systemd's list of risks may be left; 10 is a service without any lock.
MOST_EXPOSED = 2.0

each_file = pytest.mark.parametrize("name", WRITTEN)


@each_file
def test_every_variable_is_a_setting(name: str) -> None:
    known = {ENVIRONMENT_PREFIX + one.upper() for one in Settings.model_fields}
    found = set(re.findall(rf"{ENVIRONMENT_PREFIX}[A-Z_]+", WRITTEN[name]))
    assert found
    assert found <= known | set(SECRET_VARIABLES)


@each_file
def test_every_option_is_one_of_its_command(name: str) -> None:
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    for command, options in re.findall(r"\brag (build|ask|serve)\b([^&\"\n]*)", WRITTEN[name]):
        known = {one for parameter in commands[command].params for one in parameter.opts}
        known |= {
            one for parameter in commands[command].params for one in parameter.secondary_opts
        }
        assert set(re.findall(r"--[\w-]+", options)) <= known


def stages() -> list[str]:
    return re.split(r"^(?=FROM )", DOCKERFILE, flags=re.M)[1:]


def test_the_image_is_made_in_stages_and_not_run_by_root() -> None:
    made, run = stages()
    assert "pip install --constraint versions.txt" in made
    assert "pip" not in run
    assert re.search(r"^USER (?!0\b|root\b)\d+:\d+$", run, re.M)
    assert run.index("USER ") < run.index("CMD ")
    assert re.search(r"^HEALTHCHECK (.|\n)*?/health", run, re.M)
    assert re.search(r'^VOLUME \["/articles", "/data"]$', run, re.M)


def test_the_image_is_made_of_files_that_are_let_in_and_there() -> None:
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text("utf-8").split()
    assert ignored[0] == "*"
    let_in = {line[1:] for line in ignored if line.startswith("!")}
    made, _ = stages()
    copied = {
        one.removeprefix("./")
        for line in re.findall(r"^COPY (.+)$", made, re.M)
        for one in line.split()[:-1]
    }
    assert copied == let_in
    assert all((ROOT / one).exists() for one in copied)


def test_the_container_writes_to_two_volumes_only() -> None:
    assert SERVICE["read_only"] is True
    assert [one.split(":")[1] for one in SERVICE["volumes"]] == ["/articles", "/data"]
    assert SERVICE["cap_drop"] == ["ALL"]
    assert all(port.startswith("127.0.0.1:") for port in SERVICE["ports"])
    assert SERVICE["environment"][PASSWORD_VARIABLE].startswith(f"${{{PASSWORD_VARIABLE}:?")
    build = SERVICE["build"]
    assert (FOLDER / build["context"] / build["dockerfile"]).resolve() == FOLDER / "Dockerfile"


@pytest.mark.slow
def test_systemd_takes_the_unit_and_finds_it_locked(tmp_path: Path) -> None:
    analyse = shutil.which("systemd-analyze")
    if analyse is None:
        pytest.skip("systemd-analyze is not installed")
    unit = tmp_path / "guillemets.service"
    unit.write_text(re.sub(r"/opt/guillemets/bin/rag", "/bin/true", UNIT), "utf-8")
    verified = subprocess.run(
        [analyse, "verify", str(unit)], capture_output=True, text=True, check=False
    )
    assert (verified.returncode, verified.stderr) == (0, "")
    looked = subprocess.run(
        [analyse, "security", "--offline=true", "--no-pager", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    level = re.search(r"exposure level for guillemets\.service: ([\d.]+)", looked.stdout)
    assert level is not None, looked.stderr
    assert float(level[1]) <= MOST_EXPOSED
