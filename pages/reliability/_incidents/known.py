"""What filters and dialogs of incidents offer: colleagues and services. Kept for a minute."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.reliability.incidents import people, queries


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _colleagues(_actor: Actor, operator_id: str) -> dict[UUID, str]:
    found = people.assignable(_actor)
    names = list(found["name"])
    return {
        UUID(key): name if names.count(name) == 1 else f"{name} ({key[:8]})"
        for key, name in zip(found["id"], names, strict=True)
    }


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _services(_actor: Actor, operator_id: str) -> list[str]:
    return queries.services(_actor)


def colleagues(actor: Actor) -> dict[UUID, str]:
    """Who can be given a part in incidents, by name; two of the same name are told apart."""
    return _colleagues(actor, str(actor.id))


def services(actor: Actor) -> list[str]:
    """Those that incidents were about; others can be typed."""
    return _services(actor, str(actor.id))
