"""The steps of the form for a new tenant. Each draws its fields from what was typed before, and returns what they hold."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import streamlit as st

from core.customers.tenants import rules
from core.customers.tenants.drafts import queries
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.times import utc_now
from pages._parts.markdown import plain

Values = dict[str, Any]
INTERVALS = {"monthly": "Monthly", "yearly": "Yearly"}
REGION_NAMES = {"US": "United States", "EU": "European Union", "APAC": "Asia and Pacific"}


def identity(actor: Actor, given: Values) -> Values:
    """Who it is."""
    name = st.text_input(
        "Name", given.get("name", ""), key="new_name", max_chars=rules.MAX_NAME, placeholder="Acme Ltd"
    )
    domain = st.text_input(
        "Domain", given.get("domain", ""), key="new_domain", max_chars=253, placeholder="example.com",
        help="Each tenant has its own. Letters of every language are taken and stored in their ASCII form.",
    )  # fmt: skip
    stored = _stored(domain)
    if stored and stored != domain.strip().lower():
        st.caption(f"Stored as {stored}")
    return {"name": name, "domain": domain}


def _stored(domain: str) -> str | None:
    try:
        return rules.clean_domain(domain) if domain.strip() else None
    except Invalid:
        return None  # told at “Next”, once it has been typed to the end


def plan(actor: Actor, given: Values) -> Values:
    """What it buys."""
    offered = {one["key"]: one for one in queries.plans(actor)}
    keys = list(offered)
    interval = st.segmented_control(
        "Billed", list(INTERVALS), default=given.get("interval", "monthly"), key="new_interval", required=True,
        format_func=INTERVALS.__getitem__,
    )  # fmt: skip
    known = given.get("tier")
    tier = st.radio(
        "Plan", keys, keys.index(known) if known in keys else min(1, len(keys) - 1), key="new_tier",
        format_func=lambda key: str(offered[key]["name"]),
        captions=[_price(one, interval) for one in offered.values()],
    )  # fmt: skip
    seats = given.get("seats") if tier == known else None
    # A key for each plan: another plan brings its own number of seats.
    chosen = st.number_input(
        "Seats", 1, rules.MAX_SEATS, int(seats or offered[tier]["seats"]), 1, key=f"new_seats_{tier}"
    )
    return {"tier": tier, "interval": interval, "seats": int(chosen)}


def _price(offer: dict[str, Any], interval: str) -> str:
    amount = offer[f"price_{interval}"]
    price = f"{amount:,.2f} {offer['currency']} a {'month' if interval == 'monthly' else 'year'}" if amount else "Free"
    return f"{price} with {offer['seats']:,} seats"


def region(actor: Actor, given: Values) -> Values:
    """Where its data live."""
    chosen = st.radio(
        "Data region", rules.REGIONS, rules.REGIONS.index(given.get("region", "US")), key="new_region",
        captions=[REGION_NAMES[one] for one in rules.REGIONS],
    )  # fmt: skip
    st.caption("Its data are kept there. Dedicated infrastructure must lie in the same region.")
    return {"region": chosen}


def owner(actor: Actor, given: Values) -> Values:
    """Who answers for it there."""
    st.caption("The owner is the tenant's first administrator, and gets its notices.")
    name = st.text_input("Owner's name", given.get("owner_name", ""), key="new_owner_name", max_chars=120)
    email = st.text_input("Owner's e-mail", given.get("owner_email", ""), key="new_owner_email", max_chars=254)
    return {"owner_name": name, "owner_email": email}


def trial(actor: Actor, given: Values) -> Values:
    """Whether it tries first, and what all of it comes to."""
    offer = next(one for one in queries.plans(actor) if one["key"] == given["tier"])
    today = utc_now().date()
    is_trial = st.toggle("Begin with a trial", given.get("is_trial", bool(offer["trial_days"])), key="new_is_trial")
    ends_on: date | None = given.get("trial_ends_on") or today + timedelta(days=offer["trial_days"] or 30)
    if is_trial:
        ends_on = st.date_input(
            "Trial ends on", ends_on, key="new_trial_ends_on", format="YYYY-MM-DD",
            help="Its last day. Then the subscription begins, and the first invoice is made.",
        )  # fmt: skip
    _summary(given, offer)
    return {"is_trial": is_trial, "trial_ends_on": ends_on}


def _summary(given: Values, offer: dict[str, Any]) -> None:
    with st.container(border=True):
        st.markdown(f"**{plain(str(given.get('name', '')))}** · {plain(str(given.get('domain', '')))}")
        st.markdown(f"{plain(offer['name'])}, {_price(offer, given['interval'])} · {given['seats']:,} seats bought")
        st.markdown(f"Data region {given['region']}")
        st.markdown(f"Owner {plain(str(given.get('owner_name', '')))}, {plain(str(given.get('owner_email', '')))}")


FORMS: dict[str, Callable[[Actor, Values], Values]] = {
    "identity": identity, "plan": plan, "region": region, "owner": owner, "trial": trial,
}  # fmt: skip
