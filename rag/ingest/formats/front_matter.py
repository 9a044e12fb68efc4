"""What stands above a Markdown text: YAML or TOML, or lines that only look like it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from rag.errors import Code, Problem

_BLOCK = re.compile(
    r"\A\s*(?P<mark>---|\+\+\+)[ \t]*\n(?P<front>.*?)^(?P<end>---|\+\+\+|\.\.\.)[ \t]*$\n?",
    re.S | re.M,
)
_LINE = re.compile(r"(?P<key>[^\W\d][\w-]*)[ \t]*[:=](?:[ \t]+(?P<value>.*))?\Z")
_LONGEST_SHOWN = 80
_GOES_ON = re.compile(r"[ \t]+\S|[ \t]*-[ \t]+\S|[ \t]*\Z|#")


def split_front_matter(text: str) -> tuple[Mapping[str, Any], str, tuple[Problem, ...]]:
    """What stands above the text, strings or lists of them, the rest, and what is wrong.

    A value that YAML would take for something else, or cannot read at all (« title: Crue :
    le point »), is what stands to the end of its line. Words between two rules that are no
    fields are words of the text.
    """
    found = _BLOCK.match(text)
    if found is None or not _closes(found):
        return {}, text.strip(), ()
    front, rest = found["front"], text[found.end() :].strip()
    if not front.strip():
        return {}, rest, ()
    about = _toml(front) if found["mark"] == "+++" else _yaml(front)
    by_line = _by_line(front)
    if about is None and by_line:
        return by_line, rest, ()
    if about is None:
        first = front.strip().split("\n")[0][:_LONGEST_SHOWN]
        is_meant = _LINE.match(first) is not None
        wrong = Problem.of(Code.FRONT_MATTER, detail=first)
        return {}, text.strip(), (wrong,) if is_meant else ()
    for key, value in by_line.items():
        # « title: [Vidéo] » is no list, « title: # 3 » no remark.
        is_cut = not isinstance(about.get(key), str) or value.startswith(f"{about[key]} #")
        if key in about and key in _LINES and (is_cut or not about[key]):
            about[key] = value
    return about, rest, ()


# Fields that are one line whatever it looks like.
_LINES = frozenset({"title", "titre"})


def _closes(found: re.Match[str]) -> bool:
    return found["end"] in (found["mark"], "...")


def _yaml(front: str) -> dict[str, Any] | None:
    """The fields of YAML, every value as written; None where there are none."""
    import yaml

    try:
        # Not what YAML makes of « Non » and 2024-05-17.
        about = yaml.load(front, Loader=yaml.BaseLoader)
    except (yaml.YAMLError, ValueError, RecursionError):
        return None
    if not isinstance(about, dict) or any(" " in str(key).strip() for key in about):
        return None
    return {str(key): value for key, value in about.items()}


def _toml(front: str) -> dict[str, Any] | None:
    import tomllib

    try:
        return tomllib.loads(front)
    except tomllib.TOMLDecodeError:
        return None


def _by_line(front: str) -> dict[str, Any]:
    """The fields that stand in a line each; none where other lines are among them."""
    about: dict[str, Any] = {}
    for line in front.split("\n"):
        found = _LINE.match(line.rstrip())
        if found:
            value = (found["value"] or "").strip()
            is_list = value[:1] == "[" and value[-1:] == "]" and found["key"] not in _LINES
            values = value[1:-1].split(",") if is_list else [value]
            about[found["key"]] = ", ".join(_unquoted(one.strip()) for one in values)
        elif not (about and _GOES_ON.match(line)) and line.strip():
            return {}
        elif about and line.strip().startswith("- "):
            key = next(reversed(about))
            about[key] = ", ".join(filter(None, (about[key], line.strip()[2:].strip())))
    return about


def _unquoted(value: str) -> str:
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return value
