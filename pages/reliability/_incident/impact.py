"""Whom an incident hits, from data, with what people say instead and why. It stays fresh while it runs."""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

import pandas as pd
import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from core.reliability.incidents import correcting, impact_figures, queries, rules
from pages._parts.frame import live, run_action, zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, ago, clock
from pages.platform._flags import tenants
from pages.reliability._incident.dialogs import dialogs

COUNTS = {
    "tenants": "Customers hit", "users": "People hit", "requests": "Requests", "requests_failed": "Requests failed",
    "tickets": "Tickets", "contracts": "Contracts", "violations": "SLA violations",
}  # fmt: skip
MONEY = {"revenue": "Revenue a month", "contracts_value": "Contracts at risk, a year"}
FIGURES = COUNTS | MONEY
_FOUND = {
    "requests": "Requests", "errors": "Errors", "monitors": "Monitors", "tickets": "Tickets", "violations": "SLA violations",
    "operator": "Said by somebody",
}  # fmt: skip


def show(actor: Actor, incident: dict[str, Any]) -> None:
    """Figures, customers, corrections; and what can be said instead."""
    if actor.may("incidents:update") and not incident["merged_into_id"]:
        with st.container(horizontal=True):
            if st.button("Correct a figure", key="correct", icon=":material/edit:"):
                dialogs.open_now("correct")
            if st.button("Add or remove a customer", key="correct_tenant", icon=":material/apartment:"):
                dialogs.open_now("tenant")
    for name, dialog in {"correct": _correct, "tenant": _tenant}.items():
        if dialogs.is_open(name):
            dialog(actor, incident)
    draw = _fresh if incident["status"] in rules.LIVE else _figures
    draw(actor, incident)
    _corrections(actor, incident)


def _figures(actor: Actor, incident: dict[str, Any]) -> None:
    found = queries.impact(actor, incident["id"])
    _window(actor, found)
    with st.grid(4, gap="small", min_column_width=170):
        for field, title in FIGURES.items():
            if field in found:
                _figure(field, title, found[field])
    if found["hidden"]:
        told = ", ".join(MONEY[one].lower() for one in found["hidden"])
        st.caption(f":material/lock: Your role does not see: {told}.")
    _tenants(actor, incident)


_fresh = live("30s")(_figures)


def _window(actor: Actor, found: Mapping[str, Any]) -> None:
    if found["computed_at"] is None:
        st.info("Nobody looked yet. The first figures come within a minute.", icon=":material/hourglass_top:")
        return
    now, where = utc_now(), zone(actor)
    since, until = (clock(found[name], where, now=now) for name in ("window_start", "window_end"))
    st.caption(f"From data of {since} to {until}, looked at {ago(now - found['computed_at'])}.")


def _figure(field: str, title: str, figure: Mapping[str, Any]) -> None:
    """The value that counts; of a corrected one, what was computed, by whom and why."""
    with st.container(border=True, gap="xsmall", height="stretch"):
        st.metric(title, told(field, figure["value"]))
        if figure["is_corrected"]:
            st.caption(
                f":orange[:material/edit:] Computed {told(field, figure['computed'])}. {plain(figure['by_name'])}: "
                f"{plain(figure['reason'])}"
            )


def told(field: str, value: Any) -> str:
    """A count, or amounts by currency; what nobody knows as such."""
    if value is None:
        return UNKNOWN
    if field in COUNTS:
        return f"{int(value):,}"
    return " + ".join(f"{Decimal(one['amount']):,.0f} {one['currency']}" for one in value) or "0"


def _tenants(actor: Actor, incident: dict[str, Any]) -> None:
    found = queries.tenants(actor, incident["id"])
    if found.empty:
        st.info("No customer that you may see is known to be hit.", icon=":material/apartment:")
        return
    ways = pd.Series([[_FOUND.get(one, one) for one in ways] for ways in found["found_by"]], dtype=object)
    rows = found[["tenant", "tier", "requests", "requests_failed"]].assign(found_by=ways)
    st.dataframe(
        rows, hide_index=True, key="incident_tenants", placeholder=UNKNOWN, height="content" if len(rows) < 12 else 440,
        column_config={
            "tenant": st.column_config.TextColumn("Customer", width="medium"), "tier": "Plan",
            "requests": st.column_config.NumberColumn("Requests", format="localized"),
            "requests_failed": st.column_config.NumberColumn("Failed", format="localized"),
            "found_by": st.column_config.ListColumn("Found by"),
        },
    )  # fmt: skip


def _corrections(actor: Actor, incident: dict[str, Any]) -> None:
    found = impact_figures.corrections(actor, incident["id"])
    if found.empty:
        return
    names = tenants.names(actor)
    rows = pd.DataFrame({
        "at": found["created_at"], "by": found["by_name"],
        "what": [_said(row, names) for row in found.to_dict("records")], "reason": found["reason"],
    })  # fmt: skip
    st.markdown("**What was said instead**")
    st.dataframe(
        rows, hide_index=True, key="incident_corrections",
        column_config={
            "at": st.column_config.DatetimeColumn("When", format="YYYY-MM-DD HH:mm", timezone=str(zone(actor))), "by": "Who",
            "what": st.column_config.TextColumn("What", width="medium"),
            "reason": st.column_config.TextColumn("Why", width="large"),
        },
    )  # fmt: skip


def _said(row: Mapping[Any, Any], names: Mapping[str, str]) -> str:
    field, value = row["field"], row["value"]
    if field.startswith(impact_figures.TENANT):
        key = field.removeprefix(impact_figures.TENANT)
        return f"{names.get(key, 'A customer')} is {'' if value and value['is_affected'] else 'not '}hit"
    title = FIGURES.get(field, field)
    return f"{title}: {told(field, value['value'])}" if value else f"{title}: as computed again"


@st.dialog("Correct a figure", on_dismiss=dialogs.close)
def _correct(actor: Actor, incident: dict[str, Any]) -> None:
    found = queries.impact(actor, incident["id"])
    offered = [field for field in FIGURES if field in found]
    field = st.selectbox("Figure", offered, key="correct_field", format_func=FIGURES.__getitem__)
    st.caption(f"Computed: {told(field, found[field]['computed'])}")
    back = found[field]["is_corrected"] and st.toggle("Take the computed figure back", key=f"correct_back_{field}")
    typed = "" if back else st.text_input(
        "Instead", key=f"correct_value_{field}", placeholder="1200 EUR, 300 USD" if field in MONEY else "1200"
    )  # fmt: skip
    reason = st.text_area("Reason", key="correct_reason", max_chars=500, height=80, placeholder="How you know")
    if st.button("Correct", type="primary", key="correct_submit"):
        run_action(
            _store, actor, incident["id"], field, None if back else typed, reason, done=dialogs.closing("Corrected.")
        )


def _store(actor: Actor, incident_id: UUID, field: str, typed: str | None, reason: str) -> Any:
    value = None if typed is None else parsed(field, typed)
    return correcting.correct(actor, incident_id, field=field, value=value, reason=reason)


def parsed(field: str, typed: str) -> Any:
    """A whole number, or amounts such as `1200 EUR, 300 USD`. Raises Invalid."""
    try:
        if field in COUNTS:
            return int(typed.replace(",", "").replace(" ", ""))
        amounts = [one.split() for one in typed.split(",") if one.strip()]
        return [{"amount": str(Decimal(amount)), "currency": currency.upper()} for amount, currency in amounts]
    except (ValueError, InvalidOperation) as error:
        form = "amounts with their currency, such as 1200 EUR, 300 USD" if field in MONEY else "a whole number"
        raise Invalid(f"Write {form}.", {"value": f"Write {form}."}) from error


@st.dialog("Add or remove a customer", on_dismiss=dialogs.close)
def _tenant(actor: Actor, incident: dict[str, Any]) -> None:
    picked = tenants.pick(actor, "Customer", key="tenant_pick")
    is_affected = st.radio("It is", [True, False], key="tenant_is", format_func=lambda one: "hit" if one else "not hit",
                           horizontal=True)  # fmt: skip
    reason = st.text_area("Reason", key="tenant_reason", max_chars=500, height=80, placeholder="How you know")
    if st.button("Save", type="primary", key="tenant_submit"):
        run_action(_set_tenant, actor, incident["id"], picked, is_affected, reason, done=dialogs.closing("Saved."))


def _set_tenant(actor: Actor, incident_id: UUID, picked: str | None, is_affected: bool, reason: str) -> Any:
    tenant_id = UUID(tenants.required(actor, picked))
    return correcting.set_tenant(actor, incident_id, tenant_id=tenant_id, is_affected=is_affected, reason=reason)
