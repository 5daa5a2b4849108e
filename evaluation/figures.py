"""Small figures as inline SVG: intervals on a common axis, a scatter, lines over cuts. Texts are escaped here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import ceil, floor, log10

from evaluation.significance import Interval

WIDTH, LEFT, RIGHT, ROW = 760, 290, 60, 22
INK, GREY, ACCENT = "#1f2933", "#9aa5b1", "#0b6e4f"
COLOURS = ("#0b6e4f", "#c0392b", "#1f5fa8", "#b7791f", "#6b46c1", "#4a5568")


@dataclass(frozen=True)
class Axis:
    """Maps values from ``low`` to ``high`` onto pixels from ``start`` to ``stop``."""

    low: float
    high: float
    start: float
    stop: float

    def at(self, value: float) -> float:
        """Pixel of a value."""
        span = (self.high - self.low) or 1.0
        return self.start + (value - self.low) / span * (self.stop - self.start)

    def ticks(self, count: int = 6) -> list[float]:
        """Round values along the axis, at most ``count``."""
        span = (self.high - self.low) or 1.0
        unit = 10.0 ** floor(log10(span))
        step = next(unit * factor for factor in (0.1, 0.2, 0.5, 1.0, 2.0) if span / (unit * factor) <= count - 1)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return [round(step * number, 10) for number in range(first, last + 1)]


def intervals(rows: Mapping[str, Interval], title: str, marked: Sequence[str] = (), *, zero: bool = False) -> str:
    """One row an interval: a line from bound to bound, a dot at the mean; ``marked`` rows are in colour."""
    low = min([told.low for told in rows.values()] + [0.0])
    high = max([told.high for told in rows.values()] + [0.0])
    axis, bottom = Axis(low, high, LEFT, WIDTH - RIGHT), ROW * len(rows) + 12
    parts = _grid(axis, bottom)
    if zero:
        parts.append(_line(axis.at(0), 4, axis.at(0), bottom, INK))
    for number, (name, told) in enumerate(rows.items()):
        y, colour = ROW * number + 20, ACCENT if name in marked else INK
        parts += [
            _text(LEFT - 10, y + 4, name, colour, "end"),
            _line(axis.at(told.low), y, axis.at(told.high), y, colour, 2),
            f'<circle cx="{axis.at(told.mean):.1f}" cy="{y}" r="4" fill="{colour}"><title>{escape(name)} '
            f"{escape(str(told))}</title></circle>",
            _text(WIDTH - RIGHT + 8, y + 4, f"{told.mean:+.3f}" if zero else f"{told.mean:.3f}", colour),
        ]
    return _svg(parts, WIDTH, bottom + 24, title)


def scatter(points: Mapping[str, tuple[float, float]], title: str, across: str, up: str, marked: Sequence[str]) -> str:
    """Named points; both axes begin at 0."""
    height = 340
    x = Axis(0.0, max([a for a, _ in points.values()] + [1e-9]) * 1.05, 60, WIDTH - 170)
    y = Axis(0.0, max([b for _, b in points.values()] + [1e-9]) * 1.1, height - 40, 14)
    parts = _grid(x, height - 40)
    for tick in y.ticks():
        parts += [
            _line(60, y.at(tick), WIDTH - 170, y.at(tick), "#e4e7eb"),
            _text(54, y.at(tick) + 4, f"{tick:g}", GREY, "end"),
        ]
    parts += [_text(WIDTH - 170, height - 4, across, GREY, "end"), _text(60, 10, up, GREY)]
    place = 0.0
    for name, (a, b) in sorted(points.items(), key=lambda item: -item[1][1]):  # names from the top, none on another
        colour, place = ACCENT if name in marked else INK, max(y.at(b) + 4, place + 13)
        parts += [
            f'<circle cx="{x.at(a):.1f}" cy="{y.at(b):.1f}" r="5" fill="{colour}" fill-opacity="0.8"/>',
            _line(x.at(a) + 5, y.at(b), WIDTH - 164, place - 4, "#cbd2d9"),
            _text(WIDTH - 160, place, name, colour),
        ]
    return _svg(parts, WIDTH, height, title)


def lines(series: Mapping[str, Sequence[float]], labels: Sequence[str], title: str) -> str:
    """One line a method over the cuts; a cut on its own is a point."""
    height = 300
    x = Axis(0, max(len(labels) - 1, 1), 60, WIDTH - 200)
    y = Axis(0.0, max([value for values in series.values() for value in values] + [1e-9]) * 1.1, height - 40, 14)
    parts = [_text(x.at(at), height - 20, label, GREY, "middle") for at, label in enumerate(labels)]
    for tick in y.ticks():
        parts += [
            _line(60, y.at(tick), WIDTH - 200, y.at(tick), "#e4e7eb"),
            _text(54, y.at(tick) + 4, f"{tick:g}", GREY, "end"),
        ]
    for number, (name, values) in enumerate(series.items()):
        colour = COLOURS[number % len(COLOURS)]
        path = " ".join(f"{x.at(at):.1f},{y.at(value):.1f}" for at, value in enumerate(values))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{p.split(",")[0]}" cy="{p.split(",")[1]}" r="3" fill="{colour}"/>' for p in path.split()
        ]
        parts.append(_text(WIDTH - 190, 20 + 16 * number, f"{name} {values[-1]:.3f}", colour))
    return _svg(parts, WIDTH, height, title)


def _grid(axis: Axis, bottom: float) -> list[str]:
    parts = []
    for tick in axis.ticks():
        parts += [
            _line(axis.at(tick), 4, axis.at(tick), bottom, "#e4e7eb"),
            _text(axis.at(tick), bottom + 15, f"{tick:g}", GREY, "middle"),
        ]
    return parts


def _line(x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width:g}"/>'


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>'


def _svg(parts: Sequence[str], width: float, height: float, title: str) -> str:
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title, quote=True)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )
