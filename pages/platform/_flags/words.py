"""Flags in words: states, what is served, conditions, moments. What is unknown stays unknown."""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import Any, Literal, NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd

from core.kernel.times import utc_now
from core.platform.flags import guardrails
from core.platform.flags.conditions import WITHOUT_VALUES, as_moment, describe
from pages._parts.moments import UNKNOWN, clock

Colour = Literal["green", "blue", "gray", "orange", "red"]
STATES: dict[str, tuple[str, Colour, str]] = {
    "on": ("On", "green", ":material/toggle_on:"), "partial": ("Partly on", "blue", ":material/percent:"),
    "off": ("Off", "gray", ":material/toggle_off:"), "paused": ("Paused", "orange", ":material/pause_circle:"),
    "killed": ("Killed", "red", ":material/dangerous:"),
}  # fmt: skip
KINDS = {"boolean": "Boolean", "multivariate": "Multivariate", "json": "JSON"}
UNITS = {"tenant": "tenants", "user": "users"}


class Here(NamedTuple):
    """What turns values into words for one viewer: his time zone, and names of tenants and operators by their id."""

    zone: ZoneInfo
    names: Mapping[str, str]


_MARKS = re.compile(r"([\\`*_\[\]$:<>~#|])")


def plain(text: Any) -> str:
    """Text that people typed, so that Markdown shows it as it stands."""
    return UNKNOWN if text is None or pd.isna(text) else _MARKS.sub(r"\\\1", str(text))


def state(name: str) -> str:
    return STATES[name][0]


def share(percentage: float) -> str:
    """A percentage (0 to 100) as people read it."""
    return f"{float(percentage):g} %"


def compact(value: Any) -> str:
    """A value as JSON, on one line."""
    return json.dumps(value, ensure_ascii=False, default=str)


def pretty(value: Any) -> str:
    """A value as JSON, to be read and edited."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=str)


def moment(value: Any, zone: tzinfo) -> str:
    """A time (datetime or ISO text) in the viewer's zone; unknown when there is none."""
    if value is None or value == "" or (not isinstance(value, str) and pd.isna(value)):
        return UNKNOWN
    return clock(as_moment(value), zone, now=utc_now())


def serve(given: Mapping[str, Any]) -> str:
    """What is served: one variant, or the parts of a split in percent."""
    if "variant" in given:
        return str(given["variant"])
    weights = {name: weight for name, weight in given["split"].items() if weight}
    whole = sum(weights.values())
    return ", ".join(f"{name} {weight / whole:.0%}" for name, weight in weights.items()) if whole else "nothing yet"


def condition(given: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """The condition, with names in place of the ids of tenants."""
    values = [names.get(str(one), one) for one in given.get("values", [])]
    is_open = not values and given["operator"] not in WITHOUT_VALUES
    return describe({**given, "values": ["nothing yet"] if is_open else values})


def rule(given: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Who matches, and what they get."""
    segment = [f"segment {given['segment']}"] if given.get("segment") else []
    who = " and ".join(segment + [condition(one, names) for one in given["conditions"]]) or "nobody yet"
    within = "" if float(given["percentage"]) >= 100 else f" for {share(given['percentage'])} of them"
    name = f"{given['description']}: " if given.get("description") else ""
    return f"{name}{who} → {serve(given['serve'])}{within}"


def prerequisites(given: Sequence[Mapping[str, Any]]) -> str:
    return "; ".join(f"{one['flag']} is {' or '.join(one['variants'])}" for one in given) or "none"


def ramp(given: Sequence[Mapping[str, Any]], zone: tzinfo) -> str:
    return "; ".join(f"{moment(one['at'], zone)}: {share(one['percentage'])}" for one in given) or "none"


def guardrail(given: Mapping[str, Any]) -> str:
    """What pauses the flag by itself."""
    metric = guardrails.METRICS.get(given["metric"])
    bound = metric.shown(given["bound"]) if metric else f"{given['bound']:g}"
    least = f" (from {given['minimum']:,} measured)" if given.get("minimum") else ""
    return f"{metric.title if metric else given['metric']} {given['direction']} {bound}{least}"


def today(zone: tzinfo) -> datetime:
    """The viewer's clock to the minute."""
    return utc_now().astimezone(zone).replace(second=0, microsecond=0)
