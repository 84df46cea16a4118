"""One endpoint: how it is, what can be done with it, what it was sent."""

from datetime import datetime
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.kernel.times import utc_now
from core.platform.webhooks import queries, rules
from pages._parts.frame import live, zone
from pages._parts.moments import UNKNOWN, ago, clock, percent
from pages.platform._webhooks import acts, enabling, health, history, latest, texts


def show(actor: Actor, key: str) -> None:
    """The endpoint with that id, or a sentence when there is none in sight."""
    if st.button("All webhooks", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["webhook"]
        st.rerun()
    try:
        webhook = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This webhook does not exist, or is not among those you may see.", icon=":material/search_off:")
        return
    _head(webhook)
    if webhook["state"] == "disabled":
        enabling.banner(actor, webhook)
    acts.show(actor, webhook)
    _now(actor, webhook["id"])
    health.charts_of(actor, webhook["id"])
    latest.show(actor, webhook)
    history.tests(actor, webhook)
    if actor.may("audit:read"):
        history.entries(actor, webhook)


def _head(webhook: dict[str, Any]) -> None:
    said, colour = texts.state(webhook)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(texts.plain(webhook["name"]), anchor=False, width="content")
        st.badge(said, color=colour)
    st.code(webhook["url"], language=None, wrap_lines=True, height=90 if len(webhook["url"]) > 300 else "content")
    own = webhook["retry_after_s"]
    facts = {
        "Of": texts.owner(webhook),
        "Events": texts.events(webhook["events"]),
        "Signature": webhook["signing"] + (" and X-Iris" if webhook["sends_iris_headers"] else ""),
        "Attempts": f"{rules.show_schedule(own)} (own pauses)" if own else "as the standard says",
        "Timeout": f"{webhook['timeout_s']} s",
        "At once": "1, in order" if webhook["is_ordered"] else str(webhook["max_concurrency"]),
    }
    st.caption(" · ".join(f"{name}: {texts.plain(value)}" for name, value in facts.items()))


@live("5s")
def _now(actor: Actor, webhook_id: UUID) -> None:
    """The breaker and the counters, as of now."""
    try:
        webhook = queries.one(actor, webhook_id)
    except NotFound:
        st.rerun()
    now, where = utc_now(), zone(actor)
    _warnings(webhook, now, lambda moment: clock(moment, where, now=now))
    waiting = queries.waiting_count(actor, webhook_id)
    last = webhook["last_attempt_at"]
    with st.grid(5, gap="small", min_column_width=150):
        st.metric("Success (24 h)", percent(webhook["success_ratio"]), border=True)
        st.metric("Waiting", f"{waiting:,}", border=True, help="Messages that are not delivered yet.")
        st.metric("Failed in a row", f"{webhook['failures'] or 0:,}", border=True)
        st.metric(
            "Attempts so far", UNKNOWN if webhook["attempts"] is None else f"{webhook['attempts']:,}", border=True
        )
        st.metric("Last triggered", UNKNOWN if last is None else ago(now - last), border=True)


def _warnings(webhook: dict[str, Any], now: datetime, at: Any) -> None:
    last = f" Last: {texts.plain(webhook['last_error'])}." if webhook["last_error"] else ""
    if webhook["state"] == "resting":
        st.warning(
            f"{webhook['failures']:,} attempts failed in a row, so it rests until {at(webhook['open_until'])}; "
            f"then one message tries whether it is back.{last}",
            icon=":material/bedtime:",
        )
    elif webhook["state"] == "failing" and webhook["failing_since"]:
        st.warning(f"Failing since {at(webhook['failing_since'])}.{last}", icon=":material/warning:")
    expires = webhook["previous_expires_at"]
    if expires and expires > now:
        st.info(f"Messages are signed with the previous secret as well, until {at(expires)}.", icon=":material/key:")
