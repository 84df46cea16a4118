"""What is wrong with a tenant now: each with since when and a way to look at it."""

from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from core.customers.overview.findings import Finding, Now
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import ago, clock

_ICONS = {
    "critical": ":red[:material/error:]",
    "warning": ":orange[:material/warning:]",
    "info": ":gray[:material/info:]",
}
SHOWN_AT_FIRST = 8
Link = tuple[str, dict[str, str]]


def _tab(tab: str) -> Callable[[str, str], Link]:
    return lambda tenant_id, _: ("customers/tenants.py", {"tenant": tenant_id, "tab": tab})


# What is wrong, and where one looks at it: from the tenant's id and that of the finding.
LINKS: dict[str, Callable[[str, str], Link]] = {
    "alert": lambda _, key: ("health/alerts.py", {"alert": key}),
    "monitor": lambda _, key: ("health/monitors.py", {"monitor": key}),
    "error": lambda _, key: ("health/errors.py", {"fingerprint": key}),
    "webhook": lambda _, key: ("platform/webhooks.py", {"webhook": key}),
    "quota": _tab("quotas"),
    "invoice": _tab("subscription"),
    "subscription": _tab("subscription"),
    "trial": _tab("subscription"),
    "residency": _tab("infrastructure"),
    "suspended": _tab("history"),
    "deleted": _tab("history"),
}


def show(actor: Actor, tenant: dict[str, Any], now: Now) -> None:
    """The list, or that there is nothing; and what is not known."""
    st.subheader("Wrong now", anchor=False)
    if not now.findings:
        rest = " as far as it is known" if now.unknown else ""
        st.success(f"Nothing is wrong{rest}.", icon=":material/check_circle:")
    for one in now.findings[:SHOWN_AT_FIRST]:
        _one(actor, tenant, one)
    more = now.findings[SHOWN_AT_FIRST:]
    if more:
        with st.expander(f"{len(more)} more", key="wrong_more"):
            for one in more:
                _one(actor, tenant, one)
    if now.unknown:
        st.caption("Not known: " + " ".join(plain(one) for one in now.unknown))


def _one(actor: Actor, tenant: dict[str, Any], one: Finding) -> None:
    file, query = LINKS[one.kind](str(tenant["id"]), one.id)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        detail = f" · {plain(one.detail)}" if one.detail else ""
        since = f" · {_since(one, zone(actor))}" if one.since else ""
        st.markdown(f"{_ICONS[one.severity]} **{plain(one.sentence)}**{detail}:gray[{since}]", width="stretch")
        st.page_link(file, label="Open", icon=":material/arrow_forward:", query_params=query, width="content")


def _since(one: Finding, here: ZoneInfo) -> str:
    now = utc_now()
    assert one.since is not None
    return f"since {clock(one.since, here, now=now)} ({ago(now - one.since)})"
