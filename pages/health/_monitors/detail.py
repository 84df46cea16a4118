"""One monitor: how it is, what can be done with it, how it was, and why."""

from typing import Any
from uuid import UUID

import streamlit as st

from core.health.monitors import queries
from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from pages._parts import time_range
from pages._parts.markdown import plain
from pages.health._monitors import acts, checks, history, now, past, texts


def show(actor: Actor, key: str) -> None:
    """The monitor with that id, or a sentence when there is none in sight."""
    if st.button("All monitors", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["monitor"]
        st.rerun()
    try:
        monitor = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This monitor does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    st.header(plain(monitor["name"]), anchor=False)
    if monitor["description"]:
        st.write(plain(monitor["description"]))
    _facts(monitor)
    acts.show(actor, monitor)
    now.show(actor, monitor["id"])
    past.show(actor, monitor, time_range.choose(actor))
    checks.show(actor, monitor["id"])
    if actor.may("audit:read"):
        history.show(actor, monitor["id"])


def _facts(monitor: dict[str, Any]) -> None:
    target = texts.known(monitor["target"])
    if target:
        st.code(str(target), language=None, wrap_lines=True)
    facts = {
        "Kind": texts.KINDS[monitor["kind"]],
        "Interval": texts.every(monitor["interval_s"]),
        **_patience(monitor),
        "Owner": texts.known(monitor["owner"]) or "nobody",
        "Tags": texts.listed(monitor["tags"], "none"),
        "Tenants": texts.listed(monitor["tenants"], "the whole platform"),
    }
    facts |= {"Private addresses": "allowed"} if monitor["allows_private"] else {}
    st.caption(" · ".join(f"{name}: {plain(value)}" for name, value in facts.items()))
    st.caption(" · ".join(f"{name}: {plain(value)}" for name, value in _expected(monitor).items()))


def _patience(monitor: dict[str, Any]) -> dict[str, str]:
    """When a failure is believed."""
    if monitor["kind"] == "push":
        return {"Grace": f"{monitor['settings']['grace_s']} s"}
    retries = f"after {texts.count(monitor['retries'] + 1, 'failed check')}, {monitor['retry_interval_s']} s apart"
    return {"Timeout": f"{monitor['timeout_s']} s", "Down": retries}


_ASKED = {
    "method": "Method", "statuses": "Statuses", "contains": "Must contain", "not_contains": "Must not contain",
    "expects": "Expected answers", "server": "Name server", "server_name": "Server name",
}  # fmt: skip


def _expected(monitor: dict[str, Any]) -> dict[str, str]:
    """What counts as up, without what was left open."""
    settings = monitor["settings"]
    asked = {title: settings.get(name) for name, title in _ASKED.items()}
    told = {
        title: texts.listed(value) if isinstance(value, list) else str(value) for title, value in asked.items() if value
    }
    if settings.get("slow_ms"):
        told["Degraded above"] = f"{settings['slow_ms']:,} ms"
    if settings.get("expires_days") is not None:
        told["Certificate warning"] = f"{settings['expires_days']} days before"
    if settings.get("verifies_certificate") is False:
        told["Certificate"] = "not verified"
    return told
