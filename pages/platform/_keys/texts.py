"""Words for what keys are. What is not known stays unknown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

import pandas as pd

from core.platform.keys import format, rules
from pages._parts.moments import UNKNOWN, ago

ANY = "any"
FLAG_CHOICES = {ANY: "Any flag"} | {flag: flag.capitalize() for flag in rules.FLAGS}
COLOURS: dict[str, Literal["green", "orange", "gray"]] = {"active": "green", "expired": "orange", "revoked": "gray"}


def is_unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def owner(key: Mapping[Any, Any]) -> str:
    """Whose key it is; the id of a tenant whose name the viewer may not see."""
    if is_unknown(key["tenant_id"]):
        return "Platform"
    return str(key["tenant_id"]) if is_unknown(key["tenant"]) else str(key["tenant"])


def masked(key: Mapping[Any, Any]) -> str:
    return format.shown(key["prefix"], key["mode"], key["hint"])


def flags(key: Mapping[Any, Any]) -> list[str]:
    return [flag.capitalize() for flag in key["flags"]]


def used(key: Mapping[Any, Any], now: datetime) -> str:
    """How long ago, and from where."""
    if is_unknown(key["last_used_at"]):
        return "Never"
    place = "" if is_unknown(key["last_ip"]) else f" from {key['last_ip']}"
    return ago(now - key["last_used_at"]) + place


def until(moment: datetime | None, zone: Any) -> str:
    return "Never" if moment is None else f"{moment.astimezone(zone):%d %b %Y %H:%M}"


def plain(text: str) -> str:
    """Somebody's own words, safe inside Markdown."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>$~:" else letter for letter in text)


def listed(values: list[str], none: str = UNKNOWN) -> str:
    return ", ".join(values) or none
