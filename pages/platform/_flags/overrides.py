"""Tenants that get something of their own, whatever the rules say."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions, queries
from pages._parts.frame import run_action, zone
from pages._parts.moments import UNKNOWN
from pages.platform._flags import saving, tenants, times, words
from pages.platform._flags.texts import parsed

AS_TARGETED = "As targeted, with settings of its own"


def show(actor: Actor, flag: dict[str, Any], environment: dict[str, Any]) -> None:
    """The overrides in sight, and the way to set and clear one."""
    may_change = actor.may("flags:update") and flag["archived_at"] is None
    if may_change and st.button("Set override", key="set_override", icon=":material/add:"):
        form(actor, flag, environment["environment"])
    found = queries.overrides(actor, flag_id=flag["id"], environment=environment["environment"])
    if found.empty:
        st.info("No tenant in sight has an override here.", icon=":material/inbox:")
        return
    chosen = grid(actor, found, first=["tenant"], key="overrides")
    if chosen is None:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        if actor.may("tenants:read"):
            query = {"tenant": str(chosen["tenant_id"])}
            st.page_link("customers/tenants.py", label="Open the tenant", icon=":material/apartment:", query_params=query)
        if not may_change:
            return
        if st.button("Change override", key="change_override", icon=":material/edit:"):
            form(actor, flag, environment["environment"], chosen)
        if st.button("Clear override", key="clear_override", icon=":material/close:"):
            clear(actor, flag, environment["environment"], str(chosen["tenant_id"]), str(chosen["tenant"]))


def grid(actor: Actor, found: pd.DataFrame, *, first: list[str], key: str) -> pd.Series | None:
    """The table; the row that was clicked."""
    here = str(zone(actor))
    shown = found.assign(
        config=found["config"].map(lambda one: words.compact(one) if isinstance(one, dict) and one else None)
    )
    event = st.dataframe(
        shown[[*first, "variant", "config", "expires_at", "reason", "set_by", "created_at"]],
        hide_index=True, key=key, on_select="rerun", selection_mode="single-row", placeholder=UNKNOWN, height="content",
        column_config={
            "tenant": st.column_config.TextColumn("Tenant", width="medium"),
            "variant": st.column_config.TextColumn("Variant", width="small", help="None: as targeted, own settings."),
            "config": "Settings", "reason": st.column_config.TextColumn("Why", width="medium"), "set_by": "Set by",
            "expires_at": st.column_config.DatetimeColumn("Until", format="YYYY-MM-DD HH:mm", timezone=here),
            "created_at": st.column_config.DatetimeColumn("Since", format="distance", timezone=here),
        },
    )  # fmt: skip
    return found.iloc[event.selection.rows[0]] if event.selection.rows else None


@st.dialog("Set override", width="large")
def form(
    actor: Actor, flag: dict[str, Any], environment: str, current: pd.Series | None = None, tenant_id: str | None = None
) -> None:
    """What one tenant gets in one environment, until when and why."""
    given: dict[str, Any] = {} if current is None else {str(name): value for name, value in current.items()}
    st.caption(f"{words.plain(flag['name'])} in {environment}")
    chosen = tenants.pick(actor, "Tenant", key="override_tenant", chosen=tenant_id or given.get("tenant_id"))
    left, right = st.columns(2)
    options = [*flag["variants"], AS_TARGETED]
    own = AS_TARGETED if given and pd.isna(given["variant"]) else given.get("variant") or options[0]
    variant = left.selectbox("Gets", options, options.index(own) if own in options else 0, key="override_variant")
    with right:
        until = times.pick(
            "Until", _until(actor, given), zone(actor), key="override_until", help="Empty: until somebody clears it."
        )
    known = given.get("config") if isinstance(given.get("config"), dict) else None
    config = st.text_area(
        "Settings of its own (JSON)",
        words.pretty(known) if known else "",
        key="override_config",
        placeholder='{"limit": 50}',
        height=100,
    )
    reason = st.text_input("Reason", key="override_reason", max_chars=500, placeholder="Asked for it in ticket 4711")
    if saving.is_reviewed(flag, environment):
        st.caption(
            ":material/shield: This flag is protected: the override is proposed to a second person, with your reason."
        )
    if st.button(_verb(flag, environment, "Set override"), type="primary", key="override_submit"):
        values = {"variant": None if variant == AS_TARGETED else variant, "expires_at": until, "reason": reason}
        run_action(_set, actor, flag, environment, tenant=chosen, config=config, values=values, done=str)


def _until(actor: Actor, given: dict[str, Any]) -> datetime | None:
    """What is set, else in 30 days: an override that nobody ends is forgotten."""
    if not given:
        return words.today(zone(actor)) + timedelta(days=30)
    return None if pd.isna(given["expires_at"]) else pd.Timestamp(given["expires_at"]).to_pydatetime()


def _verb(flag: dict[str, Any], environment: str, verb: str) -> str:
    return "Propose change" if saving.is_reviewed(flag, environment) else verb


def _set(
    actor: Actor, flag: dict[str, Any], environment: str, *, tenant: str | None, config: str, values: dict[str, Any]
) -> str:
    tenant_id = tenants.required(actor, tenant)
    values = values | {"config": parsed(config, "config", "What you wrote as settings")}
    if saving.is_reviewed(flag, environment):
        content = {"override": {"tenant_id": tenant_id, **values}}
        actions.propose(actor, flag["id"], environment, content=content, explanation=values["reason"])
        return "Proposed. Somebody else can approve it now."
    actions.set_override(actor, flag["id"], UUID(tenant_id), environment=environment, **values)
    return "Override set."


@st.dialog("Clear override")
def clear(actor: Actor, flag: dict[str, Any], environment: str, tenant_id: str, tenant: str) -> None:
    """Back to what the targeting says."""
    st.markdown(
        f"**{words.plain(tenant)}** gets what the targeting of **{words.plain(flag['name'])}** says in {environment}."
    )
    reason = ""
    if saving.is_reviewed(flag, environment):
        reason = st.text_input("Explanation of the proposal", key="clear_explanation", max_chars=500)
    if st.button(_verb(flag, environment, "Clear override"), type="primary", key="clear_submit"):
        run_action(_clear, actor, flag, environment, tenant_id=tenant_id, explanation=reason, done=str)


def _clear(actor: Actor, flag: dict[str, Any], environment: str, *, tenant_id: str, explanation: str) -> str:
    if saving.is_reviewed(flag, environment):
        content = {"clear_override": tenant_id}
        actions.propose(actor, flag["id"], environment, content=content, explanation=explanation)
        return "Proposed. Somebody else can approve it now."
    actions.clear_override(actor, flag["id"], UUID(tenant_id), environment=environment)
    return "Override cleared."
