"""What may be said of a tenant's branding. Pure."""

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from core.access.operators.rules import clean_email
from core.customers.branding import contrast
from core.kernel.cleaning import cleaned
from core.kernel.errors import Invalid

MAX_COMPANY, MAX_SENDER = 120, 80
COLORS = ("background_color", "text_color", "button_color", "button_text_color")
NAMES = ("company_name", "support_email", "sender_name")
FIELDS = (*NAMES, *COLORS)
# The product's own look, where the tenant chose none.
DEFAULTS = {
    "background_color": "#ffffff", "text_color": "#1c2733", "button_color": "#0f6b80", "button_text_color": "#ffffff",
}  # fmt: skip
TITLES = {
    "background_color": "Background", "text_color": "Text", "button_color": "Buttons", "button_text_color": "Text on buttons",
}  # fmt: skip
# Letters that turn the reading direction, or that nobody sees: with these a sender's name can pretend to be another's.
_HIDDEN = frozenset(("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"))
_JOINERS = frozenset("\u200c\u200d\ufe0f")  # needed in Persian, in Indic scripts and in emoji


@dataclass(frozen=True, slots=True)
class Pair:
    """Two colours that meet; `is_text` pairs must have the contrast of AA, others are told alone."""

    title: str
    front: str
    back: str
    is_text: bool

    @property
    def least(self) -> float:
        return contrast.AA if self.is_text else contrast.PARTS


PAIRS = (
    Pair("Text on the background", "text_color", "background_color", True),
    Pair("Text on buttons", "button_text_color", "button_color", True),
    Pair("Buttons on the background", "button_color", "background_color", False),
)


@dataclass(frozen=True, slots=True)
class Judged:
    """A pair with its contrast; `suggestions` maps a colour's name to the nearest value that would have enough."""

    pair: Pair
    ratio: float
    is_enough: bool
    verdict: str
    suggestions: dict[str, str]


def colors_of(values: Mapping[str, Any]) -> dict[str, str]:
    """The colours that are seen: the tenant's, and the product's where it chose none."""
    return {name: values.get(name) or DEFAULTS[name] for name in COLORS}


def judge(values: Mapping[str, Any]) -> list[Judged]:
    """Every pair of the colours that are seen, with its contrast."""
    seen = colors_of(values)
    return [_judged(pair, seen[pair.front], seen[pair.back]) for pair in PAIRS]


def _judged(pair: Pair, front: str, back: str) -> Judged:
    found = contrast.ratio(front, back)
    is_enough = found >= pair.least
    verdict = contrast.grade(found) if pair.is_text else "enough" if is_enough else "weak"
    if is_enough:
        return Judged(pair, found, True, verdict, {})
    nearest = {
        pair.front: contrast.nearest(front, back, least=pair.least),
        pair.back: contrast.nearest(back, front, least=pair.least),
    }
    return Judged(pair, found, False, verdict, {name: one for name, one in nearest.items() if one})


def require_readable(values: Mapping[str, Any]) -> None:
    """Every text can be read (WCAG 2.2, 1.4.3). Raises Invalid with the nearest colours that can."""
    problems = {one.pair.front: _told(one) for one in judge(values) if one.pair.is_text and not one.is_enough}
    if problems:
        raise Invalid(" ".join(problems.values()), problems)


def _told(one: Judged) -> str:
    nearest = " or ".join(f"{TITLES[name].lower()} {color}" for name, color in one.suggestions.items())
    return (
        f"{one.pair.title} has a contrast of {contrast.shown(one.ratio)}; readable text needs 4.5:1 (WCAG AA). "
        f"The nearest that is enough: {nearest}."
    )


def _clean_line(value: Any, most: int, what: str) -> str | None:
    line = " ".join(unicodedata.normalize("NFC", str(value)).split())
    if not line:
        return None
    if len(line) > most:
        raise Invalid(f"{what} has at most {most} characters.")
    if any(unicodedata.category(letter) in _HIDDEN and letter not in _JOINERS for letter in line):
        raise Invalid(f"{what} has characters that cannot be seen or that turn the text around. Write it without them.")
    return line


def _clean_sender(value: Any) -> str | None:
    """It becomes the name in a mail's From, where an address in place of a name misleads (and angle brackets delimit)."""
    line = _clean_line(value, MAX_SENDER, "The sender's name")
    if line and not {"@", "<", ">", '"'}.isdisjoint(line):
        raise Invalid("The sender's name is a name alone: without @, <, > and \".")
    return line


def _clean_address(value: Any) -> str | None:
    return clean_email(str(value)) if str(value).strip() else None


def _clean_color(value: Any) -> str | None:
    color = str(value).strip().lower()
    if not color:
        return None
    if len(color) == 4 and color[0] == "#":
        color = "#" + "".join(2 * letter for letter in color[1:])
    if not contrast.is_color(color):
        raise Invalid(f"“{str(value)[:40]}” is no colour. Write #rrggbb, such as #0f6b80.")
    return color


def clean(values: Mapping[str, Any]) -> dict[str, str | None]:
    """The values as they are stored; None or nothing is the product's own. Raises one Invalid that names every bad field."""
    return cleaned(values, _CLEAN)


def _if_given(clean_one: Callable[[Any], str | None]) -> Callable[[Any], str | None]:
    return lambda value: None if value is None else clean_one(value)


_CLEAN: dict[str, Callable[[Any], str | None]] = {
    "company_name": _if_given(lambda value: _clean_line(value, MAX_COMPANY, "The company's name")),
    "sender_name": _if_given(_clean_sender), "support_email": _if_given(_clean_address),
    **dict.fromkeys(COLORS, _if_given(_clean_color)),
}  # fmt: skip
