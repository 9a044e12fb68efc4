"""Two diagrams of an evaluation, as inline SVG without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from rag.evaluation import Calibration, Point
from rag.ui.html import render
from rag.ui.texts import FRENCH, TEXTS

_LEFT, _TOP, _SIDE = 44, 10, 220
_WIDTH, _HEIGHT = _LEFT + _SIDE + 12, _TOP + _SIDE + 44
_TICKS = (0, 25, 50, 75, 100)
_SMALLEST_DOT, _LARGEST_DOT = 2.0, 7.0


@dataclass(frozen=True, slots=True)
class _Dot:
    x: float
    y: float
    radius: float


def render_curve(points: Sequence[Point], language: str) -> Markup:
    """Draw the share right against the share answered."""
    texts = TEXTS[language].evaluation
    line = [(_rounded(_x(one.answered)), _rounded(_y(one.right))) for one in points]
    last = points[-1].right if points else None
    return _plot(
        spoken=texts.curve_spoken.format(right=_percent(last, language)),
        across=texts.curve_answered,
        up=texts.curve_right,
        line=line,
        dots=[_Dot(x, y, 2) for x, y in line[-1:]],
    )


def render_reliability(calibration: Calibration, language: str) -> Markup:
    """Draw the share right against confidence, a dot a bin, larger for more askings."""
    texts = TEXTS[language].evaluation
    most = max((one.n for one in calibration.bins), default=0)
    dots = [
        _Dot(
            _rounded(_x(one.confidence)),
            _rounded(_y(one.right)),
            _rounded(_SMALLEST_DOT + (_LARGEST_DOT - _SMALLEST_DOT) * one.n / most),
        )
        for one in calibration.bins
        if one.confidence is not None and one.right is not None
    ]
    return _plot(
        spoken=texts.reliability_spoken.format(error=_percent(calibration.error, language)),
        across=texts.reliability_confidence,
        up=texts.curve_right,
        dots=dots,
        has_ideal=True,
    )


def _plot(
    *,
    spoken: str,
    across: str,
    up: str,
    dots: Sequence[_Dot],
    line: Sequence[tuple[float, float]] = (),
    has_ideal: bool = False,
) -> Markup:
    return render(
        "evaluation_plot",
        width=_WIDTH,
        height=_HEIGHT,
        left=_x(0),
        right=_x(1),
        top=_y(1),
        bottom=_y(0),
        ticks=[(percent, _x(percent / 100), _y(percent / 100)) for percent in _TICKS],
        spoken=spoken,
        across=across,
        up=up,
        dots=dots,
        line=line,
        has_ideal=has_ideal,
    )


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _rounded(place: float) -> float:
    return round(place, 1)


def _percent(share: float | None, language: str) -> str:
    if share is None:
        return "–"
    space = "\N{NARROW NO-BREAK SPACE}" if language == FRENCH else ""
    return f"{round(100 * share)}{space}%"
