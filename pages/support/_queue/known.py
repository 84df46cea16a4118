"""What filters and dialogs offer: colleagues, teams, categories, tags. Kept for a minute."""

from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.support.teams import people
from core.support.teams import queries as teams_of
from core.support.tickets import queries

LATELY = 500  # tickets whose categories and tags are offered


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _colleagues(_actor: Actor, operator_id: str) -> dict[UUID, str]:
    found = people.assignable(_actor)
    return labels({UUID(key): name for key, name in zip(found["id"], found["name"], strict=True)})


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _teams(_actor: Actor, operator_id: str) -> dict[UUID, str]:
    found = teams_of.teams(_actor)
    return {UUID(key): name for key, name in zip(found["id"], found["name"], strict=True)}


@st.cache_data(ttl=60, max_entries=200, show_spinner=False)
def _words(_actor: Actor, operator_id: str, sight: str) -> tuple[list[str], list[str]]:
    lately = queries.directory(_actor, queries.Filters(), sort="changed last", limit=LATELY).frame
    held = sorted({tag for tags in lately["tags"] for tag in tags})
    return sorted(lately["category"].dropna().unique()), held


def colleagues(actor: Actor) -> dict[UUID, str]:
    """Who can be given tickets, by name; two of the same name are told apart."""
    return _colleagues(actor, str(actor.id))


def teams(actor: Actor) -> dict[UUID, str]:
    return _teams(actor, str(actor.id))


def categories(actor: Actor) -> list[str]:
    """Of the tickets that were changed lately; others can be typed."""
    return _words(actor, str(actor.id), actor.sight)[0]


def tags(actor: Actor) -> list[str]:
    """As categories."""
    return _words(actor, str(actor.id), actor.sight)[1]


def labels(names: dict[UUID, str]) -> dict[UUID, str]:
    """The names, with a part of the id where two are the same."""
    known = list(names.values())
    return {key: name if known.count(name) == 1 else f"{name} ({str(key)[:8]})" for key, name in names.items()}
