"""The form of a maintenance window, with what comes of it: the next five occurrences in the viewer's zone."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from core.health.maintenance import rules
from core.health.monitors import queries as monitors
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages.health._monitors import recurrence, texts

COVERS = {"all": "All monitors", "tags": "Those with a tag", "monitors": "Chosen monitors"}
POLICIES = {"excluded": "Does not count for availability", "counted": "Counts for availability"}
UNITS = {"minutes": 60, "hours": 3_600, "days": 86_400}
AHEAD = timedelta(days=400)
SHOWN = 5


@dataclass
class Draft:
    """What is typed so far, in the shape that occurrences are reckoned from."""

    starts_at: datetime
    duration_s: int
    rule: str | None
    zone: str
    covers: str = "all"
    tags: list[str] = field(default_factory=list)
    monitor_ids: list[UUID] = field(default_factory=list)


def fresh(actor: Actor) -> dict[str, Any]:
    """An hour that begins with the next full one."""
    start = utc_now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return {
        "title": "", "reason": "", "starts_at": start, "duration_s": 3_600, "rule": None, "zone": zone(actor).key,
        "covers": "all", "tags": [], "monitor_ids": [], "policy": "excluded",
    }  # fmt: skip


def ask(actor: Actor, given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """All values as typed."""
    title = st.text_input(
        "Title", given["title"], key=f"{key}_title", max_chars=rules.MAX_TITLE, placeholder="Database upgrade"
    )
    reason = st.text_input(
        "Reason",
        given["reason"],
        key=f"{key}_reason",
        max_chars=rules.MAX_REASON,
        placeholder="What is done, and by whom",
    )
    times = _times(given, key)
    covered = _covered(actor, given, key)
    policy = st.radio(
        "Its time", list(POLICIES), list(POLICIES).index(given["policy"]), key=f"{key}_policy", horizontal=True,
        format_func=POLICIES.__getitem__, help="Nobody is told of what is down in it, either way.",
    )  # fmt: skip
    typed = {"title": title, "reason": reason, **times, **covered, "policy": policy}
    _preview(actor, typed)
    return typed


def _times(given: Mapping[str, Any], key: str) -> dict[str, Any]:
    place = ZoneInfo(given["zone"])
    first, second, third = st.columns([2, 1, 1])
    begin = first.datetime_input(
        "Starts", given["starts_at"].astimezone(place).replace(tzinfo=None), key=f"{key}_start"
    )
    unit = next(name for name in reversed(UNITS) if given["duration_s"] % UNITS[name] == 0)
    number = second.number_input("Lasts", 1, 20_160, given["duration_s"] // UNITS[unit], key=f"{key}_length")
    with third:
        unit = st.selectbox("Unit", list(UNITS), list(UNITS).index(unit), key=f"{key}_unit")
    left, right = st.columns(2)
    names = sorted(available_timezones())
    with right:
        chosen = st.selectbox(
            "Time zone",
            names,
            names.index(given["zone"]),
            key=f"{key}_zone",
            help="A recurring window keeps its local time.",
        )
    local = begin or given["starts_at"].astimezone(place).replace(tzinfo=None)
    with left:
        rule = recurrence.ask(given["rule"], local, key=key)
    return {
        "starts_at": local.replace(tzinfo=ZoneInfo(chosen)).astimezone(UTC), "duration_s": int(number) * UNITS[unit],
        "rule": rule, "zone": chosen,
    }  # fmt: skip


def _covered(actor: Actor, given: Mapping[str, Any], key: str) -> dict[str, Any]:
    covers = st.segmented_control(
        "Covers",
        list(COVERS),
        default=given["covers"],
        key=f"{key}_covers",
        required=True,
        format_func=COVERS.__getitem__,
    )
    tags: list[str] = list(given["tags"])
    ids = [str(one) for one in given["monitor_ids"]]
    if covers == "tags":
        offered = list(dict.fromkeys([*tags, *monitors.tags(actor)]))
        tags = st.multiselect("Tags", offered, tags, key=f"{key}_tags", accept_new_options=True)
    if covers == "monitors":
        found = monitors.names(actor, limit=2_000)
        labels = dict(zip(found["id"], found["name"], strict=True))
        offered = list(dict.fromkeys([*ids, *labels]))
        ids = st.multiselect("Monitors", offered, ids, key=f"{key}_ids", format_func=lambda one: labels.get(one, one))
    return {
        "covers": covers, "tags": tags if covers == "tags" else [],
        "monitor_ids": [UUID(one) for one in ids] if covers == "monitors" else [],
    }  # fmt: skip


def _preview(actor: Actor, typed: Mapping[str, Any]) -> None:
    """When it will be."""
    rule = typed["rule"]
    if rule is not None and not recurrence.is_rule(rule):
        st.caption("Write a rule to see when the window will be.")
        return
    draft = Draft(typed["starts_at"], typed["duration_s"], rule, typed["zone"])
    now, where = utc_now(), zone(actor)
    found = rules.occurrences(draft, min(now, draft.starts_at), max(now, draft.starts_at) + AHEAD)
    coming = [one for one in found if one[1] > now][:SHOWN]
    if not coming:
        st.warning("It is over already: it ends in the past.", icon=":material/history:")
        return
    lines = [f"{span(start, end, where)}" for start, end in coming]
    st.markdown(f"**Next {texts.count(len(lines), 'time')}** ({where.key})")
    st.text("\n".join(lines))


def span(start: datetime, end: datetime, where: ZoneInfo) -> str:
    """From when to when; the day of the end is said where it is another."""
    begin, close = start.astimezone(where), end.astimezone(where)
    until = f"{close:%H:%M}" if begin.date() == close.date() else f"{close:%a %d %b %Y %H:%M}"
    return f"{begin:%a %d %b %Y %H:%M} to {until}"
