"""Two diagrams of an evaluation, as inline SVG without scripts."""

from __future__ import annotations

from collections.abc import Sequence

from rag.evaluation import Calibration, Point
from rag.ui.html import escape
from rag.ui.texts import FRENCH, TEXTS

_LEFT, _TOP, _SIDE = 44, 10, 220
_WIDTH, _HEIGHT = _LEFT + _SIDE + 12, _TOP + _SIDE + 44
_TICKS = (0, 25, 50, 75, 100)
_SMALLEST_DOT, _LARGEST_DOT = 2.0, 7.0


def render_curve(points: Sequence[Point], language: str) -> str:
    """Draw the share right against the share answered."""
    texts = TEXTS[language]
    places = [(_x(point.answered), _y(point.right)) for point in points]
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    line = f'<polyline class="line" points="{drawn}"/>' if len(places) > 1 else ""
    dots = "".join(
        f'<circle class="dot" cx="{x:.1f}" cy="{y:.1f}" r="2"/>' for x, y in places[-1:]
    )
    last = points[-1].right if points else None
    spoken = texts.evaluation.curve_spoken.format(right=_percent(last, language))
    return _svg(
        spoken, line + dots, texts.evaluation.curve_answered, texts.evaluation.curve_right
    )


def render_reliability(calibration: Calibration, language: str) -> str:
    """Draw the share right against confidence, a dot a bin, larger for more askings."""
    texts = TEXTS[language]
    most = max((one.n for one in calibration.bins), default=0)
    ideal = f'<line class="ideal" x1="{_x(0)}" y1="{_y(0)}" x2="{_x(1)}" y2="{_y(1)}"/>'
    dots = "".join(
        f'<circle class="dot" cx="{_x(one.confidence):.1f}" cy="{_y(one.right):.1f}" '
        f'r="{_SMALLEST_DOT + (_LARGEST_DOT - _SMALLEST_DOT) * one.n / most:.1f}"/>'
        for one in calibration.bins
        if one.confidence is not None and one.right is not None
    )
    spoken = texts.evaluation.reliability_spoken.format(
        error=_percent(calibration.error, language)
    )
    return _svg(
        spoken,
        ideal + dots,
        texts.evaluation.reliability_confidence,
        texts.evaluation.curve_right,
    )


def _svg(spoken: str, drawn: str, across: str, up: str) -> str:
    middle_x, middle_y = _LEFT + _SIDE / 2, _TOP + _SIDE / 2
    return (
        f'<svg class="plot" viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" '
        f'aria-label="{escape(spoken)}">{_grid()}{drawn}'
        f'<text class="axis" x="{middle_x}" y="{_HEIGHT - 6}" text-anchor="middle">'
        f"{escape(across)}</text>"
        f'<text class="axis" x="12" y="{middle_y}" text-anchor="middle" '
        f'transform="rotate(-90 12 {middle_y})">{escape(up)}</text></svg>'
    )


def _grid() -> str:
    parts: list[str] = []
    for percent in _TICKS:
        x, y = _x(percent / 100), _y(percent / 100)
        parts.append(
            f'<line class="grid" x1="{x}" y1="{_y(0)}" x2="{x}" y2="{_y(1)}"/>'
            f'<line class="grid" x1="{_x(0)}" y1="{y}" x2="{_x(1)}" y2="{y}"/>'
            f'<text x="{x}" y="{_y(0) + 14}" text-anchor="middle">{percent}</text>'
            f'<text x="{_LEFT - 5}" y="{y + 4}" text-anchor="end">{percent}</text>'
        )
    return "".join(parts)


def _x(share: float) -> float:
    return _LEFT + _SIDE * share


def _y(share: float) -> float:
    return _TOP + _SIDE * (1 - share)


def _percent(share: float | None, language: str) -> str:
    if share is None:
        return "–"
    space = "\N{NARROW NO-BREAK SPACE}" if language == FRENCH else ""
    return f"{round(100 * share)}{space}%"
