"""Moments and names as this page shows them."""

from collections.abc import Mapping
from datetime import datetime, timedelta, tzinfo
from typing import Any, Literal

import pandas as pd

from core.kernel.actor import Actor
from core.reliability.on_call import people, queries

NOBODY = "Nobody"
SEVERITIES = {"sev1": "SEV1", "sev2": "SEV2", "sev3": "SEV3"}
COLOURS: dict[str, Literal["red", "orange", "green", "gray"]] = {
    "open": "orange", "acknowledged": "green", "resolved": "gray", "exhausted": "red",
}  # fmt: skip


def is_unknown(value: Any) -> bool:
    return value is None or bool(pd.isna(value))


def moment(at: datetime, zone: tzinfo) -> str:
    """With the weekday: shifts are spoken of by it."""
    return f"{at.astimezone(zone):%a %d %b %H:%M}"


def length(span: timedelta) -> str:
    """Days and hours, or hours and minutes."""
    minutes = int(span.total_seconds() // 60)
    if minutes >= 48 * 60:
        days, hours = divmod(minutes // 60, 24)
        return f"{days} d {hours} h" if hours else f"{days} d"
    hours, rest = divmod(minutes, 60)
    return f"{hours} h {rest} min" if hours and rest else f"{hours} h" if hours else f"{rest} min"


def colleagues(actor: Actor) -> dict[str, str]:
    """Those who can be put on call: id -> name."""
    frame = people.in_service(actor)
    return dict(zip(frame["id"], frame["name"], strict=True))


def channels(actor: Actor) -> dict[str, str]:
    """Alert channels: id -> name."""
    frame = people.channels(actor)
    return dict(zip(frame["id"], frame["name"], strict=True))


def schedules(actor: Actor) -> dict[str, str]:
    """Schedules in use: id -> name."""
    frame = queries.schedules(actor)
    return dict(zip(frame["id"], frame["name"], strict=True))


def named(names: Mapping[str, str], one: str) -> str:
    """Who or what was chosen once and is not offered any more stays in sight."""
    return names.get(one, "No longer in service")
