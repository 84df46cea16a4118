"""The forms that set and clear an override, and that ask for a larger plan."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

import streamlit as st

from core.customers.quotas import actions, following
from core.customers.quotas.resources import BY_KEY, Resource
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.dialogs import Dialogs
from pages._parts.frame import run_action, zone
from pages.customers._quotas import words
from pages.platform._flags import times

dialogs = Dialogs("quotas")
SET, CLEAR, ASK = "set", "clear", "ask"
GIB = 2**30
_EXAMPLE = "Migration week, agreed in the call of 3 May"


def buttons(actor: Actor, tenant_id: UUID, row: Mapping[str, Any]) -> None:
    """What can be done with this quota of this tenant."""
    if not actor.may("quotas:update"):
        return
    version, has_override = int(row["override_version"]), bool(row["override_version"])
    with st.container(horizontal=True):
        if st.button("Change override" if has_override else "Override", key="quota_set", icon=":material/edit:"):
            dialogs.open_now(SET, version)
        if has_override and st.button("Clear override", key="quota_clear", icon=":material/undo:"):
            dialogs.open_now(CLEAR, version)
        is_open = words.is_known(row["limit_value"]) and row["upgrade"] != "waiting"
        if is_open and st.button("Ask for a larger plan", key="quota_ask", icon=":material/upgrade:"):
            dialogs.open_now(ASK)
    for name, form in ((SET, _set), (CLEAR, _clear), (ASK, _ask)):
        if dialogs.is_open(name):
            form(actor, tenant_id, row)


@st.dialog("Override a quota", on_dismiss=dialogs.close)
def _set(actor: Actor, tenant_id: UUID, row: Mapping[str, Any]) -> None:
    resource = BY_KEY[row["resource"]]
    st.markdown(f"**{resource.label}**: the plan gives {words.limit(resource.key, row['plan_limit'])}.")
    limit = _limit(resource, row)
    known = row["override_expires_at"]
    ends = times.pick(
        "Until", known if words.is_known(known) else None, zone(actor), key="quota_until", help="Empty: for good."
    )
    reason = st.text_input("Reason", key="quota_reason", max_chars=500, placeholder=_EXAMPLE)
    is_meant = _meant(resource, row, limit)
    if st.button("Override", type="primary", key="quota_set_submit"):
        wish = {
            "limit": limit,
            "reason": reason,
            "expires_at": ends,
            "version": dialogs.version(),
            "is_confirmed": is_meant,
        }
        run_action(
            actions.set_override,
            actor,
            tenant_id,
            resource.key,
            **wish,
            done=dialogs.closing("Override set. It counts now."),
        )


def _limit(resource: Resource, row: Mapping[str, Any]) -> Decimal | None:
    """In the unit of the resource; of bytes, typed in GiB."""
    scale = GIB if resource.unit == "bytes" else 1
    if st.toggle("No limit", value=bool(row["override_version"]) and row["limit_value"] is None, key="quota_no_limit"):
        return None
    unit = "GiB" if resource.unit == "bytes" else resource.unit
    present = float(row["limit_value"] or row["plan_limit"] or 0) / scale
    is_whole = resource.unit not in ("USD", "bytes")
    given = st.number_input(
        f"Limit ({unit})",
        0.0,
        1e15 / scale,
        present,
        step=1.0,
        format="%.0f" if is_whole else "%.2f",
        key="quota_limit",
    )
    return (Decimal(str(given)) * scale).quantize(Decimal(1) if is_whole or scale > 1 else Decimal("0.01"))


def _meant(resource: Resource, row: Mapping[str, Any], limit: Any) -> bool:
    """Says what follows from a limit that is used up already, and asks whether that is meant."""
    told = following.consequence(resource, row["policy"], row["used"], limit, now=utc_now())
    if told is None:
        return False
    st.warning(told, icon=":material/warning:")
    return st.checkbox("I know what follows, and mean it", key="quota_meant")


@st.dialog("Clear an override", on_dismiss=dialogs.close)
def _clear(actor: Actor, tenant_id: UUID, row: Mapping[str, Any]) -> None:
    resource = BY_KEY[row["resource"]]
    st.markdown(f"**{resource.label}**: the limit is {words.limit(resource.key, row['plan_limit'])} again.")
    reason = st.text_input("Reason", key="quota_clear_reason", max_chars=500)
    is_meant = _meant(resource, row, row["plan_limit"])
    if st.button("Clear override", type="primary", key="quota_clear_submit"):
        given = {"reason": reason, "version": dialogs.version(), "is_confirmed": is_meant}
        run_action(
            actions.clear_override, actor, tenant_id, resource.key, **given, done=dialogs.closing("Override cleared.")
        )


@st.dialog("Ask for a larger plan", on_dismiss=dialogs.close)
def _ask(actor: Actor, tenant_id: UUID, row: Mapping[str, Any]) -> None:
    st.markdown(
        "The next plan with room for what is used. Somebody else decides; the subscription then changes by itself."
    )
    with st.form("quota_ask_form", border=False):
        reason = st.text_input(
            "Reason", key="quota_ask_reason", max_chars=500, placeholder="They grow by ten people a month"
        )
        if st.form_submit_button("Ask", type="primary", key="quota_ask_submit"):
            done = dialogs.closing("Asked. A colleague decides.")
            run_action(actions.request_upgrade, actor, tenant_id, row["resource"], reason=reason, done=done)
