"""What is shown of the directory, by the address: filters, columns, order."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import streamlit as st

from core.customers.summaries.health import HEALTHS
from core.customers.tenants import queries, rules
from core.customers.tenants.queries import Filters
from core.kernel.actor import Actor
from pages.customers._directory.columns import COLUMNS, FIRST, offered

NOBODY = "Nobody"
QUOTA = {"Over a quota": True, "Within quotas": False}
UP, DOWN = "Ascending", "Descending"
FIRST_SORT = "created_at"


@dataclass(frozen=True, slots=True)
class Choices:
    """`sort` is one of queries.SORTS."""

    filters: Filters
    sort: str
    columns: tuple[str, ...]

    @property
    def sorted_by(self) -> str:
        return self.sort.removeprefix("-")


def show(actor: Actor, labels: Mapping[UUID, str], tags: list[str]) -> Choices:
    """The widgets; `labels` are the colleagues who may answer for tenants."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        filters = _filters(actor, labels, tags)
        sort = _sort(actor)
    return Choices(filters, sort, _columns(actor))


def _filters(actor: Actor, labels: Mapping[UUID, str], tags: list[str]) -> Filters:
    text = st.text_input(
        "Search", key="text", bind="query-params", placeholder="Name, domain or id", icon=":material/search:", width=220
    )
    statuses, tiers, healths = (
        _several("Status", rules.STATUSES, "status"), _several("Plan", rules.TIERS, "tier"), _several("Health", HEALTHS, "health")
    )  # fmt: skip
    regions = st.multiselect("Region", rules.REGIONS, key="region", bind="query-params", width=130, placeholder="Any")
    by_label = {NOBODY: None} | {label: key for key, label in labels.items()}
    csms = st.multiselect("CSM", list(by_label), key="csm", bind="query-params", width=160, placeholder="Any")
    chosen = st.multiselect("Tag", tags, key="tag", bind="query-params", width=140, placeholder="Any")
    quota = None
    if actor.may("users:read") or actor.may("quotas:read"):
        quota = st.selectbox(
            "Quota", list(QUOTA), index=None, key="quota", bind="query-params", placeholder="Any", width=140
        )
    return Filters(
        text, statuses, tiers, tuple(regions), healths, tuple(by_label[one] for one in csms), tuple(chosen),
        QUOTA[quota] if quota else None,
    )  # fmt: skip


def _several(label: str, options: tuple[str, ...], key: str) -> tuple[str, ...]:
    chosen = st.multiselect(
        label, options, key=key, bind="query-params", format_func=str.capitalize, width=150, placeholder="Any"
    )
    return tuple(chosen)


def _label(name: str) -> str:
    return COLUMNS[name].label


def _first(actor: Actor) -> list[str]:
    known = _others(actor)
    return [name for name in FIRST if name in known]


def _others(actor: Actor) -> list[str]:
    """Every column but the name, which is always shown: a click on it opens the tenant."""
    return [name for name in offered(actor) if name != "name"]


def _columns(actor: Actor) -> tuple[str, ...]:
    """Those that were chosen; the popover that offers them is drawn elsewhere."""
    return ("name", *(st.session_state.get("columns") or _first(actor)))


def choose_columns(actor: Actor) -> None:
    """Which columns are shown."""
    with st.popover("Columns", icon=":material/view_column:"):
        st.multiselect(
            "Columns", _others(actor), _first(actor), key="columns", bind="query-params", format_func=_label, wrap=True,
            width=380, help="After the name, in the order in which they are chosen.",
        )  # fmt: skip


def _sort(actor: Actor) -> str:
    known = [name for name in offered(actor) if COLUMNS[name].is_sortable and name != FIRST_SORT]
    # What counts without a choice comes first: a default of another place would stand against what `sort_by` sets.
    name = st.selectbox("Sort by", [FIRST_SORT, *known], key="sort", bind="query-params", format_func=_label, width=150)
    order = st.selectbox("Order", [DOWN, UP], key="order", bind="query-params", width=140)
    sort = f"-{name}" if order == DOWN else name
    assert sort in queries.SORTS
    return sort


def sort_by(name: str) -> None:
    """For a callback: sorts by a column; by the one that is sorted already, the other way round."""
    if not COLUMNS[name].is_sortable:
        return
    is_again = st.session_state.get("sort") == name
    descends = st.session_state.get("order") == UP if is_again else COLUMNS[name].begins_descending
    st.session_state["sort"], st.session_state["order"] = name, DOWN if descends else UP
