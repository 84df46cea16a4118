"""Charts of a report as vector shapes, so that they are sharp in print. Measures are millimetres."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from fpdf import FPDF

from core.reliability.sla.report_paper import FONT

Colour = tuple[int, int, int]
DOWN: Colour = (214, 64, 78)
MAINTENANCE: Colour = (31, 143, 176)
UNOBSERVED: Colour = (184, 192, 198)
LINE: Colour = (31, 143, 176)
TARGET: Colour = (217, 120, 45)
_GRID: Colour = (225, 229, 232)
_INK, _FAINT = 40, 110
_LEFT, _TOP, _BOTTOM = 15.0, 9.0, 7.0
_MOST_LABELS = 16


@dataclass(frozen=True, slots=True)
class Place:
    """Where on the page a chart goes."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Scale:
    """The axis of values: from `low` to `high` with a line at each `step`."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)

    def ticks(self) -> list[float]:
        count = round((self.high - self.low) / self.step)
        return [self.low + self.step * place for place in range(count + 1)]


@dataclass(frozen=True, slots=True)
class Series:
    """Values by place; None is drawn as nothing."""

    name: str
    colour: Colour
    values: Sequence[float | None]


def scale_from_zero(values: Sequence[float | None], *, least: float) -> Scale:
    """From 0 to a round number above the largest value, and `least` at least."""
    return _rounded(0.0, max([least, *(value for value in values if value is not None)]))


def scale_below(values: Sequence[float | None], *, top: float, least: float = 0.1) -> Scale:
    """From a round number under the smallest value, but `least` below `top`, to `top`: for shares that are close to it."""
    length = max([least, *(top - value for value in values if value is not None)])
    below = _rounded(0.0, length)
    return Scale(top - below.high, top, below.step)


def _rounded(low: float, high: float) -> Scale:
    step = _step(high - low)
    return Scale(low, low + step * math.ceil(round((high - low) / step, 6)), step)


def _step(length: float) -> float:
    """A quarter of the length or so, as 1, 2 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(length / 4))
    return next(times * power for times in (1, 2, 5, 10) if times * power >= length / 4)


def bars(page: FPDF, place: Place, title: str, labels: Sequence[str], series: Sequence[Series], scale: Scale) -> None:
    """Bars upon each other, one per label."""
    inner = _frame(page, place, title, labels, scale)
    _legend(page, place, series)
    slot = inner.width / max(len(labels), 1)
    for place_of, _ in enumerate(labels):
        base = 0.0
        for one in series:
            value = one.values[place_of] or 0.0
            top = inner.y + inner.height * (1 - scale.share(base + value))
            bottom = inner.y + inner.height * (1 - scale.share(base))
            if bottom > top:
                page.set_fill_color(*one.colour)
                page.rect(inner.x + slot * (place_of + 0.15), top, slot * 0.7, bottom - top, style="F")
            base += value


def lines(
    page: FPDF, place: Place, title: str, labels: Sequence[str], series: Sequence[Series], scale: Scale,
    target: Series | None = None,
) -> None:  # fmt: skip
    """Lines with a dot at each value, broken where nothing is known; the target as a dashed one."""
    inner = _frame(page, place, title, labels, scale)
    _legend(page, place, [*series, *([target] if target else [])])
    for one in series:
        _line(page, inner, one, scale)
    if target is not None:
        page.set_dash_pattern(dash=1.6, gap=1.2)
        _line(page, inner, target, scale, has_dots=False)
        page.set_dash_pattern()


def _line(page: FPDF, inner: Place, one: Series, scale: Scale, *, has_dots: bool = True) -> None:
    page.set_draw_color(*one.colour)
    page.set_fill_color(*one.colour)
    page.set_line_width(0.4)
    slot = inner.width / max(len(one.values), 1)
    last: tuple[float, float] | None = None
    for place_of, value in enumerate(one.values):
        if value is None:
            last = None
            continue
        point = inner.x + slot * (place_of + 0.5), inner.y + inner.height * (1 - scale.share(value))
        if last is not None:
            page.line(*last, *point)
        if has_dots:
            page.circle(*point, 0.55, style="F")
        last = point


def _frame(page: FPDF, place: Place, title: str, labels: Sequence[str], scale: Scale) -> Place:
    """Title, grid and labels; where the values go."""
    page.set_font(FONT, "B", 9)
    page.set_text_color(_INK)
    page.text(place.x, place.y + 3.5, title)
    inner = Place(place.x + _LEFT, place.y + _TOP, place.width - _LEFT, place.height - _TOP - _BOTTOM)
    page.set_font(FONT, "", 7)
    page.set_text_color(_FAINT)
    page.set_draw_color(*_GRID)
    page.set_line_width(0.2)
    for tick in scale.ticks():
        level = inner.y + inner.height * (1 - scale.share(tick))
        page.line(inner.x, level, inner.x + inner.width, level)
        told = _told(tick, scale.step)
        page.text(inner.x - 1.5 - page.get_string_width(told), level + 0.9, told)
    _labels(page, inner, labels)
    return inner


def _labels(page: FPDF, inner: Place, labels: Sequence[str]) -> None:
    slot = inner.width / max(len(labels), 1)
    every = math.ceil(len(labels) / _MOST_LABELS)
    for place_of, label in enumerate(labels):
        if place_of % every == 0:
            middle = inner.x + slot * (place_of + 0.5)
            page.text(middle - page.get_string_width(label) / 2, inner.y + inner.height + 4, label)


def _told(value: float, step: float) -> str:
    digits = max(0, -math.floor(math.log10(step) + 1e-9))
    return f"{value:,.{digits}f}"


def _legend(page: FPDF, place: Place, series: Sequence[Series]) -> None:
    """At the right of the title, read from the left."""
    page.set_font(FONT, "", 7)
    page.set_text_color(_FAINT)
    right = place.x + place.width
    for one in reversed(series):
        right -= page.get_string_width(one.name)
        page.text(right, place.y + 3.5, one.name)
        page.set_fill_color(*one.colour)
        page.rect(right - 3.2, place.y + 1.5, 2.2, 2.2, style="F")
        right -= 6.5
