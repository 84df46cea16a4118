"""Choosing tenants by name, for those who may see them; by id for the others."""

from typing import Any

import streamlit as st

from core.customers.tenants import queries
from core.kernel.actor import Actor
from core.kernel.errors import Invalid
from core.kernel.reads import as_id

MOST = 1_000


@st.cache_data(ttl=60, max_entries=100, show_spinner=False)
def _names(_actor: Actor, operator_id: str, sight: str) -> dict[str, str]:
    """The first of the tenants in sight by name: id -> name."""
    found = queries.listing(_actor, queries.Filters(), limit=MOST, sort="name")
    return {str(row["id"]): row["name"] for row in found.rows}


def names(actor: Actor) -> dict[str, str]:
    """id -> name of at most 1,000 tenants in sight; empty for those who may not see tenants."""
    return _names(actor, str(actor.id), actor.sight) if actor.may("tenants:read") else {}


def pick(actor: Actor, label: str, *, key: str, chosen: str | None = None) -> str | None:
    """One tenant's id as somebody chose or pasted it, or None."""
    known = names(actor)
    options = list(known) if chosen is None or chosen in known else [chosen, *known]
    return st.selectbox(
        label, options, options.index(chosen) if chosen else None, key=key,
        format_func=lambda one: known.get(one, one), accept_new_options=True,
        placeholder="Type a name, or paste an id" if known else "Paste the tenant's id",
        help=None if known else "Your role does not see tenants by name.",
    )  # fmt: skip


def pick_many(actor: Actor, label: str, chosen: list[Any], *, key: str) -> list[Any]:
    """Several tenants' ids."""
    known = names(actor)
    options = [*known, *(one for one in chosen if one not in known)]
    return st.multiselect(
        label, options, chosen, key=key, format_func=lambda one: known.get(one, str(one)), accept_new_options=True,
        placeholder="Type a name, or paste an id" if known else "Paste ids", label_visibility="collapsed", wrap=True,
    )  # fmt: skip


def required(actor: Actor, chosen: str | None) -> str:
    """The chosen tenant's id. Raises Invalid where none was chosen, or a name that nobody has was typed."""
    by_name = {name.lower(): tenant_id for tenant_id, name in names(actor).items()}
    found = by_name.get((chosen or "").strip().lower(), chosen or "")
    if as_id(found) is None:
        sentence = "Choose a tenant from the list, or paste its id."
        raise Invalid(sentence, {"tenant_id": sentence})
    return found
