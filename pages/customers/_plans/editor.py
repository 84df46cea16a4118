"""The form by which a plan is changed, and the one that brings running subscriptions to its prices."""

from decimal import Decimal
from typing import Any

import orjson
import pandas as pd
import streamlit as st

from core.customers.plans import actions, rules
from core.customers.subscriptions import many
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from pages._parts.frame import run_action
from pages._parts.markdown import plain
from pages.customers._plans import words
from pages.customers._plans.dialogs import dialogs

_PRICES = {
    "price_monthly": "Price a month", "price_yearly": "Price a year", "seat_price_monthly": "Each seat more, a month",
    "seat_price_yearly": "Each seat more, a year",
}  # fmt: skip


@st.dialog("Edit plan", width="large", on_dismiss=dialogs.close)
def edit(actor: Actor, plan: dict[Any, Any]) -> None:
    """Prices, limits with their policies, settings."""
    st.caption(
        f"Running subscriptions keep the prices they were made with; new ones of {plain(plan['name'])} get these."
    )
    with st.form("edit_plan", border=False):
        typed = {"name": st.text_input("Name", plan["name"], key="plan_name", max_chars=60)} | _figures(plan)
        with st.expander("Limits and what happens at them", key="plan_limits_box"):
            limits = _limits(plan)
        with st.expander("Settings", key="plan_settings_box"):
            settings = st.text_area(
                "Settings of its tenants unless they override them (JSON)", _as_json(plan["settings"]), key="plan_settings",
                height=220,
            )  # fmt: skip
        reason = st.text_input("Reason", key="plan_reason", max_chars=500, placeholder="Price list of 2027")
        if st.form_submit_button("Save", type="primary", key="plan_submit"):
            run_action(_save, actor, plan["key"], typed, limits, settings, reason, done=dialogs.closing("Saved."))


def _as_json(settings: dict[str, Any]) -> str:
    return orjson.dumps(settings, option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS).decode()


def _figures(plan: dict[str, Any]) -> dict[str, Any]:
    left, right = st.columns(2)
    columns = (left, right, left, right)
    typed: dict[str, Any] = {}
    for (field, label), column in zip(_PRICES.items(), columns, strict=True):
        typed[field] = column.number_input(
            f"{label} ({plan['currency']})",
            0.0,
            float(rules.MAX_PRICE),
            float(plan[field]),
            1.0,
            "%.2f",
            key=f"plan_{field}",
        )
    typed["seats"] = left.number_input("Seats included", 1, rules.MAX_SEATS, int(plan["seats"]), key="plan_seats")
    typed["trial_days"] = right.number_input("Days of trial", 0, 365, int(plan["trial_days"]), key="plan_trial_days")
    typed["is_public"] = st.toggle("Offered to new tenants", bool(plan["is_public"]), key="plan_is_public")
    return typed


def _limits(plan: dict[str, Any]) -> pd.DataFrame:
    rows = [
        {"resource": resource, "label": words.RESOURCES[resource], "limit": plan["limits"].get(resource),
         "policy": plan["quota_policy"].get(resource, "notify")}
        for resource in rules.RESOURCES
    ]  # fmt: skip
    st.caption("Storage in bytes, AI spend in the plan's currency. An empty limit is unlimited.")
    found = pd.DataFrame(rows).astype({"limit": "Int64"})
    edited: pd.DataFrame = st.data_editor(
        found, hide_index=True, key="plan_limits", column_order=["label", "limit", "policy"], disabled=["label"],
        column_config={
            "label": st.column_config.TextColumn("Resource"),
            "limit": st.column_config.NumberColumn("Limit", min_value=0, max_value=rules.MAX_FIGURE, step=1),
            "policy": st.column_config.SelectboxColumn("At the limit", options=list(rules.POLICIES), required=True),
        },
    )  # fmt: skip
    return edited


def _save(actor: Actor, key: str, typed: dict[str, Any], limits: pd.DataFrame, settings: str, reason: str) -> None:
    values = {field: Decimal(f"{value:.2f}") if field in _PRICES else value for field, value in typed.items()}
    rows = limits.to_dict("records")
    figures = {row["resource"]: None if pd.isna(row["limit"]) else int(row["limit"]) for row in rows}
    policies = {row["resource"]: row["policy"] for row in rows}
    actions.update(
        actor, key, version=dialogs.version() or 0, reason=reason, **values, limits=figures, quota_policy=policies,
        settings=_parsed(settings),
    )  # fmt: skip


def _parsed(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text or "{}")
    except orjson.JSONDecodeError as error:
        sentence = 'The settings are no JSON. Write {"key": value, ...}.'
        raise Invalid(sentence, {"settings": sentence}) from error
    if not isinstance(found, dict):
        raise Invalid("The settings are a JSON object.", {"settings": "The settings are a JSON object, in braces."})
    return found


@st.dialog("Bring subscriptions to these prices", on_dismiss=dialogs.close)
def migrate(actor: Actor, plan: dict[Any, Any]) -> None:
    """Those that still have other prices get these with their next period."""
    st.write(
        f"**{int(plan['outdated']):,}** running subscriptions of {plain(plan['name'])} have other prices or seats than the plan"
        " has now. They get these with their next period; a change that is scheduled already stays as it is."
    )
    with st.form("migrate_plan", border=False):
        reason = st.text_input("Reason", key="migrate_reason", max_chars=500, placeholder="Announced on 1 March")
        if st.form_submit_button("Schedule", type="primary", key="migrate_submit"):
            run_action(many.migrate_prices, actor, plan["key"], reason=reason, done=dialogs.closing(_said))


def _said(count: int) -> str:
    return f"Scheduled for {count:,} subscription{'' if count == 1 else 's'}."
