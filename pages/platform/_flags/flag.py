"""One flag: what it is, its state in the chosen environment, and the parts in which it is looked at and changed."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import streamlit as st

from core.kernel.actor import Actor
from core.kernel.errors import NotFound
from core.platform.flags import queries
from pages._parts.frame import zone
from pages.platform._flags import acts, adoption, history, overrides, state, targeting, who, words

Part = Callable[[Actor, dict[str, Any], dict[str, Any]], None]
PARTS: dict[str, Part] = {
    "Targeting": targeting.show, "Who has it": who.show, "Overrides": overrides.show, "Adoption": adoption.of_flag,
    "History": history.show,
}  # fmt: skip
# An archived flag is evaluated nowhere.
OF_ARCHIVED = ("Targeting", "History")


def show(actor: Actor, key: str) -> None:
    """The flag with that id, or a sentence when there is none."""
    if st.button("All flags", key="back", icon=":material/arrow_back:", type="tertiary"):
        del st.query_params["flag"]
        st.rerun()
    try:
        flag = queries.one(actor, UUID(key))
    except (ValueError, NotFound):
        st.warning("This flag does not exist.", icon=":material/search_off:")
        return
    _head(actor, flag)
    environments = queries.environments(actor, flag["id"])
    name = state.choose(actor, flag, environments)
    parts = [name for name in PARTS if flag["archived_at"] is None or name in OF_ARCHIVED]
    part = st.segmented_control(
        "Part", parts, default="Targeting", key="part", bind="query-params", label_visibility="collapsed",
        required=True,
    )  # fmt: skip
    PARTS[part](actor, flag, environments[name])


def _head(actor: Actor, flag: dict[str, Any]) -> None:
    here = zone(actor)
    with st.container(horizontal=True, vertical_alignment="center"):
        with st.container(horizontal=True, vertical_alignment="center", width="stretch"):
            st.header(words.plain(flag["name"]), anchor=False)
            if flag["is_protected"]:
                st.badge(
                    "Protected",
                    icon=":material/shield:",
                    color="violet",
                    help="A second person approves changes in production.",
                )
            if flag["archived_at"] is not None:
                st.badge(f"Archived {words.moment(flag['archived_at'], here)}", color="gray")
        acts.of_flag(actor, flag)
    st.markdown(f":small[{' · '.join(_facts(flag))}]")
    if flag["description"]:
        st.markdown(words.plain(flag["description"]))


def _facts(flag: dict[str, Any]) -> list[str]:
    variants = ", ".join(f"`{name}`" for name in flag["variants"])
    facts = [f"`{flag['key']}`", f"{words.KINDS[flag['kind']]}: {variants}", f"off is `{flag['off_variant']}`"]
    facts.append(f"percentages count {words.UNITS[flag['unit']]}")
    facts.append(f"owner {words.plain(flag['owner'])}" if flag["owner"] else "nobody owns it")
    if flag["expires_on"]:
        facts.append(f"expires {flag['expires_on']:%d %b %Y}")
    return facts
