"""What else is to be known of this moment, each in a card that leads to its page: alerts, monitors, providers, users."""

from collections.abc import Callable
from typing import Any

import pandas as pd
import streamlit as st

from core.health.active import queries as active
from core.health.alerts import queries as alerts
from core.health.monitors import queries as monitors
from core.health.providers import queries as providers
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import live
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago

MOST = 4  # lines in a card; the page behind it has them all
_DOTS = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":blue[:material/info:]",
}


@live("10s")
def show(actor: Actor) -> None:
    """A card for each of them that the role may see."""
    cards: list[Callable[[Actor], None]] = [_active]
    cards = [_providers, *cards] if actor.may("providers:read") else cards
    cards = [_monitors, *cards] if actor.may("monitors:read") else cards
    cards = [_alerts, *cards] if actor.may("alerts:read") else cards
    with st.grid(4, gap="small", min_column_width=230):
        for card in cards:
            with st.container(border=True, height="stretch", gap="xsmall"):
                card(actor)


def _head(title: str, told: str, colour: Any) -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{title}**")
        st.badge(told, color=colour)


def _alerts(actor: Actor) -> None:
    counts = alerts.counts(actor)
    colour = "red" if counts.critical else "orange" if counts.warning else "blue" if counts.live else "green"
    _head("Alerts", f"{counts.live:,} firing" if counts.live else "None fires", colour)
    if counts.live:
        frame = alerts.inbox(actor, limit=MOST).frame
        _lines([_alert(row) for row in frame.to_dict("records")], counts.live)
        silenced = f"; {counts.silenced:,} silenced" if counts.silenced else ""
        st.caption(f":small[{counts.acknowledged:,} of {counts.live:,} acknowledged{silenced}]")
    st.page_link("health/alerts.py", label="Alerts", icon=":material/notifications:")


def _alert(row: dict[Any, Any]) -> str:
    age = ago(utc_now() - row["opened_at"]).removesuffix(" ago")
    subject = f": {plain(row['subject'])}" if row["subject"] else ""
    return f"{_DOTS.get(row['severity'], '')} {plain(row['rule'])}{subject}, for {age}"


def _lines(lines: list[str], total: int) -> None:
    more = [f"and {total - len(lines):,} more"] if total > len(lines) else []
    st.markdown("  \n".join(f":small[{line}]" for line in [*lines, *more]))


def _monitors(actor: Actor) -> None:
    counts, checker = monitors.counts(actor), monitors.checker(actor)
    total = sum(counts.values())
    if not total:
        _head("Monitors", "None", "gray")
        st.caption("Nothing is watched from outside yet.")
    elif not checker.is_running or checker.problem is not None:
        _head("Monitors", "Not checked", "gray")
        st.caption(f"No checker runs, so nothing is known of {total:,}." if not checker.is_running else
                   f"The checker cannot look: {plain(checker.problem)}")  # fmt: skip
    else:
        _counted(actor, counts)
    st.page_link("health/monitors.py", label="Monitors", icon=":material/network_check:")


def _counted(actor: Actor, counts: dict[str, int]) -> None:
    down, degraded = counts["down"], counts["degraded"]
    told = f"{down:,} down" if down else f"{degraded:,} degraded" if degraded else f"{counts['up']:,} up"
    _head("Monitors", told, "red" if down else "orange" if degraded else "green" if counts["up"] else "gray")
    if down:
        worst = monitors.directory(actor, monitors.Filters(states=("down",)), limit=MOST).frame
        _lines([f":red[:material/error:] {plain(row['name'])}{_since(row)}" for row in worst.to_dict("records")], down)
    others = {name: counts[name] for name in ("degraded", "up", "unknown", "paused") if counts[name]}
    st.caption(f":small[{' · '.join(f'{count:,} {name}' for name, count in others.items())}]")


def _since(row: dict[Any, Any]) -> str:
    return "" if pd.isna(row["since"]) else f", for {ago(utc_now() - row['since']).removesuffix(' ago')}"


_PROVIDERS = {
    "healthy": ("Healthy", "green"), "degraded": ("Degraded", "orange"), "down": ("Down", "red"),
    "unknown": ("Unknown", "gray"), "not_configured": ("Not configured", "gray"),
}  # fmt: skip


def _providers(actor: Actor) -> None:
    found = providers.summary(actor)
    _head("Providers", *_PROVIDERS[found.status])
    st.caption(plain(found.sentence))
    st.page_link("health/providers.py", label="Providers", icon=":material/outgoing_mail:")


def _active(actor: Actor) -> None:
    operators, people = active.operators(actor), active.people(actor)
    _head(
        "Active users",
        f"{operators.now:,} operator{'' if operators.now == 1 else 's'}",
        "blue" if operators.now else "gray",
    )
    daily = UNKNOWN if people.daily is None or not people.is_told else f"{people.daily:,}"
    now = UNKNOWN if people.now is None else f"{people.now:,}"
    tenants = UNKNOWN if people.tenants_now is None else f"{people.tenants_now:,}"
    st.caption(f"Product users: {now} now, {daily} in 24 h.  \nTenants with requests in 15 min: {tenants}.")
    st.page_link("health/active_users.py", label="Active users", icon=":material/group:")
