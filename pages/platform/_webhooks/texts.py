"""Words for what webhooks and their messages are. What is not known stays unknown."""

import json
import shlex
from collections.abc import Iterable, Mapping
from typing import Any, Literal

import pandas as pd

from pages._parts.moments import UNKNOWN

Colour = Literal["green", "orange", "red", "gray", "blue"]
STATES: dict[str, tuple[str, Colour]] = {
    "active": ("Active", "green"), "failing": ("Failing", "orange"), "resting": ("Resting", "red"),
    "disabled": ("Disabled", "gray"),
}  # fmt: skip
STATUSES: dict[str, tuple[str, Colour]] = {
    "waiting": ("Waiting", "blue"), "delivered": ("Delivered", "green"), "failed": ("Failed", "red"),
    "cancelled": ("Cancelled", "gray"),
}  # fmt: skip


def is_unknown(value: Any) -> bool:
    return value is None or (not isinstance(value, (list, dict)) and bool(pd.isna(value)))


def state(webhook: Mapping[Any, Any]) -> tuple[str, Colour]:
    """Badge text and colour; what the portal disabled by itself is said louder than what a person did."""
    if webhook["state"] == "disabled" and is_unknown(webhook["disabled_by"]):
        return "Disabled by the portal", "red"
    return STATES[webhook["state"]]


def owner(webhook: Mapping[Any, Any]) -> str:
    """Whose endpoint it is."""
    if is_unknown(webhook["tenant_id"]):
        return "Platform"
    return UNKNOWN if is_unknown(webhook["tenant"]) else str(webhook["tenant"])


def events(chosen: Iterable[str]) -> str:
    return "All events" if "*" in (listed := list(chosen)) else ", ".join(listed)


def event_choice(pattern: str) -> str:
    """An event type or a pattern, as it is offered."""
    if pattern == "*":
        return "All events"
    return f"{pattern} (all of {pattern[:-2].replace('_', ' ')})" if pattern.endswith(".*") else pattern


def count(number: int, thing: str, things: str | None = None) -> str:
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"


def plain(text: str) -> str:
    """Somebody's own words, safe inside Markdown."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>$~:" else letter for letter in text)


def pretty(text: str | None) -> str:
    """JSON with indents; anything else as it stands."""
    try:
        return json.dumps(json.loads(text or ""), indent=2, ensure_ascii=False)
    except ValueError:
        return text or ""


def lines(headers: Mapping[str, Any] | None) -> str:
    """Headers as they travel, one a line."""
    return "\n".join(f"{name}: {value}" for name, value in (headers or {}).items())


def curl(url: str, headers: Mapping[str, Any], body: str) -> str:
    """The same call for a shell."""
    parts = [
        f"curl -X POST {shlex.quote(url)}",
        *(f"-H {shlex.quote(f'{name}: {value}')}" for name, value in headers.items()),
    ]
    return " \\\n  ".join([*parts, f"--data-raw {shlex.quote(body)}"])


def answer(status: Any, error: Any) -> str:
    """What came back, in a word or a sentence."""
    if not is_unknown(error):
        return str(error)
    return UNKNOWN if is_unknown(status) else f"answered {status}"
