"""A problem: what is wrong, kept as a code and fields, and said in any language."""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.errors import english, french
from rag.errors.codes import Code

Field = str | int

SENTENCES: Mapping[str, Mapping[Code, str]] = {
    "en": english.SENTENCES,
    "fr": french.SENTENCES,
}
_SYSTEM_SAYS: Mapping[str, Mapping[str, str]] = {"en": {}, "fr": french.SYSTEM_SAYS}


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, and the numbers and names that tell it; made by ``Problem.of``.

    ``fields`` are in the order of their names, so that equal problems are equal.
    """

    code: Code
    fields: tuple[tuple[str, Field], ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError when the fields are not those that the sentences name."""
        expected = fields_of(english.SENTENCES[self.code])
        found = {name for name, _ in self.fields}
        if found != expected:
            raise ValueError(f"{self.code} has {sorted(found)}, expected {sorted(expected)}")

    @classmethod
    def of(cls, code: Code, **fields: Field) -> Problem:
        """The problem of ``code``; raises ValueError for other fields than it has."""
        return cls(code, tuple(sorted(fields.items())))

    @classmethod
    def other(cls, reason: str) -> Problem:
        """A problem that has no code of its own: ``reason`` is one line in English."""
        return cls.of(Code.OTHER, reason=reason)

    @classmethod
    def read(cls, kept: str) -> Problem:
        """The problem that ``kept`` holds, as ``keep`` made it or as plain English."""
        try:
            found = json.loads(kept)
            return cls.of(Code(found["code"]), **found["fields"])
        except (ValueError, TypeError, KeyError):
            return cls.other(_reason_in(kept))

    def keep(self) -> str:
        """All of it in one line, for an index; what has no code is kept as it is said."""
        if self.code is Code.OTHER:
            return str(self)
        return json.dumps(self.to_json(), ensure_ascii=False)

    def to_json(self) -> dict[str, Any]:
        """Its English sentence, its code and its fields, as JSON values."""
        return {"reason": str(self), "code": self.code.value, "fields": dict(self.fields)}

    def said_in(self, language: str) -> tuple[str, str]:
        """The sentence in ``language``, not escaped, and the language that it is in.

        What has no code of its own is in English.
        """
        fields = dict(self.fields)
        if self.code is Code.OTHER:
            return str(fields["reason"]), "en"
        detail = fields.get("detail")
        if isinstance(detail, str):
            fields["detail"] = _SYSTEM_SAYS[language].get(detail, detail)
        return SENTENCES[language][self.code].format(**fields), language

    def __str__(self) -> str:
        return self.said_in("en")[0]


def fields_of(sentence: str) -> set[str]:
    """The fields that ``sentence`` names."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _reason_in(kept: str) -> str:
    """What ``kept`` says: a problem of a later version still has its English sentence."""
    try:
        return str(json.loads(kept)["reason"])
    except (ValueError, TypeError, KeyError):
        return kept
