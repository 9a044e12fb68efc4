"""Lists what the program is made of, as a CycloneDX document or a table: ``make sbom``.

Packages are those installed here that pyproject.toml asks for, and what these ask for in turn.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import re
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement

from rag import __version__
from tests.supply_chain.bundled import licence_of
from tests.supply_chain.lock import normalised

ROOT = Path(__file__).parents[2]
PROJECT = "guillemets"
UNKNOWN = "NOASSERTION"
# What comes with the program and is no code of it.
CARRIED = ("rag/**/*", "seeds/*")
CODE = (".py", ".js", ".css", ".jinja", ".md", ".svg", ".pyc")
# Written on top of licences, not names of them.
_CLASSIFIER = re.compile(r"^License :: (?:OSI Approved :: )?(.+)$")
_SPDX = {
    "3-Clause BSD License": "BSD-3-Clause",
    "Apache 2.0": "Apache-2.0",
    "Apache 2.0 License": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "BSD License": "BSD-3-Clause",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Python Software Foundation License": "PSF-2.0",
    "The Unlicense (Unlicense)": "Unlicense",
}


@dataclass(frozen=True, slots=True)
class Package:
    """An installed package: what it needs by name, and whether the program runs without it."""

    name: str
    version: str
    licence: str
    needs: tuple[str, ...]
    is_optional: bool


def packages(*, with_tests: bool = False) -> list[Package]:
    """Every package that the program is made of or can be, or that tests it, by name."""
    run = set(_reached(""))
    extras = [one for one in _extras() if with_tests or one != "test"]
    everything = run.union(*(_reached(extra) for extra in extras))
    return [_package(name, name not in run) for name in sorted(everything)]


def _extras() -> list[str]:
    return list(_project()["optional-dependencies"])


def _project() -> dict[str, Any]:
    """What pyproject.toml says, which may be newer than what was installed."""
    found: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return dict(found["project"])


@functools.cache
def _installed() -> dict[str, importlib.metadata.Distribution]:
    return {normalised(one.metadata["Name"]): one for one in importlib.metadata.distributions()}


@functools.cache
def _written(name: str, extra: str) -> tuple[Requirement, ...]:
    """What ``name`` asks for with ``extra``, if it is given, on whatever machine."""
    asked: list[str] = []
    if name == PROJECT:
        project = _project()
        asked += project["dependencies"]
        asked += project["optional-dependencies"][extra] if extra else ()
    elif name in _installed():
        asked += _installed()[name].requires or ()
    return tuple(map(Requirement, asked))


def _reached(extra: str) -> Iterator[str]:
    """The names of what the project asks for with ``extra``, and of what that asks for."""
    waiting, seen = [(PROJECT, extra)], set[tuple[str, str]]()
    while waiting:
        name, wanted = waiting.pop()
        for one in _needs(name, wanted):
            found = normalised(one.name)
            for with_extra in ("", *one.extras):
                if (found, with_extra) not in seen:
                    seen.add((found, with_extra))
                    waiting.append((found, with_extra))
    yield from {name for name, _ in seen}


def _needs(name: str, extra: str) -> Iterator[Requirement]:
    """What the package ``name`` asks for on this machine and is installed."""
    for one in _written(name, extra):
        if one.marker is not None and not one.marker.evaluate({"extra": extra}):
            continue
        if normalised(one.name) in _installed():
            yield one


def _package(name: str, is_optional: bool) -> Package:
    metadata = _installed()[name].metadata
    needs = tuple(sorted({normalised(one.name) for one in _needs(name, "")}))
    return Package(name, metadata["Version"], _licence(metadata), needs, is_optional)


def _licence(metadata: Any) -> str:
    """The licence that a package states, as SPDX writes it where that is known."""
    if metadata["License-Expression"]:
        return str(metadata["License-Expression"])
    classified = [
        found[1]
        for one in metadata.get_all("Classifier") or ()
        if (found := _CLASSIFIER.match(one)) and found[1] != "OSI Approved"
    ]
    if classified:
        return " AND ".join(_SPDX.get(one, one) for one in classified)
    stated = str(metadata["License"] or "").strip().partition("\n")[0]
    return _SPDX.get(stated, stated) or UNKNOWN


def carried() -> dict[str, Path]:
    """The files that come with the program and are no code, by their path."""
    files = {one for pattern in CARRIED for one in ROOT.glob(pattern) if one.is_file()}
    return {
        one.relative_to(ROOT).as_posix(): one for one in sorted(files) if one.suffix not in CODE
    }


def document() -> dict[str, Any]:
    """The list as CycloneDX 1.6 writes it."""
    found = packages()
    known = {one.name for one in found}
    root = f"pkg:pypi/{PROJECT}@{__version__}"
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": PROJECT,
                "version": __version__,
                "purl": root,
                "licenses": _stated("MIT"),
            }
        },
        "components": [_component(one) for one in found]
        + [_file(path, file) for path, file in carried().items()],
        "dependencies": [
            {
                "ref": root,
                "dependsOn": [_address(one) for one in found if one.name in _asked(known)],
            },
            *(
                {
                    "ref": _address(one),
                    "dependsOn": [
                        _address(other) for other in found if other.name in one.needs
                    ],
                }
                for one in found
            ),
        ],
    }


def _asked(known: set[str]) -> set[str]:
    asked = (_needs(PROJECT, extra) for extra in ("", *_extras()))
    return {normalised(one.name) for some in asked for one in some} & known


def _address(package: Package) -> str:
    return f"pkg:pypi/{package.name}@{package.version}"


def _component(package: Package) -> dict[str, Any]:
    return {
        "type": "library",
        "bom-ref": _address(package),
        "name": package.name,
        "version": package.version,
        "purl": _address(package),
        "scope": "optional" if package.is_optional else "required",
        "licenses": _stated(package.licence),
    }


def _file(path: str, file: Path) -> dict[str, Any]:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    return {
        "type": "file",
        "bom-ref": f"file:{path}",
        "name": path,
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": _stated(licence_of(path)),
    }


def _stated(licence: str) -> list[dict[str, Any]]:
    if licence == UNKNOWN:
        return []
    # An expression of SPDX has no other signs; what else is stated is a name.
    if re.fullmatch(r"[A-Za-z0-9.+-]+(?: (?:AND|OR|WITH) [A-Za-z0-9.+()-]+)*", licence):
        return [{"expression": licence}]
    return [{"license": {"name": licence}}]


def table() -> str:
    """The licences as a text: a package or a file a line."""
    rows = [
        *((f"{one.name} {one.version}", one.licence, one.is_optional) for one in packages()),
        *((path, licence_of(path), False) for path in carried()),
    ]
    width = max(len(name) for name, _, _ in rows)
    return "\n".join(
        f"{name:<{width}}  {licence}{'  (optional)' if is_optional else ''}"
        for name, licence, is_optional in rows
    )


if __name__ == "__main__":
    print(table() if "--licences" in sys.argv else json.dumps(document(), indent=2))
