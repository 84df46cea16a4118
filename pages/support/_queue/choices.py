"""What is shown of the queue, by the address: filters, order, columns."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.support.tickets.queries import SORTS, Filters
from pages.platform._flags import tenants
from pages.support import _words as words
from pages.support._queue import known
from pages.support._queue.columns import ALWAYS, COLUMNS, FIRST

ME, NOBODY = "Me", "Nobody"
ACTIVE, ALL = "Active", "All"
ORDERS = {name: name.capitalize() for name in SORTS}
FIRST_SORT = "due first"


@dataclass(frozen=True, slots=True)
class Choices:
    """`sort` is one of queries.SORTS. `is_narrowed` says that more is filtered than by Active or All."""

    filters: Filters
    sort: str
    columns: tuple[str, ...]
    is_narrowed: bool


def show(actor: Actor) -> Choices:
    """The widgets."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = _main(actor) | _more(actor)
        sort = st.selectbox(
            "Sort by", _first_of(FIRST_SORT, list(ORDERS)), key="sort", bind="query-params", format_func=ORDERS.__getitem__,
            width=150,
        )  # fmt: skip
    scope = given.pop("show")
    is_narrowed = any(given.values())
    if scope == ACTIVE and not given["statuses"]:
        given["statuses"] = words.ACTIVE
    return Choices(Filters(**given), sort, _columns(), is_narrowed)


def _first_of(name: str, names: list[str]) -> list[str]:
    return [name, *(one for one in names if one != name)]


def _main(actor: Actor) -> dict[str, Any]:
    scope = st.segmented_control("Show", [ACTIVE, ALL], default=ACTIVE, key="show", bind="query-params", required=True)
    text = st.text_input(
        "Search", key="text", bind="query-params", placeholder="Words, name or number", icon=":material/search:",
        width=210, max_chars=200,
    )  # fmt: skip
    statuses = _several("Status", words.STATUS, "status")
    priorities = _several("Priority", words.PRIORITY, "priority")
    slas = _several("SLA", words.SLA, "sla")
    unread = st.toggle("Unread", key="unread", bind="query-params")
    return {"show": scope, "text": text.strip(), "statuses": statuses, "priorities": priorities, "sla_states": slas,
            "unread": unread} | _owner(actor)  # fmt: skip


def _several(label: str, titles: dict[str, str], key: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label, list(titles), key=key, bind="query-params", format_func=titles.__getitem__, width=145, placeholder="Any"
    )
    return tuple(chosen)


def _owner(actor: Actor) -> dict[str, Any]:
    """Whose tickets: by name, the viewer's own, nobody's."""
    by_label: dict[str, UUID | None] = {label: key for key, label in known.colleagues(actor).items()}
    chosen = st.multiselect(
        "Assignee", [ME, NOBODY, *by_label], key="assignee", bind="query-params", width=170, placeholder="Any"
    )
    ids = [actor.operator_id if one == ME else by_label.get(one) for one in chosen if one != NOBODY]
    return {"assignee_ids": tuple(dict.fromkeys(one for one in ids if one)), "unassigned": NOBODY in chosen}


def _more(actor: Actor) -> dict[str, Any]:
    """What is filtered by less often."""
    teams = {label: key for key, label in known.teams(actor).items()}
    with st.popover(_more_label(), icon=":material/filter_list:"):
        team_ids = st.multiselect("Team", list(teams), key="team", bind="query-params", placeholder="Any")
        categories = st.multiselect(
            "Category",
            known.categories(actor),
            key="category",
            bind="query-params",
            placeholder="Any",
            accept_new_options=True,
        )
        tags = st.multiselect(
            "Tag", known.tags(actor), key="tag", bind="query-params", placeholder="Any", accept_new_options=True
        )
        channels = st.multiselect(
            "Channel", list(words.CHANNEL), key="channel", bind="query-params", format_func=words.CHANNEL.__getitem__,
            placeholder="Any",
        )  # fmt: skip
        tenant_id = _tenant(actor)
    return {"team_ids": tuple(teams[one] for one in team_ids), "categories": tuple(categories), "tags": tuple(tags),
            "channels": tuple(channels), "tenant_id": tenant_id}  # fmt: skip


def _more_label() -> str:
    count = sum(1 for key in ("team", "category", "tag", "channel", "tenant") if key in st.query_params)
    return f"More ({count})" if count else "More"


def _tenant(actor: Actor) -> UUID | None:
    """By its id in the address, by its name here."""
    given = st.query_params.get("tenant")
    picked = tenants.pick(actor, "Tenant", key=f"queue_tenant_{given}", chosen=given)
    if (picked or None) != given:
        if picked and as_id(picked):
            st.query_params["tenant"] = picked
            st.rerun()
        if not picked:
            st.query_params.pop("tenant", None)
            st.rerun()
        st.warning("Choose a tenant from the list, or paste its id.", icon=":material/error:")
    return as_id(given or "")


def _columns() -> tuple[str, ...]:
    """Those that were chosen; the popover that offers them is drawn elsewhere."""
    return (*ALWAYS, *(st.session_state.get("columns") or FIRST))


def choose_columns() -> None:
    """Which columns are shown."""
    others = [name for name in COLUMNS if name not in ALWAYS]
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Columns", others, list(FIRST), key="columns", bind="query-params", format_func=lambda one: COLUMNS[one].label,
            wrap=True, width=380, help="After number and subject, in the order in which they are chosen.",
        )  # fmt: skip


def sort_by(name: str) -> None:
    """For a callback: sorts by a column; by the one that is sorted already, the other way round where there is one."""
    sorts = COLUMNS[name].sorts
    if sorts:
        now = st.session_state.get("sort")
        st.session_state["sort"] = sorts[(sorts.index(now) + 1) % len(sorts)] if now in sorts else sorts[0]
