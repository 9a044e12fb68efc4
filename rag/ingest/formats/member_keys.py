"""What tells one article of a file from the others, the same whatever comes beside it.

It is the article's own identifier, its address or its title, whichever tells it apart; where
none does, its day or what it says. Never its number: one more article at the head of a feed
would rename all others, and their former texts would become each other's.
"""

from __future__ import annotations

import hashlib
import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Named:
    """What an article of a file is called, "" for what it is not, and a hash of it all.

    ``date`` is as written, ``content`` tells articles apart that are called the same.
    """

    identifier: str
    url: str
    title: str
    date: str
    content: str

    @classmethod
    def of(
        cls, identifier: object, url: object, title: object, date: object, content: str
    ) -> Named:
        """What is called so; values are made lines that can be printed and are not long."""
        digest = hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()[:12]
        return cls(_line(identifier), _line(url), _line(title), _line(date), digest)

    @property
    def first(self) -> str:
        """By what it goes unless another goes by that too."""
        return self.identifier or self.url or self.title or self.content


def tell_apart(entries: Iterable[Named]) -> list[str]:
    """The keys of a file's articles, in their order; none is given twice.

    An article keeps its key when others come and go before or after it. Of those that are
    called the same, the one that was there first keeps that for a key: the oldest or, where
    days do not tell, the last, as what is new is mostly put on top.
    """
    named = list(entries)
    if _are_numbers(named):
        named = [Named("", one.url, one.title, one.date, one.content) for one in named]
    groups: dict[str, list[int]] = defaultdict(list)
    for number, one in enumerate(named):
        groups[one.first].append(number)
    keys = [""] * len(named)
    for first, group in groups.items():
        if len(group) == 1:
            keys[group[0]] = first
            continue
        for number, key in zip(group, _keys_of([named[n] for n in group], first), strict=True):
            keys[number] = key
    return list(_never_twice(keys))


class Keys:
    """Makes the keys of articles as they come, for files that are written once, as exports are.

    Of those that are called the same, later ones are told by what they say.
    """

    def __init__(self) -> None:
        self._given: set[str] = set()

    def of(self, identifier: object, url: str | None, title: str | None, text: str) -> str:
        """The article's own identifier, else its address, its title, a hash of its text."""
        named = Named.of(identifier, url, title, None, text)
        tried = itertools.chain(
            [named.first, f"{named.first} ({named.content})"],
            (f"{named.first} ({named.content}, {count})" for count in itertools.count(2)),
        )
        key = next(one for one in tried if one not in self._given)
        self._given.add(key)
        return key


def _are_numbers(named: Sequence[Named]) -> bool:
    """Whether the identifiers only count articles that are called otherwise too."""
    # Of few articles too: half of a list must not be called otherwise than the whole.
    if not named or not all(one.url or one.title for one in named):
        return False
    return any(
        all(one.identifier == str(number) for number, one in enumerate(named, first))
        for first in (0, 1)
    )


def _keys_of(group: Sequence[Named], first: str) -> list[str]:
    """The keys of articles that all go by ``first``."""
    for others in ([one.url for one in group], [one.title for one in group]):
        if all(others) and len(set(others)) == len(group):
            return others
    # What is the same in all is there twice.
    contents = {(one.date, one.content): number for number, one in enumerate(group)}
    dates = [date for date, _ in contents]
    incumbent = min(contents.values(), key=lambda number: (group[number].date or "9", -number))
    first_content = group[incumbent].date, group[incumbent].content
    return [
        first
        if (one.date, one.content) == first_content
        else f"{first} ({one.date})"
        if one.date and dates.count(one.date) == 1
        else f"{first} ({one.content})"
        for one in group
    ]


def _never_twice(keys: Iterable[str]) -> Iterator[str]:
    """``keys``, those that are there already with a number behind."""
    given: dict[str, int] = {}
    for wanted in keys:
        key = wanted
        while key in given:
            given[key] += 1
            key = f"{key} ({given[key]})"
        given[key] = 1
        yield key


def _line(written: object) -> str:
    """A name on one line that can be printed and is not too long."""
    text = "" if written is None else str(written)
    text = " ".join("".join(s if s.isprintable() else " " for s in text).split())
    if len(text) <= _LONGEST:
        return text
    return text[: _LONGEST - 13] + "…" + hashlib.sha256(text.encode()).hexdigest()[:12]


def holders(path: str) -> Iterator[str]:
    """What may be the file of an article's ``path``: itself, then what comes before a sign.

    A file may hold several articles, whose paths go on from its own with ``/`` or ``#``.
    """
    yield path
    yield from (path[:place] for place, sign in enumerate(path) if sign in "/#" and place)
