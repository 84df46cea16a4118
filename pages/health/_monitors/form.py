"""The fields that every monitor has, for creating and editing."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import streamlit as st

from core.access.operators import queries as operators
from core.health.monitors import queries, rules
from core.kernel.actor import Actor
from pages.health._monitors import texts
from pages.platform._flags import tenants

FRESH: dict[str, Any] = {
    "name": "", "description": "", "interval_s": 60, "timeout_s": 10, "retries": 1, "retry_interval_s": 20, "tags": [],
    "owner_id": None, "owner": None, "tenant_ids": [], "tenants": [], "allows_private": False,
}  # fmt: skip
NOBODY = ""


def about(given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Name and description."""
    name = st.text_input("Name", given["name"], key=f"{key}_name", max_chars=rules.MAX_NAME, placeholder="Checkout API")
    description = st.text_input(
        "Description", given["description"], key=f"{key}_description", max_chars=rules.MAX_DESCRIPTION,
        placeholder="What breaks when it is down, and who can help",
    )  # fmt: skip
    return {"name": name, "description": description}


def timing(given: Mapping[str, Any], kind: str, *, key: str) -> dict[str, Any]:
    """How often it is looked at, and when a failure is believed."""
    is_push = kind == "push"
    first, second, third, fourth = st.columns(4)
    interval = first.number_input(
        "Interval (s)", rules.SHORTEST_INTERVAL_S, rules.LONGEST_INTERVAL_S, given["interval_s"], key=f"{key}_interval",
        help="How often a call is expected." if is_push else "How often it is checked.",
    )  # fmt: skip
    timeout = second.number_input(
        "Timeout (s)", 1, 60, given["timeout_s"], key=f"{key}_timeout", disabled=is_push,
        help="What has not answered by then has failed.",
    )  # fmt: skip
    retries = third.number_input(
        "Retries", 0, 10, given["retries"], key=f"{key}_retries", disabled=is_push,
        help="So many more checks must fail before it is down.",
    )  # fmt: skip
    pause = fourth.number_input(
        "Retry after (s)", 5, 3600, given["retry_interval_s"], key=f"{key}_retry_interval", disabled=is_push,
        help="The pause before each retry.",
    )  # fmt: skip
    numbers = {"interval_s": interval, "timeout_s": timeout, "retries": retries, "retry_interval_s": pause}
    return {name: int(value) for name, value in numbers.items()}


def belonging(actor: Actor, given: Mapping[str, Any], *, key: str) -> dict[str, Any]:
    """Tags, owner, the tenants that it concerns, and whether it may reach private addresses."""
    left, right = st.columns(2)
    with left:
        offered = list(dict.fromkeys([*given["tags"], *queries.tags(actor)]))
        tags = st.multiselect(
            "Tags", offered, list(given["tags"]), key=f"{key}_tags", accept_new_options=True,
            placeholder="Choose, or type a new one",
        )  # fmt: skip
    with right:
        owner = _owner(actor, given, key)
    tenant_ids = _tenants(actor, given, key)
    is_allowed = actor.may("monitors:private")
    private = st.checkbox(
        "May reach private addresses", given["allows_private"], key=f"{key}_private",
        disabled=not (is_allowed or given["allows_private"]),
        help="Addresses of your own networks, such as 10.0.0.0/8 and localhost."
        + ("" if is_allowed else " Takes monitors:private, which your role does not have."),
    )  # fmt: skip
    return {"tags": tags, "owner_id": owner, "tenant_ids": tenant_ids, "allows_private": private}


def _owner(actor: Actor, given: Mapping[str, Any], key: str) -> UUID | None:
    known = texts.known(given["owner_id"])
    labels = {NOBODY: "Nobody", str(actor.operator_id): f"{actor.name} (you)"}
    if known is not None and str(known) not in labels:
        labels[str(known)] = str(texts.known(given["owner"]) or known)
    if actor.may("operators:read"):
        people = operators.directory(actor)
        labels |= {row["id"]: row["name"] for row in people.to_dict("records") if row["id"] not in labels}
    place = list(labels).index(str(known)) if known is not None else 0
    chosen = st.selectbox(
        "Owner", list(labels), place, key=f"{key}_owner", format_func=lambda one: labels.get(one, one),
        help="Who is asked when it is down.",
    )  # fmt: skip
    return UUID(chosen) if chosen else None


def _tenants(actor: Actor, given: Mapping[str, Any], key: str) -> list[UUID]:
    """The linked tenants; those that the actor may not see stay as they are."""
    held = [str(one) for one in given["tenant_ids"]]
    if not actor.may("tenants:read"):
        return [UUID(one) for one in held]
    labels = dict(zip(held, given["tenants"], strict=False)) | tenants.names(actor)
    offered = list(dict.fromkeys([*held, *labels]))
    chosen = st.multiselect(
        "Linked tenants", offered, held, key=f"{key}_tenants", format_func=lambda one: labels.get(one, one),
        placeholder="Whom it concerns; empty is the whole platform",
    )  # fmt: skip
    return [UUID(one) for one in chosen]
