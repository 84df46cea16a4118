"""Which incidents are shown, by the address."""

from dataclasses import dataclass
from typing import Any

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.reads import as_id
from core.reliability.incidents.queries import SORTS, Filters
from pages.platform._flags import tenants
from pages.reliability._incidents import known, words

LIVE, ALL = "Live", "All"
ME, NOBODY = "Me", "Nobody"
_REVERSED = {
    title: key for titles in (words.SEVERITY, words.STATUS, words.KIND, words.SOURCE) for key, title in titles.items()
}
_FIRST = "newest"
_MORE = ("kind", "source", "service", "tenant", "archived", "merged")


@dataclass(frozen=True, slots=True)
class Choices:
    """`is_narrowed` says that more is filtered than by Live or All."""

    filters: Filters
    sort: str
    is_narrowed: bool


def show(actor: Actor) -> Choices:
    """The widgets."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        given = _main(actor) | _more(actor)
        sort = st.selectbox(
            "Sort by", [_FIRST, *(one for one in SORTS if one != _FIRST)], key="sort", bind="query-params", width=130,
            format_func=str.capitalize,
        )  # fmt: skip
    is_live = given.pop("show") == LIVE
    return Choices(Filters(**given, is_live=is_live), sort, any(given.values()))


def _several(label: str, titles: dict[str, str], key: str, width: int = 130) -> tuple[str, ...]:
    chosen = st.multiselect(label, list(titles.values()), key=key, bind="query-params", width=width, placeholder="Any")
    return tuple(_REVERSED[one] for one in chosen)


def _main(actor: Actor) -> dict[str, Any]:
    scope = st.segmented_control("Show", [ALL, LIVE], default=ALL, key="show", bind="query-params", required=True)
    text = st.text_input(
        "Search", key="text", bind="query-params", placeholder="Words or number", icon=":material/search:", width=180,
        max_chars=200,
    )  # fmt: skip
    severities = _several("Severity", words.SEVERITY, "severity", 115)
    statuses = _several("State", words.STATUS, "status")
    by_name = {name: key for key, name in known.colleagues(actor).items()}
    leads = st.multiselect(
        "Lead", [ME, NOBODY, *by_name], key="lead", bind="query-params", width=140, placeholder="Any"
    )
    ids = [actor.operator_id if one == ME else by_name.get(one) for one in leads if one != NOBODY]
    return {
        "show": scope, "text": text.strip(), "severities": severities, "statuses": statuses,
        "lead_ids": tuple(dict.fromkeys(one for one in ids if one)), "without_lead": NOBODY in leads,
    }  # fmt: skip


def _more(actor: Actor) -> dict[str, Any]:
    """What is filtered by less often."""
    count = sum(1 for key in _MORE if key in st.query_params)
    with st.popover(f"More ({count})" if count else "More", icon=":material/filter_list:"):
        kinds = _several("Kind", words.KIND, "kind", 320)
        sources = _several("Declared from", words.SOURCE, "source", 320)
        services = st.multiselect(
            "Service",
            known.services(actor),
            key="service",
            bind="query-params",
            placeholder="Any",
            accept_new_options=True,
        )
        tenant_id = _tenant(actor)
        archived = st.toggle("Archived ones too", key="archived", bind="query-params")
        merged = st.toggle("Merged ones too", key="merged", bind="query-params")
    return {
        "kinds": kinds, "sources": sources, "services": tuple(services), "tenant_id": tenant_id, "with_archived": archived,
        "with_merged": merged,
    }  # fmt: skip


def _tenant(actor: Actor) -> Any:
    """By its id in the address, by its name here."""
    given = st.query_params.get("tenant")
    picked = tenants.pick(actor, "Tenant that is hit", key=f"incidents_tenant_{given}", chosen=given)
    if (picked or None) != given:
        if picked and as_id(picked):
            st.query_params["tenant"] = picked
            st.rerun()
        if not picked:
            st.query_params.pop("tenant", None)
            st.rerun()
        st.warning("Choose a tenant from the list, or paste its id.", icon=":material/error:")
    return as_id(given or "")
