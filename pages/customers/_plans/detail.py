"""One plan: who has it, what can be done with it, and what it was before."""

from decimal import Decimal
from typing import Any

import pandas as pd
import streamlit as st

from core.customers.plans import queries, rules
from core.kernel.actor import Actor
from core.kernel.times import utc_now
from pages._parts.frame import zone
from pages._parts.markdown import plain
from pages._parts.moments import UNKNOWN, clock
from pages.customers._plans import words
from pages.customers._plans.dialogs import dialogs


def card(actor: Actor, plan: dict[Any, Any]) -> None:
    """The plan at a glance, with what can be done."""
    with st.container(border=True, height="stretch"):
        st.subheader(plain(plan["name"]), anchor=False)
        st.metric("A month", words.money(plan["price_monthly"], plan["currency"]), border=False)
        seat = words.money(plan["seat_price_monthly"], plan["currency"])
        st.caption(
            f"{words.money(plan['price_yearly'], plan['currency'])} a year · {plan['seats']:,} seats, each more {seat} a month"
        )
        st.markdown(f"{_count(plan['subscriptions'])} subscriptions · {_count(plan['trials'])} on trial")
        outdated = plan["outdated"]
        if not pd.isna(outdated) and outdated:
            st.badge(f"{int(outdated):,} at other prices", icon=":material/price_change:", color="orange")
        _acts(actor, plan)


def _count(value: Any) -> str:
    return UNKNOWN if pd.isna(value) else f"{int(value):,}"


def _acts(actor: Actor, plan: dict[Any, Any]) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        if actor.may("plans:update") and st.button("Edit", key=f"edit_{plan['key']}", icon=":material/edit:"):
            dialogs.open_now(f"edit_{plan['key']}", int(plan["version"]))
        has_outdated = not pd.isna(plan["outdated"]) and plan["outdated"] > 0
        may_migrate = has_outdated and actor.may("subscriptions:update")
        if may_migrate and st.button("Bring to these prices", key=f"migrate_{plan['key']}", icon=":material/sync_alt:"):
            dialogs.open_now(f"migrate_{plan['key']}")


def versions(actor: Actor, plans: pd.DataFrame) -> None:
    """What a plan was before each change."""
    names = dict(zip(plans["key"], plans["name"], strict=True))
    key = st.segmented_control(
        "Plan",
        list(names),
        default="basic",
        key="plan",
        bind="query-params",
        format_func=names.__getitem__,
        required=True,
    )
    found = queries.versions(actor, key)
    if found.empty:
        st.info(f"{plain(names[key])} was never changed.", icon=":material/history:")
        return
    current = plans[plans["key"] == key].iloc[0].to_dict()
    for place, row in enumerate(found.to_dict("records")):
        after = current if place == 0 else found["values"].iloc[place - 1]
        _version(actor, row, after, str(current["currency"]))


def _version(actor: Actor, row: dict[Any, Any], after: dict[str, Any], currency: str) -> None:
    moment = clock(row["replaced_at"].to_pydatetime(), zone(actor), now=utc_now())
    with st.container(border=True):
        st.markdown(
            f"**Version {row['number'] + 1}** · {plain(row['replaced_by_name'])} · {moment} · {plain(row['reason'])}"
        )
        told = list(_differences(row["values"], after, currency))
        st.table(pd.DataFrame(told, columns=["What", "Before", "After"]), border="horizontal", hide_index=True)


def _differences(before: dict[str, Any], after: dict[str, Any], currency: str) -> Any:
    old, new = _flat(before, currency), _flat(after, currency)
    for name in sorted({*old, *new}):
        if old.get(name) != new.get(name):
            yield plain(name), plain(old.get(name, UNKNOWN)), plain(new.get(name, UNKNOWN))


def _flat(values: dict[str, Any], currency: str) -> dict[str, str]:
    """What a plan is, by the name that is shown; what is inside of limits, policies and settings each on its own."""
    told: dict[str, str] = {}
    for field in rules.EDITABLE:
        value, name = values.get(field), field.replace("_", " ").capitalize()
        if isinstance(value, dict):
            told |= {f"{name}: {key}": "Unlimited" if one is None else str(one) for key, one in value.items()}
        else:
            told[name] = words.money(Decimal(str(value)), currency) if field in rules.PRICES else str(value)
    return told
