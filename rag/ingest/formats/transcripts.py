"""Subtitles and transcripts, SubRip and WebVTT: what is said, when, and by whom.

Cues part sentences where a screen ends. What one speaker says is put together to paragraphs,
so that a quote is a sentence; each cue keeps its time, so that it cites the moment.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from rag.errors import ArticleError, Code, Problem
from rag.ingest.formats.encoding import decode_mending
from rag.ingest.formats.marked_text import tidy
from rag.ingest.formats.member import Draft, Member, Opened
from rag.types.provenance import LeftOut, LeftOutKind, Place, PlaceKind

_TIME = r"(?:\d{1,3}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?"
_TIMING = re.compile(rf"[ \t]*({_TIME})[ \t]*-{{1,2}}>[ \t]*({_TIME})")
_BLANK_LINES = re.compile(r"\n[ \t]*(?:\n[ \t]*)+")
_HEADER = re.compile(r"\AWEBVTT(?:[ \t]+-*[ \t]*(?P<title>[^\n]*))?(?:\n(?!\n).*)*")
_VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]*)>")
# Where on the screen, as SubRip files of other programs say.
_POSITION = re.compile(r"\{\\[^}\n]*\}")
# « NORA VIDAL : », « >> Nora Vidal: »; one capitalised word may be any.
_CAPITAL = "A-ZÀ-ÖØ-ÞŒ"
_LABEL = re.compile(
    rf"(?:[-–—]|>>)?[ \t]*(?P<name>[{_CAPITAL}][{_CAPITAL}'’.-]+(?: [{_CAPITAL}'’.()-]+){{0,4}}"
    rf"|[{_CAPITAL}][\w'’.-]*(?: [{_CAPITAL}][\w'’.-]*){{1,3}})[ \u00a0\u202f]?:(?=\s)"
)
_SENTENCE_END = re.compile(r"[.!?…][ \u00a0\u202f»”\"')\]]*\Z")
# A paragraph ends at such a pause, in seconds, and before it is so long, in characters.
_PAUSE = 3.0
_LONGEST_PARAGRAPH = 400
# Captions that roll up say every line twice: this share of them begins with the line before.
_ROLLING = 0.3


@dataclass(frozen=True, slots=True)
class _Said:
    """Words of a cue: when, in seconds, until when, and who says them."""

    start: float
    end: float
    speaker: str | None
    text: str


def read_transcript(opened: Opened) -> Iterator[Member]:
    """The article in a SubRip or WebVTT file, its cues as places with their times.

    Words that have no time are left out. Raises ArticleError when there is no cue.
    """
    decoded = decode_mending(opened.content())
    text = tidy(decoded.text).removeprefix("\ufeff")
    is_web = text.startswith("WEBVTT")
    header = _HEADER.match(text) if is_web else None
    left_out: list[LeftOut] = []
    body = text[header.end() :] if header else text
    said = _without_repeats(list(_spoken(_cues(body, left_out, goes_on=not is_web))))
    if not said:
        raise ArticleError(Problem.of(Code.TRANSCRIPT_WITHOUT_CUES))
    title = ((header["title"] or "") if header else "").strip(" -")
    words, places = _paragraphs(said)
    draft = Draft(
        words,
        title=title or PurePosixPath(opened.name).stem.replace("_", " "),
        places=places,
        left_out=tuple(left_out),
        problems=decoded.problems,
    )
    yield Member(draft)


def _cues(
    body: str, left_out: list[LeftOut], *, goes_on: bool
) -> Iterator[tuple[str, str, list[str]]]:
    """Start, end and lines of every cue, one that is badly numbered too.

    With ``goes_on`` lines after a blank one belong to the cue before, as SubRip has it.
    """
    cue: tuple[str, str, list[str]] | None = None
    is_cue_open = False
    for block in _BLANK_LINES.split(body):
        lines = block.strip("\n").split("\n")
        timings = [(number, _TIMING.match(line)) for number, line in enumerate(lines)]
        starts = [(number, found) for number, found in timings if found]
        if not starts:
            if cue and is_cue_open and goes_on and "-->" not in block:
                cue[2].extend(lines)
            elif not block.lstrip().startswith(("STYLE", "REGION")):
                is_cue_open = is_cue_open and "-->" not in block
                _leave_out(block, left_out)
            continue
        # What stands above the first time in a block is the number or the name of its cue.
        for (number, found), (following, _) in zip(
            starts, [*starts[1:], (len(lines) + 1, None)], strict=True
        ):
            if cue:
                yield cue
            # A number without a blank line before it is the next cue's.
            is_numbered = following <= len(lines) and lines[following - 1].strip().isdigit()
            last = following - 1 if is_numbered else min(following, len(lines))
            cue = found[1], found[2], lines[number + 1 : last]
            is_cue_open = True
    if cue:
        yield cue


def _leave_out(block: str, left_out: list[LeftOut]) -> None:
    words = " ".join(block.split())
    is_note = words.startswith("NOTE")
    words = words.removeprefix("NOTE").strip() if is_note else words
    if any(sign.isalpha() for sign in words):
        kind = LeftOutKind.NOTE if is_note else LeftOutKind.OTHER
        left_out.append(LeftOut.of(kind, words))


def _spoken(cues: Iterator[tuple[str, str, list[str]]]) -> Iterator[_Said]:
    """What is said in the cues, each voice by itself, without marks."""
    from webvtt import Caption

    for start, end, lines in cues:
        payload = _POSITION.sub("", "\n".join(line for line in lines if line.strip()))
        # Where the voice changes; what is before the first is nobody's.
        voices = [None, *_VOICE.findall(payload)]
        for voice, part in zip(voices, _VOICE.split(payload)[::2], strict=True):
            words = tidy(html.unescape(Caption(text=part).text)).strip()
            if not any(sign.isalnum() for sign in words):
                continue
            label = _LABEL.match(words)
            speaker = html.unescape(voice).strip() if voice else label and label["name"]
            yield _Said(_seconds(start), _seconds(end), speaker or None, words)


def _seconds(time: str) -> float:
    total = 0.0
    for part in time.replace(",", ".").split(":"):
        total = total * 60 + float(part)
    return total


def _without_repeats(said: Sequence[_Said]) -> list[_Said]:
    """``said`` with every line once where captions roll up."""
    lines = [one.text.split("\n") for one in said]
    repeats = [
        bool(number) and lines[number][0] in lines[number - 1][-2:]
        for number in range(len(said))
    ]
    if sum(repeats) <= _ROLLING * len(said):
        return list(said)
    kept: list[_Said] = []
    before: list[str] = []
    for one, own in zip(said, lines, strict=True):
        fresh = "\n".join(line for line in own if line not in before).strip()
        before = own
        if fresh:
            kept.append(_Said(one.start, one.end, one.speaker, fresh))
    return kept


def _paragraphs(said: Sequence[_Said]) -> tuple[str, tuple[Place, ...]]:
    """What is said as paragraphs, and the place of each cue in them."""
    parts: list[str] = []
    places: list[Place] = []
    length = begun = 0
    before: _Said | None = None
    for one in said:
        goes_on = before is not None and _goes_on(before, one)
        if before is not None:
            between = "\n" if goes_on and length - begun < _LONGEST_PARAGRAPH else "\n\n"
            parts.append(between)
            length += len(between)
            begun = begun if between == "\n" else length
        speaker = one.speaker or (before.speaker if before and goes_on else None)
        time = int(one.start)
        stamp = f"{time // 3600:02d}:{time // 60 % 60:02d}:{time % 60:02d}"
        end = length + len(one.text)
        places.append(Place(length, end, PlaceKind.SPEECH, time=stamp, speaker=speaker))
        parts.append(one.text)
        length = end
        before = _Said(one.start, one.end, speaker, one.text)
    return "".join(parts), tuple(places)


def _goes_on(before: _Said, one: _Said) -> bool:
    """Whether a cue goes on with the sentence, or the breath, of the one before."""
    return (
        (one.speaker is None or one.speaker == before.speaker)
        and one.start - before.end < _PAUSE
        and not _SENTENCE_END.search(before.text)
        and not re.match(r"[-–—]\s|>>", one.text)
    )
