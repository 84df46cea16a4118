"""Setting and clearing what one tenant gets of its own."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.platform.flags import actions
from pages._parts.frame import run_action, zone
from pages.platform._flags import saving, tenants, times, words
from pages.platform._flags.texts import parsed

AS_TARGETED = "As targeted, with settings of its own"


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
