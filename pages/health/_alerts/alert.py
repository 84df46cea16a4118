"""One alert: what, since when, how bad, who is hit; its course, its history, who was told."""

from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import streamlit as st

from core.health.alerts import queries
from core.health.channels.messages import named
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import clock
from pages._registry import BY_KEY
from pages.health._alerts import aftermath, course, handling, inbox, inbox_grid, silence_form, words
from pages.health._alerts.dialogs import dialogs
from pages.reliability._incidents import declaring


def show(actor: Actor, key: str) -> None:
    """The alert with that id, or a sentence when there is none in sight."""
    if st.button("All alerts", key="back_to_alerts", icon=":material/arrow_back:", type="tertiary"):
        st.query_params.pop("alert", None)
        st.rerun()
    try:
        alert = dict(queries.one(actor, UUID(key))._mapping)
    except (ValueError, NotFound):
        st.warning("This alert does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _head(alert)
    _acts(actor, alert)
    _figures(actor, alert)
    course.show(actor, alert)
    inbox_grid.children(actor, alert["id"])
    aftermath.told(actor, alert)
    aftermath.history(actor, alert)


def _head(alert: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(plain(named(alert["rule"], alert["subject"])), anchor=False, width="content")
        for said, colour in (words.SEVERITIES[alert["severity"]], words.STATUSES[alert["status"]]):
            st.badge(said, color=colour)
        for mark in words.marks(alert):
            st.badge(mark, color="gray")
    st.markdown(plain(alert["summary"]))


def _acts(actor: Actor, alert: dict[str, Any]) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if actor.may("alerts:update"):
            _buttons(alert)
        _links(actor, alert)
        _incident(actor, alert)
    declaring.linked(actor, "alert", str(alert["id"]))
    handling.dialogs_of(actor, inbox.unselect)
    if dialogs.is_open(silence_form.CREATE):
        silence_form.create(actor, alert)


def _buttons(alert: dict[str, Any]) -> None:
    for name, (label, icon, statuses) in handling.ACTS.items():
        if alert["status"] in statuses and st.button(label, key=name, icon=f":material/{icon}:"):
            handling.begin(name, [alert["id"]])
    if st.button("Silence", key="silence", icon=":material/notifications_off:"):
        dialogs.open_now(silence_form.CREATE)


def _links(actor: Actor, alert: dict[str, Any]) -> None:
    """To what it is about, to its rule, and to what to do."""
    page, _, query = (alert["link"] or "").partition("?")
    known = BY_KEY.get(page)
    if known and (known.permission is None or actor.may(known.permission)):
        st.page_link(known.file, label=f"Open {known.title}", icon=known.icon, query_params=dict(parse_qsl(query)))
    if actor.may("alert_rules:read"):
        st.button(
            "Open rule", key="open_rule", icon=":material/rule:", on_click=_to_rule, args=(str(alert["rule_id"]),)
        )
    if alert["runbook_url"]:
        st.link_button("Runbook", alert["runbook_url"], icon=":material/menu_book:", type="tertiary")


def _incident(actor: Actor, alert: dict[str, Any]) -> None:
    declaring.button(
        actor, kind="alert", target=str(alert["id"]), title=named(alert["rule"], alert["subject"]), label=alert["summary"],
        severity="sev1" if alert["severity"] == "critical" else "sev2", started_at=alert["opened_at"],
    )  # fmt: skip


def _to_rule(rule_id: str) -> None:
    st.query_params.pop("alert", None)
    st.query_params["rule"] = rule_id


def _figures(actor: Actor, alert: dict[str, Any]) -> None:
    now, where, unit = utc_now(), zone(actor), alert["unit"]
    ended = alert["resolved_at"]
    with st.grid(6, gap="small", min_column_width=140):
        st.metric("Since", clock(alert["opened_at"], where, now=now), border=True)
        st.metric("Lasted" if ended else "Lasts", words.lasting((ended or now) - alert["opened_at"]), border=True)
        st.metric("At its worst", words.figure(alert["value_worst"], unit), border=True)
        now_known = None if ended or alert["unknown_since"] else alert["value_last"]
        st.metric("Now", words.figure(now_known, unit), border=True)
        st.metric("Bound", words.figure(alert["bound"], unit), border=True)
        st.metric("Times", f"{alert['occurrences']:,}", border=True, help="How often it fired since it was opened.")
    st.caption(" · ".join(plain(part) for part in _facts(actor, alert)))


def _facts(actor: Actor, alert: dict[str, Any]) -> list[str]:
    now, where = utc_now(), zone(actor)
    facts = [
        f"Area: {words.area(alert['area'])}",
        f"Who is hit: {alert['tenant'] or alert['subject'] or 'everything that the rule watches'}",
    ]
    for name, by in (("acknowledged", "acknowledged_by"), ("resolved", "resolved_by")):
        if alert[f"{name}_at"]:
            who = alert[by] or "by itself"
            facts.append(f"{name.capitalize()}: {clock(alert[f'{name}_at'], where, now=now)}, {who}")
    if alert["is_silenced"]:
        until = alert["silenced_until"]
        facts.append(f"Silenced until {clock(until, where, now=now)}" if until else "Silenced")
    if alert["unknown_since"] and not alert["resolved_at"]:
        facts.append(f"No data since {clock(alert['unknown_since'], where, now=now)}, so it may be over or not")
    labels = [f"{name}: {value}" for name, value in (alert["labels"] or {}).items()]
    return [*facts, *labels]
