"""What can be said of a key, new or old."""

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.times import utc_now
from core.platform.keys import rules
from pages._parts.frame import zone

DEFAULT_LIFE = timedelta(days=90)


def values(actor: Actor, key: Mapping[str, Any] | None, *, prefix: str) -> dict[str, Any]:
    """Name, scopes, expiry, limit and addresses as typed; those of `key` to begin with."""
    given = dict(key or {})
    name = st.text_input(
        "Name", given.get("name", ""), key=f"{prefix}_name", max_chars=rules.MAX_NAME, placeholder="What calls with it"
    )
    held = sorted({one for one in rules.scopes() if actor.may(one)} | set(given.get("scopes", ())))
    scopes = st.multiselect(
        "Scopes", held, given.get("scopes", []), key=f"{prefix}_scopes", placeholder="What it may do",
        help="You can give what you may do yourself.",
    )  # fmt: skip
    expires = _expiry(actor, given, prefix)
    rate = st.number_input(
        "Calls a minute",
        1,
        rules.MAX_RATE,
        given.get("rate_limit_per_minute", rules.DEFAULT_RATE),
        1,
        key=f"{prefix}_rate",
    )
    networks = st.text_area(
        "Allowed addresses", "\n".join(given.get("allowed_networks", ())), key=f"{prefix}_networks", height=90,
        placeholder="203.0.113.0/24\n2001:db8::/32", help="One network or address a line. Empty: from anywhere.",
    )  # fmt: skip
    return {
        "name": name, "scopes": scopes, "rate_limit_per_minute": rate, "allowed_networks": networks.splitlines(),
        "expires_at": expires,
    }  # fmt: skip


def _expiry(actor: Actor, given: Mapping[str, Any], prefix: str) -> datetime | None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        day = st.date_input(
            "Expires at the end of", _day(actor, given) or _usual(actor), key=f"{prefix}_expires", format="YYYY-MM-DD"
        )
        is_endless = st.checkbox(
            "Never expires",
            bool(given) and given["expires_at"] is None,
            key=f"{prefix}_endless",
            help="Such keys are flagged.",
        )
    return None if is_endless else _moment(actor, day, given)


def _usual(actor: Actor) -> date:
    return (utc_now() + DEFAULT_LIFE).astimezone(zone(actor)).date()


def _day(actor: Actor, given: Mapping[str, Any]) -> date | None:
    """The day on which the key expires, as the viewer counts days."""
    expires: datetime | None = given.get("expires_at")
    return expires.astimezone(zone(actor)).date() if expires else None


def _moment(actor: Actor, day: Any, given: Mapping[str, Any]) -> datetime:
    """The end of the day in the viewer's zone; the expiry as it was when its day was left alone."""
    if day == _day(actor, given):
        known: datetime = given["expires_at"]
        return known
    return datetime.combine(day, time(23, 59, 59), zone(actor))
