"""Credit tiers: what a month below its target is credited with. Pure."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from core.kernel.errors import Invalid

MOST_TIERS = 10
_STEP = Decimal("0.0001")  # what numeric(7, 4) holds


def fraction(field: str, value: Any, *, least: Decimal = Decimal(0)) -> Decimal:
    """Percent from `least` to 100, of at most four digits. Raises Invalid."""
    try:
        percent = Decimal(str(value))
    except InvalidOperation:
        percent = Decimal("NaN")
    if not percent.is_finite() or not least <= percent <= 100 or percent != percent.quantize(_STEP):
        sentence = (
            f"{field.replace('_', ' ').capitalize()} is a percentage from {least} to 100, of at most four digits."
        )
        raise Invalid(sentence, {field: sentence})
    return percent


def clean_tiers(field: str, value: Any) -> list[dict[str, str]]:
    """[{"below": "99.95", "percent": "10"}, ...], the highest bound first.

    Raises Invalid unless each lower bound gives more.
    """
    if not isinstance(value, (list, tuple)) or len(value) > MOST_TIERS:
        raise _bad(field, f"Credit tiers are a list of at most {MOST_TIERS}.")
    tiers = sorted((_tier(field, one) for one in value), reverse=True)
    for (above, less), (below, more) in pairwise(tiers):
        if above == below or more <= less:
            raise _bad(field, f"Under {below} % more must be credited than under {above} %, each bound once.")
    return [{"below": _text(below), "percent": _text(percent)} for below, percent in tiers]


def _tier(field: str, one: Any) -> tuple[Decimal, Decimal]:
    if not isinstance(one, Mapping) or set(one) != {"below", "percent"}:
        raise _bad(field, "Each tier says below which uptime which percentage is credited.")
    return fraction("below", one["below"], least=_STEP), fraction("percent", one["percent"], least=_STEP)


def _text(number: Decimal) -> str:
    return f"{number.normalize():f}"


def parsed(text: str) -> list[dict[str, str]]:
    """What somebody typed, such as “99.95: 10, 99: 25”, as tiers that are still to be cleaned. Raises Invalid."""
    pairs = [one.split(":") for one in text.replace("%", "").replace("\n", ",").split(",") if one.strip()]
    if any(len(pair) != 2 for pair in pairs):
        raise _bad(
            "credit_tiers", "Write credit tiers like 99.95: 10, 99: 25, an uptime and what is credited below it."
        )
    return [{"below": below.strip(), "percent": percent.strip()} for below, percent in pairs]


def typed(tiers: list[dict[str, str]]) -> str:
    """The tiers as `parsed` takes them."""
    return ", ".join(f"{one['below']}: {one['percent']}" for one in tiers)


def told(tiers: list[dict[str, str]]) -> str:
    """The tiers in words; empty for none."""
    return ", ".join(f"under {one['below']} %: {one['percent']} %" for one in tiers)


def _bad(field: str, sentence: str) -> Invalid:
    return Invalid(sentence, {field: sentence})
